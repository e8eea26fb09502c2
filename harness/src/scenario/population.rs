//! `[population]`: who is there, who comes, and who goes.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::Candidates;
use super::law::Law;
use super::parse::{Nonsense, expect, rate, share};

/// `[population]`: who is there, who comes, and who goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Population {
    /// How many are there at the start (default 16), forked in a balanced way
    /// unless `parent` says otherwise.
    pub initial: u32,
    /// Arrivals a second, as a Poisson process (default 0).
    pub arrivals: f64,
    /// An arrival that finds this many live participants is turned away
    /// (default 1,000,000).
    pub max: u32,
    /// A departure that would leave fewer than this many does not happen
    /// (default 2): that participant stays, to the end where its session had a
    /// length of its own.
    pub min: u32,
    /// How long a participant stays (default: for ever). The first ones are
    /// found in the middle of their sessions.
    pub session: Law,
    /// The share of departures that retire into another participant; the
    /// rest crash (default 1).
    pub graceful: f64,
    /// Who forks a newborn (default anyone).
    #[serde(skip_serializing_if = "Kin::is_anyone")]
    pub parent: Kin,
    /// Into whom a departing participant retires (default anyone).
    #[serde(skip_serializing_if = "Kin::is_anyone")]
    pub heir: Kin,
    /// Of how many participants, drawn at random, a clock with a preference
    /// may choose the one that a newborn is forked from; a number, or "all"
    /// (default 1).
    pub fork_best_of: Candidates,
    /// The same for the one that a departing participant retires into
    /// (default 1).
    pub retire_best_of: Candidates,
    /// How ids are drawn (default random).
    pub ids: Ids,
    /// How irregularly arrivals come: the coefficient of variation of the time
    /// between two. At 1, the default, they are a Poisson process; elsewhere
    /// that time is lognormal.
    #[serde(skip_serializing_if = "is_one")]
    pub burstiness: f64,
    /// Arrivals come and go with the time of day (default they do not).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily: Option<Daily>,
    /// Arrivals and sessions as they were observed, beside those that are drawn
    /// (default none).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visits: Option<Visits>,
    /// Whoever leaves comes back as a newcomer: so many people take turns, in
    /// place of a process of arrivals (default none).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peers: Option<Peers>,
    /// What looks like an end is often an absence (default never).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offline: Option<Offline>,
    /// `[[population.cohort]]`: participants with laws of their own (default
    /// all have the same).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cohort: Vec<Cohort>,
}

/// `[population.daily]`: arrivals at the rate λ(t) = λ·(1 + a·sin(2πt/period)).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Daily {
    /// The a, from 0 to 1.
    pub amplitude: f64,
    /// How long a day is.
    #[serde(with = "causal_clock::duration")]
    pub period: Duration,
}

/// `[population.visits]`: who came when and for how long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visits {
    /// A CSV file of joins and leaves beside the scenario: a line is `seconds,
    /// who, join` or `seconds, who, leave`, in order of time.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Seconds since the start at which someone comes, and for how many; read
    /// from the file where there is one. Endless visits have a negative length.
    #[serde(default)]
    pub stays: Vec<(f64, f64)>,
}

/// `[population.peers]`: a fixed number of people, each there for a session,
/// then away for a while, then back as a newcomer with a new id (an alternating
/// renewal process each, as in the simulators `OverSim` and `p2psim`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peers {
    /// How many there are; `initial` of them are there at the start.
    pub count: u32,
    /// How long one is away.
    pub dead: Law,
    /// Where given, each has means of its own: both laws are stretched by a
    /// factor of mean 1 that is drawn once for each, shifted Pareto with this
    /// shape (Z. Yao, D. Leonard, X. Wang, D. Loguinov, ICNP 2006, have 3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heterogeneity: Option<f64>,
}

/// `[population.offline]`: who goes offline keeps its state and comes back. It
/// neither acts nor receives meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offline {
    /// The share of the ends of sessions that are absences.
    pub share: f64,
    /// How long an absence is.
    pub absence: Law,
    /// How many messages one who comes back sends at once (default 0).
    #[serde(default)]
    pub burst: u32,
    /// Whether messages wait for one who is absent (default false: they are
    /// lost).
    #[serde(default)]
    pub mailbox: bool,
}

/// `[[population.cohort]]`: some of the participants. Every participant
/// belongs to one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cohort {
    /// What it is called.
    pub name: String,
    /// Its share, of the first participants and of newcomers, in proportion to
    /// those of the others.
    pub share: f64,
    /// How long its members stay.
    pub session: Law,
    /// The share of their departures that retire (default 1).
    #[serde(default = "one")]
    pub graceful: f64,
    /// How often they act, in units of the traffic's rate (default 1).
    #[serde(default = "one")]
    pub activity: f64,
}

const fn one() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_one(value: &f64) -> bool {
    *value == 1.0
}

/// Who forks a newborn, or takes over one who retires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kin {
    /// Anyone, at random.
    #[default]
    Anyone,
    /// The eldest who is there: a hub. Where there are servers, the first one.
    Eldest,
    /// One of the servers, at random; anyone where there are none.
    Server,
    /// Whom a newcomer talks to first, by the pattern of the traffic: a server, the
    /// popular, the next in a ring; anyone as an heir.
    Contact,
    /// The neighbour by birth: who was born last forks a newborn, and who was
    /// born just before one who leaves takes over.
    Neighbour,
}

impl Kin {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    const fn is_anyone(&self) -> bool {
        matches!(self, Self::Anyone)
    }
}

/// How the environment draws fresh ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ids {
    /// 64 random bits, as where nobody coordinates.
    Random,
    /// 1, 2, 3, …, as where somebody does.
    Sequential,
}

impl Default for Population {
    fn default() -> Self {
        Self {
            initial: 16,
            arrivals: 0.0,
            max: 1_000_000,
            min: 2,
            session: Law::Endless,
            graceful: 1.0,
            parent: Kin::Anyone,
            heir: Kin::Anyone,
            fork_best_of: Candidates::ONE,
            retire_best_of: Candidates::ONE,
            ids: Ids::Random,
            burstiness: 1.0,
            daily: None,
            visits: None,
            peers: None,
            offline: None,
            cohort: Vec::new(),
        }
    }
}

impl Population {
    /// Whether the values make sense.
    pub(super) fn check(&self) -> Result<(), Nonsense> {
        let Self { initial, max, min, .. } = *self;
        expect("population.initial", initial >= 1, || "is 0: expected at least 1".into())?;
        expect("population.max", max >= initial, || {
            format!("is {max}: expected at least the initial population, {initial}")
        })?;
        expect("population.min", (1..=initial).contains(&min), || {
            format!("is {min}: expected from 1 to the initial population, {initial}")
        })?;
        rate("population.arrivals", self.arrivals)?;
        share("population.graceful", self.graceful)?;
        let burstiness = self.burstiness;
        expect("population.burstiness", (0.01..=100.0).contains(&burstiness), || {
            format!("is {burstiness}: expected from 0.01 to 100")
        })?;
        self.session.check()?;
        if let Some(Daily { amplitude, period }) = self.daily {
            share("amplitude", amplitude)?;
            expect("period", !period.is_zero(), || "is 0s: expected more".into())?;
            expect("population.burstiness", burstiness == 1.0, || {
                format!("is {burstiness}: expected 1, since arrivals follow the time of day")
            })?;
        }
        if let Some(peers) = &self.peers {
            peers.check(initial, self.arrivals)?;
        }
        if let Some(offline) = &self.offline {
            share("population.offline.share", offline.share)?;
            offline.absence.check()?;
        }
        if let Some(visits) = &self.visits {
            let bad = visits.stays.iter().find(|(from, _)| !(*from >= 0.0 && from.is_finite()));
            expect("stays", bad.is_none(), || {
                "holds a visit before the start: expected seconds from 0".into()
            })?;
        }
        expect("cohort", self.cohort.len() <= 255, || "holds more than 255".into())?;
        for cohort in &self.cohort {
            cohort.check()?;
        }
        Ok(())
    }
}

impl Visits {
    /// From when, and for how long.
    pub(crate) fn stays(&self) -> Vec<(f64, f64)> {
        self.stays.clone()
    }
}

impl Peers {
    fn check(&self, initial: u32, arrivals: f64) -> Result<(), Nonsense> {
        expect("population.peers.count", self.count >= initial, || {
            format!("is {}: expected at least the initial population, {initial}", self.count)
        })?;
        expect("population.arrivals", arrivals == 0.0, || {
            format!("is {arrivals}: expected 0, since peers come back by themselves")
        })?;
        self.dead.check()?;
        let alpha = self.heterogeneity.unwrap_or(3.0);
        expect("heterogeneity", alpha > 1.0 && alpha <= 100.0, || {
            format!("is {alpha}: expected above 1 (where the mean exists) to 100")
        })
    }
}

impl Cohort {
    fn check(&self) -> Result<(), Nonsense> {
        let Self { share: part, activity, .. } = *self;
        expect("population.cohort.share", part > 0.0 && part.is_finite(), || {
            format!("is {part}: expected more than 0")
        })?;
        expect("population.cohort.activity", (0.0..=1e6).contains(&activity), || {
            format!("is {activity}: expected from 0 to 1000000")
        })?;
        share("population.cohort.graceful", self.graceful)?;
        self.session.check()
    }
}
