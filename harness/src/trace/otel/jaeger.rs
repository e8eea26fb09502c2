//! Jaeger's JSON, as its user interface and its API give it: `data` is a list of
//! traces, each with its spans and processes; times are in microseconds.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Kind, Span, Spans};

#[derive(Deserialize)]
pub(super) struct Trace {
    #[serde(default)]
    spans: Vec<JaegerSpan>,
    #[serde(default)]
    processes: BTreeMap<String, Process>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Process {
    #[serde(rename = "serviceName")]
    service_name: String,
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    key: String,
    #[serde(default)]
    value: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JaegerSpan {
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(default)]
    start_time: u64,
    duration: Option<u64>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(rename = "processID", default)]
    process_id: String,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(rename = "refType", default)]
    kind: String,
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Trace {
    pub(super) fn add(self, chosen: &[String], spans: &mut Spans) {
        let mut processes = BTreeMap::new();
        for (id, Process { service_name, tags }) in self.processes {
            let mut attributes = vec![("service.name".to_owned(), service_name)];
            attributes.extend(tags.into_iter().map(|tag| (tag.key, text(&tag.value))));
            processes.insert(id, spans.process(chosen, &attributes));
        }
        for span in self.spans {
            let known = processes.get(&span.process_id).copied();
            let (process, has_process) = known.unwrap_or_else(|| spans.process(chosen, &[]));
            let is_kind = |tag: &&Tag| tag.key == "span.kind";
            let kind = match span.tags.iter().find(is_kind).and_then(|tag| tag.value.as_str()) {
                Some("client") => Kind::Client,
                Some("server") => Kind::Server,
                _ => Kind::Other,
            };
            let (mut parent, mut links) = (None, Vec::new());
            for Reference { kind, trace_id, span_id } in span.references {
                if kind == "CHILD_OF" && parent.is_none() && trace_id == span.trace_id {
                    parent = Some(span_id);
                } else {
                    links.push((trace_id, span_id));
                }
            }
            let nanos = |micros: u64| micros.saturating_mul(1_000);
            let start = nanos(span.start_time);
            let end = span.duration.map(|lasts| start.saturating_add(nanos(lasts)));
            let (trace, id) = (span.trace_id, span.span_id);
            spans.push(Span { trace, id, parent, links, process, kind, start, end }, has_process);
        }
    }
}
