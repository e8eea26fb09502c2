//! Progress on standard error: a bar on a terminal, a line now and then
//! elsewhere.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How far some work has come.
#[derive(Debug)]
pub(super) struct Progress {
    what: &'static str,
    bar: ProgressBar,
    /// Off a terminal: when the last line was written.
    lines: Option<Mutex<Instant>>,
}

/// Off a terminal, a line at most this often.
const LINE_EVERY: Duration = Duration::from_secs(5);

impl Progress {
    /// Progress of so many steps; where it is to be quiet, nothing shows.
    pub(super) fn new(what: &'static str, total: usize, quiet: bool) -> Self {
        if quiet {
            return Self { what, bar: ProgressBar::hidden(), lines: None };
        }
        if !std::io::stderr().is_terminal() {
            let bar = ProgressBar::hidden();
            bar.set_length(total as u64);
            return Self { what, bar, lines: Some(Mutex::new(Instant::now())) };
        }
        let bar = ProgressBar::new(total as u64);
        let template = "{prefix} [{bar:40}] {pos}/{len} ({elapsed} gone, {eta} to go)";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(what);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { what, bar, lines: None }
    }

    pub(super) fn step(&self) {
        self.bar.inc(1);
        if let Some(last) = &self.lines
            && let Ok(mut last) = last.lock()
            && last.elapsed() >= LINE_EVERY
        {
            *last = Instant::now();
            eprintln!("{}: {}/{}", self.what, self.bar.position(), self.bar.length().unwrap_or(0));
        }
    }

    pub(super) fn finish(self) {
        self.bar.finish_and_clear();
    }
}
