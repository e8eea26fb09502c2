//! Whether the order of the steps is the order of the log's own clocks.

use causal_clock::CausalOrder;

use super::log::{Log, LogEvent};
use super::order::Order;
use super::{Check, Disagreement};

/// Sources at a time: bits of a row, 64 a word.
const WORDS: usize = 16;

/// Compares all pairs of events. The order of the steps is that of the edges:
/// row j has bit i where source i comes before event j, block by block of
/// sources, so that memory grows with the events and not with their square.
pub(super) fn check(log: &Log, order: &Order) -> Check {
    let events = order.sequence.len();
    let pairs = events as u64 * (events as u64).saturating_sub(1) / 2;
    let mut check = Check { pairs, disagreements: 0, first: None };
    let mut first_at = (usize::MAX, usize::MAX);
    let mut rows = vec![[0_u64; WORDS]; events];
    let mut later_clock = vec![0; log.hosts.len()];
    for block in (0..events).step_by(64 * WORDS) {
        rows.fill([0; WORDS]);
        for (place, later) in order.sequence.iter().enumerate().skip(block) {
            let mut row = [0; WORDS];
            let before = &order.previous[*later as usize];
            for cause in before.iter().chain(order.heard.of(*later)) {
                row.iter_mut().zip(rows[*cause as usize]).for_each(|(r, c)| *r |= c);
            }
            let later_event = &log.events[*later as usize];
            later_event.clock.iter().for_each(|(host, n)| later_clock[*host as usize] = *n);
            for (bit, earlier) in order.sequence[block..place].iter().take(64 * WORDS).enumerate() {
                let is_before = row[bit / 64] >> (bit % 64) & 1 == 1;
                let steps_say =
                    if is_before { CausalOrder::Before } else { CausalOrder::Concurrent };
                let clocks_say = compare(&log.events[*earlier as usize], later_event, &later_clock);
                if clocks_say != steps_say {
                    check.disagreements += 1;
                    if (place, block + bit) < first_at {
                        first_at = (place, block + bit);
                        let (earlier, later) = (log.name(*earlier), log.name(*later));
                        check.first = Some(Disagreement { earlier, later, steps_say, clocks_say });
                    }
                }
            }
            later_event.clock.iter().for_each(|(host, _)| later_clock[*host as usize] = 0);
            let bit = place - block;
            if bit < 64 * WORDS {
                row[bit / 64] |= 1 << (bit % 64);
            }
            rows[*later as usize] = row;
        }
    }
    check
}

/// Compares vector clocks entry by entry; `later_clock` is the later one spread
/// out by host. An event's own entry decides most cases: an event that does not
/// count another one is not after it.
fn compare(earlier: &LogEvent, later: &LogEvent, later_clock: &[u64]) -> CausalOrder {
    let at_most = |(host, n): &(u32, u64)| *n <= later_clock[*host as usize];
    if later_clock[earlier.host as usize] >= earlier.number && earlier.clock.iter().all(at_most) {
        return if earlier.clock == later.clock { CausalOrder::Equal } else { CausalOrder::Before };
    }
    let at_least = |(host, n): &(u32, u64)| earlier.knows(*host) >= *n;
    if earlier.knows(later.host) >= later.number && later.clock.iter().all(at_least) {
        return CausalOrder::After;
    }
    CausalOrder::Concurrent
}
