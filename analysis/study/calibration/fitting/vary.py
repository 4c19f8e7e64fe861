"""Missed figures of predicted arms, rehearsed with one habit changed at a time: which habit would bring them inside.

Every habit of looking and writing and every rate of erring goes to the end of its range that is further away, the
others staying as they are, with the same seeds and as the search rehearses. The result says what a subject lacks; it
chooses nothing, and no parameter comes into force by it.

    python -m analysis.study.calibration.fitting.vary [--runs 6] [--jobs 2]
"""

import argparse
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.study.calibration.arms import SweepSetting
from analysis.study.calibration.compare import ArmComparison, compare
from analysis.study.calibration.fitting.rehearsal import Rehearsal
from analysis.study.calibration.runs import bundled
from harness.cell import derived_seed
from harness.simulator.parameters import SubjectParameters
from harness.simulator.profiles import PROFILES

SHARES = (
    "tests_first",
    "lists",
    "sweeps_specs",
    "sweeps_code",
    "sweeps_satisfied",
    "sweeps_rest",
    "retests",
    "writes_early",
    "batches",
    "tests_each",
    "slips",
    "repairs",
    "overlooks",
    "edits",
)
ENDS: dict[str, tuple[float, float]] = dict.fromkeys(SHARES, (0.0, 1.0)) | {
    "batch_bytes": (0, 16000),
    "wordiness": (1.0, 2.0),
}
"""Ranges of the habits; of a number without natural ends, those of the search or a little wider."""


@dataclass(frozen=True)
class Variation:
    """A setting, rehearsed with one habit changed; the empty habit changes nothing."""

    setting: SweepSetting
    habit: str
    value: float
    runs: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=6)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1] / "data" / "varied.jsonl")
    options = parser.parse_args()
    todo = list(variations(options.runs))
    with ProcessPoolExecutor(options.jobs) as pool, options.out.open("w", encoding="utf-8") as out:
        for rows in pool.map(_varied, todo):
            out.writelines(json.dumps(row) + "\n" for row in rows)
            out.flush()


def variations(runs: int) -> Iterator[Variation]:
    """Every setting of a predicted arm with a miss, unchanged and with each habit changed, habit by habit."""
    missed = {one.target.setting: None for one in compare(bundled()) if not one.target.fitted and _missed(one)}
    for habit in ("", *ENDS):
        for setting in missed:
            yield Variation(setting, habit, _further(PROFILES[setting.model].parameters, habit), runs)


def _missed(one: ArmComparison) -> bool:
    return one.inside is False or any(figure.inside is False for figure in one.measures)


def _further(now: SubjectParameters, habit: str) -> float:
    """Return the end of a habit's range that is further from its value in force."""
    if not habit:
        return 0.0
    return max(ENDS[habit], key=lambda end: abs(end - getattr(now, habit)))


def _varied(one: Variation) -> list[dict[str, Any]]:
    """Figures of the predicted arms of a setting under one variation."""
    changed = {one.habit: one.value} if one.habit else {}
    rehearsal = Rehearsal(one.setting.model, PROFILES[one.setting.model].parameters.with_overrides(changed), rough=True)
    cell = rehearsal.cell(one.setting)
    records = [rehearsal.record(one.setting, i, derived_seed(cell, i)) for i in range(1, one.runs + 1)]
    rows = []
    for arm in compare(records):
        if arm.target.setting == one.setting and not arm.target.fitted:
            row = {"arm": arm.target.arm.id, "habit": one.habit, "value": one.value, "runs": one.runs}
            rows.append(row | {"figure": "completed", "simulated": arm.simulated[0], "inside": arm.inside})
            rows += [
                row | {"figure": figure.name, "simulated": figure.simulated, "inside": figure.inside}
                for figure in arm.measures
            ]
    return rows


if __name__ == "__main__":
    main()
