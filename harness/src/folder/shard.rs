//! Which share of the tasks one process does.

use std::fmt;
use std::str::FromStr;

/// One of so many shares: the tasks whose number, divided by `of`, leaves
/// `index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which one, from 0.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

/// Why a text or an environment names no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShardError {
    /// It is not written as one.
    #[error(
        "`{0}` is no shard: expected INDEX/COUNT with an index from 0 to below the count, such as 2/8, or `auto`"
    )]
    Malformed(String),
    /// No scheduler says which one this is.
    #[error(
        "`auto`: expected SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX, PBS_ARRAY_INDEX or SGE_TASK_ID, and how many there are in CLOCKBENCH_SHARDS or the scheduler's own variable"
    )]
    NoScheduler,
}

/// Where schedulers say which task of an array this is, and of how many. The
/// last column is what the first task has for a number.
const SCHEDULERS: [(&str, &str, usize); 5] = [
    ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", 0),
    ("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", 0),
    ("AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", 0),
    ("PBS_ARRAY_INDEX", "PBS_ARRAY_COUNT", 0),
    ("SGE_TASK_ID", "SGE_TASK_LAST", 1),
];

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// Whether the task of this number is in it.
    #[must_use]
    pub const fn has(self, number: usize) -> bool {
        number % self.of == self.index
    }

    /// The shard that a scheduler's environment names. How many there are is
    /// `CLOCKBENCH_SHARDS` where that is set: an array that is run again for
    /// two of its tasks is still of the old size.
    ///
    /// # Errors
    /// Where there is no scheduler, or its numbers make no sense.
    pub fn auto(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ShardError> {
        let number = |name: &str| variable(name)?.trim().parse::<usize>().ok();
        for (index, count, first) in SCHEDULERS {
            let Some(index) = number(index) else { continue };
            let of = number("CLOCKBENCH_SHARDS").or_else(|| number(count));
            let (Some(index), Some(of)) = (index.checked_sub(first), of) else { continue };
            return Self::new(index, of)
                .ok_or_else(|| ShardError::Malformed(format!("{index}/{of}")));
        }
        Err(ShardError::NoScheduler)
    }

    fn new(index: usize, of: usize) -> Option<Self> {
        (index < of).then_some(Self { index, of })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        if text == "auto" {
            return Self::auto(|name| std::env::var(name).ok());
        }
        let numbers = text.split_once('/');
        let numbers = numbers.and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        numbers
            .and_then(|(index, of)| Self::new(index, of))
            .ok_or_else(|| ShardError::Malformed(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_in_one_shard() {
        for of in 1..9 {
            for number in 0..100 {
                let has = (0..of).filter(|index| Shard { index: *index, of }.has(number)).count();
                assert_eq!(has, 1);
            }
        }
        assert_eq!("2/8".parse(), Ok(Shard { index: 2, of: 8 }));
        for text in ["8/8", "1", "a/b", "-1/4", "1/0", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn schedulers_say_which_one_it_is() {
        let of = |pairs: &[(&str, &str)]| {
            Shard::auto(|name| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        for (index, count, first) in SCHEDULERS {
            let at = (3 + first).to_string();
            assert_eq!(of(&[(index, &at), (count, "8")]), Ok(Shard { index: 3, of: 8 }), "{index}");
            // Two tasks of an array of eight, run again.
            let again = of(&[(index, &at), (count, "2"), ("CLOCKBENCH_SHARDS", "8")]);
            assert_eq!(again, Ok(Shard { index: 3, of: 8 }), "{index}");
        }
        assert_eq!(of(&[]), Err(ShardError::NoScheduler));
        // Kubernetes gives the index alone.
        assert_eq!(of(&[("JOB_COMPLETION_INDEX", "0")]), Err(ShardError::NoScheduler));
        assert!(of(&[("SLURM_ARRAY_TASK_ID", "9"), ("CLOCKBENCH_SHARDS", "8")]).is_err());
    }
}
