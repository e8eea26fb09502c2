//! What an experiment has to show: text, tables and charts, one after the
//! other. A folder's first page, a terminal and a program get the same.

use serde_json::{Value as Json, json};

use super::chart::Chart;
use super::grid::{Columns, wrap};
use super::table::Table;

/// A part of a page.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A table, also a file of its own.
    Table(Table),
    /// A chart, a file of its own: `derived/NAME.svg`.
    Chart {
        /// The name of its file.
        name: String,
        /// The chart.
        chart: Chart,
        /// Whether the first page shows it.
        shown: bool,
    },
}

/// All that is derived from the rows of an experiment.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The heading.
    pub title: String,
    /// A sentence or more below it, in Markdown.
    pub intro: String,
    /// The rest, in order.
    pub blocks: Vec<Block>,
}

impl Page {
    /// A page without blocks.
    #[must_use]
    pub fn new(title: impl Into<String>, intro: impl Into<String>) -> Self {
        Self { title: title.into(), intro: intro.into(), blocks: Vec::new() }
    }

    /// Adds a table.
    pub fn table(&mut self, table: Table) {
        self.blocks.push(Block::Table(table));
    }

    /// Adds a paragraph.
    pub fn text(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Text(text.into()));
    }

    /// Adds a chart that the first page shows.
    pub fn chart(&mut self, name: impl Into<String>, chart: Chart) {
        self.blocks.push(Block::Chart { name: name.into(), chart, shown: true });
    }

    /// Adds a chart that is a file alone.
    pub fn chart_aside(&mut self, name: impl Into<String>, chart: Chart) {
        self.blocks.push(Block::Chart { name: name.into(), chart, shown: false });
    }

    /// Its tables.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        })
    }

    /// For a terminal.
    #[must_use]
    pub fn terminal(&self, columns: &Columns) -> String {
        let block = |block: &Block| match block {
            Block::Text(text) => wrap(text),
            Block::Table(table) if table.shown && !table.rows.is_empty() => table.text(columns),
            Block::Table(_) | Block::Chart { .. } => String::new(),
        };
        self.blocks.iter().map(block).collect()
    }

    /// The blocks in Markdown; charts are links to their files.
    #[must_use]
    pub fn markdown(&self) -> String {
        let block = |block: &Block| match block {
            Block::Text(text) => format!("{text}\n\n"),
            Block::Table(table) if table.shown && !table.rows.is_empty() => table.markdown(2),
            Block::Chart { name, chart, shown: true } => {
                format!("![{}](derived/{name}.svg)\n\n", chart.title)
            }
            Block::Table(_) | Block::Chart { .. } => String::new(),
        };
        self.blocks.iter().map(block).collect()
    }

    /// Everything but the charts, for programs.
    #[must_use]
    pub fn json(&self) -> Json {
        let texts = self.blocks.iter().filter_map(|block| match block {
            Block::Text(text) => Some(text.as_str()),
            _ => None,
        });
        json!({
            "title": self.title,
            "tables": self.tables().map(Table::json).collect::<Vec<_>>(),
            "text": texts.collect::<Vec<_>>(),
        })
    }

    /// The files under `derived/`, by name.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String)> {
        let file = |block: &Block| match block {
            Block::Text(_) => None,
            Block::Table(table) => Some((format!("derived/{}.csv", table.name), table.csv())),
            Block::Chart { name, chart, .. } => Some((format!("derived/{name}.svg"), chart.svg())),
        };
        self.blocks.iter().filter_map(file).collect()
    }
}
