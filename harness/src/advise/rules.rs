//! What rules a scheme out: the guarantees that it declares, and what was
//! measured, held against the needs.

use causal_clock::Guarantee;
use serde::Serialize;

use super::evidence::{Entrant, Half, Measure};
use super::needs::{Ids, Keeps, Needs, Trusted};
use super::usage::Usage;
use crate::show::{Unit, Value, spell};
use crate::stats::Estimate;

/// A need that a scheme may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// `stamps.bytes_p99`
    Bytes,
    /// `errors.false_order`
    FalseOrder,
    /// `errors.false_concurrency`
    FalseConcurrency,
    /// `errors.reversal`
    Reversal,
    /// `stamps.travel`
    Travel,
    /// `needs.total_order`
    TotalOrder,
    /// `needs.near_physical_time`
    PhysicalTime,
    /// `needs.order_across_restart`
    Restart,
    /// `needs.keeps`
    Siblings,
    /// `participants.ids`
    Ids,
    /// `trust.participants`
    Trust,
}

impl Need {
    /// Its key in the file.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Bytes => "stamps.bytes_p99",
            Self::FalseOrder => "errors.false_order",
            Self::FalseConcurrency => "errors.false_concurrency",
            Self::Reversal => "errors.reversal",
            Self::Travel => "stamps.travel",
            Self::TotalOrder => "needs.total_order",
            Self::PhysicalTime => "needs.near_physical_time",
            Self::Restart => "needs.order_across_restart",
            Self::Siblings => "needs.keeps",
            Self::Ids => "participants.ids",
            Self::Trust => "trust.participants",
        }
    }
}

impl Serialize for Need {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.key())
    }
}

/// Why a scheme does not meet a need.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// The need.
    pub need: Need,
    /// What rules the scheme out, for people.
    pub why: String,
    /// Whether that is a figure of this scenario and not a guarantee.
    pub measured: bool,
    /// How far the need is missed: the figure by the limit, or the figure itself
    /// where the limit is zero.
    pub over: f64,
    /// The value at which the need would be met, as the file would have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enough: Option<String>,
}

impl Reason {
    fn fixed(need: Need, why: impl Into<String>) -> Self {
        Self { need, why: why.into(), measured: false, over: 1.0, enough: None }
    }

    /// How hard it is to give the need up: a limit that is missed is the least,
    /// a guarantee more, then what a stamp is for, and whom to trust the most.
    #[must_use]
    pub const fn weight(&self) -> u8 {
        match self.need {
            _ if self.measured => 0,
            Need::FalseOrder | Need::FalseConcurrency | Need::Reversal | Need::Bytes => 1,
            Need::Travel
            | Need::TotalOrder
            | Need::PhysicalTime
            | Need::Restart
            | Need::Siblings
            | Need::Ids => 2,
            Need::Trust => 3,
        }
    }
}

/// An error with a limit.
struct Limited {
    need: Need,
    /// The guarantee that rules it out.
    guarantee: Guarantee,
    what: &'static str,
    /// Near, then mid.
    measures: [Measure; 2],
    limit: fn(&Needs) -> f64,
}

const LIMITED: [Limited; 3] = [
    Limited {
        need: Need::FalseOrder,
        guarantee: Guarantee::Sound,
        what: "false order",
        measures: [Measure::FalseOrderNear, Measure::FalseOrderMid],
        limit: |needs| needs.errors.false_order,
    },
    Limited {
        need: Need::FalseConcurrency,
        guarantee: Guarantee::Complete,
        what: "false concurrency",
        measures: [Measure::FalseConcurrencyNear, Measure::FalseConcurrencyMid],
        limit: |needs| needs.errors.false_concurrency,
    },
    Limited {
        need: Need::Reversal,
        guarantee: Guarantee::Consistent,
        what: "reversal",
        measures: [Measure::ReversalNear, Measure::ReversalMid],
        limit: |needs| needs.errors.reversal,
    },
];

/// The upper end of an interval.
fn most(estimate: Estimate) -> f64 {
    estimate.mean + estimate.half_width.unwrap_or(0.0)
}

/// The larger of the near and the mid rate by its upper end, and which it is.
fn worst(
    entrant: &Entrant,
    measures: [Measure; 2],
    half: Half,
) -> Option<(Estimate, &'static str)> {
    let named = measures.into_iter().zip(["near", "mid"]);
    let seen = named.filter_map(|(m, lag)| Some((entrant.estimate(m, half)?, lag)));
    seen.max_by(|a, b| most(a.0).total_cmp(&most(b.0)))
}

fn share(estimate: Estimate) -> String {
    spell::value(&Value::Estimate(estimate), Unit::Share)
}

/// The reasons against a scheme that follow from what it is.
#[must_use]
pub fn declared(entrant: &Entrant, usage: Option<&Usage>, needs: &Needs) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let knows = |what: fn(&Usage) -> bool| usage.is_some_and(what);
    if needs.trust.participants == Trusted::Some {
        let why = "every guarantee holds among honest participants alone: a stamp can be forged";
        reasons.push(Reason::fixed(Need::Trust, why));
    }
    if needs.participants.ids == Ids::None && entrant.needs_ids {
        let why = "it assumes that ids are unique, and there are none";
        reasons.push(Reason::fixed(Need::Ids, why));
    }
    if needs.needs.total_order && !knows(|usage| usage.total_order) {
        let why = "its stamps are ordered in part: two concurrent ones have no order to sort by";
        reasons.push(Reason::fixed(Need::TotalOrder, why));
    }
    if needs.needs.near_physical_time && !knows(|usage| usage.tells_time) {
        reasons.push(Reason::fixed(Need::PhysicalTime, "its stamps tell no time of day"));
    }
    if needs.needs.order_across_restart {
        if !entrant.promises(Guarantee::Consistent) {
            let why = "it is not consistent: after a restart with its clock set back, later events \
                       seem earlier";
            reasons.push(Reason::fixed(Need::Restart, why));
        } else if knows(|usage| usage.in_memory) {
            let why = "it lives and dies with its process";
            reasons.push(Reason::fixed(Need::Restart, why));
        }
    }
    if needs.needs.keeps == Keeps::Siblings && !knows(|usage| usage.siblings) {
        let why = "it has no set of siblings: two clients that write through one server, on one \
                   context, would look ordered, and one write would be lost";
        reasons.push(Reason::fixed(Need::Siblings, why));
    }
    if needs.stamps.travel && knows(|usage| usage.in_memory) {
        let why = "it saves work in one memory; as bytes it is larger than a vector clock";
        reasons.push(Reason::fixed(Need::Travel, why));
    }
    reasons
}

/// The reasons against a scheme from its guarantees on errors and from what
/// one half of the executions shows.
#[must_use]
pub fn shown(entrant: &Entrant, needs: &Needs, half: Half) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let bytes = entrant.bytes(half, needs.participants.ever).filter(|_| entrant.is_complete());
    match (bytes, needs.stamps.bytes_p99) {
        (None, _) => {
            let why = "it did not come to the end of every execution within its memory";
            reasons.push(Reason {
                measured: true,
                over: f64::MAX,
                ..Reason::fixed(Need::Bytes, why)
            });
        }
        (Some(bytes), Some(limit)) if most(bytes) > limit as f64 => {
            let figure = spell::value(&Value::Estimate(bytes), Unit::Bytes);
            reasons.push(Reason {
                need: Need::Bytes,
                why: format!("{figure} bytes (p99), and {limit} are allowed"),
                measured: true,
                over: most(bytes) / (limit as f64).max(1.0),
                enough: Some(format!("{}", most(bytes).ceil())),
            });
        }
        _ => {}
    }
    for limited in LIMITED {
        reasons.extend(error(&limited, entrant, needs, half));
    }
    reasons
}

fn error(limited: &Limited, entrant: &Entrant, needs: &Needs, half: Half) -> Option<Reason> {
    let Limited { need, guarantee, what, .. } = *limited;
    let (limit, promised) = ((limited.limit)(needs), entrant.promises(guarantee));
    let seen = worst(entrant, limited.measures, half);
    let at = |(estimate, lag): (Estimate, &str)| format!("{} of {lag} pairs", share(estimate));
    let figure = seen.map_or_else(String::new, at);
    let most = seen.map_or(0.0, |(estimate, _)| most(estimate));
    // Above the figure, in per cent, and never more than everything.
    let enough = || Some(format!("{}", ((most * 100.0).ceil() / 100.0).clamp(0.01, 1.0)));
    if limit == 0.0 && !promised {
        let what = match seen {
            Some((estimate, _)) if estimate.mean == 0.0 => format!("{what}: {}", unseen(estimate)),
            Some(_) => format!("{what} in {figure}"),
            None => format!("{what}: too few pairs to tell"),
        };
        let why = format!("it is not {guarantee}; {what}");
        return Some(Reason { need, why, measured: false, over: most, enough: enough() });
    }
    if most <= limit || (promised && most == 0.0) {
        return None;
    }
    let why = if promised {
        format!("{what} in {figure}, though it is {guarantee}: an assumption does not hold")
    } else {
        format!("{what} in {figure}, and {} can be borne", spell::percent(limit))
    };
    Some(Reason { need, why, measured: true, over: most / limit.max(1e-9), enough: enough() })
}

/// What nothing was seen of, and what that says.
#[must_use]
pub fn unseen(estimate: Estimate) -> String {
    let bound = estimate.zero_bound().unwrap_or(0.0);
    format!(
        "none was seen in {} executions: at most {} of executions show any",
        estimate.seeds,
        spell::percent(bound)
    )
}

/// How much a scheme errs where errors are borne: in halves of what can be
/// borne, so that differences which matter to nobody decide nothing.
#[must_use]
pub fn errs(entrant: &Entrant, needs: &Needs, half: Half) -> u32 {
    let halves = |limited: &Limited| {
        let limit = (limited.limit)(needs);
        let (seen, _) = worst(entrant, limited.measures, half)?;
        // What can be borne in any number is no error.
        (limit > 0.0 && limit < 1.0).then(|| (seen.mean / limit * 2.0) as u32)
    };
    LIMITED.iter().filter_map(halves).max().unwrap_or(0)
}
