//! A second reader of the compact form, from its documentation alone: plain
//! recursion, bit by bit, and slow. It takes only the entropy-coded form.

use itc::compact::INITIAL_CHANCES;

use super::{E, I};

struct Chance {
    p: u64,
    s: u64,
}

impl Chance {
    fn new(v: u8) -> Self {
        Self { p: 256 * u64::from(v) + 128, s: 14 }
    }
}

struct Bits<'a> {
    low: u64,
    high: u64,
    number: u64,
    rest: &'a [u8],
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut number = 0;
        for k in 0..8 {
            number = number << 8 | u64::from(bytes.get(k).copied().unwrap_or(0));
        }
        let rest = bytes.get(8..).unwrap_or(&[]);
        Self { low: 0x8000_0000_0000_0000, high: 0xbfff_ffff_ffff_ffff, number, rest }
    }

    fn bit(&mut self, chance: &mut Chance) -> bool {
        let part = (u128::from(self.high - self.low) * u128::from(chance.p)) >> 16;
        let middle = self.low + u64::try_from(part).expect("less than the interval");
        let bit = self.number <= middle;
        if bit {
            self.high = middle;
            chance.p += (65_535 - chance.p) / (chance.s + 2);
        } else {
            self.low = middle + 1;
            chance.p -= chance.p / (chance.s + 2);
        }
        chance.p = chance.p.clamp(64, 65_471);
        chance.s = (chance.s + 1).min(120);
        while self.low >> 56 == self.high >> 56 {
            let next = self.rest.first().copied().unwrap_or(0);
            self.rest = self.rest.get(1..).unwrap_or(&[]);
            self.low <<= 8;
            self.high = self.high << 8 | 255;
            self.number = self.number << 8 | u64::from(next);
        }
        bit
    }
}

struct Events {
    chances: Vec<Chance>,
    last_leaf: i64,
    u: usize,
}

/// A left sibling: whether it is a leaf, and its number.
type Left = Option<(bool, u64)>;

impl Events {
    /// The next tree, of the given depth, in a node with the number `parent`.
    fn tree(&mut self, bits: &mut Bits<'_>, depth: i64, parent: Option<u64>, left: Left) -> E {
        let place = match (parent, left) {
            (None, _) => 0,
            (_, None) => 1,
            (_, Some((false, 0))) => 2,
            (_, Some((true, 0))) => 3,
            (_, Some((false, _))) => 4,
            (_, Some((true, _))) => 5,
        };
        let deep = usize::try_from((depth - self.last_leaf).clamp(-2, 2) + 2).expect("0 to 4");
        let zero = usize::from(parent.unwrap_or(0) == 0);
        let leaf = bits.bit(&mut self.chances[10 * place + 2 * deep + zero]);
        let right = usize::from(left.is_some());
        let n = match left {
            Some((_, 1..)) => 0,
            Some((true, 0)) if leaf => self.number(bits, leaf),
            _ => {
                let at = 60 + 10 * (2 * right + usize::from(leaf)) + 2 * deep + zero;
                if bits.bit(&mut self.chances[at]) { 0 } else { self.number(bits, leaf) }
            }
        };
        if leaf {
            self.last_leaf = depth;
            return E::Leaf(n);
        }
        let l = self.tree(bits, depth + 1, Some(n), None);
        let sibling = match &l {
            E::Leaf(n) => (true, *n),
            E::Node(n, ..) => (false, *n),
        };
        let r = self.tree(bits, depth + 1, Some(n), Some(sibling));
        E::Node(n, Box::new(l), Box::new(r))
    }

    fn number(&mut self, bits: &mut Bits<'_>, leaf: bool) -> u64 {
        let usual = (self.u / 8).min(7);
        let mut n = 0;
        while n < 63 {
            let at = 100 + 96 * usize::from(leaf) + 12 * usual + n.min(11);
            if !bits.bit(&mut self.chances[at]) {
                break;
            }
            n += 1;
        }
        let mut number = 1;
        for k in 0..n {
            let bit = if k == 0 {
                bits.bit(&mut self.chances[292 + n.min(15)])
            } else {
                bits.bit(&mut Chance::new(128))
            };
            number = number << 1 | u64::from(bit);
        }
        self.u = (3 * self.u + 16 * n) / 4;
        number
    }
}

/// `left` is nothing at the root and for a left child.
fn id(
    bits: &mut Bits<'_>,
    leaf: &mut [Chance],
    owned: &mut [Chance],
    left: Option<&I>,
    root: bool,
) -> I {
    let place = match left {
        None if root => 0,
        None => 1,
        Some(I::Node(..)) => 2,
        Some(I::Leaf(false)) => 3,
        Some(I::Leaf(true)) => 4,
    };
    if bits.bit(&mut leaf[place]) {
        return I::Leaf(match left {
            Some(I::Leaf(left)) => !left,
            _ => bits.bit(&mut owned[place]),
        });
    }
    let l = id(bits, leaf, owned, None, false);
    let r = id(bits, leaf, owned, Some(&l), false);
    I::Node(Box::new(l), Box::new(r))
}

/// The id, if there is one, and the event tree of an entropy-coded form.
pub(crate) fn decode(bytes: &[u8], with_id: bool) -> (Option<I>, E) {
    let bits = &mut Bits::new(bytes);
    let leaf = &mut [64, 140, 150, 40, 90].map(Chance::new);
    let owned = &mut [250, 64, 80].map(Chance::new);
    let id = with_id.then(|| id(bits, leaf, owned, None, true));
    let chances = INITIAL_CHANCES.map(Chance::new).into();
    (id, Events { chances, last_leaf: 0, u: 16 }.tree(bits, 0, None, None))
}
