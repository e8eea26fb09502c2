//! Results folders as one page to explore: a single file of HTML, CSS and plain
//! JavaScript that asks nobody for anything.
//!
//! [`gather`] takes all of a folder that the page may show, from the folder
//! alone; [`html`] puts it into the page. What is drawn, and what the pickers
//! choose, is decided in the scripts.

mod exploration;

use serde::Serialize;
use serde_json::{Value as Json, json};

pub use exploration::{Cell, Clock, Exploration, Figure, Metric, short};

use super::page::{Block, Page};
use super::palette;
use super::spell;
use super::table::{Better, Table, Value};
use crate::experiment::Experiment;
use crate::folder::{self, Claim, Claims, Folder, FolderError};

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
/// One scope for all of them, in this order.
const SCRIPTS: [&str; 5] = [
    include_str!("base.js"),
    include_str!("charts.js"),
    include_str!("frontier.js"),
    include_str!("tables.js"),
    include_str!("page.js"),
];

/// What the page shows of one folder.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// The name of the folder.
    name: String,
    /// As it was given: for commands.
    path: String,
    title: String,
    intro: String,
    experiment: String,
    command: String,
    revision: String,
    claims: Vec<Json>,
    texts: Vec<String>,
    tables: Vec<Json>,
    charts: Vec<Json>,
    exploration: Option<Exploration>,
}

/// Takes what the page shows of a sealed folder.
///
/// # Errors
/// Where its rows or claims are not there or do not read.
pub fn gather(folder: &Folder, experiment: &dyn Experiment) -> Result<Part, FolderError> {
    let manifest = folder.manifest();
    let page = folder::page(folder, experiment, &manifest.ask)?;
    let claims = match Claims::of(folder)? {
        None => Vec::new(),
        Some(claims) => claims.judged(&page)?.into_iter().map(claim).collect(),
    };
    let path = folder.path().display().to_string();
    let whole = folder.path().canonicalize().unwrap_or_else(|_| folder.path().to_owned());
    let name = whole.file_name().map_or(path.clone(), |name| name.to_string_lossy().into_owned());
    Ok(Part {
        name,
        path,
        title: page.title.clone(),
        intro: page.intro.clone(),
        experiment: manifest.experiment.clone(),
        command: manifest.arguments(),
        revision: manifest.revision(),
        claims,
        texts: texts(&page),
        tables: page.tables().filter(|table| !table.rows.is_empty()).map(table).collect(),
        charts: charts(&page),
        exploration: folder::explore(folder, experiment)?,
    })
}

fn claim((claim, figure, holds): (&Claim, String, bool)) -> Json {
    json!({
        "says": claim.says,
        "figure": figure,
        "holds": holds,
        "table": claim.table,
        "column": claim.column,
        "row": claim.row,
        "less_than": claim.less_than,
    })
}

fn texts(page: &Page) -> Vec<String> {
    let text = |block: &Block| match block {
        Block::Text(text) => Some(text.clone()),
        _ => None,
    };
    page.blocks.iter().filter_map(text).collect()
}

fn charts(page: &Page) -> Vec<Json> {
    let chart = |block: &Block| match block {
        Block::Chart { name, chart, shown: true } => {
            Some(json!({ "name": name, "title": chart.title, "svg": chart.svg() }))
        }
        _ => None,
    };
    page.blocks.iter().filter_map(chart).collect()
}

/// A table: a word is a text, a number is how it is spelled, what it is, half
/// its interval, and its seeds.
fn table(table: &Table) -> Json {
    let columns = table.columns.iter().map(|column| {
        let better = match column.better {
            Better::Neither => 0,
            Better::More => 1,
            Better::Less => -1,
        };
        json!({ "key": column.key, "heading": column.heading.replace('\n', " "),
                "unit": column.unit.as_str(), "better": better, "estimated": column.estimated })
    });
    let rows = table.rows.iter().map(|row| {
        let cell = |(column, value): (&super::table::Column, &Value)| match value {
            Value::Missing => Json::Null,
            Value::Text(text) => text.as_str().into(),
            Value::Whole(number) => json!([spell::value(value, column.unit), number]),
            Value::Number(number) => json!([spell::value(value, column.unit), number]),
            Value::Estimate(e) | Value::Promised(e) => {
                json!([spell::value(value, column.unit), e.mean, e.half_width, e.seeds])
            }
        };
        table.columns.iter().zip(row).map(cell).collect::<Vec<_>>()
    });
    json!({
        "name": table.name,
        "title": table.title,
        "columns": columns.collect::<Vec<_>>(),
        "rows": rows.collect::<Vec<_>>(),
        "notes": table.notes,
        "shown": table.shown,
    })
}

/// The page of these folders.
#[must_use]
pub fn html(parts: &[Part]) -> String {
    let families = parts.iter().filter_map(|part| part.exploration.as_ref());
    let families = families.flat_map(|e| &e.cells).flat_map(|cell| &cell.clocks);
    let looks: std::collections::BTreeMap<&str, Json> = families
        .map(|clock| {
            let look = palette::look(&clock.family);
            (clock.family.as_str(), json!([look.colour, look.marker]))
        })
        .collect();
    let data = json!({ "folders": parts, "looks": looks });
    // A script ends where its end is written, even in a text.
    let data = data.to_string().replace('<', "\\u003c");
    let mut page = String::new();
    let mut rest = TEMPLATE;
    for (mark, text) in [
        ("/*STYLE*/", STYLE),
        ("/*DATA*/", data.as_str()),
        ("/*SCRIPT*/", SCRIPTS.concat().as_str()),
    ] {
        if let Some((before, after)) = rest.split_once(mark) {
            page.push_str(before);
            page.push_str(text);
            rest = after;
        }
    }
    page + rest
}
