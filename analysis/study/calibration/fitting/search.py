"""The fit of a simulated subject: which of its habits' rates suit the published arms that are marked as fitted.

Candidates are drawn at random from a coarse grid, the parameters in force being the first. Each is run a few times at
the setting of every fitted arm, by rehearsal (see rehearsal.py), and has a loss; the best few are run again, more
often and with other seeds, and the best of these is the choice. No arm that is predicted plays a part.

    python -m analysis.study.calibration.fitting.search resweep --reason "why it is needed" [--jobs 2] [--out fit.json]

The budget of each search is declared below, as are its seeds. What it prints, and writes with --out, is what the page
on the subjects tells of the fit; earlier fits stay there. A choice comes into force by hand, in
harness/simulator/profiles.py, and is then marked as in force among the fits.
"""

import argparse
import json
import math
import os
import re
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from random import Random
from statistics import mean

from analysis.study.calibration.arms import SELECTIVE, SweepSetting, calibration_arms
from analysis.study.calibration.compare import bytes_a_pass, load_act_ratio, mean_passes
from analysis.study.calibration.fitting.rehearsal import Rehearsal
from analysis.study.calibration.predict import log_chance
from harness.config import BEHAVIOUR_VERSION
from harness.outcome import Outcome
from harness.simulator.profiles import PROFILES, Profile

Values = dict[str, float]

GRIDS: dict[str, dict[str, list[float]]] = {
    "resweep": {
        "batches": [0.1, 0.3, 0.6],
        "batch_bytes": [4000, 8000, 16000],
        "writes_early": [0.0, 0.1, 0.25],
        "wordiness": [1.5, 1.8],
        "slips": [0.04, 0.08, 0.15],
        "slips_composing": [0.3, 0.5, 0.7],
        "repairs_composing": [0.3, 0.6, 0.9],
        "overlooks": [0.0, 0.1, 0.25],
        "sweeps_code": [0.85, 0.92, 0.97],
        "sweeps_satisfied": [0.3, 0.6, 0.95],
        "retests": [0.5, 0.95],
        "lists": [0.5, 0.75, 1.0],
    },
    "selective": {
        "slips": [0.2, 0.35, 0.5],
        "slips_composing": [0.5, 0.7, 0.9],
        "repairs": [0.3, 0.5, 0.7],
        "repairs_composing": [0.1, 0.3],
        "overlooks": [0.1, 0.3, 0.5],
        "sweeps_specs": [0.05, 0.2, 0.5],
        "sweeps_code": [0.05, 0.2],
        "tests_each": [0.3, 0.6],
        "lists": [0.1, 0.5],
    },
}


@dataclass(frozen=True)
class Budget:
    """The size of a search, which is its stop rule."""

    candidates: int
    runs: int
    """Runs of each candidate, at each setting."""
    again: int
    """Candidates that are run again, besides the parameters in force."""
    runs_again: int


BUDGETS = {"resweep": Budget(30, 6, 4, 16), "selective": Budget(24, 6, 4, 16)}
SEED = 3
"""Seed of the draw of candidates; every fit has another."""
FIRST, AGAIN = 2001, 3001
"""Numbers of the first runs, which decide their seeds: no earlier fit used these."""
TOLERANCE = {"read bytes": 0.1, "load:act": 0.2, "packages": 0.25, "passes": 0.3}
"""Difference of logarithms that counts for half a unit of loss."""

PLAIN = re.compile(r"[\[\]\d., -]+(?:wall)?")


@dataclass
class Target:
    """Published figures of one setting; of arms that share it, the completions of the largest."""

    setting: SweepSetting
    completed: int = 0
    runs: int = 0
    figures: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """As the page tells it."""
        flags = [name for name in ("memory", "elide_passing") if getattr(self.setting, name)]
        name = " ".join([f"{self.setting.task}@{self.setting.ctx_limit}", *flags])
        return {"setting": name, "completed": self.completed, "runs": self.runs, "figures": self.figures}


def targets(subject: str) -> list[Target]:
    """The fitted arms of a subject, those with the same setting as one."""
    by_setting: dict[SweepSetting, Target] = {}
    figures: dict[tuple[SweepSetting, str], list[float]] = {}
    for one in calibration_arms():
        if not one.fitted or one.arm.row["model"].startswith(SELECTIVE) != (subject == "selective"):
            continue
        target = by_setting.setdefault(one.setting, Target(one.setting))
        if (one.arm.n or 0) > target.runs:
            target.completed, target.runs = one.arm.completed or 0, one.arm.n or 0
        for name, value in _printed(one.arm.row).items():
            figures.setdefault((one.setting, name), []).append(value)
    for (setting, name), values in figures.items():
        by_setting[setting].figures[name] = round(mean(values), 3)
    return list(by_setting.values())


def _printed(row: dict[str, str]) -> dict[str, float]:
    columns = {"read bytes": "read_bytes_per_pass", "load:act": "load_act_ratio", "packages": "packages_reached"}
    texts = {name: [row[column]] for name, column in columns.items()}
    texts["passes"] = [row["passes_min"], row["passes_max"]]
    printed = {name: [value for text in each for value in _ends(text)] for name, each in texts.items()}
    return {name: mean(values) for name, values in printed.items() if values}


def _ends(text: str) -> list[float]:
    """The number, both ends of the range, or every number of the list that a cell is; none where it says more."""
    return [float(part) for part in re.findall(r"\d+(?:\.\d+)?", text)] if PLAIN.fullmatch(text) else []


@dataclass(frozen=True)
class Trial:
    """One candidate to run: its values, how often, and which seeds."""

    subject: str
    values: tuple[tuple[str, float], ...]
    runs: int
    first: int


def loss(trial: Trial) -> float:
    """Minus the logarithm of the chance of what was published, and how far the printed figures are."""
    rehearsal = Rehearsal(trial.subject, _profile(trial).parameters, rough=True)
    return sum(_loss(rehearsal, target, trial) for target in targets(trial.subject))


def _profile(trial: Trial) -> Profile:
    known = PROFILES[trial.subject]
    return replace(known, parameters=known.parameters.with_overrides(dict(trial.values)))


def _loss(rehearsal: Rehearsal, target: Target, trial: Trial) -> float:
    runs = [rehearsal.record(target.setting, trial.first + i) for i in range(trial.runs)]
    completed = sum(run["outcome"] == Outcome.COMPLETED.value for run in runs)
    seen = {
        "read bytes": bytes_a_pass(runs),
        "load:act": load_act_ratio(runs),
        "packages": mean(run["packages_green"] for run in runs),
        "passes": mean_passes(runs),
    }
    apart = (math.log(max(seen[name], 0.1) / value) / TOLERANCE[name] for name, value in target.figures.items())
    return -log_chance(completed, len(runs), target.completed, target.runs) + sum(d**2 / 2 for d in apart)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("subject", choices=GRIDS)
    parser.add_argument("--reason", required=True, help="what made the fit necessary, in a few words for the page")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, help="a JSON file of fits by subject, oldest first, to which this is added")
    options = parser.parse_args()
    fit = {"reason": options.reason, "behaviour": BEHAVIOUR_VERSION} | search(options.subject, options.jobs)
    print(json.dumps(fit, indent=1))
    if options.out:
        fits = json.loads(options.out.read_text()) if options.out.exists() else {}
        fits[options.subject] = [*fits.get(options.subject, []), fit]
        options.out.write_text(json.dumps(fits, indent=1) + "\n")


def search(subject: str, jobs: int) -> dict[str, object]:
    """Draw, run, run the best again, choose."""
    grid, budget = GRIDS[subject], BUDGETS[subject]
    now = asdict(PROFILES[subject].parameters)
    before = tuple((name, now[name]) for name in grid)
    drawn = [before, *_draws(grid, budget.candidates - 1)]
    with ProcessPoolExecutor(jobs) as pool:
        first = _ranked(pool, [Trial(subject, values, budget.runs, FIRST) for values in drawn])
        kept = [trial.values for _, trial in first[: budget.again]]
        again = dict.fromkeys([*kept, before])
        second = _ranked(pool, [Trial(subject, values, budget.runs_again, AGAIN) for values in again])
    best, chosen = second[0]
    losses = {trial.values: round(value, 2) for value, trial in first}
    anew = {trial.values: round(value, 2) for value, trial in second}
    return {
        "grid": grid,
        "chosen": dict(chosen.values),
        "fingerprint": _profile(chosen).fingerprint,
        "in_force": chosen.values == before,
        "candidates": len(drawn),
        "runs": budget.runs,
        "again": len(kept),
        "runs_again": budget.runs_again,
        "before": losses[before],
        "before_again": anew[before],
        "first": losses[chosen.values],
        "loss": round(best, 2),
        "tolerance": TOLERANCE,
        "targets": [target.as_dict() for target in targets(subject)],
    }


def _draws(grid: dict[str, list[float]], count: int) -> list[tuple[tuple[str, float], ...]]:
    random = Random(SEED)
    return [tuple((name, random.choice(values)) for name, values in grid.items()) for _ in range(count)]


def _ranked(pool: ProcessPoolExecutor, trials: Sequence[Trial]) -> list[tuple[float, Trial]]:
    ranked = []
    for value, trial in zip(pool.map(loss, trials), trials, strict=True):
        print(f"{value:7.2f}  {dict(trial.values)}", file=sys.stderr, flush=True)
        ranked.append((value, trial))
    return sorted(ranked, key=lambda one: one[0])


if __name__ == "__main__":
    main()
