//! How tables are printed: for people, for programs, or for a README.

use clap::Args;

use super::{print, print_json};
use crate::show::{Columns, Page};

/// How tables are printed.
#[derive(Debug, Args)]
pub(super) struct Output {
    /// Print everything as JSON in place of tables.
    #[arg(long, conflicts_with_all = ["markdown", "columns"])]
    json: bool,
    /// Print the tables in Markdown, as a README takes them.
    #[arg(long, conflicts_with = "columns")]
    markdown: bool,
    /// Which columns, by their names in CSV, separated by commas; `all` for all
    /// of them [default: as many as fit].
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    columns: Vec<String>,
    /// Print results and errors alone: no progress, no remarks.
    #[arg(long, short)]
    pub(super) quiet: bool,
}

impl Output {
    /// Says something on standard error, unless it is to be quiet.
    pub(super) fn tell(&self, what: &str) {
        if !self.quiet {
            eprintln!("{what}");
        }
    }

    pub(super) fn print(&self, page: &Page) -> anyhow::Result<()> {
        if self.json {
            return print_json(&page.json());
        }
        if self.markdown {
            return print(&page.markdown());
        }
        let columns = match self.columns.as_slice() {
            [] => Columns::Fitting,
            [all] if all == "all" => Columns::All,
            some => Columns::Named(some.to_vec()),
        };
        print(&page.terminal(&columns))
    }
}
