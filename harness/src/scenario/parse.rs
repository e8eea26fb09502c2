//! From text to a scenario that can be run, with errors that point at the line.

use std::ops::Range;

use super::{Pattern, Population, Scenario, Session};

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
        let scenario: Self = toml::from_str(text)
            .map_err(|e| error(e.span(), e.message().trim_end().replace('\n', "; ")))?;
        scenario.check().map_err(|Nonsense { key, problem }| {
            error(find_key(text, key), format!("`{key}` {problem}"))
        })?;
        for (number, fault) in scenario.clocks.fault.iter().enumerate() {
            fault.check().map_err(|(key, problem)| {
                error(find_fault_key(text, number, key), format!("`clocks.fault.{key}` {problem}"))
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
        self.check_population()?;
        rate("traffic.rate", self.traffic.rate)?;
        expect("traffic.rate", self.traffic.rate > 0.0, || {
            "is 0: expected more, or nothing would ever happen".into()
        })?;
        rate("traffic.internal_per_send", self.traffic.internal_per_send)?;
        share("network.loss", self.network.loss)?;
        let ppm = self.clocks.drift_ppm;
        expect("clocks.drift_ppm", (0.0..1e6).contains(&ppm), || {
            format!("is {ppm}: expected at least 0 and less than 1000000 (a clock that stands)")
        })
    }

    fn check_population(&self) -> Result<(), Nonsense> {
        let Population { initial, arrivals, max, min, session, graceful, .. } = self.population;
        expect("population.initial", initial >= 1, || "is 0: expected at least 1".into())?;
        expect("population.max", max >= initial, || {
            format!("is {max}: expected at least the initial population, {initial}")
        })?;
        expect("population.min", (1..=initial).contains(&min), || {
            format!("is {min}: expected from 1 to the initial population, {initial}")
        })?;
        rate("population.arrivals", arrivals)?;
        share("population.graceful", graceful)?;
        match session {
            Session::Endless => {}
            Session::Exponential { mean } => {
                expect("mean", !mean.is_zero(), || "is 0s: expected more".into())?;
            }
            Session::Weibull { shape, scale } => {
                expect("shape", (0.05..=20.0).contains(&shape), || {
                    format!("is {shape}: expected from 0.05 to 20")
                })?;
                expect("scale", !scale.is_zero(), || "is 0s: expected more".into())?;
            }
            Session::Pareto { shape, scale } => {
                expect("shape", shape > 1.0 && shape <= 100.0, || {
                    format!("is {shape}: expected above 1 (where the mean exists) to 100")
                })?;
                expect("scale", !scale.is_zero(), || "is 0s: expected more".into())?;
            }
            Session::Lognormal { median, sigma } => {
                expect("median", !median.is_zero(), || "is 0s: expected more".into())?;
                expect("sigma", (0.0..=5.0).contains(&sigma), || {
                    format!("is {sigma}: expected from 0 to 5")
                })?;
            }
        }
        match self.traffic.pattern {
            Pattern::Uniform | Pattern::Ring => Ok(()),
            Pattern::ClientServer { servers } => {
                expect("servers", servers >= 1 && servers < initial, || {
                    format!(
                        "is {servers}: expected at least 1 and fewer than the initial \
                         population, {initial}"
                    )
                })
            }
            Pattern::Pairs { strangers } => share("strangers", strangers),
            Pattern::Gossip { fanout } => {
                expect("fanout", fanout >= 1, || "is 0: expected at least 1".into())
            }
        }
    }
}

/// A value that parses but makes no sense.
struct Nonsense {
    key: &'static str,
    problem: String,
}

fn expect(
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

fn rate(key: &'static str, value: f64) -> Result<(), Nonsense> {
    // Time is counted in nanoseconds: nothing can happen more often.
    expect(key, (0.0..=1e9).contains(&value), || {
        format!("is {value}: expected a number that is not negative, and at most 1000000000")
    })
}

fn share(key: &'static str, value: f64) -> Result<(), Nonsense> {
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

/// Where a key of one `[[clocks.fault]]` stands, or the table, or any of them.
fn find_fault_key(text: &str, number: usize, key: &str) -> Option<Range<usize>> {
    let heading = "[[clocks.fault]]";
    let Some((start, _)) = text.match_indices(heading).nth(number) else {
        return find_key(text, "clocks.fault");
    };
    let rest = &text[start..];
    let table = rest.find("\n[").map_or(rest, |end| &rest[..end]);
    let place = find_key(table, &format!("[clocks.fault].{key}"))?;
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
