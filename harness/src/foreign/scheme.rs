//! A foreign clock as a scheme: a name, a command, and the children that run.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use causal_clock::{Guarantee, Guarantees};

use super::child::{Child, ChildError};
use super::protocol::{Hello, ProtocolError};
use super::replay::ForeignReplay;
use crate::execution::Survey;
use crate::measure::{Plan, Stopped, Timing, World};
use crate::registry::{AnyReplay, AnyScheme};
use crate::step::TimedStep;

/// Why a foreign clock cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForeignSchemeError {
    /// The text is no `name=command`.
    #[error("`{text}` is no clock: expected `NAME=COMMAND ARGUMENTS`")]
    Malformed {
        /// The text.
        text: String,
    },
    /// A name that would not fit into tables and lists.
    #[error("`{name}` is no name for a clock: expected letters, digits, `-`, `_` and `.`")]
    Name {
        /// The name.
        name: String,
    },
    /// Quotes that do not close.
    #[error("the command of `{name}` has a quote that is not closed: `{command}`")]
    Quotes {
        /// The clock.
        name: String,
        /// Its command.
        command: String,
    },
    /// It does not run.
    #[error("the clock `{name}` failed: {problem}")]
    Child {
        /// The clock.
        name: String,
        /// Why.
        problem: ChildError,
    },
    /// It does not speak the protocol.
    #[error("the clock `{name}` does not speak protocol 1: {problem}")]
    Protocol {
        /// The clock.
        name: String,
        /// Why.
        problem: ProtocolError,
    },
}

/// A clock in another process, with the children that run for it. A child
/// serves one execution after the other.
#[derive(Clone)]
pub struct ForeignScheme(Arc<Inner>);

struct Inner {
    name: String,
    command: String,
    words: Vec<String>,
    deadline: Duration,
    guarantees: Guarantees,
    idle: Mutex<Vec<(Child, Hello)>>,
}

impl std::fmt::Debug for ForeignScheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Inner { name, command, .. } = &*self.0;
        f.debug_struct("ForeignScheme").field("name", name).field("command", command).finish()
    }
}

impl ForeignScheme {
    /// A batch that takes longer than this to be answered stops the clock.
    pub const DEADLINE: Duration = Duration::from_secs(60);

    /// The clock of a text such as `mine=python3 vector.py`, which is started
    /// once to hear what it promises.
    ///
    /// # Errors
    /// Where the text is malformed, or the command does not run or answer.
    pub fn parse(text: &str, deadline: Duration) -> Result<Self, ForeignSchemeError> {
        let (name, command) = text
            .split_once('=')
            .ok_or_else(|| ForeignSchemeError::Malformed { text: text.to_owned() })?;
        let silent = Self::declared(name, command, Guarantees::of(&[]), deadline)?;
        let (child, hello) = silent.child()?;
        let scheme = Self::declared(name, command, hello.guarantees, deadline)?;
        scheme.put_back((child, hello));
        Ok(scheme)
    }

    /// A clock whose promises are known. It is started when it is needed.
    ///
    /// # Errors
    /// Where the name or the command is malformed.
    pub fn declared(
        name: &str,
        command: &str,
        guarantees: Guarantees,
        deadline: Duration,
    ) -> Result<Self, ForeignSchemeError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || !name.chars().all(plain) {
            return Err(ForeignSchemeError::Name { name: name.to_owned() });
        }
        let words = shell_words::split(command).map_err(|_| ForeignSchemeError::Quotes {
            name: name.to_owned(),
            command: command.to_owned(),
        })?;
        if words.is_empty() {
            return Err(ForeignSchemeError::Malformed { text: format!("{name}={command}") });
        }
        Ok(Self(Arc::new(Inner {
            name: name.to_owned(),
            command: command.to_owned(),
            words,
            deadline,
            guarantees,
            idle: Mutex::new(Vec::new()),
        })))
    }

    /// The promises of these names; unknown names promise nothing.
    #[must_use]
    pub fn promises(names: &[String]) -> Guarantees {
        let held = Guarantee::ALL.into_iter().filter(|g| names.iter().any(|n| n == g.as_str()));
        Guarantees::of(&held.collect::<Vec<_>>())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// A child that idles, or a new one, and what it said of itself.
    pub(super) fn child(&self) -> Result<(Child, Hello), ForeignSchemeError> {
        let idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(child) = idle {
            return Ok(child);
        }
        let name = || self.0.name.clone();
        let problem = |problem| ForeignSchemeError::Child { name: name(), problem };
        let mut child = Child::start(&self.0.words, self.0.deadline).map_err(problem)?;
        child.send(format!("hello {}\n\n", super::protocol::VERSION).into_bytes());
        let answer = child.receive().map_err(problem)?;
        let hello = Hello::read(&answer)
            .map_err(|problem| ForeignSchemeError::Protocol { name: name(), problem })?;
        Ok((child, hello))
    }

    /// A child that has answered everything waits for the next execution.
    pub(super) fn put_back(&self, child: (Child, Hello)) {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).push(child);
    }
}

impl AnyScheme for ForeignScheme {
    fn name(&self) -> String {
        self.0.name.clone()
    }

    fn guarantees(&self) -> Guarantees {
        self.0.guarantees
    }

    fn command(&self) -> Option<&str> {
        Some(&self.0.command)
    }

    fn replay<'p>(
        &self,
        world: World,
        plan: &'p Plan,
        survey: Survey,
        budget: u64,
    ) -> Box<dyn AnyReplay + Send + 'p> {
        Box::new(ForeignReplay::new(self.clone(), world, plan, survey, budget))
    }

    /// Time over pipes is not to be compared with time in a process: there is
    /// none.
    fn time(&self, _: World, _: &[TimedStep], _: u64) -> Result<Vec<Timing>, Stopped> {
        Ok(Vec::new())
    }
}
