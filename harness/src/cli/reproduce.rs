//! `clockbench reproduce`: published evaluations, done again.

mod itc2008;

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
    Itc2008(itc2008::Args),
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.paper {
        Paper::Itc2008(args) => itc2008::run(args),
    }
}
