"""A million records: how long pooling and contrasting them takes, and how much memory.

`python benchmarks/analysis.py [records]` writes a ledger to a temporary folder, then asks each question in a process
of its own, start-up included. Beside each stands what DuckDB alone takes to read the same fields of every line, in a
process of its own too. Aim: at most 1.5 times its CPU time, and 400 MB, for a million.

Each question is asked three times: without a columnar copy of the ledger, while the copy is made, and with the copy.
Aim of the last: 1 second of CPU time.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice, product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# This file has the name of the package, and its folder comes first.
sys.path[0] = str(ROOT)

from analysis.records.column_copy import FOLDER  # noqa: E402 - see above
from analysis.records.columns import MEASURES, RAW, SERVED  # noqa: E402 - see above

AIM_RATIO, AIM_MEGABYTES, AIM_SECONDS = 1.5, 400, 1

COUNTED = {name: kind for name, kind in RAW.items() if name not in {*MEASURES, *SERVED, "tool_counts"}}
COUNTED |= {"server": "JSON", "elided_reads": "BIGINT", "duration_sec": "DOUBLE", "total_tokens": "BIGINT"}
"""Fields that every question reads."""

MORE = {"load": {"tool_counts": "JSON", "read_bytes": "BIGINT", "passes": "BIGINT"}}
"""Fields that a question reads beside them."""

QUESTIONS = [
    ["rates", "--by", "ctx_limit,memory"],
    ["contrast", "memory"],
    ["table", "--by", "ctx_limit,memory", "--contrast", "memory"],
    ["load"],
    ["drift"],
]


def main() -> int:
    """Write the ledger, ask the questions, print the table."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "runs.jsonl"
        with ledger.open("w", encoding="utf-8") as file:
            file.writelines(islice(lines(), records))
        print(
            f"{records:,} records, {ledger.stat().st_size / 1e6:,.0f} MB; aim {AIM_RATIO} times, {AIM_MEGABYTES} MB, "
            f"{AIM_SECONDS} s with a copy\n"
        )
        print(f"{'':<14}{'DuckDB':>7}   {'without a copy':^27} {'making it':^20} {'with the copy':^20}")
        print(
            f"{'CPU s, peak MB':<14}{'s':>7}   {'s':>8} {'times':>8} {'MB':>8} {'s':>10} {'MB':>8} {'s':>10} {'MB':>8}"
        )
        for asked in QUESTIONS:
            print(f"{asked[0]:<14}{row(ledger, asked)}", flush=True)
    return 0


def row(ledger: Path, asked: list[str]) -> str:
    """Measure one question: DuckDB alone, without a copy, while it is made, and with it."""
    command = ["-m", "analysis", *asked, "--runs", str(ledger)]
    columns = ledger.parent / FOLDER
    shutil.rmtree(columns, ignore_errors=True)
    # A file in the place of the folder keeps copies away.
    columns.touch()
    _, before, _ = measure(["-c", f"import duckdb; duckdb.sql({reading(ledger, asked[0])!r}).fetchall()"])
    _, cpu, peak = measure(command)
    _, after, _ = measure(["-c", f"import duckdb; duckdb.sql({reading(ledger, asked[0])!r}).fetchall()"])
    columns.unlink()
    floor = (before + after) / 2
    cells = f"{floor:>7.2f}   {cpu:>8.2f} {cpu / floor:>8.2f} {peak:>8.0f}"
    for _ in range(2):
        _, cpu, peak = measure(command)
        cells += f" {cpu:>10.2f} {peak:>8.0f}"
    return cells


def reading(ledger: Path, question: str) -> str:
    """Return SQL that reads the fields of a question and counts their values."""
    fields = COUNTED | MORE.get(question, {})
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in fields.items())
    counts = ", ".join(f'count("{name}")' for name in fields)
    return (
        f"SELECT {counts} FROM read_json('{ledger}', format = 'newline_delimited', columns = {{{columns}}}, "
        "ignore_errors = true)"
    )


def measure(command: list[str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak megabytes of one command of Python in a fresh process."""
    started = time.monotonic()
    child = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed")
    child.returncode = 0
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def lines() -> Iterator[str]:
    """Endless records of sweeps over tasks, budgets and memory in ten blocks each, as real lines are."""
    rng = random.Random(1)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    cells = product(("apikit", "graphkit"), (9000, 11000, 13000), (True, False))
    for number, (task, ctx_limit, memory) in enumerate(cycle(cells)):
        chance = {9000: 0.1, 11000: 0.5, 13000: 0.9}[ctx_limit] + (0.002 if memory else 0.0)
        record = {
            "time": (start + timedelta(seconds=number)).isoformat(),
            "model": "small-model",
            "task": f"examples/{task}/PROMPT.md",
            "memory": memory,
            "elide_passing": True,
            "outcome": "completed" if rng.random() < chance else "stagnated",
            "passes": 3,
            "pass_reasons": ["context", "context", "completed"],
            "duration_sec": 123.4,
            "ctx_limit": ctx_limit,
            "max_iters": 25,
            "max_steps": 40,
            "read_bytes": rng.randrange(20_000, 90_000),
            "tool_counts": {"read_file": 27, "list_dir": 18, "write_file": 4, "go": 9, "done": 1},
            "schema": 1,
            "run_id": f"20260101T000000-{number:08x}",
            "cell": f"{task[:4]}{ctx_limit:06d}{memory:05d}",
            "replicate": number // 12 % 10 + 1,
            "sweep": f"sweep_{number // 120}",
            "block": number // 12 % 10 + 1,
            "position": number % 120 + 1,
            "lever": "none",
            "simulated": True,
            "seed_sha256": task[0] * 64,
            "prompt_sha256": task[1] * 64,
            "system_sha256": "5" * 64,
            "per_pass": [{"reason": "context", "steps": 9, "peak_tokens": ctx_limit, "loads": 15, "acts": 1}] * 3,
        }
        yield json.dumps(record, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    sys.exit(main())
