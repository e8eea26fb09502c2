//! The answer for people: what to take first, then why, what is out, what would
//! change it, and how to use it.

use super::answer::{Answer, Figure, Nearest, Shown};
use super::needs::Needs;
use crate::show::{Better, Column, Columns, Table, Unit, Value, spell};
use crate::stats::Estimate;

/// So many characters fit on a line.
const WIDTH: usize = 100;

/// A share as people read it; one that is guaranteed to be zero reads 0.
fn rate(figure: Option<Figure>, promised: bool) -> Value {
    let Some(estimate) = figure.map(Figure::estimate) else { return Value::Missing };
    if promised { Value::Promised(estimate) } else { Value::Estimate(estimate) }
}

/// The sentence with which an answer begins.
#[must_use]
pub fn headline(answer: &Answer) -> String {
    match (&answer.recommended, &answer.nearest) {
        (Some(scheme), _) => format!("Take `{scheme}`."),
        (None, Some(nearest)) => format!("None of the clocks will do. {}", dropped(nearest)),
        (None, None) => "None of the clocks will do.".into(),
    }
}

/// What to drop where none will do, and what that buys.
fn dropped(nearest: &Nearest) -> String {
    let drop = nearest.drop.iter().map(|reason| match &reason.enough {
        Some(enough) => format!("`{} = {enough}`", reason.need.key()),
        None => format!("without `{}`", reason.need.key()),
    });
    let drop: Vec<String> = drop.collect();
    format!("Nearest to being dropped: {}; then `{}` does.", drop.join(" and "), nearest.scheme)
}

/// Paragraphs below the headline.
#[must_use]
pub fn reasons(answer: &Answer) -> Vec<String> {
    let mut all = Vec::new();
    match &answer.nearest {
        None => all.push(answer.why.clone()),
        Some(nearest) => {
            for reason in &nearest.drop {
                all.push(format!("{}: {}.", reason.need.key(), reason.why));
            }
        }
    }
    if let Some(binding) = answer.binding {
        let (need, count) = (binding.need.key(), binding.rules_out);
        let families = if count == 1 { "family" } else { "families" };
        all.push(format!("The need that binds: `{need}` alone rules out {count} {families}."));
    }
    if let Some(outside) = answer.outside {
        let before = if answer.recommended.is_some() { "Better still, outside" } else { "Outside" };
        all.push(format!("{before} these families: {}. {}", outside.what, outside.why));
    }
    match (&answer.runner_up, &answer.recommended) {
        (Some(second), _) => {
            let more = second.more_bytes.map_or_else(String::new, |more| {
                let more = spell::value(&Value::Estimate(more.estimate()), Unit::Difference);
                format!(", with {more} bytes")
            });
            all.push(format!("Runner-up: `{}`{more}.", second.scheme));
        }
        (None, Some(_)) => all.push("There is no runner-up.".into()),
        (None, None) => {}
    }
    all
}

/// What was simulated, in a paragraph.
#[must_use]
pub fn simulated(answer: &Answer) -> String {
    let course = answer.course;
    let whole = |number: f64| spell::digits(number.round());
    let mut text = format!(
        "{} executions of {} events: one half chose each family's parameters, the other judged \
         them. {} participants in all, of whom {} retired and {} crashed.",
        course.executions,
        course.events,
        whole(course.participants),
        whole(course.retired),
        whole(course.crashed),
    );
    for note in &answer.notes {
        text.push(' ');
        text.push_str(note);
    }
    text
}

/// The figures of those that will do, or of the nearest.
#[must_use]
pub fn candidates(answer: &Answer) -> Table {
    let less =
        |key: &str, heading: &str| Column::estimate(key, heading, Unit::Share).better(Better::Less);
    let columns = [
        Column::text("scheme", "clock"),
        Column::estimate("bytes_p99", "bytes\np99", Unit::Bytes).better(Better::Less),
        less("false_order_near", "false order\nnear"),
        less("false_order_mid", "false order\nmid"),
        less("false_concurrency_near", "missed\nnear").rank(1),
        less("false_concurrency_mid", "missed\nmid"),
        less("reversal_near", "reversed\nnear").rank(2),
        less("reversal_mid", "reversed\nmid").rank(2),
    ];
    let title = if answer.candidates.is_empty() { "Nearest" } else { "In" };
    let mut table = Table::new("candidates", title, columns);
    let nearest = answer.nearest.iter().map(|nearest| &nearest.shown);
    let mut unseen: Option<Estimate> = None;
    for shown in answer.candidates.iter().chain(nearest) {
        let row = row(shown);
        for value in &row[2..] {
            if let Value::Estimate(estimate) = value
                && estimate.mean == 0.0
            {
                unseen = Some(*estimate);
            }
        }
        table.push(row);
    }
    table = table.note(
        "Near: pairs fewer than 2N events apart, where N live; mid: 2N to 8N. 0 is guaranteed.",
    );
    match unseen.and_then(|estimate| Some((estimate, estimate.zero_bound()?))) {
        None => table,
        Some((estimate, bound)) => table.note(format!(
            "0*: not guaranteed, and none was seen in {} executions; at 95 % confidence at most {} \
             of executions show any.",
            estimate.seeds,
            spell::percent(bound)
        )),
    }
}

fn row(shown: &Shown) -> Vec<Value> {
    let has = |guarantee: &str| shown.guarantees.contains(&guarantee);
    vec![
        shown.scheme.as_str().into(),
        shown.bytes_p99.map(Figure::estimate).into(),
        rate(shown.false_order_near, has("sound")),
        rate(shown.false_order_mid, has("sound")),
        rate(shown.false_concurrency_near, has("complete")),
        rate(shown.false_concurrency_mid, has("complete")),
        rate(shown.reversal_near, has("consistent")),
        rate(shown.reversal_mid, has("consistent")),
    ]
}

/// The families that are out: each with its best scheme and what rules it out.
#[must_use]
pub fn out(answer: &Answer) -> Vec<[String; 2]> {
    let line = |excluded: &super::answer::Excluded| {
        let why: Vec<String> =
            excluded.reasons.iter().map(|r| format!("{}: {}", r.need.key(), r.why)).collect();
        [excluded.scheme.clone(), why.join("; ")]
    };
    answer.excluded.iter().map(line).collect()
}

/// What would change it: the change, what to take then, and why.
#[must_use]
pub fn changes(answer: &Answer) -> Vec<[String; 3]> {
    let line = |change: &super::answer::Change| {
        let takes = change.takes.as_deref().unwrap_or("none");
        let mark = if change.takes_over { "→ " } else { "  " };
        [change.change.clone(), format!("{mark}{takes}"), change.because.clone()]
    };
    answer.sensitivity.iter().map(line).collect()
}

/// Keys that were left out, with what was taken.
#[must_use]
pub fn assumed(needs: &Needs) -> Option<String> {
    let all: Vec<String> =
        needs.assumed.iter().map(|a| format!("{} = {}", a.key, a.value)).collect();
    (!all.is_empty()).then(|| format!("Not given, so taken: {}.", all.join(", ")))
}

/// Which type of which crate, and with what parameters.
#[must_use]
pub fn uses(answer: &Answer, used: &super::answer::Used) -> String {
    let scheme = answer.recommended.as_deref().unwrap_or_default();
    let parameters = match scheme.split_once(':') {
        Some((_, parameters)) => format!(", with {parameters} (the code has an example's values)"),
        None => String::new(),
    };
    format!("Use it: `{}` of the crate `{}`{parameters}.", used.usage.start, used.usage.package)
}

/// The whole for a terminal.
#[must_use]
pub fn text(answer: &Answer) -> String {
    let mut text = String::new();
    let mut paragraph = |words: &str| text.push_str(&(wrapped(words, 0) + "\n\n"));
    paragraph(format!("{}: {}", answer.name, answer.description).trim_end_matches(": "));
    paragraph(&headline(answer));
    reasons(answer).iter().for_each(|reason| paragraph(reason));
    assumed(&answer.needs).iter().for_each(|words| paragraph(words));
    paragraph(&simulated(answer));
    let table = candidates(answer);
    if !table.rows.is_empty() {
        text.push_str(&table.text(&Columns::Fitting));
    }
    if !answer.excluded.is_empty() {
        text.push_str("Out\n");
        text.push_str(&(aligned(&out(answer)) + "\n"));
    }
    text.push_str("What would change it (→ another family)\n");
    text.push_str(&(aligned(&changes(answer)) + "\n"));
    if let Some(used) = &answer.usage {
        let usage = &used.usage;
        text.push_str(&(wrapped(&uses(answer, used), 0) + "\n\n"));
        for line in used.code.lines() {
            text.push_str(format!("    {line}").trim_end());
            text.push('\n');
        }
        text.push('\n');
        for (title, words) in [("Store", usage.persist), ("Must never happen", usage.never)] {
            text.push_str(&(wrapped(&format!("{title}: {words}"), 0) + "\n\n"));
        }
    }
    text.trim_end().to_owned() + "\n"
}

/// A row of the table over many needs.
#[must_use]
pub fn summary_row(answer: &Answer) -> String {
    let figure = |figure: Option<Figure>, unit: Unit| {
        figure.map_or_else(|| "–".into(), |f| spell::value(&Value::Estimate(f.estimate()), unit))
    };
    let shown = answer.candidates.first().or(answer.nearest.as_ref().map(|n| &n.shown));
    let take = match (&answer.recommended, &answer.nearest) {
        (Some(scheme), _) => format!("`{scheme}`"),
        (None, Some(nearest)) => {
            let dropped = dropped(nearest).replacen('N', "n", 1);
            format!("none ({})", dropped.trim_end_matches('.'))
        }
        (None, None) => "none".into(),
    };
    let outside = answer.outside.map_or_else(String::new, |o| format!("; outside: {}", o.what));
    let values = shown.map(row).unwrap_or_default();
    let rate = |at: usize| values.get(at).map_or("–".into(), |v| spell::value(v, Unit::Share));
    let second = answer.runner_up.as_ref().map_or("–".into(), |r| format!("`{}`", r.scheme));
    format!(
        "| [{0}](../harness/needs/{0}.toml) | {take}{outside} | {1} | {2}, {3} | {4}, {5} | {second} |",
        answer.name,
        figure(shown.and_then(|s| s.bytes_p99), Unit::Bytes),
        rate(2),
        rate(3),
        rate(4),
        rate(5),
    )
}

/// The head of that table.
pub const SUMMARY_HEAD: &str = "\
| needs | take | bytes, p99 | false order near, mid | missed near, mid | runner-up |
|---|---|--:|--:|--:|---|";

/// So wide a column is before the rest begins on a line of its own.
const WIDEST: usize = 30;

/// Columns, the last of which is wrapped.
fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |at: usize| {
        let widths = rows.iter().map(|row| row[at].chars().count());
        widths.filter(|width| *width <= WIDEST).max().unwrap_or(WIDEST)
    };
    let widths: Vec<usize> = (0..N - 1).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut at = 2;
        text.push_str("  ");
        for (value, width) in row.iter().zip(&widths) {
            text.push_str(&format!("{value:<width$}  "));
            at += width + 2;
            if value.chars().count() > *width {
                text.truncate(text.trim_end().len());
                text.push_str(&format!("\n{}", " ".repeat(at)));
            }
        }
        let last = row.last().map(String::as_str).unwrap_or_default();
        text.push_str(wrapped(last, at).trim_start());
        text.push('\n');
    }
    text
}

/// Words in lines that fit, each with this much space in front.
fn wrapped(words: &str, indent: usize) -> String {
    let space = " ".repeat(indent);
    let room = WIDTH.saturating_sub(indent).max(30);
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        let len = word.chars().count();
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + len <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| format!("{space}{line}")).collect::<Vec<_>>().join("\n")
}
