//! What verbs that take long have in common: a root seed, threads, the folder
//! they leave, and how they print an estimate.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args as ClapArgs;
use comfy_table::{LineStyle, TableStyle, presets};

use crate::results;
use crate::stats::Estimate;

/// Options of every long run.
#[derive(Debug, ClapArgs)]
pub(super) struct Job {
    /// The root seed that everything random comes from.
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Leave a results folder; it must not exist.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How many threads [default: one a core]. Results do not depend on it.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
}

impl Job {
    /// The threads; refused before anything is computed if the folder cannot
    /// be written.
    pub(super) fn pool(&self) -> anyhow::Result<rayon::ThreadPool> {
        if let Some(out) = &self.out {
            results::check(out)?;
        }
        rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads.map_or(0, NonZeroUsize::get))
            .build()
            .context("the threads could not be started")
    }

    /// Writes the folder, if one is wanted.
    pub(super) fn leave(
        &self,
        files: impl FnOnce() -> anyhow::Result<Vec<(String, String)>>,
    ) -> anyhow::Result<()> {
        if let Some(out) = &self.out {
            results::write(out, &files()?)?;
            eprintln!("results in {}", out.display());
        }
        Ok(())
    }
}

/// How tables look on a terminal.
pub(super) fn on_terminal() -> TableStyle {
    presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none())
}

/// A mean with half its interval, both times `factor`.
pub(super) fn with_half(estimate: &Estimate, factor: f64, unit: &str) -> String {
    let half = estimate.half_width.map_or(String::new(), |half| format!(" ± {:.1}", half * factor));
    format!("{:.1}{half}{unit}", estimate.mean * factor)
}
