//! Regular expressions that were written for JavaScript, whose classes, like
//! those of `regex-lite`, are ASCII's: `\w`, `\d`.

use regex_lite::{Regex, RegexBuilder};

use super::ShivizError;

/// An expression that finds events.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// As the user wrote it.
    pub(super) source: String,
    pub(super) regex: Regex,
}

impl Pattern {
    pub(super) fn new(source: &str) -> Result<Self, ShivizError> {
        let regex = compile(source)?;
        for group in ["host", "clock"] {
            if regex.capture_names().flatten().all(|name| name != group) {
                return Err(ShivizError::NoGroup { regex: source.into(), group });
            }
        }
        Ok(Self { source: source.into(), regex })
    }
}

/// An expression whose `^` and `$` are the ends of lines.
pub(super) fn compile(source: &str) -> Result<Regex, ShivizError> {
    RegexBuilder::new(&with_literal_braces(source))
        .multi_line(true)
        .build()
        .map_err(|e| ShivizError::Regex { regex: source.into(), why: e.to_string() })
}

/// In JavaScript, as in ShiViz's default expression, a brace that begins no
/// repetition stands for itself. Here it would be an error.
fn with_literal_braces(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 8);
    let (mut rest, mut in_class) = (source, false);
    while let Some(c) = rest.chars().next() {
        let mut taken = c.len_utf8();
        match c {
            '\\' => {
                // An escape and, as in `\p{L}` and `\x{41}`, its braces.
                taken += rest[1..].chars().next().map_or(0, char::len_utf8);
                if rest[1..].starts_with(['p', 'P', 'x', 'u', 'U']) && rest[2..].starts_with('{') {
                    taken = rest.find('}').map_or(rest.len(), |end| end + 1);
                }
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '{' if !in_class => match repetition(rest) {
                Some(length) => taken = length,
                None => out.push('\\'),
            },
            '}' if !in_class => out.push('\\'),
            _ => {}
        }
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out
}

/// The length of `{n}`, `{n,}` or `{n,m}` at the beginning.
fn repetition(text: &str) -> Option<usize> {
    let end = text.find('}')?;
    let (least, most) = text[1..end].split_once(',').unwrap_or((&text[1..end], ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    (!least.is_empty() && digits(least) && digits(most)).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_stand_for_themselves_where_they_repeat_nothing() {
        for (javascript, rust) in [
            (r"(?<clock>{.*})", r"(?<clock>\{.*\})"),
            (r"a{2}b{2,}c{2,3}d{,3}", r"a{2}b{2,}c{2,3}d\{,3\}"),
            (r"\{x\}[{}]{", r"\{x\}[{}]\{"),
            (r"\p{L}\x{41}\\{", r"\p{L}\x{41}\\\{"),
            (r"é\é{é}", r"é\é\{é\}"),
            ("\\", "\\"),
        ] {
            assert_eq!(with_literal_braces(javascript), rust);
        }
    }

    #[test]
    fn wrong_expressions_are_told_apart() {
        let error = |source| Pattern::new(source).unwrap_err().to_string();
        assert!(error("(?<host>a").contains("`(?<host>a` is not valid"));
        assert!(error("(?<host>a)(?=b)(?<clock>c)").contains("look-around"));
        assert!(error("(?<host>a)").contains("no group `clock`"));
        assert!(error("(?<clock>a)").contains("no group `host`"));
    }
}
