//! What can be asked of rows that are there already.

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::stats::Rate;

/// Questions to the rows of a comparison. They do not decide what is run, only
/// what is derived, and can be asked again of any sealed folder.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ask {
    /// Compare every clock with this one, execution by execution
    /// (derived/paired.csv and a table).
    #[arg(long, value_name = "SCHEME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// Draw this rate against encoded bytes, a line a family, by lag
    /// (derived/frontier-RATE.csv and charts). May be repeated.
    #[arg(long, value_enum, value_name = "RATE")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frontier: Vec<FrontierRate>,
    /// With --frontier and --baseline: within each of these numbers of bytes,
    /// the best clock of each family, against the family of the baseline. One
    /// half of the executions chooses, the other judges.
    #[arg(long, value_name = "BYTES,…", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<u64>,
    /// Draw rates against this number of the scenarios, a line a clock and a
    /// point a scenario, such as `clocks.skew` (derived/across.csv and charts).
    #[arg(long, value_name = "KEY")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub across: Option<String>,
    /// With --baseline: does each difference of the first scenario hold in the
    /// others (derived/robust.csv and a table)?
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub robust: bool,
}

impl Ask {
    /// The first option that asks anything.
    #[must_use]
    pub fn first(&self) -> Option<&'static str> {
        let asked = [
            ("--baseline", self.baseline.is_some()),
            ("--frontier", !self.frontier.is_empty()),
            ("--budgets", !self.budgets.is_empty()),
            ("--across", self.across.is_some()),
            ("--robust", self.robust),
        ];
        asked.into_iter().find(|(_, asked)| *asked).map(|(option, _)| option)
    }
}

/// The rates that have a frontier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrontierRate {
    /// Order that is none.
    FalseOrder,
    /// Order that is missed.
    FalseConcurrency,
    /// Verdicts with a proof.
    Proven,
}

impl FrontierRate {
    /// The rate.
    #[must_use]
    pub const fn rate(self) -> Rate {
        match self {
            Self::FalseOrder => Rate::FalseOrder,
            Self::FalseConcurrency => Rate::FalseConcurrency,
            Self::Proven => Rate::Proven,
        }
    }
}
