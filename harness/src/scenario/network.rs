//! `[network]`: what happens to messages.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::law::Law;
use super::optional;
use super::parse::{Nonsense, expect, share};

/// `[network]`: what happens to messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// The least delay (default 1 ms).
    #[serde(with = "causal_clock::duration")]
    pub min_delay: Duration,
    /// The mean of what comes on top, exponentially (default 20 ms).
    #[serde(with = "causal_clock::duration")]
    pub mean_extra_delay: Duration,
    /// The share of messages that never arrive (default 0). Messages to
    /// participants who left never do.
    pub loss: f64,
    /// Whether messages from one participant to another arrive in the order in
    /// which they were sent (default false).
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub fifo: bool,
    /// What comes on top of the least delay, where it is not exponential with
    /// that mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_delay: Option<Law>,
    /// A message arrives at most this long before one that was sent earlier
    /// from the same to the same participant (default any time before).
    #[serde(with = "optional", skip_serializing_if = "Option::is_none")]
    pub overtakes: Option<Duration>,
    /// The share of messages that arrive twice (default 0).
    #[serde(skip_serializing_if = "is_zero")]
    pub duplicates: f64,
    /// Spells in which more is lost (default none).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bad_spells: Option<BadSpells>,
}

/// `[network.bad_spells]`: loss in bursts. The network is good and bad in turns,
/// each for an exponential time (E. N. Gilbert, Bell System Technical Journal 39,
/// 1960; E. O. Elliott, ibid. 42, 1963).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BadSpells {
    /// The mean length of a good spell, with the usual loss.
    #[serde(with = "causal_clock::duration")]
    pub good: Duration,
    /// The mean length of a bad one.
    #[serde(with = "causal_clock::duration")]
    pub bad: Duration,
    /// The share that is lost in it.
    pub loss: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(share: &f64) -> bool {
    *share == 0.0
}

impl Default for Network {
    fn default() -> Self {
        Self {
            min_delay: Duration::from_millis(1),
            mean_extra_delay: Duration::from_millis(20),
            loss: 0.0,
            fifo: false,
            extra_delay: None,
            overtakes: None,
            duplicates: 0.0,
            bad_spells: None,
        }
    }
}

impl Network {
    /// Whether the values make sense.
    pub(super) fn check(&self) -> Result<(), Nonsense> {
        share("network.loss", self.loss)?;
        share("network.duplicates", self.duplicates)?;
        expect("network.fifo", !(self.fifo && self.overtakes.is_some()), || {
            "is true: expected false, since `overtakes` says how late messages may be".into()
        })?;
        if let Some(law) = &self.extra_delay {
            expect("extra_delay", *law != Law::Endless, || {
                "is endless: expected a law of delays that end".into()
            })?;
            law.check()?;
        }
        if let Some(BadSpells { good, bad, loss }) = self.bad_spells {
            expect("good", !good.is_zero(), || "is 0s: expected more".into())?;
            expect("bad", !bad.is_zero(), || "is 0s: expected more".into())?;
            share("network.bad_spells.loss", loss)?;
        }
        Ok(())
    }
}
