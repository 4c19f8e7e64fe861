"""Log folders with runs to judge, as the harness leaves them, and servers that judge them."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.tasks.catalogue import load

from lab import REVERSE

Judge = Callable[..., tuple[int, str, str]]
"""Runs a command of the analysis: exit code, standard output, standard error."""

ROOT = Path(__file__).resolve().parents[2]
QUICK = ("--no-signals",)
"""The tools that count take seconds a candidate."""

CODE = "stringutil/stringutil.go"
NESTED = REVERSE.replace(
    "\treturn string(runes)\n", "\tif true {\n\t\tif true {\n\t\t\treturn string(runes)\n\t\t}\n\t}\n\treturn s\n"
)
"""Does the same, with more nesting and more lines."""


class Judged:
    """A log folder with runs of the task `reverse`, a baseline in a folder, and what judging leaves there."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.baseline = self.put(folder / "bar", REVERSE)

    @property
    def runs(self) -> Path:
        return self.root / "runs.jsonl"

    def put(self, folder: Path, code: str) -> Path:
        """A module with the seed of the task and this code."""
        for path in sorted(load("reverse").seed.rglob("*")):
            if path.is_file():
                target = folder / path.relative_to(load("reverse").seed)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
        (folder / CODE).write_text(code, encoding="utf-8")
        return folder

    def add(self, run_id: str, code: str = NESTED, *, keep: bool = True, **fields: Any) -> None:
        """A run that completed with this code, its workspace kept."""
        prompt = load("reverse").prompt.read_bytes()
        line = {
            "time": "2026-11-01T10:00:00+00:00",
            "run_id": run_id,
            "cell": "c",
            "schema": 1,
            "model": "small-model",
            "task": "examples/reverse/PROMPT.md",
            "outcome": "completed",
            "ctx_limit": 11000,
            "simulated": False,
            "prompt_sha256": hashlib.sha256(prompt).hexdigest(),
        }
        with self.runs.open("a", encoding="utf-8") as ledger:
            ledger.write(json.dumps(line | fields) + "\n")
        if keep:
            self.put(self.root / "runs" / run_id / "workspace", code)

    def command(self, endpoint: str, model: str = "sim-judge", *more: object) -> list[str]:
        """The command that judges all runs against the folder of the baseline, without the tools' own counts."""
        asked = ["judge", "run", "--endpoint", endpoint, "--model", model, "--runs", self.runs]
        bar = ["--baseline", self.baseline, "--baseline-model", "bar-model", *QUICK]
        return [str(part) for part in (*asked, *bar, *more)]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The judgments, in order."""
        return _lines(self.root / "judgments.jsonl")

    def raw(self, line: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What was asked and replied for a line."""
        return _lines(self.root / line["raw"])

    @property
    def asked(self) -> int:
        """Requests that were answered or failed, over all judgments."""
        return sum(len(_lines(path)) for path in (self.root / "judgments").rglob("*.jsonl"))

    def gaps(self) -> list[float]:
        """Subject less baseline, of every judgment."""
        scores: dict[str, dict[str, float]] = {}
        for line in self.lines:
            scores.setdefault(line["judgment_id"], {})[line["role"]] = line["score"]
        return [one["subject"] - one["baseline"] for one in scores.values()]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


@contextmanager
def simulated_judge(*options: str) -> Iterator[str]:
    """The simulated judges, served by a process of their own; yields the endpoint."""
    command = [sys.executable, "-m", "analysis.judge.simulated", "--port", "0", "--exit-with-parent", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        yield process.stdout.readline().removeprefix("listening on ").strip()
        process.terminate()
