//! Neighbours who stay the same: a ring lattice with some links to anyone, as in
//! D. J. Watts, S. H. Strogatz, "Collective dynamics of small-world networks"
//! (Nature 393, 1998). Each has out-links of its own; a link to one who left is
//! made anew when it is used.

use super::members::Members;
use crate::random::Random;
use crate::step::Participant;

/// Whom everybody knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Neighbours {
    /// By participant; empty until the first message.
    of: Vec<Vec<Participant>>,
}

impl Neighbours {
    /// One of the neighbours of `node`, at random.
    pub(super) fn draw(
        &mut self,
        node: Participant,
        degree: u32,
        rewired: f64,
        members: &Members,
        random: &mut Random,
    ) -> Option<Participant> {
        if members.len() < 2 {
            return None;
        }
        if self.of.len() <= node as usize {
            self.of.resize(members.born() as usize, Vec::new());
        }
        let links = &mut self.of[node as usize];
        if links.is_empty() {
            // On both sides in turn: the next, the one before, the next but one …
            let (mut next, mut last) = (node, node);
            for link in 0..degree {
                let beside = if link % 2 == 0 {
                    next = members.next_by_birth(next);
                    next
                } else {
                    last = members.last_by_birth(last);
                    last
                };
                let is_anyone = random.chance(rewired) || beside == node;
                links.push(if is_anyone { members.draw_other(node, random)? } else { beside });
            }
        }
        let link = random.index(links.len());
        if !members.is_live(links[link]) {
            let next = members.next_by_birth(node);
            let is_anyone = random.chance(rewired) || next == node;
            links[link] = if is_anyone { members.draw_other(node, random)? } else { next };
        }
        Some(links[link])
    }
}
