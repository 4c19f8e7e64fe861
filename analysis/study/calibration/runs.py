"""The simulated runs: made through the front door, resumed by its ledger, and kept in few fields."""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from analysis.errors import AnalysisError
from analysis.study.calibration.arms import Record, SweepSetting
from harness.ledger import Ledger

STEP = 5
"""Runs that every setting gets before any gets more: what is stopped early has about as many of each."""

FINGERPRINT = "fingerprint"
"""The subject's version, as its endpoint tells it; null where it did not."""

KEPT = (
    "run_id",
    "cell",
    "replicate",
    "simulated",
    "model",
    "task",
    "ctx_limit",
    "memory",
    "elide_passing",
    "max_iters",
    "max_steps",
    "outcome",
    "passes",
    "read_bytes",
    "tool_counts",
    "elided_reads",
    "packages_green",
    "duration_sec",
    "harness_version",
    "behaviour",
    FINGERPRINT,
)
"""Fields of a record that the comparison reads, or that tell where it comes from."""


def launch(settings: Sequence[SweepSetting], runs: int, log_dir: Path, jobs: int) -> None:
    """Run until every setting has so many results; raises AnalysisError if some are left without."""
    by_task = {task: list(some) for task, some in groupby(sorted(settings, key=_task), key=_task)}
    for least in [*range(STEP, runs, STEP), runs]:
        # Two sweeps of one task would wait for each other's workspace.
        with ThreadPoolExecutor(jobs) as pool:
            codes = pool.map(partial(_sweeps, runs=least, log_dir=log_dir), by_task.values())
            if any(codes):
                raise AnalysisError(f"{log_dir}: some runs are left without a result; the same command goes on")


def bundled(name: str = "runs") -> list[Record]:
    """The runs that the page in the repository is made of: those of the real gate, or those `rehearsed`."""
    text = (files("analysis.study.calibration") / "data" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def read(path: Path) -> list[Record]:
    """The simulated runs of a ledger, as far as they are kept; raises AnalysisError where there is none."""
    if not path.is_file():
        raise AnalysisError(f"{path}: no such ledger; --launch 20 makes one")
    lines = [line for line in Ledger(path).read() if line.get("simulated") and line.get("outcome") in _RESULTS]
    if not lines:
        raise AnalysisError(f"{path}: holds no result of a simulated run yet")
    return [{name: line.get(name) for name in KEPT} | {FINGERPRINT: _fingerprint(line)} for line in lines]


def keep(records: Iterable[Record], path: Path) -> None:
    """Write runs down, one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def _fingerprint(line: Record) -> str | None:
    model = (line.get("server") or {}).get("model") or {}
    return (model.get("meta") or {}).get(FINGERPRINT)


_RESULTS = ("completed", "stagnated", "budget")


def _task(setting: SweepSetting) -> str:
    return setting.task


def _sweeps(settings: Sequence[SweepSetting], runs: int, log_dir: Path) -> int:
    return max(_sweep(setting, runs, log_dir) for setting in settings)


def _sweep(setting: SweepSetting, runs: int, log_dir: Path) -> int:
    command = [sys.executable, "-m", "harness", "-m", *setting.overrides()]
    settings = [f"sweep.replicates={runs}", "sweep.name=calibration", f"log_dir={log_dir}"]
    return subprocess.run([*command, *settings], stdout=sys.stderr, check=False).returncode
