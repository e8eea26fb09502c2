//! The clocks and experiments there are, by name: families of schemes, and schemes with their
//! parameters made from text such as `rev:r=16`.
//!
//! A clock of one's own gets its place beside them with
//! [`Registry::with`]; the example `own_clock_in_the_harness` does it.

use std::fmt;

use causal_clock::{CausalClock, Guarantees, Scheme};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::clocks;
use crate::execution::Survey;
use crate::experiment::{self, Kind};
use crate::foreign::{ForeignScheme, ForeignSchemeError};
use crate::measure::{Measured, Plan, Replay, Stopped, TellsTime, Timing, World, time};
use crate::step::TimedStep;
use crate::sweep::{self, SweepError};

/// A scheme whose type is forgotten: what the harness needs of any clock.
pub trait AnyScheme: Send + Sync {
    /// The name with parameters.
    fn name(&self) -> String;

    /// What its verdicts promise.
    fn guarantees(&self) -> Guarantees;

    /// The command that runs it, where it runs in a process of its own.
    fn command(&self) -> Option<&str> {
        None
    }

    /// A watched replay, before the first step.
    fn replay<'p>(
        &self,
        world: World,
        plan: &'p Plan,
        survey: Survey,
        budget: u64,
    ) -> Box<dyn AnyReplay + Send + 'p>;

    /// An unwatched replay of all the steps, timed, under a budget of encoded
    /// bytes.
    ///
    /// # Errors
    /// Where the scheme cannot go on to the end.
    fn time(&self, world: World, steps: &[TimedStep], budget: u64) -> Result<Vec<Timing>, Stopped>;
}

/// A [`Replay`] whose type is forgotten.
pub trait AnyReplay {
    /// Goes through some more steps.
    fn play(&mut self, steps: &[TimedStep]);

    /// Whether the scheme has stopped, and steps change nothing any more.
    fn is_over(&self) -> bool;

    /// What was measured.
    fn finish(self: Box<Self>) -> Measured;
}

impl<S: Scheme<Clock: CausalClock<Stamp: Send> + Send> + Send + Sync + 'static> AnyScheme for S {
    fn name(&self) -> String {
        Scheme::name(self)
    }

    fn guarantees(&self) -> Guarantees {
        Scheme::guarantees(self)
    }

    fn replay<'p>(
        &self,
        world: World,
        plan: &'p Plan,
        survey: Survey,
        budget: u64,
    ) -> Box<dyn AnyReplay + Send + 'p> {
        Box::new(Replay::new(self, world, plan, survey, budget))
    }

    fn time(&self, world: World, steps: &[TimedStep], budget: u64) -> Result<Vec<Timing>, Stopped> {
        time(self, world, steps, budget)
    }
}

/// A scheme whose stamps tell time.
struct TellingTime<S>(S);

impl<S> AnyScheme for TellingTime<S>
where
    S: Scheme<Clock: CausalClock<Stamp: Send> + Send> + Send + Sync + 'static,
    <S::Clock as CausalClock>::Stamp: TellsTime,
{
    fn name(&self) -> String {
        Scheme::name(&self.0)
    }

    fn guarantees(&self) -> Guarantees {
        Scheme::guarantees(&self.0)
    }

    fn replay<'p>(
        &self,
        world: World,
        plan: &'p Plan,
        survey: Survey,
        budget: u64,
    ) -> Box<dyn AnyReplay + Send + 'p> {
        Box::new(Replay::new(&self.0, world, plan, survey, budget).telling_time(TellsTime::told))
    }

    fn time(&self, world: World, steps: &[TimedStep], budget: u64) -> Result<Vec<Timing>, Stopped> {
        time(&self.0, world, steps, budget)
    }
}

impl<S: Scheme> AnyReplay for Replay<'_, S> {
    fn play(&mut self, steps: &[TimedStep]) {
        Self::play(self, steps);
    }

    fn is_over(&self) -> bool {
        Self::is_over(self)
    }

    fn finish(self: Box<Self>) -> Measured {
        Self::finish(*self)
    }
}

/// Why a text names no scheme.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemeError {
    /// There is no such family.
    #[error("there is no clock `{name}`: expected one of {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A parameter is not written `key=value`.
    #[error("`{parameter}` in `{scheme}` is no parameter: expected `key=value`")]
    Malformed {
        /// The parameter.
        parameter: String,
        /// The whole scheme.
        scheme: String,
    },
    /// A parameter stands twice.
    #[error("`{key}` stands twice in `{scheme}`")]
    Repeated {
        /// The parameter's key.
        key: String,
        /// The whole scheme.
        scheme: String,
    },
    /// The scheme does not take these parameters.
    #[error("`{scheme}`: {problem}")]
    Parameters {
        /// The whole scheme.
        scheme: String,
        /// What is wrong and what was expected.
        problem: String,
    },
    /// A clock that runs in a process of its own cannot be used.
    #[error(transparent)]
    Foreign(#[from] ForeignSchemeError),
    /// A sweep over a parameter makes no sense.
    #[error("`{scheme}`: {problem}")]
    Sweep {
        /// The whole scheme.
        scheme: String,
        /// What is wrong and what was expected.
        problem: SweepError,
    },
}

/// A scheme ready to be run.
pub type BoxedScheme = Box<dyn AnyScheme>;

/// A kind of clock, with parameters to be filled in.
#[derive(Clone)]
pub struct Family {
    /// The name before the colon.
    pub name: &'static str,
    /// What it is and where it is from, in a sentence.
    pub summary: &'static str,
    /// Each parameter and what it means.
    pub parameters: &'static [(&'static str, &'static str)],
    /// The schemes that a run takes when none are named.
    pub presets: &'static [&'static str],
    build: fn(Map<String, Value>) -> Result<BoxedScheme, serde_json::Error>,
    defaults: fn() -> Map<String, Value>,
}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Family {
    /// The family of a scheme type. Its parameters are the fields that serde
    /// reads; `parameters` says what they mean, and `presets` which schemes of
    /// the family stand in the table when none are asked for.
    #[must_use]
    pub const fn of<S>(
        name: &'static str,
        summary: &'static str,
        parameters: &'static [(&'static str, &'static str)],
        presets: &'static [&'static str],
    ) -> Self
    where
        S: Scheme<Clock: CausalClock<Stamp: Send> + Send>,
        S: Default + Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        Self {
            name,
            summary,
            parameters,
            presets,
            build: |parameters| {
                Ok(Box::new(serde_json::from_value::<S>(Value::Object(parameters))?))
            },
            defaults: || match serde_json::to_value(S::default()) {
                Ok(Value::Object(map)) => map,
                _ => Map::new(),
            },
        }
    }

    /// As [`of`](Self::of), for a scheme whose stamps tell physical time and
    /// are held against it.
    #[must_use]
    pub const fn telling_time<S>(
        name: &'static str,
        summary: &'static str,
        parameters: &'static [(&'static str, &'static str)],
        presets: &'static [&'static str],
    ) -> Self
    where
        S: Scheme<Clock: CausalClock<Stamp: Send> + Send>,
        S: Default + Serialize + DeserializeOwned + Send + Sync + 'static,
        <S::Clock as CausalClock>::Stamp: TellsTime,
    {
        let mut family = Self::of::<S>(name, summary, parameters, presets);
        family.build = |parameters| {
            let scheme = serde_json::from_value::<S>(Value::Object(parameters))?;
            Ok(Box::new(TellingTime(scheme)))
        };
        family
    }

    /// The parameters' values when nothing is said.
    #[must_use]
    pub fn defaults(&self) -> Map<String, Value> {
        (self.defaults)()
    }

    /// The scheme with default parameters.
    ///
    /// # Errors
    /// Where the defaults do not read back, which is a defect of the scheme.
    pub fn default_scheme(&self) -> Result<BoxedScheme, SchemeError> {
        self.scheme(self.name, Map::new())
    }

    fn scheme(
        &self,
        spelling: &str,
        parameters: Map<String, Value>,
    ) -> Result<BoxedScheme, SchemeError> {
        (self.build)(parameters).map_err(|e| {
            let known: Vec<_> = self.parameters.iter().map(|(key, _)| *key).collect();
            let problem = if known.is_empty() {
                format!("{e}; `{}` takes no parameters", self.name)
            } else {
                format!("{e}; `{}` takes {}", self.name, known.join(", "))
            };
            SchemeError::Parameters { scheme: spelling.to_owned(), problem }
        })
    }
}

/// The clocks and the experiments there are.
#[derive(Clone, Debug)]
pub struct Registry {
    families: Vec<Family>,
    foreign: Vec<ForeignScheme>,
    experiments: Vec<Kind>,
}

impl Registry {
    /// The clocks and experiments of this workspace.
    #[must_use]
    pub fn builtin() -> Self {
        let (families, experiments) = (clocks::families(), experiment::builtin());
        Self { families, foreign: Vec::new(), experiments }
    }

    /// These, and another experiment. One of the same name is replaced.
    #[must_use]
    pub fn with_experiment(mut self, kind: Kind) -> Self {
        self.experiments.retain(|known| known.name != kind.name);
        self.experiments.push(kind);
        self
    }

    /// All experiments, in the order of lists.
    #[must_use]
    pub fn experiments(&self) -> &[Kind] {
        &self.experiments
    }

    /// These clocks and another family. One of the same name is replaced.
    #[must_use]
    pub fn with(mut self, family: Family) -> Self {
        self.families.retain(|f| f.name != family.name);
        self.families.push(family);
        self
    }

    /// These clocks and one that runs in a process of its own. It stands in
    /// the table beside those that a run takes. One of the same name is
    /// replaced.
    #[must_use]
    pub fn with_foreign(mut self, scheme: ForeignScheme) -> Self {
        self.foreign.retain(|known| known.name() != scheme.name());
        self.foreign.push(scheme);
        self
    }

    /// The clocks that run in processes of their own.
    #[must_use]
    pub fn foreign(&self) -> &[ForeignScheme] {
        &self.foreign
    }

    /// All families, in the order of tables.
    #[must_use]
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// The schemes that a run takes when none are named.
    ///
    /// # Errors
    /// Where a preset does not read, which is a defect of its family.
    pub fn presets(&self) -> Result<Vec<BoxedScheme>, SchemeError> {
        let presets = self.families.iter().flat_map(|f| f.presets);
        let mut schemes =
            presets.map(|text| self.scheme(text)).collect::<Result<Vec<_>, SchemeError>>()?;
        self.add_foreign(&mut schemes);
        Ok(schemes)
    }

    /// Adds the clocks that run in processes of their own, each once.
    pub fn add_foreign(&self, schemes: &mut Vec<BoxedScheme>) {
        for foreign in &self.foreign {
            if schemes.iter().all(|scheme| scheme.name() != foreign.name()) {
                schemes.push(Box::new(foreign.clone()));
            }
        }
    }

    /// The schemes of a list such as `itc,rev:r=16,vc-bounded:k=8`. A part
    /// that is `key=value` belongs to the scheme before it, as in
    /// `riak:small=10,big=50,itc`. A range stands for several values, see
    /// [`sweep`]. A scheme that stands twice is taken once.
    ///
    /// # Errors
    /// See [`SchemeError`].
    pub fn schemes(&self, list: &str) -> Result<Vec<BoxedScheme>, SchemeError> {
        let mut texts: Vec<String> = Vec::new();
        for part in list.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match texts.last_mut() {
                Some(last) if part.contains('=') && !part.contains(':') => {
                    last.push(',');
                    last.push_str(part);
                }
                _ => texts.push(part.to_owned()),
            }
        }
        let mut schemes: Vec<BoxedScheme> = Vec::new();
        let expanded = texts.into_iter().map(|text| {
            sweep::expand(&text).map_err(|problem| SchemeError::Sweep { scheme: text, problem })
        });
        for text in expanded.collect::<Result<Vec<_>, _>>()?.concat() {
            let scheme = self.scheme(&text)?;
            if schemes.iter().all(|s| s.name() != scheme.name()) {
                schemes.push(scheme);
            }
        }
        Ok(schemes)
    }

    /// The scheme of a text such as `rev:r=16`.
    ///
    /// # Errors
    /// See [`SchemeError`].
    pub fn scheme(&self, text: &str) -> Result<BoxedScheme, SchemeError> {
        if let Some(foreign) = self.foreign.iter().find(|foreign| foreign.name() == text) {
            return Ok(Box::new(foreign.clone()));
        }
        let (name, parameters) = text.split_once(':').unwrap_or((text, ""));
        let family = self.families.iter().find(|f| f.name == name).ok_or_else(|| {
            let known = self.families.iter().map(|f| f.name);
            let known: Vec<_> = known.chain(self.foreign.iter().map(ForeignScheme::name)).collect();
            SchemeError::Unknown { name: name.to_owned(), known: known.join(", ") }
        })?;
        let mut map = Map::new();
        for parameter in parameters.split(',').filter(|p| !p.is_empty()) {
            let (key, value) = parameter.split_once('=').ok_or_else(|| SchemeError::Malformed {
                parameter: parameter.to_owned(),
                scheme: text.to_owned(),
            })?;
            if map.insert(key.to_owned(), literal(value)).is_some() {
                let (key, scheme) = (key.to_owned(), text.to_owned());
                return Err(SchemeError::Repeated { key, scheme });
            }
        }
        family.scheme(text, map)
    }
}

/// A number or a truth value where the text is one, otherwise a string.
fn literal(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
        _ => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_the_fields_and_names_read_back() {
        let registry = Registry::builtin();
        for family in registry.families() {
            let fields: Vec<String> = family.defaults().keys().cloned().collect();
            let mut listed: Vec<&str> = family.parameters.iter().map(|(key, _)| *key).collect();
            listed.sort_unstable();
            assert_eq!(fields, listed, "{}", family.name);
            for text in family.presets.iter().copied().chain([family.name]) {
                let name = registry.scheme(text).unwrap().name();
                assert_eq!(registry.scheme(&name).unwrap().name(), name, "{text}");
                assert_eq!(name.split(':').next(), Some(family.name));
            }
        }
    }

    #[test]
    fn lists_give_parameters_to_the_scheme_before_them() {
        let names = |list: &str| -> Vec<String> {
            Registry::builtin().schemes(list).unwrap().iter().map(|s| s.name()).collect()
        };
        assert_eq!(names("bloom:m=8,k=2,itc"), ["bloom:m=8,k=2", "itc"]);
        assert_eq!(names(" vc , rev:r=4,rev:r=4"), ["vc", "rev:r=4"]);
        assert_eq!(
            names("rev:r=4..8,bloom:m=8,k=1..2")[1..],
            ["rev:r=8", "bloom:m=8,k=1", "bloom:m=8,k=2"]
        );
    }

    #[test]
    fn a_sweep_that_makes_no_sense_is_refused() {
        let error = Registry::builtin().schemes("itc,rev:r=8..4").err().unwrap().to_string();
        assert_eq!(error, "`rev:r=8..4`: from 8 down to 4: expected a larger end");
        // A single scheme is no list.
        assert!(Registry::builtin().scheme("rev:r=4..8").is_err());
    }

    #[test]
    fn a_family_of_the_same_name_is_replaced() {
        let mine = Family::of::<plausible::Rev>("itc", "not really", &[], &[]);
        let registry = Registry::builtin().with(mine);
        assert_eq!(registry.families().iter().filter(|f| f.name == "itc").count(), 1);
        assert_eq!(registry.scheme("itc").unwrap().name(), "rev:r=16");
    }
}
