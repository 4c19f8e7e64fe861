"""A report of 1,000 runs and a live view of 100,000 records: how long they take, and how large they are.

`python benchmarks/report.py [runs] [records]` writes ledgers, run folders and transcripts to a temporary folder: ten
passes a run, about 300 kB of transcript each. Aims: the report is built in under 20 s and is under 10 MB; in Chromium,
where it is installed, its first paint comes in under 1 s, and any run opens in under 0.3 s; the live view answers in
under 50 ms.
"""

import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]
PASSES, STEPS = 10, 12
WORDS = (ROOT / "README.md").read_text(encoding="utf-8").split()
BUILD, MEGABYTES, PAINT, OPEN, ANSWER = 20.0, 10.0, 1.0, 0.3, 0.05
"""Aims, in seconds and megabytes."""


def main() -> int:
    """Write the data, measure, print each figure beside its aim; exit with 1 if one is missed."""
    given = [int(text) for text in sys.argv[1:3]]
    runs, records = (given + [1000, 100_000][len(given) :])[:2]
    figures: list[tuple[str, float, float, str]] = []
    with tempfile.TemporaryDirectory(prefix="harness-report-") as name:
        folder = Path(name)
        ledger, size = written(folder / "report", runs, transcripts=True)
        print(f"{runs:,} runs of {PASSES} passes, {size / runs / 1000:,.0f} kB of transcript each")
        out = folder / "report.html"
        started = time.monotonic()
        command = [sys.executable, "-m", "analysis", "report", "--runs", str(ledger), "--out", str(out)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        figures.append(("report built", time.monotonic() - started, BUILD, "s"))
        figures.append(("report's size", out.stat().st_size / 1e6, MEGABYTES, "MB"))
        figures += browsed(out)
        big, _ = written(folder / "live", records, transcripts=False)
        figures += answered(big, records)
    print(f"{'figure':<52} {'measured':>10} {'aim':>8}")
    for what, measured, aim, unit in figures:
        print(f"{what:<52} {measured:>7.3f} {unit:<2} {aim:>5g} {unit}{'' if measured < aim else '  MISSED'}")
    return int(any(measured >= aim for _, measured, aim, _ in figures))


def written(folder: Path, runs: int, *, transcripts: bool) -> tuple[Path, int]:
    """Write a ledger of so many runs in sweeps of ten arms; return it, and the bytes of all transcripts."""
    rng = random.Random(1)
    folder.mkdir()
    size = 0
    with (folder / "runs.jsonl").open("w", encoding="utf-8") as file:
        for number, line in zip(range(runs), lines(rng), strict=False):
            file.write(json.dumps(line) + "\n")
            if transcripts:
                text = transcript(rng, number)
                size += len(text)
                place = folder / "runs" / line["run_id"]
                place.mkdir(parents=True)
                (place / "transcript.jsonl").write_text(text, encoding="utf-8")
    return folder / "runs.jsonl", size


def lines(rng: random.Random) -> Iterator[dict[str, Any]]:
    """Endless records: sweeps of ten arms with ten replicates each."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    arms = list(product((9000, 10000, 11000, 12000, 13000), (True, False)))
    number = 0
    while True:
        ctx_limit, memory = arms[number % len(arms)]
        completed = rng.random() < (ctx_limit - 8000) / 6000
        one = {"reason": "context", "steps": STEPS, "peak_tokens": ctx_limit, "loads": 9, "acts": 2, "read_bytes": 9000,
               "changed": True, "packages_green": 3}  # fmt: skip
        yield {
            "time": (start + timedelta(minutes=number)).isoformat(), "model": "small-model", "schema": 1,
            "task": "examples/apikit/PROMPT.md", "memory": memory, "elide_passing": True, "passes": PASSES,
            "outcome": "completed" if completed else "stagnated", "pass_reasons": ["context"] * PASSES,
            "duration_sec": 600.0, "ctx_limit": ctx_limit, "max_iters": 25, "max_steps": 40, "total_tokens": 900_000,
            "model_calls": 120, "tool_calls": 120, "tool_counts": {"read_file": 90, "write_file": 20},
            "run_id": f"20260101T000000-{number:08x}", "cell": f"{ctx_limit:012d}{int(memory):04d}",
            "counts_as": "completed" if completed else "stagnated", "replicate": number // 10 % 10 + 1,
            "sweep": f"sweep_{number // 100 % 10}", "block": number // 10 % 10 + 1, "lever": "none", "simulated": True,
            "per_pass": [one] * PASSES, "packages_green": 5 if completed else 3, "packages_total": 5,
            "units": {"api": "passing" if completed else "failing", "users": "passing"}, "proof": "tokens",
        }  # fmt: skip
        number += 1


def transcript(rng: random.Random, seed: int) -> str:
    """Return a transcript of about 300 kB: reasoning, reads with their texts, writes, refusals."""
    events: list[dict[str, Any]] = [
        {"event": "prompts", "system": _text(rng, 300), "prompt": _text(rng, 400), "tools": []}
    ]
    for number in range(1, PASSES + 1):
        events.append({"event": "pass_started", "number": number})
        for step in range(1, STEPS + 1):
            writes = step % 5 == 0
            given = {"path": f"p{step}/a.go", "content": _text(rng, 160)} if writes else {"path": f"p{step}/a_test.go"}
            name = "write_file" if writes else "read_file"
            made = {"id": f"c{step}", "name": name, "arguments": json.dumps(given)}
            usage = {"total_tokens": 900 * step, "prompt_tokens": 800 * step, "completion_tokens": 100 * step}
            events.append({"event": "reply", "step": step, "seconds": 2.0, "reasoning": _text(rng, 120), "content": "",
                           "tool_calls": [made], "finish_reason": "tool_calls", "usage": usage})  # fmt: skip
            result = f"wrote {seed} bytes to p{step}/a.go" if writes else _text(rng, 200)
            events.append(
                {"event": "tool", "step": step, "name": name, "id": f"c{step}", "result": result, "seconds": 0.1}
            )
        events.append({"event": "pass_finished", "number": number, "reason": "context", "steps": STEPS, "loads": 9,
                       "acts": 2, "peak_tokens": 900 * STEPS, "changed": True, "packages_green": 3})  # fmt: skip
    return "".join(json.dumps(one) + "\n" for one in events)


def _text(rng: random.Random, words: int) -> str:
    chosen = rng.choices(WORDS, k=words)
    return "\n".join(" ".join(chosen[start : start + 12]) for start in range(0, words, 12))


def browsed(out: Path) -> list[tuple[str, float, float, str]]:
    """Measure the report in Chromium; nothing where it or playwright is missing."""
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an optional extra
    except ModuleNotFoundError:
        chromium = None
    if chromium is None:
        print("no chromium or no playwright: the browser is not measured")
        return []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(out.as_uri())
        page.wait_for_selector("body[data-ready=yes]")
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
        ids = page.evaluate(
            "[...document.querySelectorAll('script[data-run]')].map((one) => JSON.parse(one.dataset.run))"
        )
        everyone = page.evaluate("rows.map((row) => row.run)")
        others = [run_id for run_id in everyone if run_id not in ids]
        embedded = [_opened(page, run_id) for run_id in ids]
        bare = [_opened(page, run_id) for run_id in others[::97]]
        browser.close()
    return [
        ("first paint", paint, PAINT, "s"),
        (f"slowest of {len(embedded)} runs with every step opened", max(embedded, default=0.0), OPEN, "s"),
        (f"slowest of {len(bare)} other runs opened", max(bare, default=0.0), OPEN, "s"),
    ]


OPENED = """(id) => new Promise((done) => {
  const began = performance.now();
  const shown = () => document.querySelector("#run h2 code")?.textContent === id;
  const drawn = () => setTimeout(() => done((performance.now() - began) / 1000));
  const look = () => requestAnimationFrame(shown() ? drawn : look);
  location.hash = "run=" + id;
  look();
})"""


def _opened(page: Any, run_id: str) -> float:
    """Seconds from the change of the address until the run has been drawn."""
    return float(page.evaluate(OPENED, run_id))


def answered(ledger: Path, records: int) -> list[tuple[str, float, float, str]]:
    """Measure the answers of the live view while the ledger grows."""
    command = [sys.executable, "-m", "harness", "view", "--runs", str(ledger), "--port", "0"]
    began = time.monotonic()
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        with httpx.Client(base_url=child.stdout.readline().split()[0], timeout=60) as client:
            client.get("progress").raise_for_status()
            print(f"live view: first answer {time.monotonic() - began:.1f} s after its start, ", end="", flush=True)
            while "seen=0" in client.get("overview").text:
                time.sleep(0.5)
            print(f"{records:,} records read and counted after {time.monotonic() - began:.1f} s")
            asked = {
                "progress": ("progress", {}),
                "overview": ("overview", {}),
                "rows at the end": ("rows", {"since": records}),
                "2,000 rows": ("rows", {"since": 0}),
                "a run": ("run", {"id": "20260101T000000-00000001"}),
            }
            times = {what: list(_times(ledger, client, *address)) for what, address in asked.items()}
    finally:
        child.terminate()
        child.wait()
    slowest = max(one for some in times.values() for one in some)
    print(f"live view: slowest of all answers {slowest:.3f} s")
    return [(f"live view, median of {len(some)}: {what}", median(some), ANSWER, "s") for what, some in times.items()]


def _times(ledger: Path, client: httpx.Client, address: str, parameters: dict[str, Any]) -> Iterator[float]:
    """Seconds of some answers, each after a run has been added to the ledger."""
    for number in range(40):
        with ledger.open("a", encoding="utf-8") as file:
            record = next(lines(random.Random(number))) | {"run_id": f"new-{time.time_ns()}"}
            file.write(json.dumps(record) + "\n")
        began = time.monotonic()
        client.get(address, params=parameters).raise_for_status()
        yield time.monotonic() - began
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
