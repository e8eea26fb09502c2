//! From what stands on the command line to cells that can be run.

use std::path::Path;

use serde_json::json;

use super::ExperimentError;
use crate::execution::{Cell, Source};
use crate::scenario::{Ids, PRESETS, Scenario};
use crate::trace::dag::DagFacts;
use crate::trace::shiviz::{Disagreement, ShivizFacts};
use crate::trace::steps::StepsHeader;
use crate::trace::{self, Origin, Trace};

/// A scenario by the name of a preset, or by the path of a file.
///
/// # Errors
/// Where there is neither, or the file is no valid scenario.
pub(crate) fn scenario(name: &str) -> Result<Scenario, ExperimentError> {
    if let Some(preset) = PRESETS.iter().find(|p| p.name == name) {
        return Scenario::parse(preset.toml, preset.name).map_err(ExperimentError::plan);
    }
    if !Path::new(name).exists() {
        let known: Vec<_> = PRESETS.iter().map(|p| p.name).collect();
        return Err(ExperimentError::plan(format!(
            "`{name}` is no scenario: expected a preset ({}) or the path of a TOML file",
            known.join(", ")
        )));
    }
    let text = std::fs::read_to_string(name)
        .map_err(|error| ExperimentError::plan(format!("{name} cannot be read: {error}")))?;
    Scenario::parse(&text, name).map_err(ExperimentError::plan)
}

/// A scenario as a file of a results folder, every default filled in.
pub(crate) fn scenario_file(scenario: &Scenario) -> (String, String) {
    let text = toml::to_string(scenario);
    debug_assert!(text.is_ok(), "{text:?}");
    (format!("scenarios/{}.toml", scenario.name), text.unwrap_or_default())
}

/// A recorded execution, as something to run.
pub(crate) struct Recorded {
    pub(crate) cell: Cell,
    /// What is known of where it is from.
    pub(crate) facts: serde_json::Value,
    /// What a user should know of it before looking at results.
    pub(crate) remarks: Vec<String>,
}

/// The traces that a specification names.
///
/// # Errors
/// Where it cannot be read as a trace.
pub(crate) fn traces(
    spec: &str,
    options: &trace::Options,
) -> Result<Vec<Recorded>, ExperimentError> {
    let traces = trace::open(spec, options).map_err(ExperimentError::plan)?;
    let recorded = |trace: Trace| {
        let name = trace.name.clone();
        let remarks = remarks(&trace.origin).iter().map(|r| format!("{name}: {r}")).collect();
        let (cell, facts) = cell(spec, trace);
        Recorded { cell, facts, remarks }
    };
    Ok(traces.into_iter().map(recorded).collect())
}

/// What a user should know of a trace before looking at results.
fn remarks(origin: &Origin) -> Vec<String> {
    let mut remarks = Vec::new();
    match origin {
        Origin::Dag(facts) => remarks.extend(times(facts)),
        Origin::Git { facts, shallow, missing_parents } => {
            remarks.extend(times(facts));
            if *shallow {
                remarks.push("a shallow clone: its oldest commits are taken as roots".into());
            }
            if *missing_parents > 0 {
                remarks.push(format!("{missing_parents} parents are not there and left out"));
            }
        }
        Origin::Csv(facts) => {
            if facts.unheard > 0 {
                remarks.push(format!("{} messages are sent and never received", facts.unheard));
            }
        }
        Origin::Otel(facts) => remarks.extend(facts.remarks()),
        Origin::Shiviz(facts) => {
            if facts.unmatched_lines > 0 {
                remarks.push(format!(
                    "{} events were read; {} lines were passed over (if those hold events, \
                     --shiviz-regex does not fit)",
                    facts.events, facts.unmatched_lines
                ));
            }
            if facts.missing_events > 0 {
                remarks.push(format!(
                    "{} events that clocks count are not in the log",
                    facts.missing_events
                ));
            }
            match &facts.check {
                None => remarks.push("too long for its clocks to be checked pair by pair".into()),
                Some(check) if check.disagreements == 0 => remarks.push(format!(
                    "the log's clocks order all {} pairs of events as the messages do",
                    check.pairs
                )),
                Some(check) => remarks.push(format!(
                    "the log's clocks order {} of {} pairs of events otherwise than the messages \
                     do{}",
                    check.disagreements,
                    check.pairs,
                    check.first.as_ref().map(first).unwrap_or_default()
                )),
            }
        }
        Origin::Steps(_) => {}
    }
    remarks
}

fn first(pair: &Disagreement) -> String {
    let Disagreement { earlier, later, steps_say, clocks_say } = pair;
    format!(", first {earlier} and {later}: {clocks_say} by the clocks, {steps_say} by messages")
}

/// A duration that people can picture.
fn in_days_or_less(duration: std::time::Duration) -> String {
    match duration.as_secs_f64() {
        s if s >= 86_400.0 => format!("{:.1} days", s / 86_400.0),
        s if s >= 3_600.0 => format!("{:.1} hours", s / 3_600.0),
        _ => causal_clock::duration::format(duration),
    }
}

/// How often physical time runs against causality from one event to the next.
fn times(facts: &DagFacts) -> Option<String> {
    (facts.timed_edges > 0).then(|| {
        format!(
            "{} of {} parent links lead to an event that is dated earlier, by up to {}",
            facts.backward_times,
            facts.timed_edges,
            in_days_or_less(facts.most_backward)
        )
    })
}

fn cell(spec: &str, trace: Trace) -> (Cell, serde_json::Value) {
    let recorded = |name, ids, recorded| Cell {
        name,
        source: Source::Recorded(trace.steps.into()),
        ids,
        recorded,
    };
    match trace.origin {
        Origin::Steps(StepsHeader { cell, seed, replicate, ids }) => {
            let note = json!({ "steps": spec, "seed": seed, "replicate": replicate });
            (recorded(cell, ids, Some((seed, replicate))), note)
        }
        Origin::Dag(facts) => {
            let note = json!({ "dag": spec, "graph": graph(&facts) });
            (recorded(trace.name, Ids::Random, None), note)
        }
        Origin::Git { facts, shallow, missing_parents } => {
            let note = json!({
                "repository": trace.name, "shallow": shallow,
                "missing_parents": missing_parents, "graph": graph(&facts),
            });
            (recorded(trace.name, Ids::Random, None), note)
        }
        Origin::Csv(facts) => {
            let note = json!({ "table": spec, "rows": facts });
            (recorded(trace.name, Ids::Random, None), note)
        }
        Origin::Otel(facts) => {
            let note = json!({ "spans": spec, "read": facts });
            (recorded(trace.name, Ids::Random, None), note)
        }
        Origin::Shiviz(facts) => {
            let note = json!({ "log": spec, "clocks": log(&facts) });
            (recorded(trace.name, Ids::Random, None), note)
        }
    }
}

fn log(facts: &ShivizFacts) -> serde_json::Value {
    json!({
        "events": facts.events,
        "hosts": facts.hosts,
        "receives": facts.receives,
        "messages": facts.messages,
        "missing_events": facts.missing_events,
        "missing_causes": facts.missing_causes,
        "unmatched_lines": facts.unmatched_lines,
        "times": format!("{:?}", facts.times).to_lowercase(),
        "pairs_checked": facts.check.as_ref().map(|check| check.pairs),
        "pairs_that_disagree": facts.check.as_ref().map(|check| check.disagreements),
    })
}

fn graph(facts: &DagFacts) -> serde_json::Value {
    json!({
        "events": facts.events,
        "actors": facts.actors,
        "forks": facts.forks,
        "joins": facts.joins,
        "roots": facts.roots,
        "heads": facts.heads,
        "edges_with_times": facts.timed_edges,
        "edges_back_in_time": facts.backward_times,
        "furthest_back_in_time": causal_clock::duration::format(facts.most_backward),
    })
}
