//! What happens to messages, law by law.

use std::collections::HashMap;

use super::laws::{is_share, simulation};
use crate::step::Step;

/// The delays of messages in seconds, and whether each message was lost, in
/// the order of their ends.
fn flights(network: &str) -> (Vec<f64>, Vec<bool>) {
    let mut simulation = simulation(&format!(
        "events = 100000\n[network]\nmin_delay = '0s'\n{network}\n[traffic]\nrate = 20"
    ));
    let (mut sent, mut delays, mut lost) = (HashMap::new(), Vec::new(), Vec::new());
    while let Some(timed) = simulation.next() {
        match timed.step {
            Step::Send { message, .. } => drop(sent.insert(message, simulation.now)),
            Step::Receive { message, .. } => {
                delays.push((simulation.now - sent[&message]) as f64 * 1e-9);
                lost.push(false);
            }
            Step::Lose { .. } => lost.push(true),
            _ => {}
        }
    }
    (delays, lost)
}

#[test]
fn delays_follow_their_laws() {
    for (law, beyond, share) in [
        ("{ law = 'fixed', length = '30ms' }", 0.029_999, 1.0),
        ("{ law = 'lognormal', median = '30ms', sigma = 1.5 }", 0.03, 0.5),
        // Beyond two deviations of the logarithm: 1 − Φ(2).
        ("{ law = 'lognormal', median = '30ms', sigma = 1.5 }", 0.602_566, 0.022_750),
        ("{ law = 'pareto', shape = 1.5, scale = '10ms' }", 0.01, 0.353_553),
        ("{ law = 'pareto', shape = 1.5, scale = '10ms' }", 0.99, 0.001),
        ("{ law = 'sample', seconds = [0.01, 0.02, 0.5, 0.7] }", 0.1, 0.5),
    ] {
        let (delays, _) = flights(&format!("extra_delay = {law}"));
        let far = delays.iter().filter(|delay| **delay > beyond).count();
        assert!(is_share(far, delays.len(), share) || share == 1.0 && far == delays.len(), "{law}");
    }
}

#[test]
fn some_arrive_twice() {
    let (mut sends, mut receipts) = (0, 0);
    for timed in simulation("events = 100000\n[network]\nduplicates = 0.2") {
        sends += usize::from(matches!(timed.step, Step::Send { .. }));
        receipts += usize::from(matches!(timed.step, Step::Receive { .. }));
    }
    assert!(is_share(receipts - sends, sends, 0.2), "{sends} {receipts}");
}

#[test]
fn losses_come_in_bursts() {
    let (_, lost) = flights("bad_spells = { good = '900ms', bad = '100ms', loss = 0.8 }");
    let share = lost.iter().filter(|l| **l).count() as f64 / lost.len() as f64;
    assert!((share - 0.08).abs() < 0.03, "{share}");
    // After a loss, the next is lost far more often.
    let pairs: Vec<_> = lost.windows(2).filter(|pair| pair[0]).collect();
    let again = pairs.iter().filter(|pair| pair[1]).count() as f64 / pairs.len() as f64;
    assert!(again > 0.6, "{again}");
}

#[test]
fn none_overtakes_by_more_than_it_may() {
    let mut simulation = simulation(
        "events = 20000\n[population]\ninitial = 2\n[traffic]\nrate = 50\n\
         [network]\novertakes = '15ms'\nmean_extra_delay = '100ms'",
    );
    let (mut sent, mut number) = (HashMap::new(), 0_u32);
    let mut arrived: HashMap<u32, Vec<(u32, u64)>> = HashMap::new();
    let mut overtaken = 0;
    while let Some(timed) = simulation.next() {
        match timed.step {
            Step::Send { message, .. } => {
                number += 1;
                sent.insert(message, number);
            }
            Step::Receive { node, message } => {
                let earlier = arrived.entry(node).or_default();
                for (other, at) in earlier.iter().filter(|(other, _)| *other > sent[&message]) {
                    assert!(
                        simulation.now - at <= 15_000_001,
                        "{other} by {}",
                        simulation.now - at
                    );
                    overtaken += 1;
                }
                earlier.push((sent[&message], simulation.now));
            }
            _ => {}
        }
    }
    assert!(overtaken > 100, "{overtaken}");
}
