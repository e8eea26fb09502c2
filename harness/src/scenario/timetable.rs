//! `[[fault]]`: a timetable of what goes wrong.
//!
//! ```toml
//! [[fault]]                    # a mass failure
//! at = "60s"
//! what = "crash"
//! who = 0.3                    # a share, or numbers: who = [0, 4]
//!
//! [[fault]]                    # a third cannot be reached for half a minute
//! at = "90s"
//! for = "30s"
//! what = "partition"
//! who = 0.33
//!
//! [[fault]]                    # one goes on from a backup that is 20 s old
//! at = "2m"
//! what = "amnesia"
//! who = [3]
//! backup = "20s"
//!
//! [[fault]]                    # every minute a twentieth is replaced, eldest first
//! at = "0s"
//! every = "1m"
//! what = "replace"
//! who = 0.05
//! ```
//!
//! Times are true times since the start of the execution. Whom a share hits is
//! drawn from a stream of its own, so that the rest of the execution is the
//! same with and without faults up to their first effect.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::optional;
use crate::step::Participant;

/// A fault of the timetable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// When it happens, or begins.
    #[serde(with = "causal_clock::duration")]
    pub at: Duration,
    /// How long it lasts, for what ends.
    #[serde(default, rename = "for", with = "optional", skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Duration>,
    /// How much later it happens again, and again (default never).
    #[serde(default, with = "optional", skip_serializing_if = "Option::is_none")]
    pub every: Option<Duration>,
    /// What happens.
    pub what: What,
    /// To whom; of what does not happen to anyone, nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
    /// How old the backup is, for `amnesia`.
    #[serde(default, with = "optional", skip_serializing_if = "Option::is_none")]
    pub backup: Option<Duration>,
    /// How many times as many arrivals, for `surge`; the share lost, for `loss`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
    /// Whether a `partition` stops messages only from those it hits, and not to
    /// them.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub one_way: bool,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// They vanish with all they know.
    Crash,
    /// They retire, one after the other.
    Leave,
    /// They stop, and go on after a while from the bytes of their clocks: a
    /// crash with recovery. Messages to them are lost meanwhile.
    Pause,
    /// They go on from the bytes that their clocks had some time ago: an old
    /// backup. What they did since is forgotten, and done again otherwise.
    Amnesia,
    /// Each goes on twice from one image: a newborn has the clock of the other,
    /// id and all.
    Twin,
    /// A newborn is forked from each, and each retires into it: a rolling
    /// restart, eldest first.
    Replace,
    /// No messages pass between them and the others.
    Partition,
    /// More arrivals: a flash crowd.
    Surge,
    /// More messages are lost.
    Loss,
}

impl What {
    const fn takes_who(self) -> bool {
        !matches!(self, Self::Surge | Self::Loss)
    }

    const fn takes_for(self) -> bool {
        matches!(self, Self::Pause | Self::Partition | Self::Surge | Self::Loss)
    }

    const fn takes_factor(self) -> bool {
        matches!(self, Self::Surge | Self::Loss)
    }

    /// Whether clocks that keep their word may err from then on, since an id is
    /// no longer one participant's.
    #[must_use]
    pub const fn breaks_guarantees(self) -> bool {
        matches!(self, Self::Amnesia | Self::Twin)
    }
}

/// Whom a fault hits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Who {
    /// A share of those who may leave, drawn at random.
    Share(f64),
    /// These, as far as they are there, by number in order of birth.
    These(Vec<Participant>),
}

impl Incident {
    /// The key that makes no sense, what is wrong, and what was expected.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        let what = toml::Value::try_from(self.what).map(|w| w.to_string()).unwrap_or_default();
        let must = |key, is_set: bool, takes: bool, example: &str| match (is_set, takes) {
            (true, false) => Err((key, format!("is set: expected none, since it is {what}"))),
            (false, true) => Err(("what", format!("needs `{key}`: expected {example}"))),
            _ => Ok(()),
        };
        must("for", self.lasts.is_some(), self.what.takes_for(), "a duration such as \"30s\"")?;
        must("who", self.who.is_some(), self.what.takes_who(), "a share such as 0.3, or [0, 4]")?;
        let takes_backup = self.what == What::Amnesia;
        must("backup", self.backup.is_some(), takes_backup, "a duration such as \"20s\"")?;
        must("factor", self.factor.is_some(), self.what.takes_factor(), "a number such as 10.0")?;
        if self.one_way && self.what != What::Partition {
            return Err(("one_way", format!("is set: expected none, since it is {what}")));
        }
        for (key, length) in [("for", self.lasts), ("every", self.every), ("backup", self.backup)] {
            if length.is_some_and(|length| length.is_zero()) {
                return Err((key, "is 0s: expected more".into()));
            }
        }
        if let (Some(lasts), Some(every)) = (self.lasts, self.every)
            && every <= lasts
        {
            return Err(("every", "is not above `for`: expected it to end first".into()));
        }
        if let (Some(backup), at) = (self.backup, self.at)
            && backup > at
        {
            return Err(("backup", "is older than the execution: expected at most `at`".into()));
        }
        match (&self.who, self.factor) {
            (Some(Who::Share(share)), _) if !(*share > 0.0 && *share <= 1.0) => {
                Err(("who", format!("is {share}: expected a share above 0, at most 1")))
            }
            (Some(Who::These(nodes)), _) if nodes.is_empty() => {
                Err(("who", "is nobody: expected a share, or some numbers".into()))
            }
            (_, Some(share)) if self.what == What::Loss && !(0.0..=1.0).contains(&share) => {
                Err(("factor", format!("is {share}: expected a share from 0 to 1")))
            }
            (_, Some(times)) if !(0.0..=1e6).contains(&times) => {
                Err(("factor", format!("is {times}: expected from 0 to 1000000")))
            }
            _ => Ok(()),
        }
    }
}
