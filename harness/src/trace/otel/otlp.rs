//! OTLP's JSON: 64-bit integers are text, ids are in hexadecimal digits, and
//! what has its default value may be left out.

use serde::Deserialize;
use serde_json::Value;

use super::{Kind, Span, Spans};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(super) struct ResourceSpans {
    resource: Resource,
    #[serde(alias = "scope_spans", alias = "instrumentationLibrarySpans")]
    scope_spans: Vec<ScopeSpans>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Resource {
    attributes: Vec<Attribute>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Attribute {
    key: String,
    value: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ScopeSpans {
    spans: Vec<OtlpSpan>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct OtlpSpan {
    #[serde(alias = "trace_id")]
    trace_id: String,
    #[serde(alias = "span_id")]
    span_id: String,
    #[serde(alias = "parent_span_id")]
    parent_span_id: String,
    kind: Value,
    #[serde(alias = "start_time_unix_nano")]
    start_time_unix_nano: Integer,
    #[serde(alias = "end_time_unix_nano")]
    end_time_unix_nano: Integer,
    links: Vec<Link>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Link {
    #[serde(alias = "trace_id")]
    trace_id: String,
    #[serde(alias = "span_id")]
    span_id: String,
}

/// A number, or text that is one.
#[derive(Default)]
struct Integer(u64);

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        let number = match &value {
            Value::Null => Some(0),
            Value::String(text) if text.is_empty() => Some(0),
            Value::String(text) => text.parse().ok(),
            other => other.as_u64(),
        };
        let wrong = || format!("a time is {value} and no number of nanoseconds since 1970");
        number.map(Self).ok_or_else(|| serde::de::Error::custom(wrong()))
    }
}

/// An attribute's value, `{"stringValue": "a"}`, as text.
fn text(value: &Value) -> String {
    let inside = value.as_object().and_then(|object| object.values().next()).unwrap_or(value);
    inside.as_str().map_or_else(|| inside.to_string(), str::to_owned)
}

fn kind(value: &Value) -> Kind {
    match (value.as_u64(), value.as_str()) {
        (Some(2), _) | (_, Some("SPAN_KIND_SERVER")) => Kind::Server,
        (Some(3), _) | (_, Some("SPAN_KIND_CLIENT")) => Kind::Client,
        _ => Kind::Other,
    }
}

impl ResourceSpans {
    pub(super) fn add(self, chosen: &[String], spans: &mut Spans) {
        let attributes: Vec<_> =
            self.resource.attributes.into_iter().map(|a| (a.key, text(&a.value))).collect();
        let (process, has_process) = spans.process(chosen, &attributes);
        for span in self.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            let OtlpSpan { trace_id, span_id, parent_span_id, .. } = span;
            // Zeros stand for no parent in some exporters.
            let is_id = parent_span_id.bytes().any(|digit| digit != b'0');
            let links = span.links.into_iter().map(|l| (l.trace_id, l.span_id)).collect();
            let end = span.end_time_unix_nano.0;
            let span = Span {
                trace: trace_id,
                id: span_id,
                parent: is_id.then_some(parent_span_id),
                links,
                process,
                kind: kind(&span.kind),
                start: span.start_time_unix_nano.0,
                end: (end > 0).then_some(end),
            };
            spans.push(span, has_process);
        }
    }
}
