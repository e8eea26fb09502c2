//! Tables and figures in the READMEs are those of the published runs that they
//! name, and the index of published runs is complete.
//!
//! * `<!-- table: FOLDER -->` … `<!-- end of table -->` holds the first table of
//!   a folder's first page; `FOLDER 2` the second.
//! * `<!-- excerpt: FOLDER; CLOCK CLOCK …; COLUMN, COLUMN, … -->` … `<!-- end of
//!   table -->` holds these rows and columns of the tables of a folder's first page.
//! * `<!-- claim: FOLDER#ID -->` stands in a line that states a figure: the claim
//!   must be in the folder's `claims.toml`, and the line must have its figure as
//!   tables print it.
//!
//! `UPDATE_README=1 cargo test -p harness --test readme` puts tables and index
//! there.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use harness::folder::{Claims, Folder, page};
use harness::registry::Registry;

const OPEN: &str = "<!-- table: ";
const EXCERPT: &str = "<!-- excerpt: ";
const CLOSE: &str = "<!-- end of table -->";
const CLAIM: &str = "<!-- claim: ";
const INDEX: &str = "<!-- index -->";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The READMEs of the project and of its crates, and the pages of the book.
fn readmes() -> Vec<PathBuf> {
    let mut all = vec![root().join("README.md")];
    let book = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    all.extend(book.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    for entry in fs::read_dir(root()).unwrap() {
        let path = entry.unwrap().path().join("README.md");
        if path.is_file() {
            all.push(path);
        }
    }
    all
}

/// The tables of a folder's own first page, each as lines.
fn tables_of(folder: &Path) -> Vec<Vec<String>> {
    let page = fs::read_to_string(folder.join("README.md")).unwrap();
    let lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let tables = lines.split(|line| !line.starts_with('|')).filter(|table| !table.is_empty());
    tables.map(<[String]>::to_vec).collect()
}

/// A table of a folder's own first page, counted from 1.
fn table_of(folder: &Path, number: usize) -> String {
    tables_of(folder)[number - 1].join("\n")
}

/// Rows and columns of the tables of a folder's own first page: the rows begin
/// with these clocks, and the columns may stand in any of the tables.
fn excerpt_of(folder: &Path, clocks: &[&str], columns: &[&str]) -> String {
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let tables: Vec<Vec<Vec<String>>> = tables_of(folder)
        .iter()
        .map(|table| table.iter().map(|line| cells(line)).collect())
        .collect();
    let value = |clock: &str, column: &str| {
        let found = tables.iter().find_map(|table| {
            let at = table[0].iter().position(|heading| heading == column)?;
            table.iter().find(|row| row[0] == clock).map(|row| row[at].clone())
        });
        found.unwrap_or_else(|| panic!("{}: no {column} of {clock}", folder.display()))
    };
    let mut lines = vec![
        format!("| clock | {} |", columns.join(" | ")),
        format!("|---|{}", "--:|".repeat(columns.len())),
    ];
    for clock in clocks {
        let values: Vec<String> = columns.iter().map(|column| value(clock, column)).collect();
        lines.push(format!("| `{clock}` | {} |", values.join(" | ")));
    }
    lines.join("\n")
}

fn replace(path: &Path, text: &str, expected: &str) {
    if text == expected {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_README").is_some(),
        "{}: run with UPDATE_README=1 to renew its tables",
        path.display()
    );
    fs::write(path, expected).unwrap();
}

#[test]
fn tables_are_those_of_the_published_runs() {
    let whole = |name: &str| {
        let (folder, number) = name.split_once(' ').unwrap_or((name, "1"));
        table_of(&root().join(folder), number.parse().unwrap())
    };
    let excerpt = |name: &str| {
        let parts: Vec<&str> = name.split("; ").collect();
        let [folder, clocks, columns] = parts[..] else { panic!("{name}") };
        let clocks: Vec<&str> = clocks.split(' ').collect();
        excerpt_of(&root().join(folder), &clocks, &columns.split(", ").collect::<Vec<_>>())
    };
    let mut tables = 0;
    for path in readmes() {
        let readme = fs::read_to_string(&path).unwrap();
        let with_tables = spliced(&readme, OPEN, whole, &mut tables);
        let expected = spliced(&with_tables, EXCERPT, excerpt, &mut tables);
        replace(&path, &readme, &expected);
    }
    assert!(tables > 2, "README and book have tables: {tables}");
}

/// A text whose tables that follow such an opening are made anew of its name.
fn spliced(text: &str, open: &str, table: impl Fn(&str) -> String, count: &mut usize) -> String {
    let mut parts = text.split(open);
    let mut made = parts.next().unwrap().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" -->").unwrap();
        let (_, after) = rest.split_once(CLOSE).unwrap();
        made.push_str(&format!("{open}{name} -->\n\n{}\n\n{CLOSE}{after}", table(name)));
        *count += 1;
    }
    made
}

#[test]
fn links_within_the_repository_lead_somewhere() {
    for path in readmes() {
        let text = fs::read_to_string(&path).unwrap();
        for part in text.split("](").skip(1) {
            let (link, _) = part.split_once(')').unwrap();
            let file = link.split('#').next().unwrap();
            if file.contains("://") || file.is_empty() {
                continue;
            }
            let target = path.parent().unwrap().join(file);
            assert!(target.exists(), "{}: {link}", path.display());
        }
    }
}

/// The figures of a folder's claims, as tables print them.
fn figures(folder: &Path) -> BTreeMap<String, String> {
    let folder = Folder::open(folder).unwrap();
    let experiment = folder.experiment(&Registry::builtin()).unwrap();
    let page = page(&folder, experiment.as_ref(), &folder.manifest().ask).unwrap();
    let claims = Claims::of(&folder).unwrap().unwrap();
    claims.check(&page).unwrap();
    claims.figures(&page).unwrap().into_iter().collect()
}

#[test]
fn figures_in_prose_are_those_of_claims_that_hold() {
    let mut known: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut count = 0;
    for path in readmes() {
        let readme = fs::read_to_string(&path).unwrap();
        for line in readme.lines() {
            for part in line.split(CLAIM).skip(1) {
                let (name, _) = part.split_once(" -->").unwrap();
                let (folder, id) = name.split_once('#').unwrap();
                let of_folder = known
                    .entry(folder.to_owned())
                    .or_insert_with(|| figures(&root().join("results/published").join(folder)));
                let figure = of_folder.get(id).unwrap_or_else(|| panic!("no claim {name}"));
                assert!(
                    line.contains(figure.as_str()),
                    "{}: {name} is {figure}, but the line says: {line}",
                    path.display()
                );
                count += 1;
            }
        }
    }
    assert!(count > 10, "the README states figures: {count}");
}

#[test]
fn the_index_names_every_published_folder() {
    let path = root().join("results/README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(INDEX).unwrap();
    let (_, after) = rest.split_once(CLOSE).unwrap();
    let mut folders: Vec<PathBuf> = fs::read_dir(root().join("results/published"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    let mut table =
        "| folder | experiment | tasks | claims | what |\n|---|---|--:|--:|---|\n".to_owned();
    for path in folders {
        let folder = Folder::open(&path).unwrap();
        let tasks = folder.experiment(&Registry::builtin()).unwrap().tasks().len();
        let claims = Claims::of(&folder).unwrap().map_or(0, |claims| claims.claims.len());
        let page = fs::read_to_string(path.join("README.md")).unwrap();
        let title = page.lines().next().unwrap().trim_start_matches("# ");
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        table.push_str(&format!(
            "| [`{name}`](published/{name}) | `{}` | {tasks} | {claims} | {title} |\n",
            folder.manifest().experiment
        ));
    }
    replace(&path, &text, &format!("{before}{INDEX}\n\n{table}\n{CLOSE}{after}"));
}
