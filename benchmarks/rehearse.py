"""RehearsalFigures runs of every setting that the calibration compares, many of each: see rehearsal.py.

A run that the real gate saw too has the same seed here, so that the two can be held against each other. How many
completed of each arm is noted with the last fit of its subject, which the runs score.

    python benchmarks/rehearse.py [--runs 40] [--jobs 2]
"""

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from analysis.study.calibration.arms import Record, SweepSetting, settings  # noqa: E402
from analysis.study.calibration.compare import compare  # noqa: E402
from analysis.study.calibration.runs import bundled, keep  # noqa: E402
from benchmarks.rehearsal import Rehearsal  # noqa: E402
from harness.config import derived_seed  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument(
        "--data", type=Path, default=ROOT / "analysis/study/calibration/data", help="folder to write to"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    seen = bundled()
    todo = [(setting, _cell(setting, seen), options.runs) for setting in settings()]
    with ProcessPoolExecutor(options.jobs) as pool:
        found = []
        for (setting, _, _), records in zip(todo, pool.map(_rehearsed, *zip(*todo, strict=True)), strict=True):
            completed = sum(record["outcome"] == "completed" for record in records)
            print(f"{completed:3}/{len(records)}  {' '.join(setting.overrides())}", flush=True)
            found += records
    keep(found, options.data / "rehearsed.jsonl")
    note(found, options.data / "fit.json")


def note(records: list[Record], path: Path) -> None:
    """Write completions and runs of each arm down with the last fit of its subject."""
    fits = json.loads(path.read_text())
    for subject, earlier in fits.items():
        arms = [one for one in compare(records) if one.asked.setting.model == subject]
        earlier[-1]["rehearsed"] = {one.asked.arm.id: one.simulated for one in arms}
    path.write_text(json.dumps(fits, indent=1) + "\n")


def _cell(setting: SweepSetting, seen: list[Record]) -> str | None:
    cells = {record["cell"] for record in seen if setting.holds(record) and record.get("cell")}
    return cells.pop() if len(cells) == 1 else None


def _rehearsed(setting: SweepSetting, cell: str | None, runs: int) -> list[Record]:
    rehearsal = Rehearsal(setting.model)
    seeds = {replicate: derived_seed(cell, replicate) if cell else None for replicate in range(1, runs + 1)}
    return [rehearsal.record(setting, replicate, seed) | {"cell": cell} for replicate, seed in seeds.items()]


if __name__ == "__main__":
    main()
