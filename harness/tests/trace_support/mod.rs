//! What the tests of traces share.

use bitvec::vec::BitVec;
use harness::execution::Validator;
use harness::step::{Participant, Step, TimedStep};

/// Where each event happened and its exact past: the events before it, by their
/// places among the events. By walking the steps with sets of events.
pub(crate) fn pasts(steps: &[TimedStep]) -> Vec<(Participant, BitVec)> {
    let events = steps.iter().filter(|s| s.step.is_event()).count();
    let mut validator = Validator::default();
    let mut known = vec![BitVec::repeat(false, events)];
    let (mut messages, mut saved) = (Vec::<BitVec>::new(), Vec::<BitVec>::new());
    let mut pasts: Vec<(Participant, BitVec)> = Vec::new();
    for TimedStep { step, .. } in steps {
        validator.check(*step).unwrap();
        match *step {
            Step::Fork { node, .. } | Step::Twin { node, .. } => {
                known.push(known[node as usize].clone());
            }
            Step::Save { node } => {
                saved.resize(saved.len().max(node as usize + 1), BitVec::new());
                saved[node as usize] = known[node as usize].clone();
            }
            Step::Restore { node } => known[node as usize] = saved[node as usize].clone(),
            Step::Retire { node, into } => {
                let knows = std::mem::take(&mut known[node as usize]);
                known[into as usize] |= knows;
            }
            Step::Receive { node, message } | Step::Merge { node, message } => {
                known[node as usize] |= &messages[message as usize];
            }
            _ => {}
        }
        if let Step::Event { node } | Step::Send { node, .. } | Step::Receive { node, .. } = *step {
            let knows = &mut known[node as usize];
            pasts.push((node, knows.clone()));
            knows.set(pasts.len() - 1, true);
        }
        if let Step::Send { node, message } = *step {
            messages.resize(messages.len().max(message as usize + 1), BitVec::new());
            messages[message as usize] = known[node as usize].clone();
        }
    }
    pasts
}
