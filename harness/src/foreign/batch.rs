//! Lines for a child, and what is waited for in return.

use std::fmt::Arguments;
use std::io::Write as _;

/// Lines that the child reads before it answers.
#[derive(Debug)]
pub(super) struct Batch<W> {
    text: Vec<u8>,
    lines: u32,
    waits: Vec<(u32, W)>,
}

impl<W> Default for Batch<W> {
    fn default() -> Self {
        Self { text: Vec::new(), lines: 0, waits: Vec::new() }
    }
}

impl<W> Batch<W> {
    /// A batch of more bytes than this goes on its way.
    pub(super) const FULL: usize = 256 << 10;

    /// Adds a line, and what its answer is for; of a line without an answer,
    /// what its error is for.
    #[inline]
    pub(super) fn line(&mut self, line: Arguments<'_>, what: W) {
        self.tell(line);
        self.waits.push((self.lines - 1, what));
    }

    /// Adds a line that nothing can be wrong with.
    #[inline]
    pub(super) fn tell(&mut self, line: Arguments<'_>) {
        // Writing to memory cannot fail.
        let written = self.text.write_fmt(line);
        debug_assert!(written.is_ok());
        self.text.push(b'\n');
        self.lines += 1;
    }

    /// What follows from the answers so far, without a line.
    #[inline]
    pub(super) fn then(&mut self, what: W) {
        self.waits.push((self.lines, what));
    }

    pub(super) const fn is_full(&self) -> bool {
        self.text.len() >= Self::FULL
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.waits.is_empty()
    }

    /// The whole text with the empty line, and what is waited for: the number
    /// of the line, from 0, and what it is for. The batch is empty afterwards.
    pub(super) fn take(&mut self) -> (Vec<u8>, Vec<(u32, W)>) {
        self.text.push(b'\n');
        self.lines = 0;
        (std::mem::take(&mut self.text), std::mem::take(&mut self.waits))
    }
}
