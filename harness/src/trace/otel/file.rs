//! From files to documents of JSON, and from these to spans.

use std::io::{BufRead, Cursor, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{OtelError, Spans, jaeger, otlp};
use crate::trace::input::{self, Lines, json_problem};

/// A line of OTLP's, or all of Jaeger's.
#[derive(Deserialize)]
struct Document {
    #[serde(rename = "resourceSpans", alias = "resource_spans")]
    resource_spans: Option<Vec<otlp::ResourceSpans>>,
    data: Option<Vec<jaeger::Trace>>,
}

/// Whether a file that begins with this line holds spans: an object with the keys
/// of either format, or the beginning of one that is written over several lines.
pub(in crate::trace) fn is_spans(first_line: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Keys {
        #[serde(rename = "resourceSpans", alias = "resource_spans")]
        spans: Option<IgnoredAny>,
        #[serde(rename = "resourceMetrics")]
        metrics: Option<IgnoredAny>,
        #[serde(rename = "resourceLogs")]
        logs: Option<IgnoredAny>,
        data: Option<IgnoredAny>,
    }
    let line = first_line.trim_ascii();
    match serde_json::from_slice::<Keys>(line) {
        Ok(Keys { spans, metrics, logs, data }) => {
            spans.is_some() || metrics.is_some() || logs.is_some() || data.is_some()
        }
        Err(_) if line == b"{" => true,
        // One that is damaged still tells which reader is to complain of it.
        Err(_) => [&b"{\"resourceSpans\""[..], b"{\"data\":["].iter().any(|s| line.starts_with(s)),
    }
}

/// The files that a path names: itself, or what is in a folder, by name.
pub(super) fn files(path: &Path) -> Result<Vec<PathBuf>, OtelError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let unreadable = |why| OtelError::Read { path: path.to_owned(), why };
    let mut files = Vec::new();
    for entry in path.read_dir().map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let hidden = file.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if file.is_file() && !hidden {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn read(path: &Path, chosen: &[String], spans: &mut Spans) -> Result<(), OtelError> {
    let unreadable = |why| OtelError::Read { path: path.to_owned(), why };
    let mut reader = input::open(path).map_err(unreadable)?;
    let mut first = Vec::new();
    input::read_line(&mut reader, 1, &mut first).map_err(unreadable)?;
    let is_whole = serde_json::from_slice::<IgnoredAny>(&first).is_ok();
    let whole = Cursor::new(first).chain(reader);
    if is_whole {
        return lines(path, whole, chosen, spans);
    }
    let text = input::read_text(whole).map_err(unreadable)?;
    documents(&text, chosen, spans).map_err(|(line, problem)| OtelError::Json {
        path: path.to_owned(),
        line,
        problem,
    })
}

/// A document a line.
fn lines(
    path: &Path,
    reader: impl BufRead,
    chosen: &[String],
    spans: &mut Spans,
) -> Result<(), OtelError> {
    let (mut lines, mut line) = (Lines::new(reader), 0);
    let unreadable = |why| OtelError::Read { path: path.to_owned(), why };
    while let Some(text) = lines.next().map_err(unreadable)? {
        line += 1;
        if text.is_empty() {
            continue;
        }
        let document: Document = serde_json::from_slice(text).map_err(|e| OtelError::Json {
            path: path.to_owned(),
            line,
            problem: json_problem(&e),
        })?;
        add(document, chosen, spans);
    }
    Ok(())
}

/// Documents that are written over several lines, one after the other; else the
/// line and what is wrong with it.
pub(super) fn documents(
    text: &[u8],
    chosen: &[String],
    spans: &mut Spans,
) -> Result<(), (u64, String)> {
    for document in serde_json::Deserializer::from_slice(text).into_iter::<Document>() {
        add(document.map_err(|e| (e.line() as u64, json_problem(&e)))?, chosen, spans);
    }
    Ok(())
}

fn add(document: Document, chosen: &[String], spans: &mut Spans) {
    spans.facts.other_lines +=
        u32::from(document.resource_spans.is_none() && document.data.is_none());
    document.resource_spans.into_iter().flatten().for_each(|r| r.add(chosen, spans));
    document.data.into_iter().flatten().for_each(|t| t.add(chosen, spans));
}
