//! The command `clockbench`, one file a verb; every experiment is a verb, too.
//!
//! Data goes to standard output, everything else to standard error. Exit
//! status: 0 for success; 1 where something is wrong with the input, or a
//! folder does not verify; 2 where the command line itself cannot be
//! understood; 75 where the same may succeed another time, and 42 where a step of
//! a split run failed for good.

mod advise;
mod check;
mod clocks;
mod derive;
mod experiments;
mod job;
mod manual;
mod merge;
mod output;
mod progress;
mod report;
mod resume;
mod scenarios;
mod stop;
mod submit;
mod trace;
mod verify;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgMatches, Args, Command, FromArgMatches as _};

use crate::folder::FolderError;
use crate::foreign::ForeignScheme;
use crate::registry::Registry;

const EXAMPLES: &str = "Examples:
  clockbench run                                  the default churn scenario, every clock
  clockbench run smoke --clocks itc,vc            two clocks, seconds
  clockbench run --trace git:.                    this repository's history as an execution
  clockbench resume results/scratch/churn-1       go on where it was stopped
  clockbench verify results/published/*           are they what they say?
  clockbench report results/scratch/churn-1       a page to explore it on
  clockbench advise needs.toml                    which clock to take, and why
  clockbench experiments                          what there is to run
  clockbench clocks                               the clocks there are
  clockbench check --clock 'mine=./my-clock'      does a clock of yours keep its promises?

Exit status: 0 success, 1 bad input or output or a folder that does not verify,
2 bad command line, 75 try again (interrupted, disk full, folder in use or parts
missing), 42 a step of a split run that failed for good.";

/// Exit status of a step of a split run that failed for good.
const FOR_GOOD: u8 = 42;
/// Exit status where it may succeed another time (`EX_TEMPFAIL` of sysexits.h).
const TRY_AGAIN: u8 = 75;

/// How a verb ended, if not well.
type Ended = anyhow::Result<ExitCode>;

/// Clocks that every verb takes beside those of the registry.
#[derive(Debug, Args)]
struct Foreign {
    /// A clock in another process, which speaks the protocol of
    /// docs/protocol.md. May be repeated.
    #[arg(long, value_name = "NAME=COMMAND", global = true)]
    clock: Vec<String>,
    /// How many seconds such a clock has for an answer.
    #[arg(long, value_name = "SECONDS", global = true, hide_short_help = true,
          default_value_t = ForeignScheme::DEADLINE.as_secs())]
    clock_timeout: u64,
}

impl Foreign {
    fn add_to(&self, registry: &Registry) -> anyhow::Result<Registry> {
        let mut registry = registry.clone();
        for text in &self.clock {
            let deadline = Duration::from_secs(self.clock_timeout);
            registry = registry.with_foreign(ForeignScheme::parse(text, deadline)?);
        }
        Ok(registry)
    }
}

fn command(registry: &Registry) -> Command {
    let mut command = Command::new("clockbench")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Measures what causality clocks cost, and where they err, when nodes come and go")
        .max_term_width(100)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_long_help(EXAMPLES);
    command = Foreign::augment_args(command);
    for kind in registry.experiments() {
        command = command.subcommand(job::Job::augment_args(kind.command()));
    }
    command
        .subcommand(advise::Args::augment_args(Command::new("advise")))
        .subcommand(resume::Args::augment_args(Command::new("resume")))
        .subcommand(merge::Args::augment_args(Command::new("merge")))
        .subcommand(derive::Args::augment_args(Command::new("derive")))
        .subcommand(derive::Show::augment_args(Command::new("show")))
        .subcommand(report::Args::augment_args(Command::new("report")))
        .subcommand(verify::Args::augment_args(Command::new("verify")))
        .subcommand(submit::Args::augment_args(Command::new("submit")))
        .subcommand(experiments::Args::augment_args(Command::new("experiments")))
        .subcommand(clocks::Args::augment_args(Command::new("clocks")))
        .subcommand(check::Args::augment_args(Command::new("check")))
        .subcommand(scenarios::Args::augment_args(Command::new("scenarios")))
        .subcommand(trace::Args::augment_args(Command::new("trace")))
        .subcommand(manual::Completions::augment_args(Command::new("completions")))
        .subcommand(manual::Man::augment_args(Command::new("man")))
}

fn dispatch(verb: &str, matches: &ArgMatches, registry: &Registry) -> Ended {
    let done = |result: anyhow::Result<()>| result.map(|()| ExitCode::SUCCESS);
    if let Some(kind) = registry.experiments().iter().find(|kind| kind.name == verb) {
        let job = job::Job::from_arg_matches(matches)?;
        return job::start(*kind, matches, &job, registry);
    }
    match verb {
        "advise" => advise::run(&advise::Args::from_arg_matches(matches)?, registry),
        "resume" => resume::run(&resume::Args::from_arg_matches(matches)?, registry),
        "merge" => merge::run(&merge::Args::from_arg_matches(matches)?, registry),
        "derive" => done(derive::run(&derive::Args::from_arg_matches(matches)?, registry)),
        "show" => done(derive::show(&derive::Show::from_arg_matches(matches)?, registry)),
        "report" => done(report::run(&report::Args::from_arg_matches(matches)?, registry)),
        "verify" => verify::run(&verify::Args::from_arg_matches(matches)?, registry),
        "submit" => submit::run(&submit::Args::from_arg_matches(matches)?),
        "experiments" => {
            done(experiments::run(&experiments::Args::from_arg_matches(matches)?, registry))
        }
        "check" => check::run(&check::Args::from_arg_matches(matches)?, registry),
        "clocks" => done(clocks::run(&clocks::Args::from_arg_matches(matches)?, registry)),
        "scenarios" => done(scenarios::run(&scenarios::Args::from_arg_matches(matches)?)),
        "completions" => {
            let args = manual::Completions::from_arg_matches(matches)?;
            done(manual::completions(&args, command(registry)))
        }
        "man" => done(manual::man(&manual::Man::from_arg_matches(matches)?, command(registry))),
        _ => done(trace::run(&trace::Args::from_arg_matches(matches)?)),
    }
}

/// Runs the command with the clocks and experiments of this registry. A program
/// that brings some of its own calls this with [`Registry::with`] and
/// [`Registry::with_experiment`].
#[must_use]
pub fn main(registry: &Registry) -> ExitCode {
    let matches = command(registry).get_matches();
    let Some((verb, matches)) = matches.subcommand() else { return ExitCode::from(2) };
    let ended = Foreign::from_arg_matches(matches)
        .map_err(Into::into)
        .and_then(|foreign| foreign.add_to(registry))
        .and_then(|registry| dispatch(verb, matches, &registry));
    match ended {
        Ok(code) => code,
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error);
            if is_passing(&error) { ExitCode::from(TRY_AGAIN) } else { ExitCode::FAILURE }
        }
    }
}

/// Whether the same may go better another time.
fn is_passing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<FolderError>().is_some_and(FolderError::is_passing)
}

/// Says what went wrong, with its causes, none of them twice: some errors quote
/// their cause in their own sentence.
fn say(error: &anyhow::Error) {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string).filter(|cause| !cause.is_empty()) {
        if !said.ends_with(&cause) {
            let between = if said.is_empty() { "" } else { ": " };
            said.extend([between, &cause]);
        }
    }
    eprintln!("clockbench: {said}");
}

/// How a step of a split run ends for a scheduler: what may go better another
/// time is told apart from what never will.
fn for_scheduler(result: Ended) -> Ended {
    let Err(error) = result else { return result };
    say(&error);
    Ok(ExitCode::from(if is_passing(&error) { TRY_AGAIN } else { FOR_GOOD }))
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
