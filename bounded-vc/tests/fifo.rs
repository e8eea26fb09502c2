//! Differential messages: exact, and how many bytes they save where.

use bounded_vc::{FifoReceiver, FifoSender, StampDiff, VectorClock};
use causal_clock::{CausalOrder, CausalStamp, NodeId, Verdict, Wire};
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64;

/// Bytes of all messages in full and as differences, where `peer` says to
/// whom the `step`th message of a participant goes.
fn bytes(n: usize, steps: usize, peer: impl Fn(usize, usize, u32) -> usize) -> (usize, usize) {
    let mut random = Pcg64::seed_from_u64(7);
    let mut clocks: Vec<VectorClock> =
        (0..n).map(|_| VectorClock::new(NodeId::new(random.next_u64()))).collect();
    let mut channels = vec![(FifoSender::new(), FifoReceiver::new()); n * n];
    let (mut full, mut differences) = (0, 0);
    for step in 0..steps {
        let at = random.next_u32() as usize % n;
        let to = peer(at, step, random.next_u32());
        if to == at {
            continue;
        }
        clocks[at].event().expect("room");
        let stamp = clocks[at].stamp();
        let (sender, receiver) = &mut channels[at * n + to];
        let message = sender.pack(&stamp);
        full += stamp.encoded_len();
        differences += message.encoded_len();
        let message = StampDiff::decode(&message.to_bytes()).expect("canonical");
        let received = receiver.unpack(&message);
        assert_eq!(received.compare(&stamp), Verdict::proven(CausalOrder::Equal));
        assert_eq!(received.vector(), stamp.vector());
        clocks[to].merge(&received);
        clocks[to].event().expect("room");
    }
    eprintln!(
        "{:.0} bytes a message in place of {:.0}",
        mean(differences, steps),
        mean(full, steps)
    );
    (full, differences)
}

fn mean(bytes: usize, messages: usize) -> f64 {
    bytes as f64 / messages as f64
}

#[test]
fn it_pays_among_neighbours_and_less_among_strangers() {
    let (full, ring) = bytes(64, 6_000, |at, _, _| (at + 1) % 64);
    assert!(ring * 5 < full * 3, "ring: {ring} of {full} bytes");
    let (full, pairs) =
        bytes(64, 6_000, |at, step, r| if step < 3_000 { r as usize % 64 } else { at ^ 1 });
    assert!(pairs * 3 < full * 2, "pairs: {pairs} of {full} bytes");
    let (full, anyone) = bytes(64, 6_000, |_, _, r| r as usize % 64);
    assert!(anyone * 10 > full * 8, "anyone: {anyone} of {full} bytes");
}

#[test]
fn bytes_that_are_no_difference_are_refused() {
    assert!(StampDiff::decode(&[0; 8]).is_err());
    assert!(StampDiff::decode(&[0; 10]).is_err());
    assert!(StampDiff::decode(&[0; 9]).is_ok_and(|diff| diff.news().is_empty()));
}
