//! From needs to a scenario that can be simulated, and to the scenarios in which
//! one assumption is another.

use core::time::Duration;

use super::needs::{EventsBy, Ids, Needs};
use crate::scenario::{self, Kin, Law, Pattern, Scenario};

/// How much is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// How many executions; one half chooses parameters, the other judges.
    pub seeds: u32,
    /// The most participants at a time.
    pub most_live: u32,
    /// The most events of an execution.
    pub most_events: u32,
}

impl Depth {
    /// For an answer within two minutes on two cores.
    pub const FULL: Self = Self { seeds: 24, most_live: 256, most_events: 24_000 };
    /// For an answer within 20 seconds.
    pub const QUICK: Self = Self { seeds: 20, most_live: 48, most_events: 7_000 };
}

/// An execution has so many events of each participant at least: with fewer, most
/// pairs are concurrent because nobody has heard of anybody.
const EVENTS_EACH: u32 = 100;
/// An execution has at least so many: with fewer, every pair would be judged, and
/// that takes a hundred times as long as a sample.
const FEWEST_EVENTS: u32 = 7_000;
/// How far physical clocks are off where nobody sets them.
const UNSET: Duration = Duration::from_secs(600);

/// What is simulated of some needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// The scenario.
    pub scenario: Scenario,
    /// Where it is not what was asked for, a sentence each.
    pub notes: Vec<String>,
}

/// An assumption that may turn out otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variation {
    /// Sessions a third as long.
    Churn,
    /// Nobody retires.
    AllCrash,
    /// Physical clocks ten times as far off.
    Skew,
    /// Four times as many at a time.
    Live,
    /// A quarter of the messages.
    Messages,
}

impl Variation {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 5] =
        [Self::Churn, Self::AllCrash, Self::Skew, Self::Live, Self::Messages];

    /// The name of its cell.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Churn => "churn-x3",
            Self::AllCrash => "all-crash",
            Self::Skew => "skew-x10",
            Self::Live => "live-x4",
            Self::Messages => "messages-div-4",
        }
    }

    /// What it changes, for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Churn => "churn ×3",
            Self::AllCrash => "all crash, nobody retires",
            Self::Skew => "clock skew ×10",
            Self::Live => "four times as many live",
            Self::Messages => "a quarter of the messages",
        }
    }

    /// The needs with this assumption changed; `None` where that changes
    /// nothing.
    #[must_use]
    pub fn of(self, needs: &Needs) -> Option<Needs> {
        let mut needs = needs.clone();
        let (people, clocks) = (&mut needs.participants, &mut needs.clocks);
        // Servers never leave.
        let stays = people.stays.filter(|_| people.events_by != EventsBy::Servers);
        match self {
            Self::Churn => people.stays = Some(stays? / 3),
            Self::AllCrash => {
                stays.filter(|_| people.leaves_orderly > 0.0)?;
                people.leaves_orderly = 0.0;
            }
            Self::Skew => clocks.synchronised_to = Some(clocks.synchronised_to? * 10),
            Self::Live => {
                people.live = people.live.saturating_mul(4);
                people.servers = match people.events_by {
                    EventsBy::Servers => people.servers.saturating_mul(4),
                    _ => people.servers,
                };
                people.ever = people.ever.map(|ever| ever.saturating_mul(4));
            }
            Self::Messages => needs.traffic.sends /= 4.0,
        }
        Some(needs)
    }
}

impl Variation {
    /// The scenario of this variation's needs.
    #[must_use]
    pub fn simulated(self, needs: &Needs, depth: Depth) -> Simulated {
        let most_live = match self {
            // More of the fourfold is simulated than of the onefold.
            Self::Live => depth.most_live.saturating_mul(2),
            _ => depth.most_live,
        };
        simulated(needs, self.name(), Depth { most_live, ..depth })
    }
}

/// The scenario of some needs.
#[must_use]
pub fn simulated(needs: &Needs, name: &str, depth: Depth) -> Simulated {
    let mut notes = Vec::new();
    let people = &needs.participants;
    let by_servers = people.events_by == EventsBy::Servers;
    let wanted = if by_servers { people.servers } else { people.live };
    let most = depth.most_live.max(people.servers.saturating_add(2));
    let live = wanted.min(most);
    if live < wanted {
        notes.push(format!(
            "{live} participants are simulated in place of {wanted}: stamps that grow with their \
             number will be larger, and those of constant size will err more."
        ));
    }
    if by_servers {
        notes.push(format!(
            "Events are made by the {} servers, so only they have clocks and are simulated.",
            people.servers
        ));
    }
    let servers = if by_servers { 0 } else { people.servers.min(live - 1) };
    let mean = people.stays.filter(|_| !by_servers).map(|median| {
        // Sessions without memory: the median is ln 2 of the mean.
        median.div_f64(core::f64::consts::LN_2)
    });
    let events = events(needs, live, mean, depth);
    let population = scenario::Population {
        initial: live,
        arrivals: mean.map_or(0.0, |mean| f64::from(live - servers) / mean.as_secs_f64()),
        min: 2.max(servers + 1).min(live),
        session: mean.map_or(Law::Endless, |mean| Law::Exponential { mean }),
        graceful: people.leaves_orderly,
        // Servers are known to everyone: they fork newborns and take over.
        parent: if servers > 0 { Kin::Server } else { Kin::Anyone },
        heir: if servers > 0 { Kin::Server } else { Kin::Anyone },
        ids: match people.ids {
            Ids::Given => scenario::Ids::Sequential,
            Ids::Own | Ids::None => scenario::Ids::Random,
        },
        ..scenario::Population::default()
    };
    let traffic = scenario::Traffic {
        pattern: match servers {
            0 => Pattern::Uniform,
            servers => Pattern::ClientServer { servers },
        },
        rate: 1.0 / needs.traffic.event_every.as_secs_f64(),
        internal_per_send: (1.0 - needs.traffic.sends) / needs.traffic.sends,
        ..scenario::Traffic::default()
    };
    let network = scenario::Network {
        min_delay: needs.traffic.delay / 10,
        mean_extra_delay: needs.traffic.delay * 9 / 10,
        loss: needs.traffic.loss,
        ..scenario::Network::default()
    };
    let clocks = scenario::Clocks {
        skew: needs.clocks.synchronised_to.unwrap_or(UNSET),
        ..scenario::Clocks::default()
    };
    let scenario = Scenario {
        name: name.to_owned(),
        description: needs.description.clone(),
        events,
        seeds: depth.seeds,
        population,
        traffic,
        network,
        clocks,
        fault: Vec::new(),
    };
    Simulated { scenario, notes }
}

/// Enough events for everyone to be heard of, and for as much churn as there is
/// room for.
fn events(needs: &Needs, live: u32, session: Option<Duration>, depth: Depth) -> u32 {
    let heard_of = f64::from(live) * f64::from(EVENTS_EACH);
    let every = needs.traffic.event_every.as_secs_f64();
    let departures = match needs.participants.ever {
        Some(ever) => f64::from(ever - needs.participants.live.min(ever)),
        None => f64::from(live),
    };
    let turnover = session.map_or(0.0, |mean| departures * mean.as_secs_f64() / every);
    let most = f64::from(depth.most_events).max(heard_of);
    // A cast from float to integer saturates.
    (heard_of.max(turnover).min(most).ceil() as u32).max(FEWEST_EVENTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(text: &str) -> Needs {
        Needs::parse(text, "x.toml").unwrap()
    }

    #[test]
    fn every_scenario_can_be_read_again() {
        for text in [
            "",
            "[participants]\nlive = 203\nservers = 3\nevents_by = 'clients'\nstays = '20m'",
            "[participants]\nlive = 5000\nservers = 3\nevents_by = 'servers'",
            "[participants]\nlive = 2\nservers = 1",
            "[participants]\nlive = 100000\nstays = 'for-ever'",
        ] {
            for variation in [None].into_iter().chain(Variation::ALL.map(Some)) {
                let needs = needs(text);
                let Some(needs) = variation.map_or(Some(needs.clone()), |v| v.of(&needs)) else {
                    continue;
                };
                let Simulated { scenario, .. } = simulated(&needs, "x", Depth::QUICK);
                let written = toml::to_string(&scenario).unwrap();
                let read = Scenario::parse(&written, "x.toml").unwrap();
                assert_eq!(read.population.initial, scenario.population.initial, "{written}");
            }
        }
    }

    #[test]
    fn sessions_keep_their_median_and_the_population_its_size() {
        let needs = needs("[participants]\nlive = 40\nstays = '10m'");
        let Simulated { scenario, notes } = simulated(&needs, "x", Depth::FULL);
        let Law::Exponential { mean } = scenario.population.session else { panic!() };
        assert!((mean.as_secs_f64() * core::f64::consts::LN_2 - 600.0).abs() < 1e-6);
        assert!((scenario.population.arrivals * mean.as_secs_f64() - 40.0).abs() < 1e-6);
        assert!(notes.is_empty());
    }

    #[test]
    fn what_cannot_be_simulated_is_said() {
        let many = needs("[participants]\nlive = 100000");
        assert!(simulated(&many, "x", Depth::QUICK).notes[0].contains("in place of 100000"));
        let store = needs("[participants]\nlive = 1000\nservers = 3\nevents_by = 'servers'");
        let Simulated { scenario, notes } = simulated(&store, "x", Depth::QUICK);
        assert_eq!((scenario.population.initial, notes.len()), (3, 1));
        assert_eq!(Variation::Churn.of(&store), None);
    }
}
