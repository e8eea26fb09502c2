//! A clock in hostile hands: any reading, any stamp, in any order. It never
//! goes back, keeps its drift bound, and changes nothing when it refuses.
#![no_main]

use std::time::Duration;

use causal_clock::{NodeId, PhysicalTime};
use hlc::{HybridLogicalClock, HybridStamp, Timestamp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u32, Vec<(u64, Option<u64>)>)| {
    let (bound, steps) = input;
    let bound = Duration::from_micros(bound.into());
    let mut clock = HybridLogicalClock::new(NodeId::new(1)).with_drift(bound);
    for (reading, message) in steps {
        let reading = PhysicalTime::from_nanos(reading);
        let before = clock.clone();
        let given = match message.map(Timestamp::from_bits) {
            None => clock.tick(reading),
            Some(heard) => {
                let given = clock.receive_at(&HybridStamp::new(heard, NodeId::new(2)), reading);
                if let Ok(stamp) = given {
                    assert!(stamp.timestamp() > heard);
                    // A unit and a nanosecond of rounding.
                    let slack = bound + Duration::from_nanos(15_260);
                    assert!(heard.physical_time().since(reading) <= slack);
                }
                given
            }
        };
        match given {
            Ok(stamp) => {
                assert!(stamp > before.latest());
                assert!(stamp.timestamp().physical_time() >= reading);
            }
            Err(_) => assert_eq!(clock, before),
        }
    }
});
