//! Each part against its law: means, medians and shares within five deviations
//! of what they should be, which goes wrong once in two million.

use std::collections::HashMap;

use super::super::*;
use crate::scenario::Scenario;

pub(super) fn simulation(text: &str) -> Simulation {
    let scenario = Scenario::parse(&format!("name = 'laws'\n{text}"), "laws").unwrap();
    Simulation::new(&scenario, 1, 0)
}

/// Whether a share of `n` independent trials is within five deviations.
pub(super) fn is_share(count: usize, n: usize, share: f64) -> bool {
    let deviation = (share * (1.0 - share) / n as f64).sqrt();
    (count as f64 / n as f64 - share).abs() < 5.0 * deviation
}

/// The share of sessions that last beyond so many seconds.
type Survival = fn(f64) -> f64;

#[test]
fn sessions_follow_their_laws_from_the_start() {
    // All with a mean of 60 s, and what share of them lasts beyond it; of those
    // that are found under way, what share is over within 60 s.
    let residual = |survival: Survival| {
        // The integral of what survives, by the midpoint rule.
        (0..6_000).map(|n| survival((f64::from(n) + 0.5) / 100.0)).sum::<f64>() / 6_000.0
    };
    let laws: [(&str, Survival); 4] = [
        ("{ law = 'exponential', mean = '60s' }", |t| (-t / 60.0).exp()),
        ("{ law = 'weibull', shape = 0.5, scale = '30s' }", |t| (-(t / 30.0).sqrt()).exp()),
        ("{ law = 'pareto', shape = 3.0, scale = '120s' }", |t| (1.0 + t / 120.0).powi(-3)),
        // 1 − Φ by Abramowitz and Stegun's 26.2.17; the median is 60 e^(−1/2).
        ("{ law = 'lognormal', median = '36391839us', sigma = 1.0 }", |t| {
            normal_above((t / 36.391_839).ln())
        }),
    ];
    for (session, survival) in laws {
        let mut simulation = simulation(&format!(
            "events = 150000\n[traffic]\nrate = 0.3\n[population]\ninitial = 2000\nmin = 1\n\
             arrivals = {}\nsession = {session}",
            2000.0 / 60.0
        ));
        let (mut born, mut stays) = (HashMap::new(), Vec::new());
        let (mut early, mut late) = (Vec::new(), Vec::new());
        let (mut live, mut gone_of_the_first) = (1_usize, 0);
        while let Some(timed) = simulation.next() {
            let now = simulation.now as f64 * 1e-9;
            match timed.step {
                Step::Fork { child, .. } => {
                    born.insert(child, now);
                    live += 1;
                }
                Step::Retire { node, .. } | Step::Crash { node } => {
                    live -= 1;
                    stays.push((node, now - born.get(&node).copied().unwrap_or(0.0)));
                    gone_of_the_first += usize::from(node < 2000 && now < 60.0);
                }
                _ => if now < 60.0 { &mut early } else { &mut late }.push(live),
            }
        }
        let end = simulation.now as f64 * 1e-9;
        assert!(end > 130.0, "{session}: {end}");
        // The number that is there neither rises nor falls: the start is in the
        // middle of things.
        for part in [early, late] {
            let mean = part.iter().sum::<usize>() as f64 / part.len() as f64;
            assert!((mean - 2000.0).abs() < 5.0 * 45.0, "{session}: {mean}");
        }
        // Of those born early enough to be seen for 60 s, how many stayed longer.
        let seen = born.iter().filter(|(node, at)| **node >= 2000 && **at < end - 60.0).count();
        let short =
            |(node, stay): &&(u32, f64)| *node >= 2000 && *stay < 60.0 && born[node] < end - 60.0;
        let long = seen - stays.iter().filter(short).count();
        assert!(is_share(long, seen, survival(60.0)), "{session}: {long} of {seen}");
        // An equilibrium residual is over within t with probability the integral
        // of the survival up to t over the mean.
        let share = residual(survival);
        assert!(is_share(gone_of_the_first, 2000, share), "{session}: {gone_of_the_first} {share}");
    }
}

fn normal_above(x: f64) -> f64 {
    if x < 0.0 {
        return 1.0 - normal_above(-x);
    }
    let t = 1.0 / (1.0 + 0.231_641_9 * x);
    let series = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let sum = series.iter().rev().fold(0.0, |sum, a| (sum + a) * t);
    sum * (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt()
}

#[test]
fn departures_are_as_graceful_as_they_should_be() {
    let simulation = simulation(
        "events = 60000\n[traffic]\nrate = 0.5\n[population]\ninitial = 100\narrivals = 10\n\
         graceful = 0.75\nsession = { law = 'exponential', mean = '10s' }",
    );
    let (mut retired, mut crashed) = (0, 0);
    for timed in simulation {
        retired += usize::from(matches!(timed.step, Step::Retire { .. }));
        crashed += usize::from(matches!(timed.step, Step::Crash { .. }));
    }
    assert!(retired + crashed > 5_000);
    assert!(is_share(retired, retired + crashed, 0.75), "{retired} {crashed}");
}

#[test]
fn everyone_acts_and_is_written_to_equally_often() {
    let mut simulation = simulation(
        "events = 300000\n[traffic]\nrate = 2\ninternal_per_send = 0.5\n[population]\ninitial = 20",
    );
    let (mut internal, mut sent, mut received) = ([0; 20], [0; 20], [0; 20]);
    for timed in simulation.by_ref() {
        match timed.step {
            Step::Event { node } => internal[node as usize] += 1,
            Step::Send { node, .. } => sent[node as usize] += 1,
            Step::Receive { node, .. } => received[node as usize] += 1,
            _ => {}
        }
    }
    let [events, sends, receipts] = [&internal, &sent, &received].map(|c| c.iter().sum::<usize>());
    assert!(is_share(events, events + sends, 1.0 / 3.0), "{events} {sends}");
    for node in 0..20 {
        assert!(is_share(sent[node], sends, 0.05), "{sent:?}");
        assert!(is_share(received[node], receipts, 0.05), "{received:?}");
    }
    // 20 participants, two actions a second each.
    let seconds = simulation.now as f64 * 1e-9;
    let expected = 40.0 * seconds;
    assert!(((events + sends) as f64 - expected).abs() < 5.0 * expected.sqrt(), "{seconds}");
}

#[test]
fn messages_take_as_long_and_are_lost_as_often_as_they_should() {
    let mut simulation = simulation(
        "events = 200000\n[network]\nmin_delay = '5ms'\nmean_extra_delay = '40ms'\nloss = 0.1",
    );
    let (mut sent, mut delays, mut lost) = (HashMap::new(), Vec::new(), 0);
    while let Some(timed) = simulation.next() {
        match timed.step {
            Step::Send { message, .. } => drop(sent.insert(message, simulation.now)),
            Step::Receive { message, .. } => delays.push(simulation.now - sent[&message]),
            Step::Lose { .. } => lost += 1,
            _ => {}
        }
    }
    assert!(is_share(lost, lost + delays.len(), 0.1), "{lost} of {}", lost + delays.len());
    assert!(delays.iter().all(|delay| *delay >= 5_000_000));
    // Beyond the median of the exponential part, and beyond five of its means.
    for (beyond, share) in [(5e6 + 40e6 * std::f64::consts::LN_2, 0.5), (205e6, (-5_f64).exp())] {
        let count = delays.iter().filter(|delay| **delay as f64 > beyond).count();
        assert!(is_share(count, delays.len(), share), "{count} of {}", delays.len());
    }
}
