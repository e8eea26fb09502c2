//! Files as lines of bytes, whether they are compressed or not.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
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

/// The next line without its end, or `None` at the end of the file. The buffer
/// is used again, so that a long file needs no memory of its own.
pub(super) fn next_line<'b>(
    reader: &mut impl BufRead,
    buffer: &'b mut Vec<u8>,
) -> io::Result<Option<&'b [u8]>> {
    buffer.clear();
    if reader.read_until(b'\n', buffer)? == 0 {
        return Ok(None);
    }
    Ok(Some(buffer.trim_ascii_end()))
}

/// What a JSON parser has to say about a single line: without the line number,
/// which is always 1 to it.
pub(super) fn json_problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at line ") {
        Some((problem, _)) if error.column() > 0 => {
            format!("{problem} (column {})", error.column())
        }
        Some((problem, _)) => problem.to_owned(),
        None => text,
    }
}
