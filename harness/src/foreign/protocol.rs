//! What a child says, read strictly: a lax reader takes a stray line for a
//! verdict.

use causal_clock::{Assumption, CausalOrder, Guarantee, Guarantees, Verdict};

/// The version of the protocol that this program speaks.
pub(super) const VERSION: u32 = 1;

/// Why an answer is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A line that is not what was asked for.
    #[error("it answered `{line}` where {expected} was expected")]
    Unexpected {
        /// The line, cut short.
        line: String,
        /// What was asked for.
        expected: &'static str,
    },
    /// The answer ended too early.
    #[error("its answer ended where {expected} was expected")]
    Missing {
        /// What was asked for.
        expected: &'static str,
    },
    /// The answer went on.
    #[error("it answered more than it was asked: `{line}`")]
    Extra {
        /// The first line too many, cut short.
        line: String,
    },
}

/// At most so much of a line is quoted.
const QUOTED: usize = 80;

/// A line as it is quoted in errors and rows: one line, cut short.
pub(super) fn quote(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let plain = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut quoted: String = plain.clone().take(QUOTED).collect();
    if plain.count() > QUOTED {
        quoted.push('…');
    }
    quoted
}

/// What went wrong at a line of a batch, as the child says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) kind: RefusalKind,
    pub(super) text: String,
}

/// The kinds of errors that a child can report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefusalKind {
    /// A message or a retirement that the clock does not take.
    Refused,
    /// A counter is full.
    Overflow,
    /// The adapter cannot do that.
    Unsupported,
    /// The harness asked for nonsense, or the adapter thinks so.
    Bad,
}

/// The lines of an answer, one after the other.
pub(super) struct Answer<'a> {
    lines: std::slice::Split<'a, u8, fn(&u8) -> bool>,
    next: Option<&'a [u8]>,
}

impl<'a> Answer<'a> {
    /// The answer without the empty line that ends it.
    pub(super) fn new(text: &'a [u8]) -> Self {
        let is_end: fn(&u8) -> bool = |byte| *byte == b'\n';
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let mut lines = text.split(is_end);
        let next = if text.is_empty() { None } else { lines.next() };
        Self { lines, next }
    }

    fn take(&mut self, expected: &'static str) -> Result<&'a [u8], ProtocolError> {
        let line = self.next.ok_or(ProtocolError::Missing { expected })?;
        self.next = self.lines.next();
        Ok(line)
    }

    /// The error that the child reports of this line of the batch, if it does.
    pub(super) fn refusal(&mut self, of: u32) -> Result<Option<Refusal>, ProtocolError> {
        let Some(rest) = self.next.and_then(|line| line.strip_prefix(b"err ")) else {
            return Ok(None);
        };
        let wrong = || ProtocolError::Unexpected {
            line: quote(rest),
            expected: "`err LINE refused|overflow|unsupported|bad TEXT`",
        };
        let text = std::str::from_utf8(rest).map_err(|_| wrong())?;
        let (number, rest) = text.split_once(' ').ok_or_else(wrong)?;
        if number.parse() != Ok(of) {
            return Ok(None);
        }
        let (kind, text) = rest.split_once(' ').unwrap_or((rest, ""));
        let kind = match kind {
            "refused" => RefusalKind::Refused,
            "overflow" => RefusalKind::Overflow,
            "unsupported" => RefusalKind::Unsupported,
            "bad" => RefusalKind::Bad,
            _ => return Err(wrong()),
        };
        self.next = self.lines.next();
        Ok(Some(Refusal { kind, text: quote(text.as_bytes()) }))
    }

    /// A number of bytes.
    pub(super) fn size(&mut self) -> Result<usize, ProtocolError> {
        const EXPECTED: &str = "a number of bytes";
        let line = self.take(EXPECTED)?;
        let digits = !line.is_empty() && line.iter().all(u8::is_ascii_digit);
        let number = std::str::from_utf8(line).ok().filter(|_| digits);
        number
            .and_then(|number| number.parse::<u32>().ok())
            .map(|number| number as usize)
            .ok_or_else(|| ProtocolError::Unexpected { line: quote(line), expected: EXPECTED })
    }

    /// A verdict.
    pub(super) fn verdict(&mut self) -> Result<Verdict, ProtocolError> {
        const EXPECTED: &str = "a verdict (`<`, `>`, `=` or `|`, with `!` behind it if proven)";
        let line = self.take(EXPECTED)?;
        let (order, proven) = match line {
            [order] => (order, false),
            [order, b'!'] => (order, true),
            _ => (&b'?', false),
        };
        let order = match order {
            b'<' => CausalOrder::Before,
            b'>' => CausalOrder::After,
            b'=' => CausalOrder::Equal,
            b'|' => CausalOrder::Concurrent,
            _ => return Err(ProtocolError::Unexpected { line: quote(line), expected: EXPECTED }),
        };
        Ok(Verdict { order, proven })
    }

    /// That there is no further line.
    pub(super) fn end(self) -> Result<(), ProtocolError> {
        self.next.map_or(Ok(()), |line| Err(ProtocolError::Extra { line: quote(line) }))
    }
}

/// What a child says of its clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// What it calls itself.
    pub name: String,
    /// The version of the clock.
    pub version: String,
    /// What its verdicts promise.
    pub guarantees: Guarantees,
    /// Whether it needs ids for its participants.
    pub needs_ids: bool,
    /// Whether it needs the time.
    pub needs_time: bool,
    /// Whether a clock can go on from its own bytes.
    pub restarts: bool,
    /// Whether clocks can be backed up and restored.
    pub saves: bool,
    /// Whether a second clock can go on from the bytes of a first.
    pub twins: bool,
}

impl Hello {
    /// Of a child that never answered: nothing.
    pub(super) fn silent() -> Self {
        Self {
            name: String::new(),
            version: String::new(),
            guarantees: Guarantees::of(&[]),
            needs_ids: false,
            needs_time: false,
            restarts: false,
            saves: false,
            twins: false,
        }
    }

    /// Reads the answer to `hello 1`.
    ///
    /// # Errors
    /// Where a line is none of the protocol, or one that must be there is not.
    pub fn read(text: &[u8]) -> Result<Self, ProtocolError> {
        let mut hello = Self::silent();
        let (mut spoken, mut promised) = (false, false);
        let (mut held, mut assumed) = (Vec::new(), Vec::new());
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let wrong = |expected| ProtocolError::Unexpected { line: quote(line), expected };
            let said = std::str::from_utf8(line).map_err(|_| wrong("UTF-8"))?;
            let (key, rest) = said.split_once(' ').unwrap_or((said, ""));
            let words = || rest.split(' ').filter(|word| !word.is_empty() && *word != "none");
            match key {
                "protocol" if rest.parse() == Ok(VERSION) => spoken = true,
                "name" => rest.clone_into(&mut hello.name),
                "version" => rest.clone_into(&mut hello.version),
                "guarantees" => {
                    promised = true;
                    for word in words() {
                        let known = Guarantee::ALL.into_iter().find(|g| g.as_str() == word);
                        held.push(known.ok_or_else(|| {
                            wrong("`complete`, `sound`, `consistent`, `distinct` or `none`")
                        })?);
                    }
                }
                "assume" => {
                    for word in words() {
                        assumed.push(match word {
                            "unique-ids" => Assumption::UniqueIds,
                            "counters-never-restart" => Assumption::CountersNeverRestart,
                            _ => return Err(wrong("`unique-ids` or `counters-never-restart`")),
                        });
                    }
                }
                "needs" => {
                    for word in words() {
                        match word {
                            "ids" => hello.needs_ids = true,
                            "time" => hello.needs_time = true,
                            _ => return Err(wrong("`ids` or `time`")),
                        }
                    }
                }
                "can" => {
                    for word in words() {
                        match word {
                            "restart" => hello.restarts = true,
                            "save" => hello.saves = true,
                            "twin" => hello.twins = true,
                            _ => return Err(wrong("`restart`, `save` or `twin`")),
                        }
                    }
                }
                _ => {
                    return Err(wrong(
                        "`protocol 1`, `name`, `version`, `guarantees`, `assume`, `needs` or `can`",
                    ));
                }
            }
        }
        if !spoken {
            return Err(ProtocolError::Missing { expected: "`protocol 1`" });
        }
        if !promised {
            return Err(ProtocolError::Missing { expected: "`guarantees …`" });
        }
        assumed.sort_by_key(ToString::to_string);
        assumed.dedup();
        hello.guarantees = Guarantees::of(&held).assuming(&assumed);
        Ok(hello)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_read_strictly() {
        let mut answer = Answer::new(b"<\n|!\n=\n>!\n");
        let said: Vec<_> = (0..4).map(|_| answer.verdict().unwrap()).collect();
        assert_eq!(said[0], Verdict { order: CausalOrder::Before, proven: false });
        assert_eq!(said[1], Verdict { order: CausalOrder::Concurrent, proven: true });
        assert_eq!(said[3].order, CausalOrder::After);
        answer.end().unwrap();
        for nonsense in ["DEBUG", "< ", "<!!", "!", "", "<\r"] {
            let text = format!("{nonsense}\n<\n");
            assert!(Answer::new(text.as_bytes()).verdict().is_err(), "{nonsense}");
        }
    }

    #[test]
    fn errors_belong_to_their_line() {
        let mut answer = Answer::new(b"err 3 refused too far ahead\n17\n");
        assert_eq!(answer.refusal(2).unwrap(), None);
        let refusal = answer.refusal(3).unwrap().unwrap();
        assert_eq!((refusal.kind, refusal.text.as_str()), (RefusalKind::Refused, "too far ahead"));
        assert_eq!(answer.size().unwrap(), 17);
        answer.end().unwrap();
        assert!(Answer::new(b"err 1 later\n").refusal(1).is_err());
        assert!(Answer::new(b"-1\n").size().is_err());
        assert!(Answer::new(b"1\n2\n").end().is_err());
        Answer::new(b"").end().unwrap();
    }

    #[test]
    fn a_hello_says_what_there_is() {
        let text = b"protocol 1\nname mine\nversion 2\nguarantees complete sound\n\
                     assume unique-ids\nneeds ids\ncan restart\n";
        let hello = Hello::read(text).unwrap();
        assert!(
            hello.guarantees.has(Guarantee::Sound) && !hello.guarantees.has(Guarantee::Distinct)
        );
        assert!(hello.needs_ids && !hello.needs_time && hello.restarts && !hello.saves);
        for wrong in ["protocol 2\nguarantees none", "protocol 1", "protocol 1\nguarantees good"] {
            assert!(Hello::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
