//! `clockbench scenarios`: what there is to simulate.

use clap::Args as ClapArgs;

use super::{print, print_json};
use crate::experiment::inputs;
use crate::scenario::{PRESETS, Scenario};

/// List the preset scenarios, or print one to start your own from.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench scenarios                        a line for each
  clockbench scenarios churn > mine.toml      a scenario of your own to change
  clockbench run mine.toml                    and to run")]
pub(super) struct Args {
    /// Print this preset, or check and print this file, whole.
    name: Option<String>,
    /// Print JSON, with every default filled in.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    if let Some(name) = &args.name {
        let scenario = inputs::scenario(name)?;
        if args.json {
            return print_json(&scenario);
        }
        return match PRESETS.iter().find(|p| p.name == name) {
            Some(preset) => print(preset.toml),
            None => print(&toml::to_string(&scenario)?),
        };
    }
    let presets: Vec<Scenario> =
        PRESETS.iter().map(|p| Scenario::parse(p.toml, p.name)).collect::<Result<_, _>>()?;
    if args.json {
        return print_json(&presets);
    }
    let mut text = String::new();
    for scenario in presets {
        text.push_str(&format!(
            "{:<16} {} ({} events, {} seeds)\n",
            scenario.name, scenario.description, scenario.events, scenario.seeds
        ));
    }
    print(&text)
}
