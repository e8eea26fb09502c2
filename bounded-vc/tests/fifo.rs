//! Differential messages: exact, and how many bytes they save where.

use bounded_vc::{
    Dot, FifoError, FifoReceiver, FifoSender, MAX_COUNTER, StampDiff, VectorClock, VectorStamp,
    VersionVector,
};
use causal_clock::{CausalOrder, CausalStamp, DecodeError, NodeId, Verdict, Wire};
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
        let received = receiver.unpack(&message).expect("in turn");
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

/// Three messages of one sender, of whom the second has news of another.
fn messages() -> [(VectorStamp, StampDiff); 3] {
    let mut sender = FifoSender::new();
    let mut clock = VectorClock::new(NodeId::new(3));
    let mut other = clock.fork(NodeId::new(2));
    other.event().expect("room");
    [0, 1, 2].map(|number| {
        if number == 1 {
            clock.merge(&other.stamp());
        }
        clock.event().expect("room");
        let stamp = clock.stamp();
        let message = sender.pack(&stamp);
        assert_eq!(message.number(), number);
        (stamp, message)
    })
}

/// An end that starts anew would lack what was sent before, and take for
/// concurrent, proven, what it does not know to be ordered.
#[test]
fn what_comes_out_of_turn_is_refused_from_then_on() {
    let sent = messages();
    let after = |count: usize| {
        let mut receiver = FifoReceiver::new();
        for (stamp, message) in &sent[..count] {
            let unpacked = receiver.unpack(message).expect("in turn");
            assert_eq!((unpacked.dot(), unpacked.vector()), (stamp.dot(), stamp.vector()));
        }
        receiver
    };
    // Lost or restarted without anything; repeated; restarted by the sender.
    for (count, number) in [(0, 1), (0, 2), (1, 2), (1, 0), (2, 1), (3, 2), (3, 0)] {
        let mut receiver = after(count);
        let (due, came) = (count as u64, number as u64);
        let refused = receiver.unpack(&sent[number].1).unwrap_err();
        assert_eq!(refused, FifoError::OutOfTurn { due, number: came });
        for (_, message) in &sent {
            assert_eq!(receiver.unpack(message).unwrap_err(), FifoError::Closed);
        }
    }
    // Both ends start anew: the first message has everything.
    let (stamp, _) = &sent[2];
    let unpacked = FifoReceiver::new().unpack(&FifoSender::new().pack(stamp)).expect("in turn");
    assert_eq!(unpacked.vector(), stamp.vector());
}

/// The encoding, byte by byte. These bytes are frozen: stored messages must
/// stay readable.
#[test]
fn wire_frozen() {
    let origin = [0, 0, 0, 0, 0, 0, 0, 3];
    // The number; then one entry: gaps of two bits, counters of none; then
    // two entries of ids 2 and 3 with the counters 1 and 2.
    let frozen: [&[u8]; 3] =
        [&[0, 1, 2, 0, 0b11], &[1, 2, 2, 1, 0b10_01_10], &[2, 1, 2, 2, 0b10_11]];
    for ((_, message), frozen) in messages().iter().zip(frozen) {
        let frozen = [&origin, frozen].concat();
        assert_eq!(message.to_bytes(), frozen);
        assert_eq!(StampDiff::decode(&frozen).as_ref(), Ok(message));
    }
}

#[test]
fn wire_refuses_what_is_not_canonical() {
    let of = |rest: &[u8]| [&[0; 8], rest].concat();
    assert!(StampDiff::decode(&of(&[0, 0])).is_ok_and(|diff| diff.news().is_empty()));
    let cases = [
        (vec![0; 7], DecodeError::UnexpectedEnd { at: 7 }),
        (of(&[]), DecodeError::UnexpectedEnd { at: 8 }),
        (of(&[0]), DecodeError::UnexpectedEnd { at: 9 }),
        (of(&[0x80, 0, 0]), DecodeError::Overlong { at: 8 }),
        (of(&[0xff; 11]), DecodeError::NumberTooLarge { at: 8 }),
        (of(&[0, 0, 0]), DecodeError::TrailingBytes { count: 1 }),
        (of(&[0, 9, 64, 0, 0]), DecodeError::CountTooLarge { at: 9, count: 9, room: 1 }),
        (
            of(&[0, 2, 1, 0, 0b01]),
            DecodeError::NotCanonical { at: 12, rule: "no two ids are the same" },
        ),
        // A counter of 2^63.
        (of(&[&[0, 1, 1, 63][..], &[0xff; 8]].concat()), DecodeError::NumberTooLarge { at: 12 }),
    ];
    for (bytes, error) in cases {
        assert_eq!(StampDiff::decode(&bytes), Err(error), "{bytes:02x?}");
    }
}

/// The last counter there is and the last number of a message pass through.
#[test]
fn counters_at_their_limit_are_taken_in() {
    let last = Dot { origin: NodeId::new(1), counter: MAX_COUNTER };
    let past = VersionVector::from_entries([(last.origin, MAX_COUNTER)]).expect("valid");
    let stamp = VectorClock::with_past(last.origin, past).stamp();
    let message = FifoSender::new().pack(&stamp);
    let mut receiver = FifoReceiver::new();
    assert_eq!(receiver.unpack(&message).map(|stamp| stamp.dot()), Ok(last));
    let bytes = [&[0; 8][..], &[0xff; 9], &[1, 0]].concat();
    let message = StampDiff::decode(&bytes).expect("canonical");
    let error = FifoError::OutOfTurn { due: 1, number: u64::MAX };
    assert_eq!(receiver.unpack(&message).map(|_| ()), Err(error));
}
