//! `clockbench experiments`: what there is to run.

use clap::Args as ClapArgs;
use serde_json::json;

use super::{print, print_json};
use crate::registry::Registry;

/// List the experiments; each is a verb of its own.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench experiments
  clockbench placement --help      what one of them takes")]
pub(super) struct Args {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, registry: &Registry) -> anyhow::Result<()> {
    let kinds = registry.experiments();
    if args.json {
        let all: Vec<_> =
            kinds.iter().map(|k| json!({ "name": k.name, "summary": k.summary })).collect();
        return print_json(&all);
    }
    print(&kinds.iter().map(|k| format!("{:<12} {}\n", k.name, k.summary)).collect::<String>())
}
