//! `clockbench run`: the main job.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args as ClapArgs, ValueEnum};

use super::progress::Progress;
use super::{inputs, print, print_json};
use crate::execution::{Cell, Source};
use crate::registry::{BoxedScheme, Registry};
use crate::results::{
    self, Across, CellNote, Contest, Frontier, Manifest, Paired, Sampling, Summary,
};
use crate::run::{self, Options, Replicate, TimingPlan, TimingRow};
use crate::scenario::Scenario;
use crate::stats::Rate;

/// Run clocks through scenarios or traces and compare them.
///
/// Prints one table for each scenario or trace, and leaves a results folder
/// with the raw counts. The same seed gives the same counts on every machine.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench run
      the scenario `churn` with every clock
  clockbench run static growth --clocks itc,vc,rev:r=16,vc-bounded:k=8,hlc
      two scenarios, five clocks
  clockbench run mine.toml --seeds 100 --out results/scratch/mine
      a scenario of your own (start from `clockbench scenarios churn`)
  clockbench run --trace git:../linux --clocks itc,vc,hlc
      the history of a git repository; `git:` alone is the one you stand in
  clockbench run --trace app.log --shiviz-regex '(?<host>\\S+) (?<clock>\\{.*\\}) (?<event>.*)'
      a ShiViz log in a format of its own
  clockbench run churn static --clocks rev:r=2..64,nurev:r=2..64 --baseline rev:r=16 \\
      --frontier false-order --budgets 32,64 --seeds 60
      false order against bytes, and the better of two families at equal bytes

A clock's parameter may be a range: r=4..64 doubles (4, 8, 16, 32, 64),
r=4..64x4 multiplies by 4 (4, 16, 64), r=4..12+4 adds 4 (4, 8, 12).")]
pub(super) struct Args {
    /// Presets by name, or TOML files; `churn` where neither these nor a trace
    /// are given.
    scenarios: Vec<String>,
    /// Replay a recorded execution: `git:PATH`, a DAG file, a ShiViz log, or
    /// an execution written by `trace export`; plain or gzip. May be repeated.
    #[arg(long, value_name = "git:PATH|FILE")]
    trace: Vec<String>,
    /// How lines of a ShiViz log are read: a regular expression with groups
    /// `host` and `clock`, and perhaps `event` and `timestamp`.
    #[arg(long, value_name = "REGEX", requires = "trace")]
    shiviz_regex: Option<String>,
    /// Which clocks, with parameters, separated by commas; `r=4..64` is a range
    /// [default: every family's usual ones].
    #[arg(long, value_name = "LIST")]
    clocks: Option<String>,
    /// How many seeds (replicates) for each scenario [default: what the
    /// scenario says, 30 in most; 1 for traces].
    #[arg(long)]
    seeds: Option<NonZeroU32>,
    /// The root seed that everything random comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The results folder; it must not exist [default: the next free one in
    /// results/scratch].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How many threads [default: one a core]. Results do not depend on it.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
    /// MiB of encoded stamps and clocks that a clock may keep in one
    /// execution before it is stopped.
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    memory_budget: u64,
    /// How often each clock is timed; 0 to leave timing out.
    #[arg(long, value_name = "N", default_value_t = 5)]
    timing_rounds: u32,
    /// Compare every clock with this one, execution by execution
    /// (derived/paired.csv and a table).
    #[arg(long, value_name = "SCHEME")]
    baseline: Option<String>,
    /// Draw this rate against encoded bytes, a line a family, over all
    /// pairs and by lag (derived/frontier-RATE.csv and charts).
    #[arg(long, value_enum, value_name = "RATE")]
    frontier: Vec<FrontierRate>,
    /// With --frontier: within each of these numbers of bytes, the best clock
    /// of each family, against the family of --baseline. One half of the
    /// executions chooses, the other judges.
    #[arg(long, value_name = "BYTES,…", value_delimiter = ',', requires_all = ["frontier", "baseline"])]
    budgets: Vec<u64>,
    /// Draw rates against this number of the scenarios, a line a clock and a
    /// point a scenario, such as `clocks.skew` (derived/across.csv and charts).
    #[arg(long, value_name = "KEY")]
    across: Option<String>,
    /// Write raw counts in less room: one row a clock and execution, without
    /// the strata of nodes (raw/schemes.csv and raw/bins.csv).
    #[arg(long)]
    compact: bool,
    /// Hold stamps that tell time against physical time (`raw/times.csv`). Always
    /// done where a scenario has faults of clocks.
    #[arg(long)]
    observe_time: bool,
    /// Judge verdicts by ε-causality as well: events are also ordered where
    /// they are this much true time apart (`raw/epsilon_verdicts.csv`).
    #[arg(long, value_name = "DURATION", value_parser = causal_clock::duration::parse)]
    epsilon: Option<Duration>,
    /// Print the summary as JSON in place of tables.
    #[arg(long)]
    json: bool,
}

/// The rates that have a frontier.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FrontierRate {
    FalseOrder,
    FalseConcurrency,
    Proven,
}

impl FrontierRate {
    const fn rate(self) -> Rate {
        match self {
            Self::FalseOrder => Rate::FalseOrder,
            Self::FalseConcurrency => Rate::FalseConcurrency,
            Self::Proven => Rate::Proven,
        }
    }
}

/// What was derived besides the summary, as asked for.
struct Extras {
    paired: Option<Paired>,
    frontiers: Vec<Frontier>,
    contests: Vec<Contest>,
    across: Option<Across>,
}

impl Extras {
    fn new(
        args: &Args,
        cells: &[(Cell, u32)],
        baseline: Option<&str>,
        replicates: &[Replicate],
    ) -> anyhow::Result<Self> {
        let scenarios: Vec<_> = cells.iter().filter_map(|(cell, _)| scenario(cell)).collect();
        let across = |key| Across::new(key, &scenarios, replicates).map_err(anyhow::Error::msg);
        let rates = || args.frontier.iter().map(|rate| rate.rate());
        let rival = baseline.map(|name| name.split(':').next().unwrap_or(name));
        let contest = |rate| Some(Contest::new(replicates, rate, &args.budgets, rival?));
        Ok(Self {
            across: args.across.as_deref().map(across).transpose()?,
            paired: baseline.map(|name| Paired::new(replicates, name)),
            frontiers: rates().map(|rate| Frontier::new(replicates, rate)).collect(),
            contests: if args.budgets.is_empty() {
                Vec::new()
            } else {
                rates().filter_map(contest).collect()
            },
        })
    }

    fn files(&self) -> Vec<(String, String)> {
        let paired = self.paired.iter().map(|p| ("derived/paired.csv".to_owned(), p.csv()));
        let frontiers = self.frontiers.iter().flat_map(Frontier::files);
        let across = self.across.iter().flat_map(Across::files);
        let contests = self.contests.iter().map(Contest::file);
        paired.chain(frontiers).chain(contests).chain(across).collect()
    }

    fn text(&self) -> String {
        let contests = self.contests.iter().map(Contest::text);
        self.paired.iter().map(Paired::text).chain(contests).collect::<Vec<_>>().join("\n")
    }

    /// Charts, and the tables beyond the summary.
    fn markdown(&self) -> String {
        let mut text: String = self.contests.iter().map(Contest::markdown).collect();
        text.extend(self.paired.iter().map(Paired::markdown));
        let shown = |name: &str| {
            name.ends_with("-all.svg") || name.contains("/across-") && name.ends_with(".svg")
        };
        for (name, _) in self.files().iter().filter(|(name, _)| shown(name)) {
            text.push_str(&format!("![{name}]({name})\n\n"));
        }
        text
    }
}

pub(super) fn run(args: &Args, registry: &Registry) -> anyhow::Result<()> {
    let schemes = match &args.clocks {
        None => registry.presets()?,
        Some(list) => registry.schemes(list)?,
    };
    if schemes.is_empty() {
        bail!("--clocks names no clock: expected a list such as `itc,rev:r=16`");
    }
    let baseline = baseline(args, registry, &schemes)?;
    let inputs = Inputs::read(args)?;
    // Refused before anything is computed, not after.
    if let Some(key) = &args.across {
        let scenarios: Vec<_> =
            inputs.cells.iter().filter_map(|(cell, _)| scenario(cell)).collect();
        if scenarios.len() < inputs.cells.len() {
            bail!("--across: a trace has no `{key}`: expected scenarios alone");
        }
        Across::new(key, &scenarios, &[]).map_err(anyhow::Error::msg).context("--across")?;
    }
    results::check(args.out.as_deref().unwrap_or(&Path::new(SCRATCH).join("new")))?;
    let options = Options {
        root_seed: args.seed,
        memory_budget: args.memory_budget.saturating_mul(1 << 20),
        timing: TimingPlan { rounds: args.timing_rounds, ..Options::default().timing },
        observe_time: args.observe_time,
        epsilon: args.epsilon,
        ..Options::default()
    };
    let sampling = Sampling { sources: options.sampling.sources, pairs: options.sampling.pairs };
    let names = schemes.iter().map(|s| s.name()).collect();
    let manifest = Manifest::new(args.seed, sampling, names, inputs.notes.clone());
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.threads.map_or(0, NonZeroUsize::get))
        .build()
        .context("the threads could not be started")?;
    let cells = inputs.cells.as_slice();

    let progress = Progress::new("executions", run::count(cells));
    let replicates = pool.install(|| run::run(cells, &schemes, &options, &|| progress.step()));
    progress.finish();
    let rounds = cells.len() * args.timing_rounds as usize;
    let progress = Progress::new("timing", rounds);
    let timings = run::time_all(cells, &schemes, &options, &|| progress.step());
    progress.finish();

    let summary = Summary::new(&replicates, &timings, &schemes);
    let extras = Extras::new(args, cells, baseline.as_deref(), &replicates)?;
    let replicates = if args.compact { results::compact(replicates) } else { replicates };
    let mut files = files(&manifest, &inputs, &replicates, &timings, &summary)?;
    if args.compact {
        files.retain(|(name, _)| {
            !["replays", "verdicts", "sizes"].iter().any(|raw| *name == format!("raw/{raw}.csv"))
        });
        files.push(("raw/bins.csv".to_owned(), results::bins_csv(&replicates)));
        files.push(("raw/schemes.csv".to_owned(), results::schemes_csv(&replicates)));
    }
    if let Some((_, readme)) = files.iter_mut().find(|(name, _)| name == "README.md") {
        readme.push_str(&extras.markdown());
    }
    files.extend(extras.files());
    let out = write(args, cells, &files)?;
    if args.json {
        print_json(&summary.json())?;
    } else {
        print(&(summary.text() + &results::physical_text(&replicates)))?;
        print(&extras.text())?;
    }
    eprintln!("results in {}", out.display());
    Ok(())
}

/// Cells with their numbers of seeds, and what the manifest says of them.
struct Inputs {
    cells: Vec<(Cell, u32)>,
    notes: Vec<CellNote>,
}

impl Inputs {
    fn read(args: &Args) -> anyhow::Result<Self> {
        let seeds = args.seeds.map(NonZeroU32::get);
        let mut inputs = Self { cells: Vec::new(), notes: Vec::new() };
        let default = ["churn".to_owned()];
        let scenarios = if args.scenarios.is_empty() && args.trace.is_empty() {
            &default[..]
        } else {
            &args.scenarios
        };
        for name in scenarios {
            let scenario = inputs::scenario(name)?;
            let seeds = seeds.unwrap_or(scenario.seeds);
            inputs.add(Cell::of(scenario), seeds, serde_json::json!("scenario"))?;
        }
        for spec in &args.trace {
            for (cell, note) in inputs::traces(spec, args.shiviz_regex.as_deref())? {
                inputs.add(cell, seeds.unwrap_or(1), note)?;
            }
        }
        Ok(inputs)
    }

    fn add(&mut self, cell: Cell, seeds: u32, source: serde_json::Value) -> anyhow::Result<()> {
        if self.cells.iter().any(|(other, _)| other.name == cell.name) {
            bail!(
                "`{}` is there twice: expected scenarios and traces of different names",
                cell.name
            );
        }
        let name = cell.name.clone();
        self.cells.push((cell, seeds));
        let replicates = run::count(&self.cells[self.cells.len() - 1..]) as u32;
        self.notes.push(CellNote { name, replicates, source });
        Ok(())
    }
}

/// The name of the scheme to compare with, which must be one of the run.
fn baseline(
    args: &Args,
    registry: &Registry,
    schemes: &[BoxedScheme],
) -> anyhow::Result<Option<String>> {
    let Some(text) = &args.baseline else { return Ok(None) };
    let name = registry.scheme(text)?.name();
    if schemes.iter().all(|s| s.name() != name) {
        bail!("--baseline `{name}` is not part of the run: expected one of its clocks");
    }
    Ok(Some(name))
}

/// Writes the results where they are wanted, or into the next free folder for
/// them; says where.
fn write(
    args: &Args,
    cells: &[(Cell, u32)],
    files: &[(String, String)],
) -> anyhow::Result<PathBuf> {
    match &args.out {
        Some(out) => results::write(out, files).map(|()| out.clone()),
        None => {
            let name = cells.first().map_or("run", |(cell, _)| cell.name.as_str());
            results::write_next(Path::new(SCRATCH), name, files)
        }
    }
    .map_err(Into::into)
}

/// Where results go that nobody has a place for.
const SCRATCH: &str = "results/scratch";

/// What a cell simulates, if it is not recorded.
fn scenario(cell: &Cell) -> Option<&Scenario> {
    match &cell.source {
        Source::Scenario(scenario) => Some(scenario),
        Source::Recorded(_) => None,
    }
}

/// The folder's own first page: the tables, and the command that made them.
fn readme(manifest: &Manifest, summary: &Summary) -> String {
    format!(
        "# Results\n\n{} `manifest.json` says on what machine; only `timings.csv` and the column \
         ns/op depend on it.\n\n{}",
        manifest.made_by(),
        summary.markdown()
    )
}

fn files(
    manifest: &Manifest,
    inputs: &Inputs,
    replicates: &[Replicate],
    timings: &[TimingRow],
    summary: &Summary,
) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = vec![
        manifest.file()?,
        ("raw/executions.csv".to_owned(), results::executions_csv(replicates)),
        ("raw/replays.csv".to_owned(), results::replays_csv(replicates)),
        ("raw/verdicts.csv".to_owned(), results::verdicts_csv(replicates)),
        ("raw/sizes.csv".to_owned(), results::sizes_csv(replicates)),
        ("timings.csv".to_owned(), results::timings_csv(timings)),
        ("derived/summary.csv".to_owned(), summary.csv()),
        ("README.md".to_owned(), readme(manifest, summary)),
    ];
    if let Some((_, readme)) = files.iter_mut().find(|(name, _)| name == "README.md") {
        readme.push_str(&results::physical_markdown(replicates));
    }
    let times = ("raw/times.csv", results::times_csv(replicates));
    let epsilon = ("raw/epsilon_verdicts.csv", results::epsilon_verdicts_csv(replicates));
    for (name, text) in [times, epsilon] {
        files.extend(text.map(|text| (name.to_owned(), text)));
    }
    for (cell, _) in &inputs.cells {
        if let Some(scenario) = scenario(cell) {
            let text = toml::to_string(scenario)?;
            files.push((format!("scenarios/{}.toml", cell.name), text));
        }
    }
    Ok(files)
}
