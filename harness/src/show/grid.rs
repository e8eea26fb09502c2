//! A table for people: on a terminal, and in Markdown.

use comfy_table::{
    CellAlignment, ContentArrangement, LineStyle, Table as Grid, TableStyle, presets,
};

use super::spell;
use super::table::{Column, Table, Unit, Value};

/// Which columns a terminal shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Columns {
    /// As many as fit; what is left out is named below the table.
    #[default]
    Fitting,
    /// All of them, however wide.
    All,
    /// The words in front, and those of these keys.
    Named(Vec<String>),
}

/// So many characters fit on a terminal.
const WIDTH: usize = 100;

impl Table {
    /// The table for a terminal, its title above and its notes below.
    #[must_use]
    pub fn text(&self, columns: &Columns) -> String {
        let style = presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none());
        let mut text = String::new();
        let mut left_out: Vec<&str> = Vec::new();
        for (heading, rows) in self.grids() {
            let shown = self.shown(rows, columns);
            let hidden = (0..self.columns.len()).filter(|at| !shown.contains(at));
            for at in hidden.filter(|at| !(self.by_first && *at == 0)) {
                let key = self.columns[at].key.as_str();
                if !left_out.contains(&key) {
                    left_out.push(key);
                }
            }
            let title =
                if self.by_first { &format!("{heading}: {}", self.title) } else { &heading };
            text.push_str(&format!("{title}\n{}\n\n", self.grid(rows, &shown, style, folded)));
        }
        if *columns == Columns::Fitting && !left_out.is_empty() {
            let keys = left_out.join(", ");
            text.push_str(&wrap(&format!("Left out for want of room (--columns): {keys}.")));
        }
        self.notes.iter().for_each(|note| text.push_str(&wrap(note)));
        text
    }

    /// The table in Markdown, all columns, its title as a heading of this
    /// level.
    #[must_use]
    pub fn markdown(&self, level: usize) -> String {
        let mark = "#".repeat(level);
        let mut text = String::new();
        let all: Vec<usize> = (usize::from(self.by_first)..self.columns.len()).collect();
        if self.by_first {
            text.push_str(&format!("{mark} {}\n\n", self.title));
        }
        for (heading, rows) in self.grids() {
            let mark = if self.by_first { "#".repeat(level + 1) } else { mark.clone() };
            let grid = self.grid(rows, &all, presets::ASCII_MARKDOWN, str::to_owned);
            text.push_str(&format!("{mark} {heading}\n\n{grid}\n\n"));
        }
        self.notes.iter().for_each(|note| text.push_str(&format!("{note}\n\n")));
        text
    }

    /// The rows of each grid, and what stands above it.
    fn grids(&self) -> Vec<(String, &[Vec<Value>])> {
        if !self.by_first {
            return vec![(self.title.clone(), &self.rows)];
        }
        let first = |rows: &[Vec<Value>]| rows.first().and_then(|row| row.first()).cloned();
        self.rows
            .chunk_by(|a, b| a.first() == b.first())
            .map(|rows| {
                let name = first(rows).map(|value| spell::value(&value, Unit::Text));
                (name.unwrap_or_default(), rows)
            })
            .collect()
    }

    /// The places of the columns that are shown of these rows. A column
    /// without any value is none.
    fn shown(&self, rows: &[Vec<Value>], columns: &Columns) -> Vec<usize> {
        let first = usize::from(self.by_first);
        let filled = |at: &usize| {
            rows.iter().any(|row| !matches!(row.get(*at), None | Some(Value::Missing)))
        };
        let mut shown: Vec<usize> = (first..self.columns.len()).filter(filled).collect();
        match columns {
            Columns::All => shown,
            Columns::Named(keys) => {
                shown.retain(|at| {
                    let Column { key, unit, .. } = &self.columns[*at];
                    *unit == Unit::Text || keys.contains(key)
                });
                shown
            }
            Columns::Fitting => {
                let widths: Vec<usize> =
                    (0..self.columns.len()).map(|at| self.width(rows, at)).collect();
                // A column takes its text and three spaces.
                while shown.iter().map(|at| widths[*at] + 3).sum::<usize>() > WIDTH {
                    // Of those of equal rank, the last.
                    let least =
                        shown.iter().copied().max_by_key(|at| (self.columns[*at].rank, *at));
                    match least.filter(|at| self.columns[*at].rank > 0) {
                        Some(least) => shown.retain(|at| *at != least),
                        None => break,
                    }
                }
                shown
            }
        }
    }

    fn width(&self, rows: &[Vec<Value>], at: usize) -> usize {
        let column = &self.columns[at];
        let widest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        let cells = rows.iter().filter_map(|row| row.get(at));
        let cells = cells.map(|value| widest(&folded(&spell::value(value, column.unit))));
        cells.max().unwrap_or(0).max(widest(&column.heading))
    }

    /// `fold` breaks what would be too wide.
    fn grid(
        &self,
        rows: &[Vec<Value>],
        shown: &[usize],
        style: TableStyle,
        fold: fn(&str) -> String,
    ) -> Grid {
        let mut grid = Grid::new();
        grid.load_style(style).set_content_arrangement(ContentArrangement::Disabled);
        let is_markdown = style == presets::ASCII_MARKDOWN;
        grid.set_header(shown.iter().map(|at| {
            let heading = &self.columns[*at].heading;
            if is_markdown { heading.trim().replace('\n', " ") } else { heading.clone() }
        }));
        for row in rows {
            let cell = |at: &usize| fold(&spell::value(&row[*at], self.columns[*at].unit));
            grid.add_row(shown.iter().map(cell));
        }
        for (place, at) in shown.iter().enumerate() {
            if self.columns[*at].unit != Unit::Text
                && let Some(column) = grid.column_mut(place)
            {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        grid
    }
}

/// A long name in two lines, or more: broken behind a comma.
fn folded(text: &str) -> String {
    const FOLD: usize = 24;
    let mut lines = String::new();
    let mut width = 0;
    for part in text.split_inclusive(',') {
        let len = part.chars().count();
        if width > 0 && width + len > FOLD {
            lines.push('\n');
            width = 0;
        }
        lines.push_str(part);
        width += len;
    }
    lines
}

/// A paragraph in lines that fit.
pub(super) fn wrap(paragraph: &str) -> String {
    let mut text = String::new();
    let mut width = 0;
    for word in paragraph.split_whitespace() {
        let len = word.chars().count();
        if width > 0 && width + 1 + len > WIDTH - 10 {
            text.push('\n');
            width = 0;
        } else if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += len;
    }
    text + "\n\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: usize) -> Table {
        let mut all = vec![Column::text("clock", "clock")];
        let number = |n| Column::number(format!("n{n}"), format!("number {n}"), Unit::Count);
        all.extend((1..columns).map(|n| number(n).rank(n as u8)));
        let mut table = Table::new("wide", "Wide", all);
        let row = |name: &str| {
            std::iter::once(name.into()).chain((1..columns).map(|n| Value::Whole(n as u64)))
        };
        table.push(row("rev:r=16").collect::<Vec<_>>());
        table
    }

    #[test]
    fn a_wide_table_fits_and_says_what_is_left_out() {
        let text = table(14).text(&Columns::Fitting);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.contains("number 1 ") && !text.contains("number 13"), "{text}");
        assert!(text.contains("Left out for want of room (--columns): n9, n10"), "{text}");
        assert!(!table(4).text(&Columns::Fitting).contains("Left out"));
    }

    #[test]
    fn all_columns_or_named_ones_are_shown_on_demand() {
        let all = table(14).text(&Columns::All);
        assert!(all.contains("number 13") && !all.contains("Left out"), "{all}");
        let named = table(14).text(&Columns::Named(vec!["n12".into()]));
        assert!(named.contains("rev:r=16") && named.contains("number 12"), "{named}");
        assert!(!named.contains("number 2"), "{named}");
        assert!(table(14).markdown(2).contains("number 13"));
        assert_eq!(
            folded("vc-capped:k=10,drop=oldest,seed=0"),
            "vc-capped:k=10,\ndrop=oldest,seed=0"
        );
        assert_eq!(folded("12.3 ±0.4 %"), "12.3 ±0.4 %");
    }
}
