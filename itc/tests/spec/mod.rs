//! The plain definition of interval tree clocks: boxed trees and recursion,
//! word for word from the paper (sections 4 and 5.3, appendix A). Slow, deep
//! in the stack, and easy to check: what the crate must agree with.
#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod compact;

use std::fmt;

use I::{Leaf as IdLeaf, Node as IdNode};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum I {
    Leaf(bool),
    Node(Box<I>, Box<I>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum E {
    Leaf(u64),
    Node(u64, Box<E>, Box<E>),
}

pub(crate) fn id(l: I, r: I) -> I {
    match (l, r) {
        (IdLeaf(a), IdLeaf(b)) if a == b => IdLeaf(a),
        (l, r) => IdNode(Box::new(l), Box::new(r)),
    }
}

/// Without normalising.
fn node(n: u64, l: E, r: E) -> E {
    E::Node(n, Box::new(l), Box::new(r))
}

impl E {
    fn base(&self) -> u64 {
        match self {
            Self::Leaf(n) | Self::Node(n, ..) => *n,
        }
    }

    fn lift(self, m: u64) -> Self {
        match self {
            Self::Leaf(n) => Self::Leaf(n + m),
            Self::Node(n, l, r) => Self::Node(n + m, l, r),
        }
    }

    fn sink(self, m: u64) -> Self {
        match self {
            Self::Leaf(n) => Self::Leaf(n - m),
            Self::Node(n, l, r) => Self::Node(n - m, l, r),
        }
    }

    /// Of a normal tree.
    fn min(&self) -> u64 {
        self.base()
    }

    pub(crate) fn max(&self) -> u64 {
        match self {
            Self::Leaf(n) => *n,
            Self::Node(n, l, r) => n + l.max().max(r.max()),
        }
    }
}

pub(crate) fn norm(n: u64, l: E, r: E) -> E {
    match (l, r) {
        (E::Leaf(a), E::Leaf(b)) if a == b => E::Leaf(n + a),
        (l, r) => {
            let m = l.min().min(r.min());
            node(n + m, l.sink(m), r.sink(m))
        }
    }
}

pub(crate) fn leq(a: &E, b: &E) -> bool {
    match (a, b) {
        (E::Leaf(n), b) => *n <= b.base(),
        (E::Node(n, l, r), E::Leaf(m)) => {
            n <= m && leq(&l.clone().lift(*n), b) && leq(&r.clone().lift(*n), b)
        }
        (E::Node(n, l1, r1), E::Node(m, l2, r2)) => {
            n <= m
                && leq(&l1.clone().lift(*n), &l2.clone().lift(*m))
                && leq(&r1.clone().lift(*n), &r2.clone().lift(*m))
        }
    }
}

pub(crate) fn join(a: &E, b: &E) -> E {
    match (a, b) {
        (E::Leaf(n), E::Leaf(m)) => E::Leaf(*n.max(m)),
        (E::Leaf(n), b) => join(&node(*n, E::Leaf(0), E::Leaf(0)), b),
        (a, E::Leaf(m)) => join(a, &node(*m, E::Leaf(0), E::Leaf(0))),
        (E::Node(n, ..), E::Node(m, ..)) if n > m => join(b, a),
        (E::Node(n, l1, r1), E::Node(m, l2, r2)) => {
            let (l2, r2) = (l2.clone().lift(m - n), r2.clone().lift(m - n));
            norm(*n, join(l1, &l2), join(r1, &r2))
        }
    }
}

/// The dual of join, which the paper does not have.
pub(crate) fn meet(a: &E, b: &E) -> E {
    match (a, b) {
        (E::Leaf(n), E::Leaf(m)) => E::Leaf(*n.min(m)),
        (E::Leaf(n), b) => meet(&node(*n, E::Leaf(0), E::Leaf(0)), b),
        (a, E::Leaf(m)) => meet(a, &node(*m, E::Leaf(0), E::Leaf(0))),
        (E::Node(n, ..), E::Node(m, ..)) if n > m => meet(b, a),
        (E::Node(n, l1, r1), E::Node(m, l2, r2)) => {
            let (l2, r2) = (l2.clone().lift(m - n), r2.clone().lift(m - n));
            norm(*n, meet(l1, &l2), meet(r1, &r2))
        }
    }
}

pub(crate) fn split(i: &I) -> (I, I) {
    let (zero, one) = (|| IdLeaf(false), || IdLeaf(true));
    match i {
        IdLeaf(false) => (zero(), zero()),
        IdLeaf(true) => (id(one(), zero()), id(zero(), one())),
        IdNode(l, r) => match (&**l, &**r) {
            (IdLeaf(false), i) => {
                let (a, b) = split(i);
                (id(zero(), a), id(zero(), b))
            }
            (i, IdLeaf(false)) => {
                let (a, b) = split(i);
                (id(a, zero()), id(b, zero()))
            }
            (l, r) => (id(l.clone(), zero()), id(zero(), r.clone())),
        },
    }
}

/// `None` where they overlap.
pub(crate) fn sum(a: &I, b: &I) -> Option<I> {
    match (a, b) {
        (IdLeaf(false), i) | (i, IdLeaf(false)) => Some(i.clone()),
        (IdNode(l1, r1), IdNode(l2, r2)) => Some(id(sum(l1, l2)?, sum(r1, r2)?)),
        _ => None,
    }
}

fn fill(i: &I, e: &E) -> E {
    match (i, e) {
        (IdLeaf(false), e) => e.clone(),
        (IdLeaf(true), e) => E::Leaf(e.max()),
        (_, E::Leaf(n)) => E::Leaf(*n),
        (IdNode(il, ir), E::Node(n, el, er)) => match (&**il, &**ir) {
            (IdLeaf(true), ir) => {
                let er = fill(ir, er);
                norm(*n, E::Leaf(el.max().max(er.min())), er)
            }
            (il, IdLeaf(true)) => {
                let el = fill(il, el);
                let er = E::Leaf(er.max().max(el.min()));
                norm(*n, el, er)
            }
            (il, ir) => norm(*n, fill(il, el), fill(ir, er)),
        },
    }
}

/// Larger than any depth.
const N: u64 = 1 << 32;

fn grow(i: &I, e: &E) -> (E, u64) {
    match (i, e) {
        (IdLeaf(true), E::Leaf(n)) => (E::Leaf(n + 1), 0),
        (i, E::Leaf(n)) => {
            let (e, cost) = grow(i, &node(*n, E::Leaf(0), E::Leaf(0)));
            (e, cost + N)
        }
        (IdNode(il, ir), E::Node(n, el, er)) => {
            let left = || {
                let (l, cost) = grow(il, el);
                (node(*n, l, (**er).clone()), cost + 1)
            };
            let right = || {
                let (r, cost) = grow(ir, er);
                (node(*n, (**el).clone(), r), cost + 1)
            };
            match (&**il, &**ir) {
                (IdLeaf(false), _) => right(),
                (_, IdLeaf(false)) => left(),
                _ => {
                    let (left, right) = (left(), right());
                    if left.1 < right.1 { left } else { right }
                }
            }
        }
        _ => unreachable!("fill leaves no node under an owned leaf, and 0 is never grown"),
    }
}

pub(crate) fn event(i: &I, e: &E) -> E {
    let filled = fill(i, e);
    if filled == *e { grow(i, e).0 } else { filled }
}

/// The bits of appendix A, as a text of `0` and `1`.
pub(crate) fn id_bits(i: &I) -> String {
    match i {
        IdLeaf(owned) => format!("00{}", u8::from(*owned)),
        IdNode(l, r) => match (&**l, &**r) {
            (IdLeaf(false), i) => format!("01{}", id_bits(i)),
            (i, IdLeaf(false)) => format!("10{}", id_bits(i)),
            (l, r) => format!("11{}{}", id_bits(l), id_bits(r)),
        },
    }
}

pub(crate) fn event_bits(e: &E) -> String {
    let leaf = |n: u64| format!("1{}", number_bits(n, 2));
    match e {
        E::Leaf(n) => leaf(*n),
        E::Node(n, l, r) => match (*n, &**l, &**r) {
            (0, E::Leaf(0), r) => format!("000{}", event_bits(r)),
            (0, l, E::Leaf(0)) => format!("001{}", event_bits(l)),
            (0, l, r) => format!("010{}{}", event_bits(l), event_bits(r)),
            (n, E::Leaf(0), r) => format!("01100{}{}", leaf(n), event_bits(r)),
            (n, l, E::Leaf(0)) => format!("01101{}{}", leaf(n), event_bits(l)),
            (n, l, r) => format!("0111{}{}{}", leaf(n), event_bits(l), event_bits(r)),
        },
    }
}

fn number_bits(n: u64, b: usize) -> String {
    if u128::from(n) < 1 << b {
        format!("0{n:0b$b}")
    } else {
        format!("1{}", number_bits(n - (1 << b), b + 1))
    }
}

/// Bits as bytes, filled up with zeros.
pub(crate) fn bytes(bits: &str) -> Vec<u8> {
    bits.as_bytes()
        .chunks(8)
        .map(|byte| byte.iter().enumerate().map(|(i, bit)| (bit - b'0') << (7 - i)).sum())
        .collect()
}

impl fmt::Display for I {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IdLeaf(owned) => write!(f, "{}", u8::from(*owned)),
            IdNode(l, r) => write!(f, "({l},{r})"),
        }
    }
}

impl fmt::Display for E {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leaf(n) => write!(f, "{n}"),
            Self::Node(n, l, r) => write!(f, "({n},{l},{r})"),
        }
    }
}
