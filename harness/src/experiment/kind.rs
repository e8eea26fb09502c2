//! Experiments by name: how the command makes one of its arguments, and how a
//! folder makes it again of its manifest.

use clap::{ArgMatches, Args, Command, FromArgMatches};
use serde_json::Value as Json;

use super::{Ask, Experiment, ExperimentError};
use crate::registry::Registry;

/// What stands on the command line for an experiment; clap reads its fields.
pub trait Plan: Args {
    /// The verb of the command.
    const NAME: &'static str;

    /// The experiment itself, in a sentence, for lists.
    const SUMMARY: &'static str;

    /// What is planned.
    type Experiment: Experiment + 'static;

    /// The experiment that was asked for; all its randomness comes from
    /// `seed`.
    ///
    /// # Errors
    /// Where it cannot be run like that.
    fn plan(&self, registry: &Registry, seed: u64) -> Result<Self::Experiment, ExperimentError>;

    /// What is asked of its rows.
    fn ask(&self) -> Ask {
        Ask::default()
    }

    /// The experiment of a spec that [`Experiment::spec`] gave. What only
    /// [`Experiment::run`] needs, such as a clock or a trace, may be missing.
    ///
    /// # Errors
    /// Where the spec is none of this experiment.
    fn rebuild(spec: Json, registry: &Registry) -> Result<Self::Experiment, ExperimentError>;
}

type Boxed = Result<Box<dyn Experiment>, ExperimentError>;
type Planned = Result<(Box<dyn Experiment>, Ask), ExperimentError>;

/// An experiment by name.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The verb of the command.
    pub name: &'static str,
    /// A sentence about it.
    pub summary: &'static str,
    command: fn(Command) -> Command,
    plan: fn(&ArgMatches, &Registry, u64) -> Planned,
    rebuild: fn(Json, &Registry) -> Boxed,
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kind").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Kind {
    /// The kind of a plan.
    #[must_use]
    pub fn of<P: Plan + FromArgMatches>() -> Self {
        Self {
            name: P::NAME,
            summary: P::SUMMARY,
            command: P::augment_args,
            plan: |matches, registry, seed| {
                let plan = P::from_arg_matches(matches).map_err(ExperimentError::plan)?;
                let experiment = plan.plan(registry, seed)?;
                Ok((Box::new(experiment), plan.ask()))
            },
            rebuild: |spec, registry| Ok(Box::new(P::rebuild(spec, registry)?)),
        }
    }

    /// Its verb, with its own arguments.
    #[must_use]
    pub fn command(&self) -> Command {
        (self.command)(Command::new(self.name))
    }

    /// The experiment of a command line, and what is asked of it.
    ///
    /// # Errors
    /// Where it cannot be run like that.
    pub fn plan(&self, matches: &ArgMatches, registry: &Registry, seed: u64) -> Planned {
        (self.plan)(matches, registry, seed)
    }

    /// The experiment of a spec.
    ///
    /// # Errors
    /// Where it is none of this kind.
    pub fn rebuild(&self, spec: Json, registry: &Registry) -> Boxed {
        (self.rebuild)(spec, registry)
    }
}

/// A spec as JSON.
pub(super) fn write_spec(spec: &impl serde::Serialize) -> Json {
    let json = serde_json::to_value(spec);
    // Specs are plain records of numbers and text, which can all be written.
    debug_assert!(json.is_ok(), "{json:?}");
    json.unwrap_or_default()
}

/// Reads a spec.
///
/// # Errors
/// Where it is none of the experiment of this name.
pub(super) fn read_spec<S: serde::de::DeserializeOwned>(
    experiment: &'static str,
    spec: Json,
) -> Result<S, ExperimentError> {
    serde_json::from_value(spec).map_err(|problem| ExperimentError::Spec { experiment, problem })
}
