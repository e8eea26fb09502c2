//! `clockbench reproduce`: published evaluations, done again.

mod bloom_clock;
mod evc_growth;
mod folder;
mod hlc2014;
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
    BloomClock(bloom_clock::Args),
    EvcGrowth(evc_growth::Args),
    Hlc2014(hlc2014::Args),
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.paper {
        Paper::Itc2008(args) => itc2008::run(args),
        Paper::BloomClock(args) => bloom_clock::run(args),
        Paper::EvcGrowth(args) => evc_growth::run(args),
        Paper::Hlc2014(args) => hlc2014::run(args),
    }
}
