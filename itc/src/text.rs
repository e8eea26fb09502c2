//! The paper's notation: `0`, `1` and `(i,i)` for ids, `n` and `(n,e,e)` for
//! event trees, `(i,e)` for clocks.
//!
//! It is written without spaces, and read with or without. Only normal form
//! is read.

use alloc::string::String;
use core::fmt::{self, Display, Write};
use core::str::FromStr;

use smallvec::SmallVec;

use crate::preorder::{Builder, NoTree, Shape, preorder};
use crate::{EventTree, Id, Itc, Stamp};

/// Why a text is no id, event tree, clock or stamp. Positions count bytes from
/// the start.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// Something else was expected.
    #[error("expected {expected} at byte {at}, found {}", Found(*.found))]
    Unexpected {
        /// Where.
        at: usize,
        /// What was expected.
        expected: &'static str,
        /// What is there; nothing where the text ends.
        found: Option<char>,
    },
    /// A number passes 64 bits.
    #[error("the number at byte {at} is too large")]
    NumberTooLarge {
        /// Where.
        at: usize,
    },
    /// The sum of the numbers from the root on passes 64 bits.
    #[error("with the number at byte {at}, the sum of those from the root on is too large")]
    SumTooLarge {
        /// Where the last of the numbers is.
        at: usize,
    },
    /// The tree can be written shorter.
    #[error("not in normal form, noticed at byte {at}: {rule}")]
    NotNormal {
        /// Where it was noticed.
        at: usize,
        /// The rule that is broken.
        rule: &'static str,
    },
    /// The tree is deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[error("the tree is too deep, noticed at byte {at}: at most 65,535 levels")]
    TooDeep {
        /// Where it was noticed.
        at: usize,
    },
}

struct Found(Option<char>);

impl Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(c) => write!(f, "`{}`", c.escape_default()),
            None => f.write_str("the end"),
        }
    }
}

/// Sets the parentheses and commas around what a walk visits.
struct Printer<'a> {
    out: &'a mut String,
    /// For each open node, whether its left child is still to come.
    open: SmallVec<[bool; 32]>,
}

impl Printer<'_> {
    fn node(&mut self, head: impl Display) -> fmt::Result {
        self.open.push(true);
        write!(self.out, "({head}")
    }

    fn leaf(&mut self, leaf: impl Display) -> fmt::Result {
        write!(self.out, "{leaf}")?;
        while let Some(left) = self.open.last_mut() {
            if *left {
                *left = false;
                return self.out.write_char(',');
            }
            self.open.pop();
            self.out.write_char(')')?;
        }
        Ok(())
    }
}

/// Prints by way of a string, so that width and fill work as usual.
fn pad(
    f: &mut fmt::Formatter<'_>,
    print: impl FnOnce(&mut Printer<'_>) -> fmt::Result,
) -> fmt::Result {
    let mut text = String::new();
    print(&mut Printer { out: &mut text, open: SmallVec::new() })?;
    f.pad(&text)
}

impl Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        pad(f, |printer| {
            preorder(&self.0).try_for_each(|(shape, owned)| match shape {
                Shape::Leaf => printer.leaf(u8::from(owned)),
                _ => printer.node(""),
            })
        })
    }
}

impl Display for EventTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        pad(f, |printer| {
            preorder(&self.0).try_for_each(|(shape, n)| match shape {
                Shape::Leaf => printer.leaf(n),
                _ => printer.node(format_args!("{n},")),
            })
        })
    }
}

impl Display for Itc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&alloc::format!("({},{})", self.id(), self.event_tree()))
    }
}

/// As the anonymous clock `(0,e)`.
impl Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&alloc::format!("(0,{})", self.event_tree()))
    }
}

macro_rules! debug_as_display {
    ($($name:ident),*) => {$(
        /// In the paper's notation.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{self}", stringify!($name))
            }
        }
    )*};
}
debug_as_display!(Id, EventTree, Itc, Stamp);

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at = self.text.len() - rest.trim_ascii_start().len();
        self.text[self.at..].chars().next()
    }

    fn unexpected(&mut self, expected: &'static str) -> ParseError {
        let found = self.peek();
        ParseError::Unexpected { at: self.at, expected, found }
    }

    fn skip(&mut self, c: char, expected: &'static str) -> Result<(), ParseError> {
        if self.peek() != Some(c) {
            return Err(self.unexpected(expected));
        }
        self.at += c.len_utf8();
        Ok(())
    }

    fn number(&mut self, expected: &'static str) -> Result<u64, ParseError> {
        let Some('0'..='9') = self.peek() else { return Err(self.unexpected(expected)) };
        let rest = &self.text[self.at..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (at, number) = (self.at, &rest[..digits]);
        if digits > 1 && number.starts_with('0') {
            return Err(ParseError::NotNormal { at, rule: "numbers have no leading zeros" });
        }
        self.at += digits;
        number.parse().map_err(|_| ParseError::NumberTooLarge { at })
    }

    /// What comes between a leaf and the next node or leaf: the ends of nodes
    /// that are complete, and a comma.
    fn after_leaf(&mut self, open: &mut SmallVec<[bool; 32]>) -> Result<(), ParseError> {
        while let Some(left) = open.last_mut() {
            if *left {
                *left = false;
                return self.skip(',', "a comma");
            }
            open.pop();
            self.skip(')', "a closing parenthesis")?;
        }
        Ok(())
    }

    fn id(&mut self) -> Result<Id, ParseError> {
        let mut tree = Builder::<bool>::with_capacity(0);
        let mut open = SmallVec::new();
        loop {
            if self.peek() == Some('(') {
                tree.node(false, None).map_err(|e| no_tree(e, self.at))?;
                open.push(true);
                self.at += 1;
                continue;
            }
            let owned = match self.peek() {
                Some('0') => false,
                Some('1') => true,
                _ => return Err(self.unexpected("an id: `0`, `1` or a pair")),
            };
            let complete = tree.leaf(owned).map_err(|e| no_tree(e, self.at))?;
            self.at += 1;
            self.after_leaf(&mut open)?;
            if complete {
                return Ok(Id(tree.finish()));
            }
        }
    }

    fn events(&mut self) -> Result<EventTree, ParseError> {
        const EXPECTED: &str = "an event tree: a number or a triple";
        let mut tree = Builder::<u64>::with_capacity(0);
        let mut open = SmallVec::new();
        loop {
            let inner = self.peek() == Some('(');
            let at = self.at;
            self.at += usize::from(inner);
            let n = self.number(if inner { "a number" } else { EXPECTED })?;
            let height = tree.base().checked_add(n).ok_or(ParseError::SumTooLarge { at })?;
            if inner {
                tree.node(height, None).map_err(|e| no_tree(e, at))?;
                open.push(true);
                self.skip(',', "a comma")?;
                continue;
            }
            let complete = tree.leaf(height).map_err(|e| no_tree(e, at))?;
            self.after_leaf(&mut open)?;
            if complete {
                return Ok(EventTree(tree.finish()));
            }
        }
    }

    fn clock(&mut self) -> Result<(Id, EventTree), ParseError> {
        self.skip('(', "a clock: a pair of an id and an event tree")?;
        let id = self.id()?;
        self.skip(',', "a comma")?;
        let events = self.events()?;
        self.skip(')', "a closing parenthesis")?;
        Ok((id, events))
    }

    fn finish<T>(&mut self, value: T) -> Result<T, ParseError> {
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(self.unexpected("nothing more")),
        }
    }
}

const fn no_tree(why: NoTree, at: usize) -> ParseError {
    match why {
        NoTree::TooDeep => ParseError::TooDeep { at },
        NoTree::EqualSiblings | NoTree::NotLifted => ParseError::NotNormal { at, rule: why.rule() },
    }
}

impl FromStr for Id {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut scanner = Scanner::new(text);
        let id = scanner.id()?;
        scanner.finish(id)
    }
}

impl FromStr for EventTree {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut scanner = Scanner::new(text);
        let events = scanner.events()?;
        scanner.finish(events)
    }
}

impl FromStr for Itc {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut scanner = Scanner::new(text);
        let (id, events) = scanner.clock()?;
        scanner.finish(Self::from_parts(id, events))
    }
}

/// Of the anonymous clock `(0,e)`.
impl FromStr for Stamp {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut scanner = Scanner::new(text);
        let (id, events) = scanner.clock()?;
        if !id.is_anonymous() {
            let rule = "the id of a stamp is 0";
            return Err(ParseError::NotNormal { at: 1, rule });
        }
        scanner.finish(Self::new(events))
    }
}
