//! From parts to a sealed folder: raw rows, what is derived of them, the first
//! page, and the sums.

use sha2::{Digest, Sha256};

use super::manifest::hex;
use super::{Claims, Folder, FolderError, Work};
use crate::experiment::{Ask, Experiment, ExperimentError, Results, Rows};
use crate::folder::Shard;
use crate::show::Page;
use crate::show::report::Exploration;

/// Seals a folder of which every task is done. `time` gives the rows of
/// timings, where they are wanted and not there yet.
///
/// # Errors
/// Where a task is missing, a part is not whole, or anything cannot be written.
pub fn seal(
    folder: &Folder,
    experiment: &dyn Experiment,
    time: impl FnOnce() -> Result<Option<Rows>, FolderError>,
) -> Result<Page, FolderError> {
    let work = Work::of(folder, experiment, Shard::WHOLE)?;
    if !work.due.is_empty() {
        let (path, of) = (folder.path().to_owned(), work.tasks.len());
        return Err(FolderError::Missing { path, missing: work.due, of });
    }
    if !folder.is_gathered() {
        folder.gather(&work.tasks)?;
    }
    if folder.timings()?.is_none()
        && let Some(rows) = time()?
        && let Some(table) = rows.tables().first()
    {
        // Timings have no cell and replicate of their own in front.
        let text = [table.header.as_str(), &table.lines].concat();
        folder.put("timings.csv", text.as_bytes())?;
    }
    for (name, text) in experiment.inputs() {
        folder.put(&name, text.as_bytes())?;
    }
    let page = page(folder, experiment, &folder.manifest().ask)?;
    write(folder, &page)?;
    Ok(page)
}

/// Derives a sealed folder again, asked something else.
///
/// # Errors
/// Where it is not sealed, or its rows cannot answer.
pub fn derive(
    folder: &mut Folder,
    experiment: &dyn Experiment,
    ask: Ask,
    claims: Option<&Claims>,
) -> Result<Page, FolderError> {
    if !folder.is_sealed() {
        return Err(FolderError::NotSealed(folder.path().to_owned()));
    }
    let page = page(folder, experiment, &ask)?;
    if let Some(claims) = claims {
        claims.check(&page)?;
        folder.put("claims.toml", claims.text().as_bytes())?;
    }
    folder.set_ask(ask)?;
    write(folder, &page)?;
    Ok(page)
}

/// What is derived of a folder's rows.
///
/// # Errors
/// Where its rows are not there or cannot answer.
pub fn page(folder: &Folder, experiment: &dyn Experiment, ask: &Ask) -> Result<Page, FolderError> {
    experiment.check(ask)?;
    with_rows(folder, experiment, |results| experiment.derive(results, ask))
}

/// The figures behind the tables, where the experiment has more than these.
///
/// # Errors
/// Where its rows are not there or do not read.
pub fn explore(
    folder: &Folder,
    experiment: &dyn Experiment,
) -> Result<Option<Exploration>, FolderError> {
    with_rows(folder, experiment, |results| experiment.explore(results))
}

fn with_rows<T>(
    folder: &Folder,
    experiment: &dyn Experiment,
    of: impl FnOnce(&mut Results<'_>) -> Result<T, ExperimentError>,
) -> Result<T, FolderError> {
    let tasks = experiment.tasks();
    let rows = folder.rows(&tasks)?;
    let mut results = Results { tasks: Box::new(rows), timings: folder.timings()? };
    let made = of(&mut results)?;
    // What no task owns is found at the end.
    for rest in results.tasks {
        rest?;
    }
    Ok(made)
}

/// The first page of a folder.
pub(super) fn readme(folder: &Folder, page: &Page) -> String {
    format!(
        "# {}\n\n{}\n\n{} `raw/` is the same on every machine and on any number of threads; only \
         `timings.csv`, and what is derived of it, is not.\n\n{}",
        page.title,
        page.intro,
        folder.manifest().made_by(),
        page.markdown().trim_end()
    ) + "\n"
}

/// Writes all that is derived. Until the sums are there, it is not sealed.
fn write(folder: &Folder, page: &Page) -> Result<(), FolderError> {
    folder.remove("SHA256SUMS")?;
    folder.remove("derived")?;
    for (name, text) in page.files() {
        folder.put(&name, text.as_bytes())?;
    }
    folder.put("README.md", readme(folder, page).as_bytes())?;
    folder.remove("parts")?;
    folder.put("SHA256SUMS", sums(folder)?.as_bytes())?;
    clean(folder)
}

/// The sums of all files.
pub(super) fn sums(folder: &Folder) -> Result<String, FolderError> {
    let mut text = String::new();
    for name in folder.files()?.iter().filter(|name| *name != "SHA256SUMS") {
        text.push_str(&format!("{}  {name}\n", hex(&Sha256::digest(folder.get(name)?))));
    }
    Ok(text)
}

/// Removes locks and what was left by processes that were killed.
fn clean(folder: &Folder) -> Result<(), FolderError> {
    let entries = std::fs::read_dir(folder.path())
        .map_err(|error| FolderError::read(folder.path(), error))?;
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            folder.remove(&name)?;
        }
    }
    Ok(())
}
