//! How a family is used in a product: crate, type, code, what to store, and what
//! must never happen. Guarantees are none of this; the schemes declare them.

use serde::Serialize;

/// How a family is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// The family.
    pub family: &'static str,
    /// The crate.
    #[serde(rename = "crate")]
    pub package: &'static str,
    /// The type to start from.
    #[serde(rename = "type")]
    pub start: &'static str,
    /// What is to be stored, and when.
    pub persist: &'static str,
    /// What must never happen.
    pub never: &'static str,
    /// Whether any two stamps can be sorted, without contradicting causality.
    pub total_order: bool,
    /// Whether stamps tell the time of day.
    pub tells_time: bool,
    /// Whether there is a set of concurrent values with it.
    pub siblings: bool,
    /// Whether it is for clocks that stay in one memory.
    pub in_memory: bool,
}

impl Usage {
    const fn new(family: &'static str, package: &'static str, start: &'static str) -> Self {
        Self {
            family,
            package,
            start,
            persist: PERSIST_CLOCK,
            never: NEVER_TWICE,
            total_order: false,
            tells_time: false,
            siblings: false,
            in_memory: false,
        }
    }

    const fn vector(family: &'static str, start: &'static str) -> Self {
        Self::new(family, "bounded-vc", start)
    }

    const fn plausible(family: &'static str, start: &'static str) -> Self {
        Self::new(family, "plausible", start)
    }

    const fn hybrid(family: &'static str, start: &'static str) -> Self {
        let usage = Self::new(family, "hlc", start);
        Self {
            total_order: true,
            tells_time: true,
            persist: PERSIST_BOUND,
            never: NEVER_AHEAD,
            ..usage
        }
    }
}

const PERSIST_CLOCK: &str = "The clock, before the event is told to anybody; or, at an orderly end, \
    the clock as `causal_clock::Saved` beside an `Identity` that is stored before it is used. After \
    any other end the participant begins a new life under a new id.";
const NEVER_TWICE: &str = "An id is used by two participants, or a participant goes on from an older \
    copy of its clock (a restored backup): events would then share a name.";
const PERSIST_BOUND: &str = "An upper bound of the timestamps, ahead of use: `DurableHlc` writes one \
    for each window of time, and goes on above it after a restart.";
const NEVER_AHEAD: &str = "Two nodes share an id; or a node whose clock is ahead is let in: set a drift \
    bound near the synchronisation error, well below the tolerance of the database, and guard the own \
    clock against jumps (`Guarded`).";
const PERSIST_ITC: &str = "The clock with its part of the interval, as `causal_clock::Saved`, at an \
    orderly end; it may be taken up by the very next life only. After a crash the part is lost, or a \
    keeper (`itc::keeper`) gives it to an heir.";
const NEVER_ITC: &str =
    "Two clocks own the same part of the interval: a copy of a clock is not a fork.";

/// What is to be stored where nobody asks for an order across restarts.
pub const PERSIST_NOTHING: &str = "Nothing, since no order across restarts is asked for: whoever \
    restarts is a new participant, under a new id.";

/// What is known of each family.
pub const USAGES: [Usage; 26] = [
    Usage { persist: PERSIST_ITC, never: NEVER_ITC, ..Usage::new("itc", "itc", "itc::Itc") },
    Usage { siblings: true, ..Usage::vector("vc", "bounded_vc::VectorClock") },
    Usage {
        never: "A participant goes on from an older copy of its clock (a restored backup), or a copy \
                of a clock is taken for a fork: events would then share a name.",
        ..Usage::vector("vc-paths", "bounded_vc::PathClock")
    },
    Usage {
        in_memory: true,
        persist: "Nothing: it lives and dies with its process.",
        never: "A stamp is kept while its clock goes on, where speed matters: the tree is then \
                copied. Pass stamps on and drop them, or bring a lock's stamp up to date in place.",
        ..Usage::vector("tree", "bounded_vc::TreeClock")
    },
    Usage::plausible("evc", "plausible::Encoded"),
    Usage::vector("vc-bounded", "bounded_vc::BoundedVectorClocks"),
    Usage::vector("vc-capped", "bounded_vc::CappedVectorClocks"),
    Usage::vector("vc-aged", "bounded_vc::AgedVectorClocks"),
    Usage::vector("riak", "bounded_vc::RiakVectorClocks"),
    Usage::vector("akka", "bounded_vc::AkkaVectorClocks"),
    Usage::vector("horizon", "bounded_vc::HorizonClocks"),
    Usage::plausible("rev", "plausible::Rev"),
    Usage::plausible("nurev", "plausible::Nurev"),
    Usage::plausible("k-lamport", "plausible::KLamport"),
    Usage::plausible("comb", "plausible::Comb"),
    Usage::plausible("rk", "plausible::Rk"),
    Usage::plausible("bloom", "plausible::Bloom"),
    Usage::plausible("elastic", "plausible::Elastic"),
    Usage::plausible("recency", "plausible::Recency"),
    Usage { total_order: true, ..Usage::plausible("lamport", "plausible::LamportClock") },
    Usage::hybrid("hlc", "hlc::DurableHlc"),
    Usage::hybrid("hlc96", "hlc::WideTimestamp"),
    Usage::hybrid("pwc", "hlc::PhysicalClocksWithCausality"),
    Usage { total_order: false, ..Usage::hybrid("hvc", "hlc::HybridVectorClocks") },
    Usage { total_order: false, tells_time: false, ..Usage::hybrid("repcl", "hlc::ReplayClocks") },
    Usage {
        persist: "Nothing.",
        never: "A clock is set back: what it stamps then seems earlier than what came before.",
        ..Usage::hybrid("physical", "hlc::PhysicalClocks")
    },
];

/// Code that compiles: sections of an example of this crate.
const SKETCHES: &str = include_str!("../../examples/advised_clocks.rs");

/// What is known of a family of this workspace.
#[must_use]
pub fn usage(family: &str) -> Option<&'static Usage> {
    USAGES.iter().find(|usage| usage.family == family)
}

/// The code for a family, or for another name of a section.
#[must_use]
pub fn sketch(name: &str) -> Option<String> {
    let (open, close) = (format!("// [{name}]\n"), "// [end]");
    let (_, rest) = SKETCHES.split_once(&open)?;
    let (section, _) = rest.split_once(close)?;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let full = |line: &&str| !line.trim().is_empty();
    let least = section.lines().filter(full).map(indent).min().unwrap_or(0);
    let lines = section.lines().map(|line| line.get(least..).unwrap_or("").trim_end());
    Some(lines.collect::<Vec<_>>().join("\n").trim_end().to_owned() + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    #[test]
    fn every_family_has_its_crate_its_code_and_its_rules() {
        let manifest = include_str!("../../Cargo.toml");
        for family in Registry::builtin().families() {
            let usage = usage(family.name).unwrap();
            assert!(manifest.contains(&format!("{} = {{", usage.package)), "{}", usage.package);
            let code = sketch(family.name).unwrap_or_else(|| panic!("no code for {}", family.name));
            let last = usage.start.rsplit("::").next().unwrap();
            assert!(code.contains(last), "{}: {code}", family.name);
        }
    }
}
