#!/usr/bin/env python3
"""Counts again, from an exported execution, what the harness counts.

    clockbench trace export smoke --seed 7 > steps.jsonl
    clockbench run --trace steps.jsonl --clocks lamport,physical --out counted
    python3 docs/recount.py steps.jsonl counted/raw/verdicts.csv

Nothing but the standard library, and nothing of the harness: happened-before is
kept as a set of events for each participant, Lamport's clock is a number, and
the physical clock is the reading in the file. Every cell must be equal: lag bin,
what became of the earlier participant, truth, and what the clock said. Works on
executions that are judged whole (up to 5,000 events after settling).
"""

import csv
import json
import sys
from collections import Counter


def steps(path):
    with open(path, encoding="utf-8") as lines:
        next(lines)  # the header
        for line in lines:
            yield json.loads(line)


def main(path, counted):
    past, time, live, messages, fate = {0: 0}, {0: 0}, {0}, {}, {}
    events, living = [], []

    def event(node, reading):
        time[node] += 1
        events.append((node, past[node], time[node], reading, dict(fate)))
        past[node] |= 1 << (len(events) - 1)
        living.append(len(live))

    def learn(node, news):
        past[node] |= news[0]
        time[node] = max(time[node], news[1])

    for step in steps(path):
        kind, node = step["step"], step.get("node")
        if kind == "event":
            event(node, step["t"])
        elif kind == "send":
            event(node, step["t"])
            messages[step["message"]] = (past[node], time[node])
        elif kind == "receive":
            learn(node, messages[step["message"]])
            event(node, step["t"])
        elif kind == "merge":
            learn(node, messages[step["message"]])
        elif kind == "fork":
            past[step["child"]], time[step["child"]] = past[node], time[node]
            live.add(step["child"])
        elif kind in ("retire", "crash"):
            if kind == "retire":
                learn(step["into"], (past[node], time[node]))
            live.remove(node)
            fate[node] = "retired" if kind == "retire" else "crashed"

    settled = len(events) * 25 // 100
    n = max((sum(living) + len(events) // 2) // len(events), 1)
    ours = Counter()
    for later in range(settled, len(events)):
        _, known, at, reading, gone = events[later]
        for earlier in range(settled, later):
            source, _, before, read, _ = events[earlier]
            units = (later - earlier) // n
            lag = 0 if units == 0 else min(units.bit_length(), 6)
            truth = "before" if known >> earlier & 1 else "concurrent"
            for clock, a, b in (("lamport", before, at), ("physical", read, reading)):
                said = "before" if a < b else "after" if a > b else None
                if said is None:
                    said = "concurrent"
                ours[clock, lag, gone.get(source, "live"), truth, said] += 1

    theirs = Counter()
    with open(counted, encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            for column, count in row.items():
                if "_said_" in column and int(count):
                    truth, said = column.split("_said_")
                    key = row["scheme"], int(row["lag_bin"]), row["earlier"], truth
                    theirs[(*key, said.rsplit("_", 1)[0])] += int(count)

    wrong = [key for key in ours | theirs if ours[key] != theirs[key]]
    for key in sorted(wrong):
        print("differs:", *key, "recounted", ours[key], "harness", theirs[key])
    print(f"{len(ours)} cells, {sum(ours.values())} pairs, {len(wrong)} differ")
    return 1 if wrong or not ours else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
