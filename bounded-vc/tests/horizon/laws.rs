//! What the documentation of the module `horizon` proves, on random executions
//! of horizon clocks with random parameters: participants come and go, clocks
//! are wrong by hours and go backwards, and some go on from their bytes.

use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use bounded_vc::{HorizonBits, HorizonClock, HorizonClocks, HorizonDrop, HorizonStamp, IdWidth};
use causal_clock::CausalOrder::{Before, Concurrent};
use causal_clock::{CausalClock, CausalStamp, ManualEnvironment, NodeId, PhysicalTime, Wire};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Event,
    Receive(usize),
    Fork,
    Retire(usize),
    Crash,
    Restart,
}

/// What happens, to whom, and what its clock shows then.
fn steps() -> impl Strategy<Value = Vec<(usize, Step, u64)>> {
    let step = prop_oneof![
        6 => Just(Step::Event),
        6 => any::<usize>().prop_map(Step::Receive),
        2 => Just(Step::Fork),
        1 => any::<usize>().prop_map(Step::Retire),
        1 => Just(Step::Crash),
        1 => Just(Step::Restart),
    ];
    let second = prop_oneof![0..200_u64, 10_000..10_200_u64];
    prop::collection::vec((any::<usize>(), step, second), 10..120)
}

prop_compose! {
    fn schemes()(
        k in 1..5_u32,
        tick in prop::sample::select(vec![1_u64, 30, 1_000_000]),
        ids in prop::sample::select(vec![1_u8, 2, 8, 8, 8]),
        drop in prop::sample::select(
            vec![HorizonDrop::Oldest, HorizonDrop::Smallest, HorizonDrop::Random]
        ),
        horizons in 1..7_u16,
        bits in 1..10_u8,
    ) -> HorizonClocks {
        HorizonClocks {
            k: NonZeroU32::new(k).expect("not zero"),
            tick: Duration::from_secs(tick),
            ids: IdWidth::try_from(ids).expect("a width"),
            drop,
            horizons: NonZeroU16::new(horizons).expect("not zero"),
            bits: HorizonBits::try_from(bits).expect("a width"),
        }
    }
}

/// A participant, and which events are in its past: a bit each.
#[derive(Clone)]
struct Participant {
    clock: HorizonClock,
    past: u128,
}

/// The stamps of all events and the past of each, itself included.
fn run(scheme: HorizonClocks, steps: &[(usize, Step, u64)]) -> Vec<(HorizonStamp, u128)> {
    let env = &mut ManualEnvironment::default();
    let mut live = vec![Participant { clock: HorizonClock::new(scheme, NodeId::new(0)), past: 0 }];
    let mut events: Vec<(HorizonStamp, u128)> = Vec::new();
    for (born, (who, step, second)) in (1..).zip(steps) {
        let who = who % live.len();
        let mut at = live.swap_remove(who);
        match step {
            Step::Fork => {
                let clock = at.clock.fork(NodeId::new(born));
                live.push(Participant { clock, ..at });
            }
            Step::Retire(into) if !live.is_empty() => {
                let into = into % live.len();
                live[into].past |= at.past;
                live[into].clock.join(at.clock, env).expect("one scheme");
                continue;
            }
            Step::Crash if !live.is_empty() => continue,
            Step::Restart => {
                let bytes = at.clock.to_bytes();
                assert_eq!(bytes.len(), at.clock.encoded_len());
                let restarted = HorizonClock::decode(&bytes).expect("its own bytes");
                assert_eq!(restarted, at.clock);
                at.clock = restarted;
            }
            Step::Event | Step::Receive(_) | Step::Crash | Step::Retire(_) => {
                if let Step::Receive(message) = step
                    && !events.is_empty()
                {
                    let (stamp, past) = &events[message % events.len()];
                    let sent = HorizonStamp::decode(&stamp.to_bytes()).expect("canonical");
                    assert_eq!((&sent, stamp.to_bytes().len()), (stamp, stamp.encoded_len()));
                    at.clock.merge(&sent).expect("one scheme");
                    at.past |= past;
                }
                at.clock.event(PhysicalTime::from_secs(*second)).expect("room");
                at.past |= 1 << events.len();
                events.push((at.clock.stamp(), at.past));
            }
        }
        live.push(at);
    }
    events
}

proptest! {
    /// R, T, P1 and P2; and no stamp is larger than it may be.
    #[test]
    fn what_is_proven_holds(scheme in schemes(), steps in steps()) {
        let events = run(scheme, &steps);
        for (i, (earlier, _)) in events.iter().enumerate() {
            let k = scheme.k.get() as usize;
            let most = 20 + 8 * k + 10 * k + 16 * usize::from(scheme.horizons.get()) / 8;
            prop_assert!(earlier.encoded_len() <= most);
            for (later, past) in &events[i + 1..] {
                let truth = if past >> i & 1 == 1 { Before } else { Concurrent };
                let verdict = earlier.compare(later);
                prop_assert_eq!(later.compare(earlier), verdict.reverse());
                prop_assert!(truth == Concurrent || verdict.order == Before, "{:?}", verdict);
                prop_assert!(!verdict.proven || verdict.order == truth, "{:?}", verdict);
                if truth == Before {
                    prop_assert!(earlier.time() < later.time(), "T");
                    let (earlier, later) = (earlier.horizons(), later.horizons());
                    prop_assert!(earlier.iter().zip(later).all(|(a, b)| a <= b), "R");
                }
            }
        }
    }
}
