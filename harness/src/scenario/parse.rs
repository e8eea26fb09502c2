//! From text to a scenario that can be run, with errors that point at the line.

use std::ops::Range;

use super::Scenario;

/// Why a scenario cannot be run: the file, the line, what was wrong and what
/// was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct ScenarioError {
    /// The file, or the preset's name.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what was expected.
    pub problem: String,
}

impl Scenario {
    /// Reads a scenario and checks that it makes sense. `file` is only used in
    /// the error.
    ///
    /// # Errors
    /// A syntax error, an unknown key, a value of the wrong type, or one that
    /// makes no sense, such as a negative rate.
    pub fn parse(text: &str, file: &str) -> Result<Self, ScenarioError> {
        let error = |span: Option<Range<usize>>, problem: String| {
            let offset = span.map_or(0, |s| s.start).min(text.len());
            let line = text.as_bytes()[..offset].iter().filter(|b| **b == b'\n').count() + 1;
            ScenarioError { file: file.to_owned(), line, problem }
        };
        let mut scenario: Self = toml::from_str(text)
            .map_err(|e| error(e.span(), e.message().trim_end().replace('\n', "; ")))?;
        scenario.read_files(file).map_err(|Nonsense { key, problem }| {
            error(find_key(text, key), format!("`{key}` {problem}"))
        })?;
        scenario.check().map_err(|Nonsense { key, problem }| {
            error(find_key(text, key), format!("`{key}` {problem}"))
        })?;
        for (number, fault) in scenario.clocks.fault.iter().enumerate() {
            fault.check().map_err(|(key, problem)| {
                let place = find_in_array(text, "clocks.fault", number, key);
                error(place, format!("`clocks.fault.{key}` {problem}"))
            })?;
        }
        for (number, fault) in scenario.fault.iter().enumerate() {
            fault.check().map_err(|(key, problem)| {
                let place = find_in_array(text, "fault", number, key);
                error(place, format!("`fault.{key}` {problem}"))
            })?;
        }
        Ok(scenario)
    }

    fn check(&self) -> Result<(), Nonsense> {
        let name = self.name.as_str();
        expect("name", is_name(name), || {
            format!("is {name:?}: expected letters, digits, `-`, `_` and `.` only")
        })?;
        expect("events", self.events >= 2, || {
            format!("is {}: expected at least 2, since pairs are judged", self.events)
        })?;
        expect("seeds", self.seeds >= 1, || "is 0: expected at least 1".into())?;
        self.population.check()?;
        self.traffic.check(self.population.initial)?;
        self.network.check()?;
        self.clocks.check()
    }
}

/// A value that parses but makes no sense.
pub(super) struct Nonsense {
    pub(super) key: &'static str,
    pub(super) problem: String,
}

pub(super) fn expect(
    key: &'static str,
    holds: bool,
    problem: impl FnOnce() -> String,
) -> Result<(), Nonsense> {
    if holds { Ok(()) } else { Err(Nonsense { key, problem: problem() }) }
}

/// Whether this can name a cell, and so a file or a folder of results.
pub(crate) fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(allowed)
}

pub(super) fn rate(key: &'static str, value: f64) -> Result<(), Nonsense> {
    // Time is counted in nanoseconds: nothing can happen more often.
    expect(key, (0.0..=1e9).contains(&value), || {
        format!("is {value}: expected a number that is not negative, and at most 1000000000")
    })
}

pub(super) fn share(key: &'static str, value: f64) -> Result<(), Nonsense> {
    expect(key, (0.0..=1.0).contains(&value), || format!("is {value}: expected from 0 to 1"))
}

/// Where a dotted key stands in the text: the line that sets its last part
/// below its table, or anywhere (inline tables), or the table itself.
fn find_key(text: &str, dotted: &str) -> Option<Range<usize>> {
    let (table, key) = dotted.rsplit_once('.').unwrap_or(("", dotted));
    let mut inside = table.is_empty();
    let mut offset = 0;
    let mut heading = None;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        let start = offset;
        offset += line.len();
        if let Some(name) = trimmed.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            inside = table.is_empty() || name.trim() == table;
            if inside {
                heading = Some(start..offset);
            }
        } else if inside
            && trimmed
                .split(['{', ','])
                .any(|part| part.split_once('=').is_some_and(|(k, _)| k.trim() == key))
        {
            return Some(start..offset);
        }
    }
    heading
}

/// Where a key of one table of an array stands, or the table, or any of them.
fn find_in_array(text: &str, array: &str, number: usize, key: &str) -> Option<Range<usize>> {
    let heading = format!("[[{array}]]");
    let Some((start, _)) = text.match_indices(&heading).nth(number) else {
        return find_key(text, array);
    };
    let rest = &text[start..];
    let table = rest.find("\n[").map_or(rest, |end| &rest[..end]);
    let place = find_key(table, &format!("[{array}].{key}"))?;
    Some(start + place.start..start + place.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> (usize, String) {
        let error = Scenario::parse(text, "x.toml").unwrap_err();
        assert_eq!(error.file, "x.toml");
        (error.line, error.problem)
    }

    #[test]
    fn a_name_is_enough() {
        let scenario = Scenario::parse("name = 'x'", "x.toml").unwrap();
        assert_eq!((scenario.events, scenario.population.initial), (10_000, 16));
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line() {
        let (line, problem) = problem("name = 'x'\n\n[population]\ninitail = 3\n");
        assert_eq!(line, 4);
        assert!(problem.contains("`initail`") && problem.contains("`initial`"), "{problem}");
    }

    #[test]
    fn values_of_the_wrong_kind_are_named_with_their_line() {
        let (line, problem) = problem("name = 'x'\nevents = -3");
        assert_eq!(line, 2);
        assert!(problem.contains("-3"), "{problem}");
        let text = "name = 'x'\n[network]\nmin_delay = 'soon'";
        let (line, problem) = super::tests::problem(text);
        assert_eq!(line, 3);
        assert!(problem.contains("`soon` is no duration"), "{problem}");
    }

    #[test]
    fn values_that_make_no_sense_are_named_with_their_line() {
        for (text, line, words) in [
            ("name = 'a b'", 1, "letters, digits"),
            ("name = 'x'\nevents = 1", 2, "at least 2"),
            ("name = 'x'\n[traffic]\nrate = -1", 3, "not negative"),
            ("name = 'x'\n[traffic]\n\nrate = 0.0", 4, "nothing would ever happen"),
            ("name = 'x'\n[network]\nloss = 1.5", 3, "from 0 to 1"),
            ("name = 'x'\n[population]\ninitial = 0", 3, "at least 1"),
            ("name = 'x'\n[population]\ninitial = 9\nmax = 3", 4, "initial population, 9"),
            ("name = 'x'\n[population]\ngraceful = nan", 3, "from 0 to 1"),
            (
                "name = 'x'\n[traffic]\nrate = 1\npattern = { kind = 'client-server', servers = 16 }",
                4,
                "fewer than the initial",
            ),
            (
                "name = 'x'\n[population]\nsession = { law = 'weibull', shape = 0, scale = '3s' }",
                3,
                "from 0.05",
            ),
        ] {
            let (at, problem) = problem(text);
            assert_eq!(at, line, "{text}: {problem}");
            assert!(problem.contains(words), "{text}: {problem}");
        }
    }
}
