//! What is to happen, by time: a calendar queue, in which both putting in and
//! taking out cost O(1) amortised.
//!
//! The idea is R. Brown, "Calendar queues: a fast O(1) priority queue
//! implementation for the simulation event set problem" (CACM 31(10), 1988):
//! entries go unsorted into days, and a day is sorted when it comes. Brown's
//! year is always as long as its days; here, as in the ladder queue of W. T.
//! Tang, R. S. M. Goh and I. L.-J. Thng (ACM TOMACS 15(3), 2005), each year is
//! laid out anew over the earlier half of what waits, so that its days have
//! a few entries each whatever the law of the times is.

/// Entries by time, those of the same time in their own order.
#[derive(Clone, Debug)]
pub(crate) struct Calendar<T> {
    /// What happens before the next day begins, the first one last; empty only
    /// where nothing is to happen at all.
    today: Vec<(u64, T)>,
    /// The rest of this year, a day each, unsorted.
    days: Vec<Vec<(u64, T)>>,
    /// The number of the next day.
    next: usize,
    /// When day 0 began, and a day's length as a power of two.
    start: u64,
    log_length: u32,
    /// What happens in later years, unsorted.
    later: Vec<(u64, T)>,
}

impl<T: Copy + Ord> Calendar<T> {
    /// A year has at most this many days.
    const DAYS: usize = 1 << 16;

    pub(crate) fn new() -> Self {
        let (today, days, later) = (Vec::new(), Vec::new(), Vec::new());
        Self { today, days, next: 0, start: 0, log_length: 0, later }
    }

    /// Puts in an entry, at a time not before that of the last one taken out.
    #[inline]
    pub(crate) fn push(&mut self, time: u64, what: T) {
        let day = (time.saturating_sub(self.start) >> self.log_length) as usize;
        if day < self.next {
            let at = self.today.partition_point(|entry| *entry > (time, what));
            self.today.insert(at, (time, what));
        } else if let Some(day) = self.days.get_mut(day) {
            day.push((time, what));
        } else {
            self.later.push((time, what));
        }
        if self.today.is_empty() {
            self.turn();
        }
    }

    /// When the next entry is due; `u64::MAX` where there is none.
    #[inline]
    pub(crate) fn next_time(&self) -> u64 {
        self.today.last().map_or(u64::MAX, |(time, _)| *time)
    }

    /// Takes out the next entry.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<(u64, T)> {
        let entry = self.today.pop()?;
        if self.today.is_empty() {
            self.turn();
        }
        Some(entry)
    }

    /// Goes on to the next day on which something happens.
    fn turn(&mut self) {
        loop {
            let rest = self.days.get_mut(self.next..).unwrap_or_default();
            if let Some(empty) = rest.iter().position(|day| !day.is_empty()) {
                std::mem::swap(&mut self.today, &mut rest[empty]);
                self.next += empty + 1;
                if self.today.len() > 1 {
                    self.today.sort_unstable_by(|a, b| b.cmp(a));
                }
                return;
            }
            self.next = self.days.len();
            if self.later.is_empty() {
                return;
            }
            self.lay_out();
        }
    }

    /// A new year: the earlier half of what waits, in days of one or two of its
    /// entries, and room for as many that are yet to come.
    fn lay_out(&mut self) {
        let half = self.later.len() / 2;
        let (earlier, middle, _) = self.later.select_nth_unstable(half);
        let first = earlier.iter().map(|(time, _)| *time).min().unwrap_or(middle.0);
        let span = middle.0 - first;
        let wanted = (half / 2 + 1).next_power_of_two().min(Self::DAYS) as u64;
        // As many days or up to twice as many: a power of two is a shift.
        self.log_length = (span / wanted).checked_ilog2().unwrap_or(0);
        self.start = first;
        self.next = 0;
        let days = (span >> self.log_length) as usize + 1;
        self.days.resize_with(days, Vec::new);
        // What the days before held was taken out, so all of them are empty.
        let mut rest = Vec::new();
        for entry in std::mem::take(&mut self.later) {
            match self.days.get_mut(((entry.0 - first) >> self.log_length) as usize) {
                Some(day) => day.push(entry),
                None => rest.push(entry),
            }
        }
        self.later = rest;
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    use super::*;
    use crate::random::Random;

    /// The same, plainly.
    #[test]
    fn it_gives_what_a_heap_gives() {
        for (seed, scale) in [(1, 0.0), (2, 1.0), (3, 1e3), (4, 1e9), (5, 1e18), (6, 1e22)] {
            let mut random = Random::new(seed, "calendar", 0, "test");
            let (mut calendar, mut heap) = (Calendar::new(), BinaryHeap::new());
            let mut now = 0_u64;
            for round in 0..30_000_u32 {
                // Waves of growth and shrinking; times that are often equal, and
                // some with a heavy tail.
                let growing = (round / 5_000).is_multiple_of(2);
                if random.chance(if growing { 0.7 } else { 0.3 }) {
                    let wait = random.weibull(0.4) * scale;
                    let entry = (now.saturating_add(wait as u64), round % 7);
                    calendar.push(entry.0, entry.1);
                    heap.push(Reverse(entry));
                } else {
                    let due = heap.peek().map_or(u64::MAX, |Reverse((time, _))| *time);
                    assert_eq!(calendar.next_time(), due);
                    let taken = heap.pop().map(|Reverse(entry)| entry);
                    assert_eq!(calendar.pop(), taken);
                    now = taken.map_or(now, |(time, _)| time);
                }
            }
            while let Some(Reverse(entry)) = heap.pop() {
                assert_eq!(calendar.pop(), Some(entry));
            }
            assert_eq!(calendar.pop(), None);
        }
    }
}
