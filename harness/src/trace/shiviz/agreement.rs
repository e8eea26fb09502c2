//! Whether the order of the steps is the order of the log's own clocks.

use causal_clock::CausalOrder;

use super::log::{Log, LogEvent};
use super::order::Order;
use super::{Check, Disagreement};

/// Words in a row of bits.
const WORDS: usize = 16;

/// Sources at a time.
const BLOCK: usize = 64 * WORDS;

/// Compares all pairs of events. The order of the steps is that of the edges:
/// row j has bit i where source i comes before event j, block by block of
/// sources, so that memory grows with the events and not with their square.
pub(super) fn check(log: &Log, order: &Order) -> Check {
    let events = order.sequence.len();
    let pairs = events as u64 * (events as u64).saturating_sub(1) / 2;
    let mut check = Check { pairs, disagreements: 0, first: None };
    let mut first_at = (usize::MAX, usize::MAX);
    let edges_grow = edges_grow(log, order);
    let mut rows = vec![[0_u64; WORDS]; events];
    let mut clock = vec![0; log.hosts.len()];
    for block in (0..events).step_by(BLOCK) {
        rows.fill([0; WORDS]);
        for (place, later) in order.sequence.iter().enumerate().skip(block) {
            let mut row = [0; WORDS];
            for cause in order.causes(*later) {
                row.iter_mut().zip(rows[cause as usize]).for_each(|(r, c)| *r |= c);
            }
            let later_event = &log.events[*later as usize];
            spread(later_event, &mut clock);
            // The steps have every event before those that count it. The clocks
            // can only say otherwise of one that does not count itself.
            let may_be_after = later_event.number == 0;
            for (bit, earlier) in order.sequence[block..place].iter().take(BLOCK).enumerate() {
                let earlier_event = &log.events[*earlier as usize];
                let is_before = row[bit / 64] >> (bit % 64) & 1 == 1;
                let is_at_most = (is_before && edges_grow)
                    || (clock[earlier_event.host as usize] >= earlier_event.number
                        && is_at_most(earlier_event, &clock));
                let is_at_least = may_be_after && is_at_least(earlier_event, later_event);
                let clocks_say = match (is_at_most, is_at_least) {
                    (true, false) => CausalOrder::Before,
                    (false, true) => CausalOrder::After,
                    (true, true) => CausalOrder::Equal,
                    (false, false) => CausalOrder::Concurrent,
                };
                let steps_say =
                    if is_before { CausalOrder::Before } else { CausalOrder::Concurrent };
                if clocks_say != steps_say {
                    check.disagreements += 1;
                    if (place, block + bit) < first_at {
                        first_at = (place, block + bit);
                        let (earlier, later) = (log.name(*earlier), log.name(*later));
                        check.first = Some(Disagreement { earlier, later, steps_say, clocks_say });
                    }
                }
            }
            later_event.clock.iter().for_each(|(host, _)| clock[*host as usize] = 0);
            if let Some(word) = row.get_mut((place - block) / 64) {
                *word |= 1 << ((place - block) % 64);
            }
            rows[*later as usize] = row;
        }
    }
    check
}

/// Whether no clock counts less than that of a direct cause. Then none counts
/// less than that of an indirect one, which spares most pairs the comparison of
/// all their entries.
fn edges_grow(log: &Log, order: &Order) -> bool {
    let mut clock = vec![0; log.hosts.len()];
    order.sequence.iter().all(|event| {
        let later = &log.events[*event as usize];
        spread(later, &mut clock);
        let grow = order.causes(*event).all(|c| is_at_most(&log.events[c as usize], &clock));
        later.clock.iter().for_each(|(host, _)| clock[*host as usize] = 0);
        grow
    })
}

/// Writes a clock's counters to their hosts' places.
fn spread(event: &LogEvent, clock: &mut [u64]) {
    event.clock.iter().for_each(|(host, number)| clock[*host as usize] = *number);
}

fn is_at_most(event: &LogEvent, clock: &[u64]) -> bool {
    event.clock.iter().all(|(host, number)| *number <= clock[*host as usize])
}

fn is_at_least(event: &LogEvent, other: &LogEvent) -> bool {
    other.clock.iter().all(|(host, number)| event.knows(*host) >= *number)
}
