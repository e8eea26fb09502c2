//! `clockbench reproduce`: published evaluations, done again.

mod hlc2014;

use clap::{Args as ClapArgs, Subcommand};

/// Run a paper's evaluation again and print its figures beside ours.
///
/// Prints one table; with `--out`, leaves a whole folder with raw counts and
/// charts.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    paper: Paper,
}

#[derive(Debug, Subcommand)]
enum Paper {
    Hlc2014(hlc2014::Args),
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.paper {
        Paper::Hlc2014(args) => hlc2014::run(args),
    }
}
