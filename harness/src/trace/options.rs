//! How traces are read, where their formats leave a choice.

use super::shiviz;

/// What a user may say of how traces are read.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// How lines of a ShiViz log are read: a regular expression with groups
    /// `host` and `clock`, and perhaps `event` and `timestamp`.
    #[arg(long, value_name = "REGEX", requires = "trace")]
    pub shiviz_regex: Option<String>,
    /// The lines between executions in a ShiViz log: a regular expression, with
    /// a group `trace` where they have names [default: `=== name ===`].
    #[arg(long, value_name = "REGEX", requires = "trace")]
    pub shiviz_delimiter: Option<String>,
    /// Which resource attributes tell processes of spans apart, separated by
    /// commas [default: service.name, service.instance.id, k8s.pod.name,
    /// host.name, process.pid, those that are there].
    #[arg(long, value_name = "ATTRIBUTES", value_delimiter = ',', requires = "trace")]
    pub process: Vec<String>,
    /// Only the commits of a git repository from this date on, as `git log
    /// --since` reads it.
    #[arg(long, value_name = "DATE", requires = "trace")]
    pub since: Option<String>,
}

impl Options {
    pub(super) fn shiviz_regex(&self) -> &str {
        self.shiviz_regex.as_deref().unwrap_or(shiviz::DEFAULT_REGEX)
    }

    pub(super) fn shiviz_delimiter(&self) -> &str {
        self.shiviz_delimiter.as_deref().unwrap_or(shiviz::DEFAULT_DELIMITER)
    }
}
