//! Doing the tasks that are not done yet, on all threads, each left as a part
//! as soon as it is finished.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::{Folder, FolderError, Shard};
use crate::experiment::{Experiment, ExperimentError, Rows, Task};

/// Whether all was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every task of the shard.
    Done,
    /// It was told to stop before.
    Stopped,
}

/// The tasks of a shard that are not done.
#[derive(Debug)]
pub struct Work {
    /// All tasks of the experiment.
    pub tasks: Vec<Task>,
    /// Those to be done, by number.
    pub due: Vec<usize>,
}

impl Work {
    /// What there is to do.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn of(
        folder: &Folder,
        experiment: &dyn Experiment,
        shard: Shard,
    ) -> Result<Self, FolderError> {
        let tasks = experiment.tasks();
        let done =
            if folder.is_gathered() { (0..tasks.len()).collect() } else { folder.parts()? };
        let due = (0..tasks.len()).filter(|n| shard.has(*n) && !done.contains(n)).collect();
        Ok(Self { tasks, due })
    }
}

/// Does the tasks on the threads of the current pool: beside each other, or each
/// on all threads where there are fewer tasks than threads. `progress` is told of
/// each that is done. Where `stop` becomes true, tasks under way are finished
/// and no more begun.
///
/// # Errors
/// The first error of a task, or of writing its part. What is done is kept.
pub fn conduct(
    folder: &Folder,
    experiment: &dyn Experiment,
    work: &Work,
    stop: &AtomicBool,
    progress: &(dyn Fn() + Sync),
) -> Result<Outcome, FolderError> {
    let mut due = work.due.clone();
    // The longest first, or one thread would be left alone with them.
    due.sort_by_key(|number| Reverse(experiment.weight(&work.tasks[*number])));
    let go = |number: usize, run: &(dyn Fn(&Task) -> Result<Rows, ExperimentError> + Sync)| {
        if !stop.load(Ordering::Relaxed) {
            folder.write_part(number, &run(&work.tasks[number])?)?;
            progress();
        }
        Ok::<(), FolderError>(())
    };
    if due.len() < rayon::current_num_threads() {
        due.into_iter().try_for_each(|number| go(number, &|task| experiment.run_alone(task)))?;
    } else {
        let due = due.into_par_iter().with_max_len(1);
        due.try_for_each(|number| go(number, &|task| experiment.run(task)))?;
    }
    Ok(if stop.load(Ordering::Relaxed) { Outcome::Stopped } else { Outcome::Done })
}
