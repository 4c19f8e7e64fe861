"""Rehearsed runs of every setting that the calibration compares, many of each: see rehearsal.py.

A run that the front door makes of the same setting has the same seed, so that the two can be held against each other.
How many completed of each arm is noted with the last fit of its subject, so that the fit has its score.

    python -m analysis.study.calibration.fitting.rehearse [--runs 40] [--jobs 2]
"""

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

from analysis.study.calibration.arms import Record, SweepSetting, settings
from analysis.study.calibration.compare import compare
from analysis.study.calibration.fitting.rehearsal import Rehearsal
from analysis.study.calibration.runs import keep
from harness.cell import derived_seed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument(
        "--data", type=Path, default=Path(__file__).resolve().parents[1] / "data", help="folder to write to"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    todo = settings()
    with ProcessPoolExecutor(options.jobs) as pool:
        rehearsed = []
        for setting, records in zip(todo, pool.map(_rehearsed, todo, repeat(options.runs)), strict=False):
            completed = sum(record["outcome"] == "completed" for record in records)
            print(f"{completed:3}/{len(records)}  {' '.join(setting.overrides())}", flush=True)
            rehearsed += records
    keep(rehearsed, options.data / "rehearsed.jsonl")
    note(rehearsed, options.data / "fit.json")


def note(records: list[Record], path: Path) -> None:
    """Write completions and runs of each arm down with the last fit of its subject."""
    fits = json.loads(path.read_text())
    for subject, earlier in fits.items():
        arms = [one for one in compare(records) if one.target.setting.model == subject]
        earlier[-1]["rehearsed"] = {one.target.arm.id: one.simulated for one in arms}
    path.write_text(json.dumps(fits, indent=1) + "\n")


def _rehearsed(setting: SweepSetting, runs: int) -> list[Record]:
    rehearsal = Rehearsal(setting.model)
    cell = rehearsal.cell(setting)
    seeds = {replicate: derived_seed(cell, replicate) for replicate in range(1, runs + 1)}
    return [rehearsal.record(setting, replicate, seed) | {"cell": cell} for replicate, seed in seeds.items()]


if __name__ == "__main__":
    main()
