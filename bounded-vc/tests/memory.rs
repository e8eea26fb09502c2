//! How much memory bytes turn into.

use bounded_vc::{DvvSet, VersionVector};
use causal_clock::NodeId;

/// One value of no bytes for each of many servers, which is the most that a
/// byte can ask for.
#[test]
fn a_set_takes_no_more_memory_than_is_said() {
    const SERVERS: u64 = 10_000;
    let entries = (0..SERVERS).map(|id| (NodeId::new(id), 1));
    let context = VersionVector::from_entries(entries).expect("valid entries");
    let values = context.ids().map(|id| (id, 1, vec![()]));
    let set = DvvSet::from_parts(values, []).expect("valid parts");
    let mut bytes = Vec::new();
    set.encode_with(&mut bytes, |(), _| {});
    let mut read = None;
    let memory = allocation_counter::measure(|| {
        read = Some(DvvSet::decode_with(&bytes, |_| Ok::<_, ()>([0_u8; 256])));
    });
    let kept = u64::try_from(memory.bytes_current).expect("it is kept") / SERVERS;
    let peak = memory.bytes_max / SERVERS;
    println!("{} bytes; a value takes {kept}, and {peak} while it is read", bytes.len());
    assert!(kept <= 256 + 80, "{kept}");
    assert!(peak <= 256 + 200, "{peak}");
}
