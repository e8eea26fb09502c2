//! The command `clockbench`, one file a verb.
//!
//! Data goes to standard output, everything else to standard error. Exit
//! status: 0 for success, 1 where something is wrong with the input or the
//! output cannot be written, 2 where the command line itself cannot be
//! understood.

mod clocks;
mod inputs;
mod job;
mod lost_ids;
mod placement;
mod progress;
mod reproduce;
mod run;
mod running;
mod scenarios;
mod trace;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::registry::Registry;

/// Measures what causality clocks cost, and where they err, when nodes come
/// and go.
#[derive(Debug, Parser)]
#[command(name = "clockbench", version, max_term_width = 100)]
#[command(after_long_help = "Examples:
  clockbench run                                  the default churn scenario, every clock
  clockbench run smoke --clocks itc,vc            two clocks, seconds
  clockbench run --trace git:.                    this repository's history as an execution
  clockbench clocks                               the clocks there are

Exit status: 0 success, 1 bad input or output, 2 bad command line.")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Run(run::Args),
    Clocks(clocks::Args),
    Scenarios(scenarios::Args),
    Trace(trace::Args),
    Reproduce(reproduce::Args),
    Placement(placement::Args),
    LostIds(lost_ids::Args),
    Running(running::Args),
}

/// Runs the command with the clocks of this registry. A program that brings a
/// clock of its own calls this with [`Registry::with`].
#[must_use]
pub fn main(registry: &Registry) -> ExitCode {
    let outcome = match Cli::parse().verb {
        Verb::Run(args) => run::run(&args, registry),
        Verb::Clocks(args) => clocks::run(&args, registry),
        Verb::Scenarios(args) => scenarios::run(&args),
        Verb::Trace(args) => trace::run(&args),
        Verb::Reproduce(args) => reproduce::run(&args),
        Verb::Placement(args) => placement::run(&args, registry),
        Verb::LostIds(args) => lost_ids::run(&args),
        Verb::Running(args) => running::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("clockbench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = |cause: &(dyn std::error::Error + 'static)| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        kind == Some(io::ErrorKind::BrokenPipe)
    };
    error.chain().any(io)
}

/// Writes data to standard output.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes data to standard output as indented JSON.
fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    print(&(serde_json::to_string_pretty(value)? + "\n"))
}
