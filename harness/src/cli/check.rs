//! `clockbench check`: does a clock in another process keep what it promises?

use std::process::ExitCode;

use clap::Args as ClapArgs;

use super::{Ended, print};
use crate::foreign;
use crate::registry::Registry;

/// Try the promises of clocks in other processes.
///
/// Plays random executions with forks, retirements, crashes, lost and doubled
/// messages and restarts to each `--clock`, twice, and holds every verdict
/// against the exact past. Of what goes wrong it prints the fewest steps that
/// it finds.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench check --clock 'py=python3 harness/adapters/python/vector.py'
  clockbench check --clock 'mine=./my-clock --fast' --executions 2000")]
pub(super) struct Args {
    /// How many executions.
    #[arg(long, default_value_t = 300)]
    executions: u32,
    /// The seed of all of them.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(super) fn run(args: &Args, registry: &Registry) -> Ended {
    if registry.foreign().is_empty() {
        anyhow::bail!("no clock to check: expected `--clock 'NAME=COMMAND ARGUMENTS'`");
    }
    let mut code = ExitCode::SUCCESS;
    for scheme in registry.foreign() {
        let name = scheme.name();
        match foreign::check(scheme, args.seed, args.executions)? {
            Ok(checked) => print(&format!(
                "{name}: {} executions, {} verdicts: every promise kept; {} wrong guesses\n",
                checked.executions, checked.verdicts, checked.wrong_guesses
            ))?,
            Err(failure) => {
                code = ExitCode::FAILURE;
                print(&format!("{name}: {failure}"))?;
            }
        }
    }
    Ok(code)
}
