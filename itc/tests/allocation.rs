//! What takes no allocation, and that memory is bounded by the input.

use std::hint::black_box;

use allocation_counter::measure;
use itc::{Itc, Stamp};

/// Clocks of at most eight leaves, whose operations give no more than eight.
fn small() -> (Itc, Itc) {
    let parse = |text: &str| text.parse::<Itc>().expect("normal form");
    let mut a = parse("((1,0),(2,(0,1,0),(0,(1,0,3),0)))");
    let b = a.fork();
    a.event().expect("an event");
    (a, b)
}

#[test]
fn the_algebra_of_up_to_eight_leaves_takes_none() {
    fn allocates(what: &str, run: impl FnOnce(Itc, Itc)) {
        let (a, b) = small();
        let count = measure(|| run(a, b)).count_total;
        assert_eq!(count, 0, "{what}");
    }
    allocates("event", |mut a, _| a.event().expect("an event"));
    allocates("events", |mut a, _| a.events(1000).expect("events"));
    allocates("peek", |a, _| drop(black_box(a.peek())));
    allocates("send", |mut a, _| drop(black_box(a.send().expect("an event"))));
    allocates("fork", |mut a, _| drop(black_box(a.fork())));
    allocates("join", |mut a, b| a.join(b).expect("disjoint ids"));
    allocates("merge", |mut a, b| a.merge(&b.peek()));
    allocates("receive", |mut a, b| a.receive(&b.peek()).expect("an event"));
    allocates("sync", |mut a, mut b| a.sync(&mut b).expect("disjoint ids"));
    allocates("meet", |a, b| drop(black_box(a.peek().meet(&b.peek()))));
    allocates("compare", |a, b| {
        black_box(a.peek().compare(&b.peek()));
    });
    allocates("sum", |a, b| drop(black_box(a.id().sum(b.id()))));
    allocates("split", |a, _| drop(black_box(a.id().clone().split())));
}

/// No bytes that are refused, nor any that are read, take more than in
/// proportion to them.
#[test]
fn reading_takes_memory_in_proportion_to_the_input() {
    let mut seed = 1_u64;
    let mut byte = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
        (seed >> 56) as u8
    };
    for len in [1, 8, 64, 512] {
        let mut inputs = Vec::new();
        for first in 0..=255 {
            for rest in [0x00, 0xff] {
                let mut bytes = vec![rest; len];
                bytes[0] = first;
                inputs.push(bytes.clone());
                bytes.iter_mut().skip(1).for_each(|b| *b = byte());
                inputs.push(bytes);
            }
        }
        for bytes in inputs {
            let most = 4096 * (len as u64 + 1);
            let peak = measure(|| drop(black_box(Stamp::from_compact(&bytes)))).bytes_max;
            assert!(peak <= most, "a stamp: {peak} bytes for {len}: {bytes:02x?}");
            let peak = measure(|| drop(black_box(Itc::from_compact(&bytes)))).bytes_max;
            assert!(peak <= most, "a clock: {peak} bytes for {len}: {bytes:02x?}");
        }
    }
}
