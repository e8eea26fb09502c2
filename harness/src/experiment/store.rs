//! What each way to handle conflicts costs a replicated store ([`apps::store`]).
//!
//! [`apps::store`]: crate::apps::store

use std::num::NonZeroU32;
use std::path::Path;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::kind::{read_spec, write_spec};
use super::{Ask, Experiment, ExperimentError, Plan, Results, Rows, Task};
use crate::apps::store::{self, PRESETS, SCHEMES, StoreRow, StoreScenario};
use crate::registry::Registry;
use crate::show::{Axis, Better, Chart, Column, Page, Point, Series, Table, Unit, Value};
use crate::stats::Estimate;

/// Measure what each way to handle conflicts costs a replicated store: lost
/// updates, false siblings, stale reads, bytes.
///
/// The same clients do the same at the same times with every scheme.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  clockbench store
      all presets
  clockbench store partition --seeds 5
      one of them, fewer seeds")]
pub struct StoreArgs {
    /// Presets by name (healthy, partition, blind-writes), or TOML files
    /// [default: all presets].
    stores: Vec<String>,
    /// How many seeds [default: what each store says].
    #[arg(long)]
    seeds: Option<NonZeroU32>,
}

impl Plan for StoreArgs {
    const NAME: &'static str = "store";
    const SUMMARY: &'static str =
        "What clocks that err cost a replicated store: updates and siblings.";
    type Experiment = Store;

    fn plan(&self, _: &Registry, seed: u64) -> Result<Store, ExperimentError> {
        let all = || PRESETS.iter().map(|(name, _)| (*name).to_owned()).collect();
        let names = if self.stores.is_empty() { all() } else { self.stores.clone() };
        let mut stores = Vec::new();
        for name in names {
            let mut store = open(&name).map_err(ExperimentError::plan)?;
            store.seeds = self.seeds.map_or(store.seeds, NonZeroU32::get);
            if stores.iter().any(|known: &StoreScenario| known.name == store.name) {
                let problem = format!("two stores are called `{}`: expected one", store.name);
                return Err(ExperimentError::plan(problem));
            }
            stores.push(store);
        }
        Ok(Store { spec: Spec { root_seed: seed, stores } })
    }

    fn rebuild(spec: Json, _: &Registry) -> Result<Store, ExperimentError> {
        Ok(Store { spec: read_spec(Self::NAME, spec)? })
    }
}

fn open(name: &str) -> Result<StoreScenario, String> {
    if let Some((name, toml)) = PRESETS.iter().find(|preset| preset.0 == name) {
        return StoreScenario::parse(toml, name);
    }
    if !Path::new(name).exists() {
        let known = PRESETS.map(|(name, _)| name).join(", ");
        return Err(format!(
            "`{name}` is no store: expected a preset ({known}) or the path of a TOML file"
        ));
    }
    let text =
        std::fs::read_to_string(name).map_err(|error| format!("{name} cannot be read: {error}"))?;
    StoreScenario::parse(&text, name)
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    root_seed: u64,
    stores: Vec<StoreScenario>,
}

/// Some stores, each with every scheme.
#[derive(Clone, Debug)]
pub struct Store {
    spec: Spec,
}

impl Experiment for Store {
    fn spec(&self) -> Json {
        write_spec(&self.spec)
    }

    fn label(&self) -> String {
        "store".into()
    }

    fn tasks(&self) -> Vec<Task> {
        let tasks = |store: &StoreScenario| Task::replicates(&store.name, store.seeds);
        self.spec.stores.iter().flat_map(tasks).collect()
    }

    fn run(&self, task: &Task) -> Result<Rows, ExperimentError> {
        let store = self.spec.stores.iter().find(|store| store.name == task.cell);
        let store = store.ok_or_else(|| ExperimentError::task(task, "there is no such cell"))?;
        let mut rows = Rows::new(task.clone());
        rows.add("store", store::replicate(store, self.spec.root_seed, task.replicate))?;
        Ok(rows)
    }

    fn derive(&self, results: &mut Results<'_>, _: &Ask) -> Result<Page, ExperimentError> {
        let rows: Vec<(Task, StoreRow)> = results.table("store")?;
        let intro: Vec<_> = self.spec.stores.iter().map(|s| s.description.as_str()).collect();
        let mut page = Page::new("What conflicts cost a replicated store", intro.join(" "));
        page.table(table(&self.spec.stores, &rows));
        page.chart("lost", chart(&self.spec.stores, &rows));
        Ok(page)
    }

    fn inputs(&self) -> Vec<(String, String)> {
        let file = |store: &StoreScenario| {
            let text = toml::to_string(store);
            debug_assert!(text.is_ok(), "{text:?}");
            (format!("stores/{}.toml", store.name), text.unwrap_or_default())
        };
        self.spec.stores.iter().map(file).collect()
    }
}

/// A quotient of two counts, over seeds.
fn share(
    rows: &[(Task, StoreRow)],
    store: &str,
    scheme: &str,
    of: impl Fn(&StoreRow) -> (u64, u64),
) -> Option<Estimate> {
    let own = rows.iter().filter(|(task, row)| task.cell == store && row.scheme == scheme);
    let counts = own.map(|(_, row)| of(row)).filter(|(_, all)| *all > 0);
    Estimate::of(&counts.map(|(some, all)| some as f64 / all as f64).collect::<Vec<_>>())
}

fn lost(row: &StoreRow) -> (u64, u64) {
    (row.lost, row.acknowledged)
}

fn table(stores: &[StoreScenario], rows: &[(Task, StoreRow)]) -> Table {
    let less = |key, heading, unit| Column::estimate(key, heading, unit).better(Better::Less);
    let columns = [
        Column::text("store", "store"),
        Column::text("scheme", "scheme"),
        less("lost", "lost", Unit::Share),
        less("siblings", "siblings\na read", Unit::Count),
        less("siblings_p99", "p99", Unit::Count).rank(3),
        less("siblings_max", "most", Unit::Count).rank(2),
        less("false_siblings", "false\nsiblings", Unit::Share),
        less("stale", "stale\nreads", Unit::Share),
        less("stored_bytes", "bytes\na key", Unit::Bytes),
        less("request_bytes", "a request", Unit::Bytes).rank(1),
        less("answer_bytes", "an answer", Unit::Bytes).rank(1),
        less("comparisons", "compared\na write", Unit::Count).rank(4),
        less("merges", "merged\na write", Unit::Count).rank(5),
    ];
    let mut table = Table::new("store", "What each way to handle conflicts costs", columns).note(
        "Lost: of the acknowledged writes, those that are not there in the end and that nothing \
         there has seen. False siblings: of the versions in answers, those beside one that has \
         seen them. Stale: reads that miss a write acknowledged before they began; what is lost \
         is missed by every later read. Bytes are of clocks alone, ids included. ± is half the \
         95 % interval over seeds.",
    );
    table.by_first = true;
    for store in stores {
        for scheme in SCHEMES.map(|scheme| scheme.name) {
            let of = |of: fn(&StoreRow) -> (u64, u64)| -> Value {
                share(rows, &store.name, scheme, of).into()
            };
            table.push([
                store.name.as_str().into(),
                scheme.into(),
                of(lost),
                of(|row| (row.siblings, row.reads)),
                of(|row| (row.siblings_p99, 1)),
                of(|row| (row.siblings_max, 1)),
                of(|row| (row.false_siblings, row.siblings)),
                of(|row| (row.stale_reads, row.reads)),
                of(|row| (row.stored_bytes, row.stored)),
                of(|row| (row.request_bytes, row.writes)),
                of(|row| (row.answer_bytes, row.reads)),
                of(|row| (row.comparisons, row.writes)),
                of(|row| (row.merges, row.writes)),
            ]);
        }
    }
    table
}

/// Lost updates against the bytes of a key, a point a store.
fn chart(stores: &[StoreScenario], rows: &[(Task, StoreRow)]) -> Chart {
    let series = SCHEMES.map(|scheme| scheme.name).map(|scheme| {
        let point = |store: &StoreScenario| {
            let bytes = share(rows, &store.name, scheme, |row| (row.stored_bytes, row.stored))?;
            let Estimate { mean, half_width, .. } = share(rows, &store.name, scheme, lost)?;
            Some(Point { x: bytes.mean, y: mean, error: half_width.unwrap_or(0.0) })
        };
        let mut points: Vec<Point> = stores.iter().filter_map(point).collect();
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        Series { name: scheme.into(), points, dashed: false }
    });
    Chart {
        title: "Lost updates against bytes, a point a store".into(),
        x: Axis { label: "bytes of clocks a key".into(), log: true },
        y: Axis { label: "share of acknowledged writes that are lost".into(), log: false },
        series: series.into(),
    }
}
