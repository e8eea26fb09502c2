//! What would change the answer: the assumptions, each simulated anew, and the
//! needs, each held against the same figures.

use super::answer::Change;
use super::choose::{Candidate, decide};
use super::evidence::Field;
use super::needs::{Ids, Needs, Trusted};
use super::scenario::Variation;
use crate::scenario::Scenario;

/// The answer that a change is held against.
pub(super) struct First<'a> {
    /// The scheme that was recommended, if any.
    pub(super) scheme: Option<&'a str>,
}

impl First<'_> {
    /// What a decision elsewhere says.
    fn change(&self, change: String, simulated: bool, candidates: &[Candidate<'_>]) -> Change {
        let best = candidates.first();
        let takes = best.filter(|best| best.is_in()).map(|best| best.entrant.scheme.clone());
        let family = |scheme: &str| scheme.split(':').next().map(str::to_owned);
        let takes_over = takes.as_deref().and_then(family) != self.scheme.and_then(family);
        Change {
            because: self.because(takes.as_deref(), candidates),
            change,
            simulated,
            takes,
            takes_over,
        }
    }

    fn because(&self, takes: Option<&str>, candidates: &[Candidate<'_>]) -> String {
        let first = |candidate: &Candidate<'_>| {
            let reason = candidate.reasons.first();
            reason.map(|r| format!("{}: {}", candidate.entrant.scheme, r.why))
        };
        let Some(takes) = takes else {
            return candidates.first().and_then(first).unwrap_or_default();
        };
        let Some(mine) = self.scheme else {
            return "it meets every need then".into();
        };
        if takes == mine {
            return "the same".into();
        }
        let family = mine.split(':').next();
        let now = candidates.iter().find(|c| Some(c.entrant.family.as_str()) == family);
        match now {
            Some(candidate) if candidate.entrant.scheme == takes => "other parameters".into(),
            Some(candidate) => first(candidate).unwrap_or_else(|| {
                format!("{} still does, and comes second or later", candidate.entrant.scheme)
            }),
            None => format!("{mine} is ruled out"),
        }
    }
}

/// Assumptions that were simulated anew.
pub(super) fn of_assumptions(
    first: &First<'_>,
    varied: &[(Variation, Needs)],
    scenarios: &[Scenario],
    fields: &[Field],
) -> Vec<Change> {
    let mut changes = Vec::new();
    for (((variation, needs), scenario), field) in varied.iter().zip(scenarios).zip(fields) {
        let mut title = variation.title().to_owned();
        let live = scenario.population.initial;
        if *variation == Variation::Live && live < needs.participants.live {
            title.push_str(&format!(" ({live} simulated)"));
        }
        changes.push(first.change(title, true, &decide(needs, field)));
    }
    changes
}

/// Needs, each another.
pub(super) fn of_needs(first: &First<'_>, needs: &Needs, field: &Field) -> Vec<Change> {
    type Vary = Box<dyn Fn(&mut Needs)>;
    let mut all: Vec<(String, Vary)> = Vec::new();
    let mut add = |title: String, vary: Vary| all.push((title, vary));
    match needs.stamps.bytes_p99 {
        Some(bytes) => {
            for other in [bytes / 2, bytes.saturating_mul(2)] {
                let vary = move |needs: &mut Needs| needs.stamps.bytes_p99 = Some(other);
                add(format!("stamps.bytes_p99 = {other}"), Box::new(vary));
            }
            add("stamps.bytes_p99: no limit".into(), Box::new(|n| n.stamps.bytes_p99 = None));
        }
        None => add("stamps.bytes_p99 = 32".into(), Box::new(|n| n.stamps.bytes_p99 = Some(32))),
    }
    type Error = (&'static str, fn(&mut Needs) -> &mut f64);
    let errors: [Error; 3] = [
        ("false_order", |needs| &mut needs.errors.false_order),
        ("false_concurrency", |needs| &mut needs.errors.false_concurrency),
        ("reversal", |needs| &mut needs.errors.reversal),
    ];
    for (name, limit) in errors {
        let now = *limit(&mut needs.clone());
        let other = if now == 0.0 { 0.05 } else { 0.0 };
        let vary = move |needs: &mut Needs| *limit(needs) = other;
        add(format!("errors.{name} = {other}"), Box::new(vary));
    }
    let total = !needs.needs.total_order;
    let vary = move |needs: &mut Needs| {
        needs.needs.total_order = total;
        if total {
            needs.errors.false_order = 1.0;
        }
    };
    add(format!("needs.total_order = {total}"), Box::new(vary));
    let near = !needs.needs.near_physical_time;
    let vary = move |needs: &mut Needs| needs.needs.near_physical_time = near;
    add(format!("needs.near_physical_time = {near}"), Box::new(vary));
    if needs.participants.ids != Ids::None {
        add("participants.ids = \"none\"".into(), Box::new(|n| n.participants.ids = Ids::None));
    }
    match needs.trust.participants {
        Trusted::All => {}
        Trusted::Some => add(
            "trust.participants = \"all\"".into(),
            Box::new(|needs| needs.trust.participants = Trusted::All),
        ),
    }
    let change = |(title, vary): (String, Vary)| {
        let mut needs = needs.clone();
        vary(&mut needs);
        first.change(title, false, &decide(&needs, field))
    };
    all.into_iter().map(change).collect()
}
