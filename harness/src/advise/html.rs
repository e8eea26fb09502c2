//! The answer as one self-contained page: no script, nothing from elsewhere.

use super::answer::Answer;
use super::text;
use crate::show::{Table, Unit, spell};

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}\
.take{font-size:1.2rem;border-left:4px solid #0072b2;padding-left:1rem}\
.none{border-color:#d55e00}\
table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}\
th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #8886}\
td.n,th.n{text-align:right;white-space:nowrap}\
pre{overflow-x:auto;padding:1rem;border:1px solid #8886}\
code{font-family:ui-monospace,monospace}\
.over{font-weight:600}";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Text in which code stands between backquotes.
fn prose(text: &str) -> String {
    let parts = escaped(text).split('`').map(str::to_owned).collect::<Vec<_>>();
    let tag = |(at, part): (usize, String)| {
        if at % 2 == 1 { format!("<code>{part}</code>") } else { part }
    };
    parts.into_iter().enumerate().map(tag).collect()
}

/// A table of words.
fn words(heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let cells = |tag: &str, cells: &[String]| -> String {
        cells.iter().map(|cell| format!("<{tag}>{cell}</{tag}>")).collect()
    };
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    let body: String = rows.map(|row| format!("<tr>{}</tr>\n", cells("td", &row))).collect();
    format!(
        "<table><thead><tr>{}</tr></thead><tbody>\n{body}</tbody></table>\n",
        cells("th", &heads)
    )
}

/// A typed table.
fn figures(table: &Table) -> String {
    let class = |unit: Unit| if unit == Unit::Text { "" } else { " class=\"n\"" };
    let heads: String = table
        .columns
        .iter()
        .map(|c| format!("<th{}>{}</th>", class(c.unit), escaped(&c.heading.replace('\n', " "))))
        .collect();
    let row = |row: &Vec<crate::show::Value>| -> String {
        let cells = table.columns.iter().zip(row);
        let cells: String = cells
            .map(|(c, v)| {
                format!("<td{}>{}</td>", class(c.unit), escaped(&spell::value(v, c.unit)))
            })
            .collect();
        format!("<tr>{cells}</tr>\n")
    };
    let notes: String =
        table.notes.iter().map(|note| format!("<p>{}</p>\n", prose(note))).collect();
    let rows: String = table.rows.iter().map(row).collect();
    format!("<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}</tbody></table>\n{notes}")
}

/// The page.
#[must_use]
pub fn html(answer: &Answer) -> String {
    let mut body =
        format!("<h1>{}</h1>\n<p>{}</p>\n", escaped(&answer.name), { prose(&answer.description) });
    let class = if answer.recommended.is_some() { "take" } else { "take none" };
    body.push_str(&format!("<p class=\"{class}\">{}</p>\n", prose(&text::headline(answer))));
    let paragraphs = text::reasons(answer).into_iter().chain(text::assumed(&answer.needs));
    for paragraph in paragraphs.chain([text::simulated(answer)]) {
        body.push_str(&format!("<p>{}</p>\n", prose(&paragraph)));
    }
    let table = text::candidates(answer);
    if !table.rows.is_empty() {
        body.push_str(&format!("<h2>{}</h2>\n{}", escaped(&table.title), figures(&table)));
    }
    if !answer.excluded.is_empty() {
        let rows = text::out(answer)
            .into_iter()
            .map(|[scheme, why]| vec![format!("<code>{}</code>", escaped(&scheme)), prose(&why)]);
        body.push_str(&format!("<h2>Out</h2>\n{}", words(&["clock", "why"], rows)));
    }
    let rows = answer.sensitivity.iter().map(|change| {
        let takes = change
            .takes
            .as_ref()
            .map_or("none".into(), |takes| format!("<code>{}</code>", escaped(takes)));
        let class = if change.takes_over { " class=\"over\"" } else { "" };
        vec![prose(&change.change), format!("<span{class}>{takes}</span>"), prose(&change.because)]
    });
    let heads = ["what is otherwise", "take then", "because"];
    body.push_str(&format!("<h2>What would change it</h2>\n{}", words(&heads, rows)));
    if let Some(used) = &answer.usage {
        let usage = &used.usage;
        body.push_str(&format!(
            "<h2>Use it</h2>\n<p>{}</p>\n<pre><code>{}</code></pre>\n<p>Store: {}</p>\n\
             <p>Must never happen: {}</p>\n",
            prose(&text::uses(answer, used)),
            escaped(&used.code),
            prose(usage.persist),
            prose(usage.never)
        ));
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>{} – which clock?</title><style>{STYLE}</style></head>\n<body><main>\n{body}</main>\
         </body></html>\n",
        escaped(&answer.name)
    )
}
