//! Who is there: found, drawn at random, added and removed in O(1).

use crate::random::Random;
use crate::step::Participant;

const NOBODY: u32 = u32::MAX;

/// The live participants. They stand close together, in no order that means
/// anything, and know their neighbours by birth.
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    live: Vec<Participant>,
    /// By participant, as the next two: its place among the live.
    place: Vec<u32>,
    /// The next elder of those who are there …
    elder: Vec<Participant>,
    /// … and the next younger.
    younger: Vec<Participant>,
    eldest: Participant,
    youngest: Participant,
}

impl Members {
    pub(super) fn new() -> Self {
        Self { eldest: NOBODY, youngest: NOBODY, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.live.len()
    }

    /// How many were ever born, and so the number of the next one.
    pub(super) fn born(&self) -> u32 {
        self.place.len() as u32
    }

    pub(super) fn is_live(&self, node: Participant) -> bool {
        self.place.get(node as usize).is_some_and(|place| *place != NOBODY)
    }

    /// The place of one who is there.
    pub(super) fn place(&self, node: Participant) -> Option<usize> {
        let place = *self.place.get(node as usize)?;
        (place != NOBODY).then_some(place as usize)
    }

    /// Who stands at a place.
    pub(super) fn at(&self, place: usize) -> Option<Participant> {
        self.live.get(place).copied()
    }

    /// All who are there.
    pub(super) fn iter(&self) -> impl Iterator<Item = Participant> {
        self.live.iter().copied()
    }

    /// The next one is born. The first ones keep the first places as long as
    /// they stay.
    pub(super) fn add(&mut self) -> Participant {
        let node = self.born();
        self.place.push(self.live.len() as u32);
        self.live.push(node);
        self.elder.push(self.youngest);
        self.younger.push(NOBODY);
        match self.younger.get_mut(self.youngest as usize) {
            Some(younger) => *younger = node,
            None => self.eldest = node,
        }
        self.youngest = node;
        node
    }

    /// One who is there goes; the last takes its place.
    pub(super) fn remove(&mut self, node: Participant) {
        if !self.is_live(node) {
            return;
        }
        let place = std::mem::replace(&mut self.place[node as usize], NOBODY);
        self.live.swap_remove(place as usize);
        if let Some(moved) = self.live.get(place as usize) {
            self.place[*moved as usize] = place;
        }
        let (elder, younger) = (self.elder[node as usize], self.younger[node as usize]);
        match self.younger.get_mut(elder as usize) {
            Some(of) => *of = younger,
            None => self.eldest = younger,
        }
        match self.elder.get_mut(younger as usize) {
            Some(of) => *of = elder,
            None => self.youngest = elder,
        }
    }

    /// The one who was born first.
    pub(super) const fn eldest(&self) -> Participant {
        self.eldest
    }

    /// The one who was born last.
    pub(super) const fn youngest(&self) -> Participant {
        self.youngest
    }

    /// The next one by birth; after the youngest, the eldest.
    pub(super) fn next_by_birth(&self, node: Participant) -> Participant {
        match self.younger[node as usize] {
            NOBODY => self.eldest,
            younger => younger,
        }
    }

    /// The one before by birth; before the eldest, the youngest.
    pub(super) fn last_by_birth(&self, node: Participant) -> Participant {
        match self.elder[node as usize] {
            NOBODY => self.youngest,
            elder => elder,
        }
    }

    /// Someone at random, but none of the first `spared` places.
    pub(super) fn draw(&self, spared: usize, random: &mut Random) -> Option<Participant> {
        let others = self.live.len().checked_sub(spared).filter(|n| *n > 0)?;
        Some(self.live[spared + random.index(others)])
    }

    /// Someone else at random; `None` where there is nobody else.
    pub(super) fn draw_other(&self, than: Participant, random: &mut Random) -> Option<Participant> {
        let others = self.live.len().checked_sub(1).filter(|n| *n > 0)?;
        let pick = random.index(others);
        // The last stands in for the one that is not meant.
        let at = if self.live[pick] == than { others } else { pick };
        Some(self.live[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A plain list in the order of birth.
    #[test]
    fn it_does_what_a_sorted_list_does() {
        let mut random = Random::new(1, "members", 0, "test");
        let (mut members, mut list) = (Members::new(), Vec::new());
        for _ in 0..20_000 {
            if list.len() < 2 || random.chance(0.5) {
                list.push(members.add());
            } else {
                let node = members.draw(0, &mut random).unwrap();
                list.retain(|other| *other != node);
                members.remove(node);
                members.remove(node);
                assert!(!members.is_live(node));
            }
            assert_eq!((members.len(), members.eldest()), (list.len(), list[0]));
            let node = members.draw(0, &mut random).unwrap();
            let here = list.binary_search(&node).unwrap();
            assert_eq!(members.next_by_birth(node), list[(here + 1) % list.len()]);
            if let Some(other) = members.draw_other(node, &mut random) {
                assert!(other != node && list.contains(&other));
            }
        }
        let mut all: Vec<_> = members.iter().collect();
        all.sort_unstable();
        assert_eq!(all, list);
        assert!(!members.is_live(members.born()));
    }

    #[test]
    fn everybody_else_is_drawn_equally_often() {
        let mut random = Random::new(1, "members", 0, "draws");
        let mut members = Members::new();
        for _ in 0..5 {
            members.add();
        }
        for than in 0..5 {
            let mut counts = [0_u32; 5];
            for _ in 0..40_000 {
                counts[members.draw_other(than, &mut random).unwrap() as usize] += 1;
            }
            // 10,000 each, deviation 87; five of them.
            let fair = |node: u32| if node == than { 0 } else { 10_000 };
            assert!((0..5).all(|node| counts[node as usize].abs_diff(fair(node)) < 433));
        }
        let draws = (0..1_000).map(|_| members.draw(3, &mut random).unwrap());
        assert!(draws.into_iter().all(|node| node >= 3));
        assert_eq!(members.draw(5, &mut random), None);
    }
}
