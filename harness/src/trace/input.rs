//! Files as lines of bytes, whether they are compressed or not.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

/// The first bytes of every gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Opens a file for reading; what begins like gzip is decompressed.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    plain(BufReader::new(File::open(path)?))
}

/// The plain content of what may be gzip.
pub(super) fn plain(mut reader: impl BufRead + 'static) -> io::Result<Box<dyn BufRead>> {
    if reader.fill_buf()?.starts_with(&GZIP) {
        Ok(Box::new(BufReader::new(MultiGzDecoder::new(reader))))
    } else {
        Ok(Box::new(reader))
    }
}

/// The longest line that is read, in bytes. A small compressed file can unpack
/// to gigabytes without a line break, and a line has to be held in memory.
pub const LONGEST_LINE: u64 = 16 << 20;

/// The largest text that is read as a whole, in bytes after decompression.
pub const LARGEST_TEXT: u64 = 64 << 20;

/// How many lines or events are read: each of them takes memory.
pub const MOST_EVENTS: u64 = 1 << 26;

/// The largest file that is read line by line, in bytes after decompression.
pub const LARGEST_FILE: u64 = 16 << 30;

/// How deep JSON may be nested: a limit of its parser.
const DEEPEST: u32 = 128;

/// What is too large to be read. It reaches the caller inside an
/// [`io::Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TooLarge {
    /// A line, numbered from 1.
    #[error("line {line} is longer than {} MiB: expected a shorter one", LONGEST_LINE >> 20)]
    Line {
        /// The line.
        line: u64,
    },
    /// A text that has to be held in memory as a whole.
    #[error(
        "the log is larger than {} MiB (decompressed): expected a smaller one, or a part of it",
        LARGEST_TEXT >> 20
    )]
    Text,
    /// A file of more lines or records than are read.
    #[error("line {line}: there are more than {MOST_EVENTS} events: expected fewer, or a part")]
    Events {
        /// The line that is one too many.
        line: u64,
    },
    /// A file that unpacks to more than is read.
    #[error(
        "line {line}: the file is larger than {} GiB (decompressed): expected a smaller one",
        LARGEST_FILE >> 30
    )]
    File {
        /// The line where it is.
        line: u64,
    },
}

impl From<TooLarge> for io::Error {
    fn from(why: TooLarge) -> Self {
        Self::new(io::ErrorKind::FileTooLarge, why)
    }
}

/// Lines, one at a time, in a buffer that is used again, so that a long file
/// needs no memory of its own.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Of the line read last, from 1.
    number: u64,
    bytes: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), number: 0, bytes: 0 }
    }

    /// The next line without its end, or `None` at the end of the file.
    pub(super) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.buffer.clear();
        self.number += 1;
        let read = read_line(&mut self.reader, self.number, &mut self.buffer)?;
        self.bytes += read as u64;
        if self.bytes > LARGEST_FILE {
            return Err(TooLarge::File { line: self.number }.into());
        }
        if self.number > MOST_EVENTS {
            return Err(TooLarge::Events { line: self.number }.into());
        }
        Ok((read > 0).then(|| self.buffer.trim_ascii_end()))
    }
}

/// Appends a line with its end to the buffer; gives how many bytes.
pub(super) fn read_line(
    reader: &mut impl BufRead,
    line: u64,
    buffer: &mut Vec<u8>,
) -> io::Result<usize> {
    let read = reader.take(LONGEST_LINE + 1).read_until(b'\n', buffer)?;
    if read as u64 > LONGEST_LINE {
        return Err(TooLarge::Line { line }.into());
    }
    Ok(read)
}

/// All that is left.
pub(super) fn read_text(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    reader.take(LARGEST_TEXT + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LARGEST_TEXT {
        return Err(TooLarge::Text.into());
    }
    Ok(text)
}

/// What a JSON parser has to say about a single line: without the line number,
/// which is always 1 to it.
pub(super) fn json_problem(error: &serde_json::Error) -> String {
    let text = error
        .to_string()
        .replace("recursion limit exceeded", &format!("it is nested deeper than {DEEPEST} levels"));
    match text.split_once(" at line ") {
        Some((problem, _)) if error.column() > 0 => {
            format!("{problem} (column {})", error.column())
        }
        Some((problem, _)) => problem.to_owned(),
        None => text,
    }
}
