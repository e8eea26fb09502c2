//! What a scenario says in files beside it: durations that were observed, and
//! who came and went when. They are read once and become part of the scenario,
//! so that a results folder needs no other file to run it again.

use std::collections::BTreeMap;
use std::path::Path;

use super::parse::Nonsense;
use super::{Law, Scenario, Visits};

impl Scenario {
    /// Reads the files that are named, found beside `scenario_file`.
    pub(super) fn read_files(&mut self, scenario_file: &str) -> Result<(), Nonsense> {
        let folder = Path::new(scenario_file).parent().unwrap_or_else(|| Path::new(""));
        let population = &mut self.population;
        let cohorts = population.cohort.iter_mut().map(|cohort| &mut cohort.session);
        let others = population.peers.iter_mut().map(|peers| &mut peers.dead);
        let absences = population.offline.iter_mut().map(|offline| &mut offline.absence);
        let laws = std::iter::once(&mut population.session).chain(cohorts);
        for law in laws.chain(others).chain(absences).chain(&mut self.network.extra_delay) {
            if let Law::Sample { file, seconds } = law
                && seconds.is_empty()
            {
                *seconds = durations(&read(folder, file)?, file)?;
            }
        }
        if let Some(Visits { file, stays }) = &mut population.visits
            && stays.is_empty()
        {
            *stays = visits(&read(folder, file)?, file)?;
        }
        Ok(())
    }
}

fn nonsense(problem: String) -> Nonsense {
    Nonsense { key: "file", problem }
}

fn read(folder: &Path, file: &str) -> Result<String, Nonsense> {
    std::fs::read_to_string(folder.join(file))
        .map_err(|error| nonsense(format!("{file:?} cannot be read: {error}")))
}

/// The lines that say something, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(text.lines()).map(|(number, line)| (number, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn durations(text: &str, file: &str) -> Result<Vec<f64>, Nonsense> {
    let read = |(number, line): (usize, &str)| {
        line.parse().map_err(|_| {
            nonsense(format!("{file:?}, line {number}: {line:?} is no number of seconds"))
        })
    };
    lines(text).map(read).collect()
}

/// When someone came and for how long; negative where no leave follows.
fn visits(text: &str, file: &str) -> Result<Vec<(f64, f64)>, Nonsense> {
    let (mut stays, mut present) = (Vec::new(), BTreeMap::new());
    let mut last = 0.0_f64;
    for (number, line) in lines(text) {
        let wrong = |what: &str| nonsense(format!("{file:?}, line {number}: {line:?} {what}"));
        let mut fields = line.split(',').map(str::trim);
        let (Some(time), Some(who), Some(what), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(wrong("is no `seconds, who, join` or `seconds, who, leave`"));
        };
        let time: f64 = time.parse().map_err(|_| wrong("does not begin with seconds"))?;
        if !(time >= last && time.is_finite()) {
            return Err(wrong("is before the line above: expected them in order of time"));
        }
        last = time;
        match what {
            "join" => {
                if present.insert(who, stays.len()).is_some() {
                    return Err(wrong("is the second join without a leave between"));
                }
                stays.push((time, -1.0));
            }
            "leave" => match present.remove(who) {
                Some(at) => stays[at].1 = time - stays[at].0,
                None => return Err(wrong("leaves without having joined")),
            },
            _ => return Err(wrong("is neither a `join` nor a `leave`")),
        }
    }
    Ok(stays)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_and_leaves_are_visits() {
        let text = "# from a log\n0.5, a, join\n1, b, join\n2.5,a,leave\n3,a,join\n";
        let stays = visits(text, "f").unwrap_or_default();
        assert_eq!(stays, [(0.5, 2.0), (1.0, -1.0), (3.0, -1.0)]);
        for (text, words) in [
            ("1, a", "`seconds, who, join`"),
            ("soon, a, join", "seconds"),
            ("2, a, join\n1, b, join", "line 2"),
            ("1, a, join\n2, a, join", "second join"),
            ("1, a, leave", "without having joined"),
            ("1, a, stay", "neither"),
        ] {
            let problem = visits(text, "f").err().map(|n| n.problem).unwrap_or_default();
            assert!(problem.contains(words), "{text}: {problem}");
        }
        assert!(durations("3\n\nx", "f").is_err_and(|n| n.problem.contains("line 3")));
    }

    #[test]
    fn a_scenario_carries_what_its_files_say() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("s.txt"), "10\n20.5\n").unwrap();
        let text = "name = 'x'\n[population]\nsession = { law = 'sample', file = 's.txt' }";
        let beside = folder.path().join("x.toml");
        let scenario = Scenario::parse(text, &beside.to_string_lossy()).unwrap();
        let written = toml::to_string(&scenario).unwrap();
        // Elsewhere, the file is not needed any more.
        assert_eq!(Scenario::parse(&written, "elsewhere.toml").unwrap(), scenario);
        assert_eq!(scenario.population.session.median(), 20.5);
        let missing = Scenario::parse(text, "nowhere/x.toml").err();
        assert!(missing.is_some_and(|e| e.line == 3 && e.problem.contains("s.txt")));
    }
}
