//! Who meets the needs, and who of them is to be taken.
//!
//! Each family is represented by the scheme that stands best on the half of the
//! executions that chooses; all figures are of the other half. There, whoever
//! meets every need comes first. Of those, an exact clock comes before one that
//! guesses, then whoever errs less (in halves of what can be borne), then
//! whoever takes fewer bytes. Of those that meet not every need, whoever misses
//! the fewest comes first, and by the least.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::evidence::{Entrant, Field, Half};
use super::needs::Needs;
use super::rules::{self, Need, Reason};
use super::usage::usage;

/// A family's best scheme beside the needs.
#[derive(Clone, Debug)]
pub struct Candidate<'f> {
    /// The scheme.
    pub entrant: &'f Entrant,
    /// Why it is out; nothing where it is in.
    pub reasons: Vec<Reason>,
    rank: Rank,
}

impl Candidate<'_> {
    /// Whether it meets every need.
    #[must_use]
    pub const fn is_in(&self) -> bool {
        self.reasons.is_empty()
    }

    /// The needs that it misses, each once.
    #[must_use]
    pub fn missed(&self) -> BTreeSet<Need> {
        self.reasons.iter().map(|reason| reason.need).collect()
    }
}

/// How a scheme stands; less is better.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
struct Rank {
    missed: usize,
    weight: u8,
    over: f64,
    /// Where stamps stay in memory, what was made for that comes first.
    out_of_place: bool,
    guesses: bool,
    errs: u32,
    bytes: f64,
}

fn stand<'f>(entrant: &'f Entrant, needs: &Needs, half: Half) -> Candidate<'f> {
    let usage = usage(&entrant.family);
    let mut reasons = rules::declared(entrant, usage, needs);
    reasons.extend(rules::shown(entrant, needs, half));
    let missed: BTreeSet<Need> = reasons.iter().map(|reason| reason.need).collect();
    let in_memory = usage.is_some_and(|usage| usage.in_memory);
    let bytes = entrant.bytes(half, needs.participants.ever);
    let rank = Rank {
        missed: missed.len(),
        weight: reasons.iter().map(Reason::weight).max().unwrap_or(0),
        over: reasons.iter().map(|reason| reason.over).fold(0.0, f64::max),
        out_of_place: !needs.stamps.travel && !in_memory,
        guesses: !entrant.is_exact(),
        errs: rules::errs(entrant, needs, half),
        bytes: bytes.map_or(f64::MAX, |bytes| bytes.mean),
    };
    Candidate { entrant, reasons, rank }
}

fn order(a: &Candidate<'_>, b: &Candidate<'_>) -> Ordering {
    // No part of a rank is NaN.
    a.rank.partial_cmp(&b.rank).unwrap_or(Ordering::Equal)
}

/// A candidate a family, the best first.
#[must_use]
pub fn decide<'f>(needs: &Needs, field: &'f Field) -> Vec<Candidate<'f>> {
    let mut families: Vec<&str> = Vec::new();
    for entrant in &field.entrants {
        if !families.contains(&entrant.family.as_str()) {
            families.push(&entrant.family);
        }
    }
    let best = |family: &str| {
        let mine = field.entrants.iter().filter(|entrant| entrant.family == family);
        let chosen = mine.map(|entrant| stand(entrant, needs, Half::Chooses)).min_by(order)?;
        Some(stand(chosen.entrant, needs, Half::Judges))
    };
    let mut candidates: Vec<Candidate<'f>> = families.into_iter().filter_map(best).collect();
    // Stable: equals stay in the order of tables.
    candidates.sort_by(order);
    candidates
}

/// The need that most families miss alone, and how many do.
#[must_use]
pub fn binding(candidates: &[Candidate<'_>]) -> Option<(Need, usize)> {
    let mut alone: Vec<(Need, usize)> = Vec::new();
    for missed in candidates.iter().map(Candidate::missed).filter(|missed| missed.len() == 1) {
        for need in missed {
            match alone.iter_mut().find(|(other, _)| *other == need) {
                Some((_, count)) => *count += 1,
                None => alone.push((need, 1)),
            }
        }
    }
    // The first of equals: that of the better candidates.
    alone.into_iter().rev().max_by_key(|(_, count)| *count)
}

/// A scheme that misses a need by more than this factor is not looked at again:
/// no assumption that is varied changes as much.
const HOPELESS: f64 = 8.0;

/// The schemes of a field worth a look when assumptions change: of each family
/// that is not ruled out by what it declares, those that stand best, at most
/// `each`.
#[must_use]
pub fn shortlist<'f>(needs: &Needs, field: &'f Field, each: usize) -> Vec<&'f str> {
    let mut stands: Vec<Candidate<'f>> =
        field.entrants.iter().map(|entrant| stand(entrant, needs, Half::Judges)).collect();
    let may_do = |reason: &Reason| reason.measured && reason.over <= HOPELESS;
    stands.retain(|candidate| candidate.reasons.iter().all(may_do));
    stands.sort_by(order);
    let mut names: Vec<&str> = Vec::new();
    for entrant in &field.entrants {
        let of_family = |c: &&Candidate<'f>| c.entrant.family == entrant.family;
        let mut best = stands.iter().filter(of_family).take(each);
        if best.any(|c| c.entrant.scheme == entrant.scheme) {
            names.push(&entrant.scheme);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advise::evidence::Measure;
    use crate::registry::Registry;

    /// A field of these schemes, with bytes and the rate of false order, the
    /// same near and mid and in every execution.
    fn field(schemes: &[(&str, f64, f64)]) -> Field {
        let registry = Registry::builtin();
        let entrant = |(name, bytes, false_order): &(&str, f64, f64)| {
            let scheme = registry.scheme(name).unwrap();
            let seen = |measure| match measure {
                Measure::Bytes => Some(*bytes),
                Measure::FalseOrderNear | Measure::FalseOrderMid => Some(*false_order),
                Measure::Growth => None,
                _ => Some(0.0),
            };
            Entrant::seen(&scheme, &[seen; 4])
        };
        Field { entrants: schemes.iter().map(entrant).collect(), ..Field::default() }
    }

    fn names(needs: &str, schemes: &[(&str, f64, f64)]) -> Vec<(String, bool)> {
        let needs = Needs::parse(needs, "x.toml").unwrap();
        let field = field(schemes);
        let all = decide(&needs, &field);
        all.iter().map(|c| (c.entrant.scheme.clone(), c.is_in())).collect()
    }

    fn is(scheme: &str, is_in: bool) -> (String, bool) {
        (scheme.to_owned(), is_in)
    }

    #[test]
    fn an_exact_clock_that_fits_comes_first_and_then_the_one_that_errs_less() {
        let schemes = [
            ("rev:r=16", 20.0, 0.09),
            ("recency:r=8,bits=6", 10.0, 0.02),
            ("itc", 60.0, 0.0),
            ("vc", 50.0, 0.0),
        ];
        let bearable = "[errors]\nfalse_order = 0.1\n[stamps]\nbytes_p99 = ";
        let with = |bytes: u32| names(&format!("{bearable}{bytes}"), &schemes);
        let order = ["vc", "itc", "recency:r=8,bits=6", "rev:r=16"];
        assert_eq!(with(100), order.map(|scheme| is(scheme, true)));
        // Of those that do not fit, the one that misses by less.
        let order =
            [("recency:r=8,bits=6", true), ("rev:r=16", true), ("vc", false), ("itc", false)];
        assert_eq!(with(30), order.map(|(scheme, is_in)| is(scheme, is_in)));
    }

    #[test]
    fn without_a_bearable_error_a_guarantee_is_asked_for() {
        let schemes = [("recency:r=8,bits=6", 10.0, 0.0), ("vc", 50.0, 0.0)];
        assert_eq!(names("", &schemes), [is("vc", true), is("recency:r=8,bits=6", false)]);
        // The nearest to being dropped is a limit, before a guarantee.
        let order = names("[stamps]\nbytes_p99 = 30", &schemes);
        assert_eq!(order, [is("vc", false), is("recency:r=8,bits=6", false)]);
    }

    #[test]
    fn what_is_beside_the_errors_counts() {
        let schemes =
            [("vc", 50.0, 0.0), ("itc", 9.0, 0.0), ("hlc", 16.0, 1.0), ("tree", 70.0, 0.0)];
        let first = |needs: &str| names(needs, &schemes).remove(0);
        assert_eq!(first("[needs]\nkeeps = 'siblings'"), is("vc", true));
        assert_eq!(first("[needs]\ntotal_order = true"), is("hlc", true));
        let memory = "[stamps]\ntravel = false\n[needs]\norder_across_restart = ";
        assert_eq!(first(&format!("{memory}false")), is("tree", true));
        assert_eq!(first(&format!("{memory}true")), is("itc", true));
        assert_eq!(first("[participants]\nids = 'none'"), is("itc", true));
        assert_eq!(first("[trust]\nparticipants = 'some'"), is("itc", false));
    }

    #[test]
    fn a_limit_of_many_reasons_says_what_would_be_enough() {
        let needs = Needs::parse("[stamps]\nbytes_p99 = 30", "x.toml").unwrap();
        let field = field(&[("vc", 50.5, 0.0)]);
        let reasons = &decide(&needs, &field)[0].reasons;
        assert_eq!(reasons[0].enough.as_deref(), Some("51"));
        assert_eq!(binding(&decide(&needs, &field)), Some((Need::Bytes, 1)));
        assert_eq!(shortlist(&needs, &field, 2), ["vc"]);
    }
}
