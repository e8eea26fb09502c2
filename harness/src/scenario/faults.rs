//! `[[clocks.fault]]`: what goes wrong with physical clocks, with whose, and
//! when.
//!
//! ```toml
//! [[clocks.fault]]            # a step forward, set right after 40 s
//! kind = "ahead"
//! by = "10s"
//! from = "20s"
//! until = "60s"
//! participants = [0]
//!
//! [[clocks.fault]]            # a restart whose clock is set back by an hour
//! kind = "restart"
//! by = "1h"
//! from = "30s"
//! participants = [1]
//!
//! [[clocks.fault]]            # one clock in ten runs at double speed
//! kind = "rate"
//! rate = 2.0
//! share = 0.1
//! ```
//!
//! Times are true times since the start of the execution. At `until` the clock
//! is right again, at once; where several faults hit a clock, their errors add
//! up. Whom a `share` hits is drawn from a stream of its own, so that the rest
//! of the execution is the same with and without faults.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::optional;
use crate::step::Participant;

/// One fault of some physical clocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// By how much, for `ahead`, `behind`, `restart` and `smear`.
    #[serde(default, with = "optional", skip_serializing_if = "Option::is_none")]
    pub by: Option<Duration>,
    /// Seconds shown for each second that passes, for `rate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// When it begins (default at once).
    #[serde(default, with = "causal_clock::duration")]
    pub from: Duration,
    /// When the clock is right again (default never).
    #[serde(default, with = "optional", skip_serializing_if = "Option::is_none")]
    pub until: Option<Duration>,
    /// Whose clocks, by number in order of birth; this or `share`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<Participant>,
    /// The share of all participants whose clocks it hits (default 0).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub share: f64,
}

/// What is wrong with a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// It is `by` ahead: a step forward at `from`, perhaps of a year.
    Ahead,
    /// It is `by` behind: a step back at `from`, or a straggler.
    Behind,
    /// It shows `rate` seconds a second: above 1 a rusher, below 1 a slow one.
    Rate,
    /// It shows what it did at `from`.
    Frozen,
    /// Its participant restarts at `from`, and goes on from the bytes of its
    /// clock, its physical clock set back by `by`.
    Restart,
    /// It smears a leap second: it slows down from `from` so as to be `by`
    /// behind at `until`, when the others step back by as much.
    Smear,
}

impl FaultKind {
    /// The name in scenarios.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ahead => "ahead",
            Self::Behind => "behind",
            Self::Rate => "rate",
            Self::Frozen => "frozen",
            Self::Restart => "restart",
            Self::Smear => "smear",
        }
    }

    const fn takes_by(self) -> bool {
        matches!(self, Self::Ahead | Self::Behind | Self::Restart | Self::Smear)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(share: &f64) -> bool {
    *share == 0.0
}

impl Fault {
    /// When a participant restarts, in nanoseconds after the start.
    pub(crate) fn restart(&self) -> Option<u64> {
        (self.kind == FaultKind::Restart).then(|| nanos(self.from))
    }

    /// Whether the clock is wrong `now` nanoseconds after the start.
    pub(crate) fn is_active(&self, now: u64) -> bool {
        now >= nanos(self.from) && self.until.is_none_or(|until| now < nanos(until))
    }

    /// What the fault does to a clock at a moment when it
    /// [is active](Self::is_active): up to when the clock went on, and how many
    /// nanoseconds are added to what it shows.
    pub(crate) fn effect(&self, now: u64) -> (u64, i64) {
        let from = nanos(self.from);
        let by = self.by.unwrap_or_default();
        let elapsed = now - from;
        let signed = |nanos: u64| i64::try_from(nanos).unwrap_or(i64::MAX);
        match self.kind {
            FaultKind::Ahead => (now, signed(nanos(by))),
            FaultKind::Behind | FaultKind::Restart => (now, -signed(nanos(by))),
            // A cast from float to integer saturates.
            FaultKind::Rate => (now, (elapsed as f64 * (self.rate.unwrap_or(1.0) - 1.0)) as i64),
            FaultKind::Frozen => (from, 0),
            FaultKind::Smear => {
                let window = self.until.unwrap_or(self.from).saturating_sub(self.from);
                let part = elapsed as f64 / nanos(window).max(1) as f64;
                (now, -((nanos(by) as f64 * part) as i64))
            }
        }
    }

    /// The key that makes no sense, what is wrong, and what was expected.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        let kind = self.kind.as_str();
        match self.by {
            None if self.kind.takes_by() => {
                let problem = format!(
                    "needs `by`: expected a duration such as `by = \"10s\"`, \
                                       since the kind is `{kind}`"
                );
                return Err(("kind", problem));
            }
            Some(_) if !self.kind.takes_by() => {
                return Err(("by", format!("is set: expected none, since the kind is `{kind}`")));
            }
            Some(by) if by.is_zero() => return Err(("by", "is 0s: expected more".into())),
            _ => {}
        }
        match self.rate {
            None if self.kind == FaultKind::Rate => {
                return Err((
                    "kind",
                    "needs `rate`: expected seconds shown for each second, such \
                                     as `rate = 2.0`"
                        .into(),
                ));
            }
            Some(_) if self.kind != FaultKind::Rate => {
                return Err(("rate", format!("is set: expected none, since the kind is `{kind}`")));
            }
            Some(rate) if !(0.0..=1e6).contains(&rate) => {
                return Err(("rate", format!("is {rate}: expected from 0 to 1000000")));
            }
            _ => {}
        }
        match self.until {
            None if self.kind == FaultKind::Smear => {
                let problem = "needs `until`: expected the time at which the others step back";
                return Err(("kind", problem.into()));
            }
            Some(until) if until <= self.from => {
                return Err(("until", "is not after `from`: expected a later time".into()));
            }
            _ => {}
        }
        if !(0.0..=1.0).contains(&self.share) {
            return Err(("share", format!("is {}: expected from 0 to 1", self.share)));
        }
        if self.participants.is_empty() == (self.share == 0.0) {
            let problem = "hits nobody, or is told twice whom: expected either `participants`, \
                           such as `participants = [0]`, or a `share` above 0";
            let key = if self.share == 0.0 { "kind" } else { "share" };
            return Err((key, problem.into()));
        }
        Ok(())
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use crate::scenario::Scenario;

    fn problem(fault: &str) -> (usize, String) {
        // A sound fault stands before and after, with the same keys.
        let sound = "[[clocks.fault]]\nkind = 'ahead'\nby = '1s'\nshare = 0.5\nuntil = '9s'\n";
        let text = format!("name = 'x'\n{sound}[[clocks.fault]]\n{fault}\n{sound}");
        let error = Scenario::parse(&text, "x.toml").unwrap_err();
        (error.line, error.problem)
    }

    #[test]
    fn faults_that_make_no_sense_are_named_with_their_line() {
        for (fault, line, words) in [
            ("kind = 'late'\nshare = 1", 8, "`behind`"),
            ("kind = 'ahead'\nshare = 1", 8, "needs `by`"),
            ("share = 1", 7, "missing field `kind`"),
            ("kind = 'ahead'\nby = 'soon'\nshare = 1", 9, "`soon` is no duration"),
            ("kind = 'ahead'\nby = '0s'\nshare = 1", 9, "expected more"),
            ("kind = 'restart'\nfrom = '3s'\nshare = 1", 8, "needs `by`"),
            ("kind = 'frozen'\nshare = 1\nby = '1s'", 10, "expected none"),
            ("kind = 'rate'\nshare = 1", 8, "needs `rate`"),
            ("kind = 'rate'\nrate = -1.0\nshare = 1", 9, "from 0 to"),
            ("kind = 'rate'\nshare = 1\nrate = nan", 10, "from 0 to"),
            ("kind = 'frozen'\nshare = 1\nrate = 2", 10, "expected none"),
            ("kind = 'smear'\nby = '1s'\nshare = 1", 8, "needs `until`"),
            ("kind = 'frozen'\nfrom = '5s'\nuntil = '5s'\nshare = 1", 10, "a later time"),
            ("kind = 'frozen'\nshare = 2", 9, "from 0 to 1"),
            ("kind = 'frozen'", 8, "`participants`"),
            ("kind = 'frozen'\nshare = 0.1\nparticipants = [3]", 9, "either"),
            ("kind = 'frozen'\nshare = 0.1\nwho = 3", 10, "`who`"),
        ] {
            let (at, problem) = problem(fault);
            assert_eq!(at, line, "{fault}: {problem}");
            assert!(problem.contains(words), "{fault}: {problem}");
        }
    }

    #[test]
    fn faults_read_back_as_they_were_written() {
        let text = "name = 'x'\n[[clocks.fault]]\nkind = 'smear'\nby = '1s'\nuntil = '20s'\n\
                    participants = [2, 3]\n[[clocks.fault]]\nkind = 'rate'\nrate = 0.5\n\
                    from = '1s'\nshare = 0.25\n";
        let scenario = Scenario::parse(text, "x").unwrap();
        assert_eq!(scenario.clocks.fault.len(), 2);
        let written = toml::to_string(&scenario).unwrap();
        assert_eq!(Scenario::parse(&written, "x").unwrap(), scenario);
    }
}
