//! What a reader of a scenario should know before trusting its figures.

use super::{Kin, Law, Scenario};

impl Scenario {
    /// Sentences about what makes figures of this scenario doubtful; `settle`
    /// is the share of the events, in per cent, that is not judged.
    #[must_use]
    pub fn warnings(&self, settle: u32) -> Vec<String> {
        let mut warnings = Vec::new();
        let events = f64::from(self.events);
        let initial = f64::from(self.population.initial);
        let each = events / initial;
        if each < 100.0 {
            warnings.push(format!(
                "{each:.0} events for each of the first participants: below about 100, most \
                 pairs are concurrent for lack of talk"
            ));
        }
        // Receipts are events too, so time passes at most this slowly.
        let lasts = events / (self.traffic.rate * initial);
        let settles = lasts * f64::from(settle) / 100.0;
        let own = self.population.cohort.iter().map(|cohort| &cohort.session);
        let sessions = std::iter::once(&self.population.session).chain(own);
        let medians = sessions.filter(|law| **law != Law::Endless).map(Law::median);
        if let Some(median) = medians.max_by(f64::total_cmp).filter(|m| *m > settles) {
            warnings.push(format!(
                "half of the sessions last longer than {median:.0} s, and the execution \
                 settles for at most {settles:.0} s: the start colours the figures"
            ));
        }
        let forks = self.population.arrivals * lasts;
        if self.population.parent == Kin::Eldest && forks > 1_000.0 {
            warnings.push(format!(
                "one participant forks up to {forks:.0} others: the ids of interval tree clocks \
                 grow as long"
            ));
        }
        if self.population.initial > 20_000 {
            warnings.push(
                "exact clocks know of every participant: vectors and interval tree clocks may \
                 pass the memory budget, and a row says so"
                    .into(),
            );
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_figures_doubtful_is_said() {
        let warnings = |text: &str| {
            let scenario = Scenario::parse(&format!("name = 'x'\n{text}"), "x");
            scenario.map(|s| s.warnings(25).join("; ")).unwrap_or_default()
        };
        assert_eq!(warnings(""), "");
        assert!(warnings("events = 500").contains("lack of talk"));
        let long = "[population]\nsession = { law = 'weibull', shape = 1, scale = '1h' }";
        assert!(warnings(long).contains("the start colours"), "{}", warnings(long));
        let hub = "[population]\narrivals = 50\nparent = 'eldest'";
        assert!(warnings(hub).contains("ids of interval tree"));
        assert!(warnings("events = 9_000_000\n[population]\ninitial = 30_000").contains("budget"));
    }
}
