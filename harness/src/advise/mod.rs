//! `clockbench advise`: from what an engineer needs to a clock, with evidence.
//!
//! [`needs`] are read from TOML. [`scenario`] makes a scenario of them, [`grid`]
//! a list of schemes, and [`evidence`] a comparison of both. [`rules`] hold what
//! schemes declare and what was measured against the needs; [`choose`] takes one.
//! `sensitivity` asks the same under other assumptions and other needs, and
//! [`usage`] tells how to use what was taken. [`outside`] knows where the best
//! answer is no clock at all. The [`Answer`] is typed; [`text`] and [`html`] show
//! it.

pub mod answer;
pub mod choose;
pub mod evidence;
pub mod grid;
pub mod html;
pub mod needs;
pub mod outside;
pub mod rules;
pub mod scenario;
mod sensitivity;
pub mod text;
pub mod usage;

pub use answer::Answer;
pub use needs::Needs;
pub use scenario::Depth;

use self::answer::{Excluded, Nearest, RunnerUp, Shown, Used};
use self::choose::{Candidate, decide, shortlist};
use self::evidence::{Half, Watch};
use self::needs::Keeps;
use self::scenario::{Variation, simulated};
use self::sensitivity::First;
use crate::experiment::ExperimentError;
use crate::registry::{Registry, SchemeError};
use crate::show::{Unit, Value, spell};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdviseError {
    /// It was told to stop.
    #[error("stopped before there was an answer")]
    Stopped,
    /// A scheme does not read.
    #[error(transparent)]
    Scheme(#[from] SchemeError),
    /// Executions cannot be compared.
    #[error(transparent)]
    Experiment(#[from] ExperimentError),
}

/// Of each family, so many schemes are tried when assumptions change.
const EACH: usize = 2;

/// How many executions an answer takes, for a progress bar.
#[must_use]
pub fn executions(needs: &Needs, depth: Depth) -> usize {
    let varied = Variation::ALL.into_iter().filter(|variation| variation.of(needs).is_some());
    (1 + varied.count()) * depth.seeds as usize
}

/// The answer to some needs: the same on any number of threads.
///
/// # Errors
/// Where it was told to stop, or a clock cannot be run.
pub fn advise(
    needs: &Needs,
    registry: &Registry,
    depth: Depth,
    seed: u64,
    watch: &Watch<'_>,
) -> Result<Answer, AdviseError> {
    let here = simulated(needs, &needs.name, depth);
    let schemes = grid::schemes(needs, registry)?;
    let scenarios = std::slice::from_ref(&here.scenario);
    let field =
        evidence::fields(scenarios, &schemes, registry, seed, watch)?.pop().unwrap_or_default();
    let candidates = decide(needs, &field);
    let mut answer = answer::blank(needs, here, field.course);
    for candidate in &candidates {
        let scheme = candidate.entrant.scheme.clone();
        if candidate.is_in() {
            answer.candidates.push(Shown::of(candidate.entrant, needs));
        } else {
            let (family, reasons) = (candidate.entrant.family.clone(), candidate.reasons.clone());
            answer.excluded.push(Excluded { family, scheme, reasons });
        }
    }
    let binding = choose::binding(&candidates);
    answer.binding = binding.map(|(need, rules_out)| answer::Binding { need, rules_out });
    take(&mut answer, needs, &candidates);

    let first = First { scheme: answer.recommended.as_deref() };
    let varied: Vec<(Variation, Needs)> =
        Variation::ALL.into_iter().filter_map(|v| Some((v, v.of(needs)?))).collect();
    let scenarios: Vec<_> =
        varied.iter().map(|(v, needs)| v.simulated(needs, depth).scenario).collect();
    let names = shortlist(needs, &field, EACH).join(",");
    let schemes = registry.schemes(&names)?;
    let fields = if schemes.is_empty() {
        // What is declared rules all out, whatever is assumed.
        vec![evidence::Field::default(); varied.len()]
    } else {
        evidence::fields(&scenarios, &schemes, registry, seed, watch)?
    };
    let mut changes = sensitivity::of_assumptions(&first, &varied, &scenarios, &fields);
    changes.extend(sensitivity::of_needs(&first, needs, &field));
    answer.sensitivity = changes;
    Ok(answer)
}

/// Fills in what to take, or what is nearest.
fn take(answer: &mut Answer, needs: &Needs, candidates: &[Candidate<'_>]) {
    let Some(best) = candidates.first() else { return };
    let entrant = best.entrant;
    if !best.is_in() {
        // One reason a need: of false order near and mid, the first.
        let mut drop = best.reasons.clone();
        drop.dedup_by_key(|reason| reason.need);
        answer.why = "No clock meets every need.".into();
        let (scheme, shown) = (entrant.scheme.clone(), Shown::of(entrant, needs));
        answer.nearest = Some(Nearest { scheme, drop, shown });
        return;
    }
    answer.recommended = Some(entrant.scheme.clone());
    let second = candidates.get(1).filter(|second| second.is_in());
    answer.runner_up = second.map(|second| RunnerUp {
        scheme: second.entrant.scheme.clone(),
        more_bytes: second
            .entrant
            .more_bytes(entrant, Half::Judges, needs.participants.ever)
            .map(answer::Figure::from),
    });
    answer.why = why(needs, best, candidates);
    answer.usage = usage::usage(&entrant.family).map(|usage| {
        let siblings = needs.needs.keeps == Keeps::Siblings && usage.siblings;
        let name = if siblings { "siblings" } else { usage.family };
        let mut code = usage::sketch(name).unwrap_or_default();
        if code.contains("exchange(") {
            code = usage::sketch("any").unwrap_or_default() + "\n" + &code;
        }
        let start = if siblings { "bounded_vc::DvvSet" } else { usage.start };
        let persist = match needs.needs.order_across_restart {
            true => usage.persist,
            false => usage::PERSIST_NOTHING,
        };
        Used { usage: usage::Usage { start, persist, ..*usage }, code }
    });
}

/// Why the best is the best.
fn why(needs: &Needs, best: &Candidate<'_>, candidates: &[Candidate<'_>]) -> String {
    let entrant = best.entrant;
    let bytes = entrant.bytes(Half::Judges, needs.participants.ever);
    let bytes = bytes.map_or_else(String::new, |bytes| {
        let limit = needs
            .stamps
            .bytes_p99
            .map_or_else(|| "no limit is given".to_owned(), |limit| format!("{limit} are allowed"));
        format!("{} bytes (p99; {limit})", spell::value(&Value::Estimate(bytes), Unit::Bytes))
    });
    let promises: Vec<&str> = entrant.guarantees.iter().map(|g| g.as_str()).collect();
    let promises = if entrant.is_exact() { "exact".into() } else { promises.join(", ") };
    let rivals = candidates.iter().filter(|candidate| candidate.is_in()).count() - 1;
    let exact = candidates.iter().filter(|c| c.is_in() && c.entrant.is_exact()).count();
    let among = match (entrant.is_exact(), exact, rivals) {
        (_, _, 0) => "No other family meets every need.",
        (true, 1, _) => "It is the only exact one that meets every need.",
        (true, ..) => "It is the smallest of the exact ones that meet every need.",
        (false, ..) => {
            "No exact one meets every need. Of those that do, it errs least in halves of what can \
             be borne, and of equals it is the smallest."
        }
    };
    format!("It meets every need: {promises}, {bytes}. {among}")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::advise::evidence::Field;

    /// Needs from real decisions, and the families that may be recommended for
    /// them; none where nothing will do.
    const DECISIONS: [(&str, &str, &[&str]); 14] = [
        ("browser-broadcast", include_str!("../../needs/browser-broadcast.toml"), &["recency"]),
        ("crdt-library", include_str!("../../needs/crdt-library.toml"), &["itc"]),
        ("geo-database", include_str!("../../needs/geo-database.toml"), &["hlc"]),
        ("gossip-membership", include_str!("../../needs/gossip-membership.toml"), &["itc"]),
        ("iot-sensors", include_str!("../../needs/iot-sensors.toml"), &["recency"]),
        ("key-value-store", include_str!("../../needs/key-value-store.toml"), &["vc"]),
        ("offline-text", include_str!("../../needs/offline-text.toml"), &["itc"]),
        ("open-network", include_str!("../../needs/open-network.toml"), &[]),
        ("personal-sync", include_str!("../../needs/personal-sync.toml"), &["itc", "vc-paths"]),
        ("pod-tracing", include_str!("../../needs/pod-tracing.toml"), &["recency"]),
        ("race-detection", include_str!("../../needs/race-detection.toml"), &["tree"]),
        (
            "replicated-store-churn",
            include_str!("../../needs/replicated-store-churn.toml"),
            &["itc", "vc-paths"],
        ),
        ("shared-text", include_str!("../../needs/shared-text.toml"), &["itc", "vc-paths"]),
        ("team-chat", include_str!("../../needs/team-chat.toml"), &["itc", "vc-paths"]),
    ];

    /// Too short for figures to mean anything; enough to go through everything.
    const TINY: Depth = Depth { seeds: 2, most_live: 4, most_events: 500 };

    fn advised(needs: &Needs, threads: usize) -> Answer {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let watch = Watch { progress: &|| (), stop: &AtomicBool::new(false) };
        pool.install(|| advise(needs, &Registry::builtin(), TINY, 1, &watch)).unwrap()
    }

    #[test]
    fn what_schemes_declare_leaves_those_that_are_expected() {
        let registry = Registry::builtin();
        for (name, toml, expected) in DECISIONS {
            let needs = Needs::parse(toml, &format!("{name}.toml")).unwrap();
            let entrants = grid::schemes(&needs, &registry).unwrap();
            let field = Field { entrants: evidence::unseen(&entrants), ..Field::default() };
            let left: Vec<&str> = decide(&needs, &field)
                .iter()
                .filter(|c| c.reasons.iter().all(|reason| reason.measured))
                .map(|c| c.entrant.family.as_str())
                .collect();
            assert_eq!(left.is_empty(), expected.is_empty(), "{name}: {left:?}");
            assert!(expected.iter().all(|family| left.contains(family)), "{name}: {left:?}");
        }
    }

    #[test]
    fn the_page_on_choosing_tells_what_is_expected() {
        let page = include_str!("../../../docs/choosing.md");
        for (name, _, expected) in DECISIONS {
            let link = format!("| [{name}](");
            let row = page.lines().find(|line| line.starts_with(&link));
            let row = row.unwrap_or_else(|| panic!("no row for {name}"));
            let take = row.split(" | ").nth(1).unwrap();
            match expected.first() {
                None => assert!(take.starts_with("none"), "{row}"),
                Some(_) => assert!(
                    expected.iter().any(|family| {
                        take.split('`').nth(1).and_then(|s| s.split(':').next()) == Some(family)
                    }),
                    "{row}"
                ),
            }
        }
    }

    #[test]
    fn an_answer_is_the_same_on_any_number_of_threads_and_in_every_form() {
        let needs = |name: &str| {
            let (_, toml, _) = DECISIONS.iter().find(|(other, ..)| *other == name).unwrap();
            Needs::parse(toml, &format!("{name}.toml")).unwrap()
        };
        let store = advised(&needs("key-value-store"), 1);
        assert_eq!(store, advised(&needs("key-value-store"), 2));
        assert_eq!(store.recommended.as_deref(), Some("vc"));
        let usage = store.usage.as_ref().unwrap();
        assert!(usage.code.contains("DvvSet::new()") && usage.usage.start.contains("DvvSet"));
        assert!(store.sensitivity.iter().any(|change| change.simulated));
        let json = serde_json::to_value(&store).unwrap();
        for key in ["recommended", "excluded", "candidates", "sensitivity"] {
            assert!(json.get(key).is_some(), "{key}");
        }
        let said = text::text(&store);
        for words in ["Take `vc`.", "Out\n", "What would change it", "Use it: `bounded_vc::DvvSet`"]
        {
            assert!(said.contains(words), "{words}: {said}");
        }
        assert!(html::html(&store).contains("<code>vc</code>"));

        let open = advised(&needs("open-network"), 2);
        assert_eq!((open.recommended.as_deref(), open.candidates.len()), (None, 0));
        assert!(open.outside.is_some_and(|outside| outside.what == "a hash graph"));
        let said = text::text(&open);
        assert!(said.contains("without `trust.participants`; then `"), "{said}");
    }

    #[test]
    fn who_is_told_to_stop_stops() {
        let needs = Needs::parse("", "x.toml").unwrap();
        let watch = Watch { progress: &|| (), stop: &AtomicBool::new(true) };
        let stopped = advise(&needs, &Registry::builtin(), TINY, 1, &watch);
        assert!(matches!(stopped, Err(AdviseError::Stopped)));
    }
}
