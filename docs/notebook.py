#!/usr/bin/env python3
"""Reads a results folder with pandas and with polars, and counts its rates again.

    pip install pandas polars
    python3 docs/notebook.py results/published/2026-11-27-clocks-under-churn

`raw/` has integers, a line a stratum of one scheme in one replicate. `derived/`
has what tables show. Both libraries must come from the first to the second: the
mean over seeds of each rate, of pairs fewer than N events apart, and of the bytes
of a stamp (99th percentile) in the last tenth of the execution. `docs/notebooks.md`
goes through this file step by step.
"""

import sys
from pathlib import Path

import pandas as pd
import polars as pl

TRUTH_OF = {"false_order": "concurrent", "false_concurrency": "before"}
WRONG = {"false_order": ("before", "after"), "false_concurrency": ("concurrent",)}
KEY = ["cell", "scheme"]


def raw(folder, name):
    """A raw table, whether or not it is compressed."""
    return next((folder / "raw").glob(f"{name}.csv*"))


def columns(names, truth, said=("",)):
    """The columns of pairs of which this is the truth, and of which one of these was said."""
    begins = tuple(f"{truth}_said_{word}" for word in said)
    return [name for name in names if name.startswith(begins)]


def with_pandas(folder):
    pairs = pd.read_csv(raw(folder, "verdicts"))
    near = pairs[(pairs["lag_bin"] == 0) & (pairs["earlier"] == "live")]
    found = {}
    for rate, truth in TRUTH_OF.items():
        wrong = near[columns(near, truth, WRONG[rate])].sum(axis=1)
        of = near[columns(near, truth)].sum(axis=1)
        seeds = near[KEY].assign(rate=(wrong / of)[of > 0])
        for key, mean in seeds.groupby(KEY)["rate"].mean().dropna().items():
            found[(rate, *key)] = mean
    sizes = pd.read_csv(raw(folder, "sizes"))
    last = sizes[sizes["tenth"] == sizes["tenth"].max()]
    for key, mean in last.groupby(KEY)["stamp_bytes_p99"].mean().items():
        found[("stamp_bytes_p99", *key)] = mean
    return found


def with_polars(folder):
    pairs = pl.read_csv(raw(folder, "verdicts"))
    near = pairs.filter((pl.col("lag_bin") == 0) & (pl.col("earlier") == "live"))
    found = {}
    for rate, truth in TRUTH_OF.items():
        wrong = pl.sum_horizontal(columns(near.columns, truth, WRONG[rate]))
        of = pl.sum_horizontal(columns(near.columns, truth))
        seeds = near.filter(of > 0).with_columns((wrong / of).alias("rate"))
        for *key, mean in seeds.group_by(KEY).agg(pl.col("rate").mean()).rows():
            found[(rate, *key)] = mean
    sizes = pl.read_csv(raw(folder, "sizes"))
    last = sizes.filter(pl.col("tenth") == pl.col("tenth").max())
    for *key, mean in last.group_by(KEY).agg(pl.col("stamp_bytes_p99").mean()).rows():
        found[("stamp_bytes_p99", *key)] = mean
    return found


def derived(folder):
    """The same figures as the harness derived them."""
    found = {}
    for _, row in pd.read_csv(folder / "derived/by-lag.csv").iterrows():
        if row["rate"] in TRUTH_OF and row["earlier"] == "live" and row["below_1n_seeds"] > 0:
            found[(row["rate"], row["cell"], row["clock"])] = row["below_1n"]
    for _, row in pd.read_csv(folder / "derived/summary.csv").iterrows():
        if row["stamp_bytes_p99_seeds"] > 0:
            found[("stamp_bytes_p99", row["cell"], row["clock"])] = row["stamp_bytes_p99"]
    return found


def main(folder):
    folder = Path(folder)
    expected = derived(folder)
    wrong = 0
    for library, read in (("pandas", with_pandas), ("polars", with_polars)):
        found = read(folder)
        for key, value in expected.items():
            if key not in found or abs(found[key] - value) > 1e-9 * max(1.0, abs(value)):
                print("differs:", *key, library, found.get(key), "harness", value)
                wrong += 1
    print(f"{len(expected)} figures, {wrong} differ")
    return 1 if wrong or not expected else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
