//! What an engineer needs of a clock, read from TOML. Every key may be left
//! out; which default was taken instead is kept, to be said.

use core::time::Duration;
use std::ops::Range;

use causal_clock::duration;
use serde::{Deserialize, Deserializer, Serialize};

/// Needs with nothing left open.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Needs {
    /// The name of the file, without its ending.
    pub name: String,
    /// What the file says it is about.
    pub description: String,
    /// `[participants]`
    pub participants: Participants,
    /// `[traffic]`
    pub traffic: Traffic,
    /// `[stamps]`
    pub stamps: Stamps,
    /// `[errors]`
    pub errors: Errors,
    /// `[needs]`
    pub needs: Wanted,
    /// `[clocks]`
    pub clocks: Clocks,
    /// `[trust]`
    pub trust: Trust,
    /// Keys that the file leaves out.
    pub assumed: Vec<Assumed>,
}

/// A key that was left out, and what was taken instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assumed {
    /// The key, with its table.
    pub key: &'static str,
    /// The value that was taken, as TOML has it.
    pub value: String,
}

/// `[participants]`: who is there, who comes, and who goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Participants {
    /// How many at a time.
    pub live: u32,
    /// How many of them are servers, who never leave; 0 for peers.
    pub servers: u32,
    /// Who makes events.
    pub events_by: EventsBy,
    /// The median session; `None` for ever.
    #[serde(serialize_with = "spelled_session")]
    pub stays: Option<Duration>,
    /// The share that retires; the rest crashes or vanishes.
    pub leaves_orderly: f64,
    /// How ids are had.
    pub ids: Ids,
    /// How many there will have been over the whole life of the system; `None`
    /// for as many as the simulation sees.
    pub ever: Option<u32>,
}

/// Who makes events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventsBy {
    /// Clients, and servers as they answer.
    Clients,
    /// Servers alone: clients have no clock.
    Servers,
    /// Everyone.
    All,
}

/// How ids are had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ids {
    /// Everyone draws its own at random.
    Own,
    /// Somebody hands out small ones.
    Given,
    /// Nobody can name anybody once and for all.
    None,
}

/// `[traffic]`: how much happens, and how messages travel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Traffic {
    /// The mean time between two events of a participant's own.
    #[serde(serialize_with = "spelled")]
    pub event_every: Duration,
    /// The share of these events that send a message.
    pub sends: f64,
    /// The mean time that a message is under way.
    #[serde(serialize_with = "spelled")]
    pub delay: Duration,
    /// The share of messages that never arrive.
    pub loss: f64,
}

/// `[stamps]`: what a stamp may cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stamps {
    /// How many bytes 99 in 100 stamps may take; `None` for any number.
    pub bytes_p99: Option<u64>,
    /// Whether stamps leave the process.
    pub travel: bool,
}

/// `[errors]`: the most that can be borne, of near and of mid pairs; 0 asks for
/// a guarantee.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Errors {
    /// Concurrent events taken for ordered: one of two updates is lost.
    pub false_order: f64,
    /// Ordered events taken for concurrent: a conflict that is none.
    pub false_concurrency: f64,
    /// Ordered events taken for ordered the other way round.
    pub reversal: f64,
}

/// `[needs]`: what stamps are for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Wanted {
    /// Any two stamps can be put in one order that respects causality.
    pub total_order: bool,
    /// Stamps tell the time of day.
    pub near_physical_time: bool,
    /// A participant that restarts goes on above its earlier events.
    pub order_across_restart: bool,
    /// Messages are to be delivered in causal order.
    pub causal_delivery: bool,
    /// What is kept beside the latest value.
    pub keeps: Keeps,
}

/// What is kept beside the latest value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keeps {
    /// Nothing.
    Nothing,
    /// Concurrent values, side by side until somebody resolves them: a store.
    Siblings,
    /// Every event, with what it depended on.
    History,
}

/// `[clocks]`: physical clocks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Clocks {
    /// How far they are off at most; `None` where nobody sets them.
    #[serde(serialize_with = "spelled_skew")]
    pub synchronised_to: Option<Duration>,
}

/// `[trust]`: whom stamps are believed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Trust {
    /// Who can be trusted.
    pub participants: Trusted,
}

/// Who can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trusted {
    /// All.
    All,
    /// Some: stamps may be forged.
    Some,
}

/// Why needs cannot be read: the file, the line, what was wrong and what was
/// expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct NeedsError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what was expected.
    pub problem: String,
}

/// A time, or a word instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OrNever(Option<Duration>);

fn or_word<'de, D: Deserializer<'de>>(
    deserializer: D,
    word: &'static str,
) -> Result<Option<OrNever>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text == word {
        return Ok(Some(OrNever(None)));
    }
    let parsed = duration::parse(&text)
        .map_err(|error| serde::de::Error::custom(format!("{error}; or \"{word}\"")))?;
    Ok(Some(OrNever(Some(parsed))))
}

const FOR_EVER: &str = "for-ever";
const NOT_SET: &str = "no";

fn session<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OrNever>, D::Error> {
    or_word(deserializer, FOR_EVER)
}

fn skew<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OrNever>, D::Error> {
    or_word(deserializer, NOT_SET)
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    duration::parse(&text).map(Some).map_err(serde::de::Error::custom)
}

fn spelled<S: serde::Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&duration::format(*time))
}

fn spelled_session<S: serde::Serializer>(
    time: &Option<Duration>,
    to: S,
) -> Result<S::Ok, S::Error> {
    to.serialize_str(&time.map_or_else(|| FOR_EVER.to_owned(), duration::format))
}

fn spelled_skew<S: serde::Serializer>(time: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&time.map_or_else(|| NOT_SET.to_owned(), duration::format))
}

/// The file as it stands.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    description: Option<String>,
    participants: ParticipantsTable,
    traffic: TrafficTable,
    stamps: StampsTable,
    errors: ErrorsTable,
    needs: WantedTable,
    clocks: ClocksTable,
    trust: TrustTable,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ParticipantsTable {
    live: Option<u32>,
    servers: Option<u32>,
    events_by: Option<EventsBy>,
    #[serde(deserialize_with = "session")]
    stays: Option<OrNever>,
    leaves_orderly: Option<f64>,
    ids: Option<Ids>,
    ever: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TrafficTable {
    #[serde(deserialize_with = "time")]
    event_every: Option<Duration>,
    sends: Option<f64>,
    #[serde(deserialize_with = "time")]
    delay: Option<Duration>,
    loss: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StampsTable {
    bytes_p99: Option<u64>,
    travel: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ErrorsTable {
    false_order: Option<f64>,
    false_concurrency: Option<f64>,
    reversal: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WantedTable {
    total_order: Option<bool>,
    near_physical_time: Option<bool>,
    order_across_restart: Option<bool>,
    causal_delivery: Option<bool>,
    keeps: Option<Keeps>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ClocksTable {
    #[serde(deserialize_with = "skew")]
    synchronised_to: Option<OrNever>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TrustTable {
    participants: Option<Trusted>,
}

/// Takes what is given, and notes what is not.
#[derive(Default)]
struct Defaults(Vec<Assumed>);

impl Defaults {
    fn take<T: Serialize>(&mut self, key: &'static str, given: Option<T>, default: T) -> T {
        given.unwrap_or_else(|| {
            // A default is a number, a word or a truth value: JSON and TOML agree.
            let value = serde_json::to_string(&default).unwrap_or_default();
            self.0.push(Assumed { key, value });
            default
        })
    }

    fn time(&mut self, key: &'static str, given: Option<Duration>, default: Duration) -> Duration {
        given.unwrap_or_else(|| {
            self.0.push(Assumed { key, value: format!("\"{}\"", duration::format(default)) });
            default
        })
    }

    fn none(&mut self, key: &'static str, is_given: bool, meaning: &str) {
        if !is_given {
            self.0.push(Assumed { key, value: meaning.to_owned() });
        }
    }
}

impl Needs {
    /// Reads needs and checks that they make sense. `file` names them, and
    /// stands in errors.
    ///
    /// # Errors
    /// A syntax error, an unknown key, a value of the wrong type, or one that
    /// makes no sense, such as a share above one.
    pub fn parse(text: &str, file: &str) -> Result<Self, NeedsError> {
        let error = |span: Option<Range<usize>>, problem: String| {
            let offset = span.map_or(0, |span| span.start).min(text.len());
            let line = text.as_bytes()[..offset].iter().filter(|byte| **byte == b'\n').count() + 1;
            NeedsError { file: file.to_owned(), line, problem }
        };
        let read: File = toml::from_str(text)
            .map_err(|e| error(e.span(), e.message().trim_end().replace('\n', "; ")))?;
        let needs = Self::of(read, name_of(file));
        needs.check().map_err(|(key, problem)| error(place(text, key), problem))?;
        Ok(needs)
    }

    fn of(file: File, name: String) -> Self {
        let File { description, participants: p, traffic: t, stamps: s, errors: e, .. } = file;
        let (w, d) = (file.needs, &mut Defaults::default());
        let minutes = |m: u64| Duration::from_secs(60 * m);
        d.none("participants.ever", p.ever.is_some(), "as many as the simulation sees");
        let participants = Participants {
            live: d.take("participants.live", p.live, 16),
            servers: d.take("participants.servers", p.servers, 0),
            events_by: d.take("participants.events_by", p.events_by, EventsBy::All),
            stays: match p.stays {
                Some(OrNever(stays)) => stays,
                None => Some(d.time("participants.stays", None, minutes(60))),
            },
            leaves_orderly: d.take("participants.leaves_orderly", p.leaves_orderly, 0.75),
            ids: d.take("participants.ids", p.ids, Ids::Own),
            ever: p.ever,
        };
        let traffic = Traffic {
            event_every: d.time("traffic.event_every", t.event_every, Duration::from_secs(10)),
            sends: d.take("traffic.sends", t.sends, 0.5),
            delay: d.time("traffic.delay", t.delay, Duration::from_millis(20)),
            loss: d.take("traffic.loss", t.loss, 0.01),
        };
        d.none("stamps.bytes_p99", s.bytes_p99.is_some(), "no limit");
        let stamps =
            Stamps { bytes_p99: s.bytes_p99, travel: d.take("stamps.travel", s.travel, true) };
        let needs = Wanted {
            total_order: d.take("needs.total_order", w.total_order, false),
            near_physical_time: d.take("needs.near_physical_time", w.near_physical_time, false),
            order_across_restart: d.take(
                "needs.order_across_restart",
                w.order_across_restart,
                true,
            ),
            causal_delivery: d.take("needs.causal_delivery", w.causal_delivery, false),
            keeps: d.take("needs.keeps", w.keeps, Keeps::Nothing),
        };
        // Whoever asks for a total order wants concurrent events in some order.
        let order = if needs.total_order { 1.0 } else { 0.0 };
        let errors = Errors {
            false_order: d.take("errors.false_order", e.false_order, order),
            false_concurrency: d.take("errors.false_concurrency", e.false_concurrency, 0.0),
            reversal: d.take("errors.reversal", e.reversal, 0.0),
        };
        let clocks = Clocks {
            synchronised_to: match file.clocks.synchronised_to {
                Some(OrNever(skew)) => skew,
                None => {
                    let skew = Duration::from_millis(100);
                    Some(d.time("clocks.synchronised_to", None, skew))
                }
            },
        };
        let trust = Trust {
            participants: d.take("trust.participants", file.trust.participants, Trusted::All),
        };
        let description = description.unwrap_or_default();
        let assumed = std::mem::take(&mut d.0);
        Self {
            name,
            description,
            participants,
            traffic,
            stamps,
            errors,
            needs,
            clocks,
            trust,
            assumed,
        }
    }

    /// The key that makes no sense, and what was expected.
    fn check(&self) -> Result<(), (&'static str, String)> {
        let Participants { live, servers, events_by, stays, leaves_orderly, ever, .. } =
            self.participants;
        if live < 2 {
            return Err(("live", format!("`participants.live` is {live}: expected at least 2")));
        }
        if servers > live {
            let problem = format!("`participants.servers` is {servers}: expected at most {live}");
            return Err(("servers", problem + ", the number that live"));
        }
        if events_by == EventsBy::Servers && servers < 2 {
            let problem = "`participants.events_by` is \"servers\": expected 2 servers or more";
            return Err(("events_by", problem.into()));
        }
        if stays.is_some_and(|stays| stays.is_zero()) {
            return Err(("stays", "`participants.stays` is 0s: expected more".into()));
        }
        if let Some(ever) = ever.filter(|ever| *ever < live) {
            let problem = format!("`participants.ever` is {ever}: expected at least {live}");
            return Err(("ever", problem + ", the number that live"));
        }
        if self.traffic.event_every < Duration::from_micros(1) {
            let problem = "`traffic.event_every`: expected a microsecond or more";
            return Err(("event_every", problem.into()));
        }
        if !(self.traffic.sends > 0.0 && self.traffic.sends <= 1.0) {
            let problem =
                format!("`traffic.sends` is {}: expected above 0, up to 1", { self.traffic.sends });
            return Err(("sends", problem));
        }
        for (key, dotted, share) in [
            ("leaves_orderly", "participants.leaves_orderly", leaves_orderly),
            ("loss", "traffic.loss", self.traffic.loss),
            ("false_order", "errors.false_order", self.errors.false_order),
            ("false_concurrency", "errors.false_concurrency", self.errors.false_concurrency),
            ("reversal", "errors.reversal", self.errors.reversal),
        ] {
            if !(0.0..=1.0).contains(&share) {
                return Err((key, format!("`{dotted}` is {share}: expected from 0 to 1")));
            }
        }
        Ok(())
    }
}

/// The name of a file without folders and ending, as a cell can have it.
fn name_of(file: &str) -> String {
    let base = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = base.strip_suffix(".toml").unwrap_or(base);
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name: String = stem.chars().map(|c| if allowed(c) { c } else { '-' }).collect();
    if name.starts_with(|c: char| c.is_ascii_alphanumeric()) { name } else { format!("n{name}") }
}

/// Where a key is set. Each key stands in one table alone, so its name is enough.
fn place(text: &str, key: &str) -> Option<Range<usize>> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let is_set = |part: &str| part.split_once('=').is_some_and(|(k, _)| k.trim() == key);
        if line.split(['{', ',', '[']).any(is_set) {
            return Some(start..offset);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> (usize, String) {
        let error = Needs::parse(text, "x.toml").unwrap_err();
        (error.line, error.problem)
    }

    #[test]
    fn nothing_is_needed_but_every_default_is_told() {
        let needs = Needs::parse("", "needs/nothing.toml").unwrap();
        assert_eq!(needs.name, "nothing");
        assert_eq!(needs.assumed.len(), 23);
        let told = |key: &str| needs.assumed.iter().find(|a| a.key == key).unwrap().value.clone();
        assert_eq!(told("participants.stays"), "\"1h\"");
        assert_eq!(told("needs.keeps"), "\"nothing\"");
        assert_eq!(told("stamps.bytes_p99"), "no limit");
        let some = "[participants]\nlive = 3\nstays = 'for-ever'\n[clocks]\nsynchronised_to = 'no'";
        let some = Needs::parse(some, "x.toml").unwrap();
        assert_eq!((some.participants.stays, some.clocks.synchronised_to), (None, None));
        assert_eq!(some.assumed.len(), 20);
    }

    #[test]
    fn who_asks_for_a_total_order_bears_false_order() {
        let needs = Needs::parse("[needs]\ntotal_order = true", "x.toml").unwrap();
        assert!((needs.errors.false_order - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn what_makes_no_sense_is_named_with_its_line() {
        for (text, line, words) in [
            ("[participants]\nlvie = 3", 2, "`lvie`"),
            ("[participants]\nlive = 1", 2, "at least 2"),
            ("[participants]\nlive = 4\nservers = 5", 3, "at most 4"),
            ("[participants]\nevents_by = 'servers'", 2, "2 servers or more"),
            ("[participants]\nstays = 'long'", 2, "`long` is no duration"),
            ("[participants]\n\nids = 'mine'", 3, "`own`, `given`, `none`"),
            ("[participants]\nlive = 9\never = 3", 3, "at least 9"),
            ("[errors]\nfalse_order = 1.5", 2, "from 0 to 1"),
            ("[errors]\nreversal = nan", 2, "from 0 to 1"),
            ("[traffic]\nsends = 0", 2, "sends"),
            ("[traffic]\nsends = 0.0", 2, "above 0"),
            ("[clocks]\nsynchronised_to = 'yes'", 2, "or \"no\""),
            ("[needs]\nkeeps = 'all'", 2, "`siblings`"),
        ] {
            let (at, problem) = problem(text);
            assert_eq!(at, line, "{text}: {problem}");
            assert!(problem.contains(words), "{text}: {problem}");
        }
    }
}
