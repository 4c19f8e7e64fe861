"""Rehearsed runs of every setting that the calibration compares, many of each: see rehearsal.py.

A run that the front door makes of the same setting has the same seed, so that the two can be held against each other.

With --fit, the parameters that the last fit of a subject chose are rehearsed instead, whether or not they are in force:
what completed of each arm, and how many of the other figures lie inside, is noted with that fit. This is done once a
fit; a fit that has its score is refused. Runs of the page that have the chosen parameters are taken as they are; others
are rehearsed as the search rehearses, so that Go is asked of few texts, and the parameters in force beside them.

    python -m analysis.study.calibration.fitting.rehearse [--fit resweep] [--runs 40] [--jobs 2]
"""

import argparse
import json
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

from analysis.study.calibration.arms import Record, SweepSetting, settings
from analysis.study.calibration.compare import compare
from analysis.study.calibration.fitting.rehearsal import Rehearsal
from analysis.study.calibration.fitting.search import GRIDS
from analysis.study.calibration.runs import FINGERPRINT, bundled, keep
from harness.cell import derived_seed
from harness.simulator.profiles import PROFILES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument(
        "--data", type=Path, default=Path(__file__).resolve().parents[1] / "data", help="folder to write to"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--fit", choices=sorted(GRIDS), default="", help="score the last fit of this subject")
    options = parser.parse_args()
    path, chosen = options.data / "fit.json", None
    if options.fit:
        last = json.loads(path.read_text())[options.fit][-1]
        if "rehearsed" in last:
            parser.error(f"the last fit of {options.fit} has its score: a fit is scored once")
        chosen = last["chosen"]
        known = [one for one in bundled("rehearsed") if one[FINGERPRINT] == last["fingerprint"]]
        if known:
            note(known, options.fit, path)
            return
    todo = [one for one in settings() if not options.fit or one.model == options.fit]
    with ProcessPoolExecutor(options.jobs) as pool:
        if not options.fit:
            keep(_all(pool, todo, options.runs, None), options.data / "rehearsed.jsonl")
            return
        note(_all(pool, todo, options.runs, chosen), options.fit, path)
        note(_all(pool, todo, options.runs, {}), options.fit, path, beside="_in_force")


def _all(
    pool: ProcessPoolExecutor, todo: Sequence[SweepSetting], runs: int, chosen: dict[str, float] | None
) -> list[Record]:
    rehearsed: list[Record] = []
    for setting, records in zip(todo, pool.map(_rehearsed, todo, repeat(runs), repeat(chosen)), strict=False):
        completed = sum(record["outcome"] == "completed" for record in records)
        print(f"{completed:3}/{len(records)}  {' '.join(setting.overrides())}", flush=True)
        rehearsed += records
    return rehearsed


def note(records: list[Record], subject: str, path: Path, beside: str = "") -> None:
    """Write down with the last fit of a subject what its rehearsal gave: completions by arm, and figures inside."""
    fits = json.loads(path.read_text())
    arms = [one for one in compare(records) if one.target.setting.model == subject]
    inside = [one.inside for arm in arms if not arm.target.fitted for one in arm.measures if one.inside is not None]
    fits[subject][-1] |= {
        f"rehearsed{beside}": {one.target.arm.id: one.simulated for one in arms},
        f"figures{beside}": [sum(inside), len(inside)],
    }
    path.write_text(json.dumps(fits, indent=1) + "\n")


def _rehearsed(setting: SweepSetting, runs: int, chosen: dict[str, float] | None) -> list[Record]:
    parameters = PROFILES[setting.model].parameters.with_overrides(chosen or {})
    rehearsal = Rehearsal(setting.model, parameters, rough=chosen is not None)
    cell = rehearsal.cell(setting)
    seeds = {replicate: derived_seed(cell, replicate) for replicate in range(1, runs + 1)}
    return [rehearsal.record(setting, replicate, seed) | {"cell": cell} for replicate, seed in seeds.items()]


if __name__ == "__main__":
    main()
