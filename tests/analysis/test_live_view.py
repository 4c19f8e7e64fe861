"""The live view: a real server and a real browser, while a ledger grows."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from browsing import OpenedPage, opened_page, started_browser
from declared_lines import Declare, entry, swept
from ledger_lines import Ask, WriteLedger
from stored_runs import FIRST, HOSTILE, OPEN, SECOND, events, hostile_line, run_line, store

from analysis.pages.progress import SweepProgresses
from analysis.pages.rows import RunRow
from harness.ledger import Ledger


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all tests."""
    with started_browser() as started:
        yield started


@pytest.fixture
def opened(browser: Any) -> Iterator[OpenedPage]:
    """A fresh page."""
    with opened_page(browser) as page:
        yield page


@pytest.fixture
def ledger(write_ledger: WriteLedger) -> Path:
    """One run, and one under way."""
    path = write_ledger(run_line(FIRST))
    store(path, FIRST, events())
    folder = store(path, OPEN, events("step by step")[:5])
    config = {
        "model": {"name": "small-model", "profile": "p"},
        "task": {"name": "apikit"},
        "ctx_limit": 11000,
        "replicate": 2,
    }
    (folder / "config.json").write_text(json.dumps(config))
    return path


@pytest.fixture
def address(ledger: Path) -> Iterator[str]:
    """The address of a view of these runs."""
    with viewed(ledger) as child:
        assert child.stdout is not None
        yield child.stdout.readline().split()[0]
        child.send_signal(signal.SIGINT)
        assert "" == child.communicate(timeout=20)[1]


def viewed(ledger: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "harness", "view", "--runs", str(ledger), "--port", "0"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.1)


def test_a_sweep_is_seen_as_it_happens(opened: OpenedPage, address: str, ledger: Path, declare: Declare) -> None:
    """Progress, the run under way with its pass and its step, then its end; only this server is asked."""
    declare(entry(sweep="s", runs=4))
    opened.open(address)
    opened.page.wait_for_selector(f"#progress a:has-text('{OPEN}')")
    opened.page.wait_for_selector("#overview table")
    opened.page.wait_for_selector("#progress:has-text('0 of 8 runs have a result')")
    shown = opened.page.inner_text("#progress")
    assert "apikit, small-model, ctx_limit 11000, replicate 2 simulated subject:" in shown
    assert "pass 1, step 1, 1,200 of 11,000 tokens" in shown
    assert "Ctrl-C in its terminal" in shown
    Ledger(ledger).append(swept(1, 1, memory=True)[0] | {"run_id": OPEN, "replicate": 1})
    opened.page.wait_for_selector("#progress:has-text('1 of 8 runs have a result')")
    opened.page.wait_for_selector("#progress:has-text('No run is under way. The command that started')")
    assert {address} == {one[: len(address)] for one in opened.requested if not one.startswith(("data:", "about:"))}


def test_the_list_grows(opened: OpenedPage, address: str, ledger: Path) -> None:
    """A run that is recorded appears in a list that is open, without a reload."""
    opened.open(f"{address}#list")
    assert {FIRST, OPEN} == set(opened.texts("#rows td.id a"))
    Ledger(ledger).append(run_line(SECOND))
    opened.page.wait_for_selector(f"#rows a:has-text('{SECOND}')")
    assert 3 == opened.page.locator("#rows tbody tr").count()


def test_the_current_pass_grows_on_its_page(opened: OpenedPage, address: str, ledger: Path) -> None:
    """Steps appear as they are written, and what was unfolded stays unfolded."""
    opened.open(f"{address}#run={OPEN}&at=1")
    opened.page.wait_for_selector("#run [data-at='1.1']")
    with (ledger.parent / "runs" / OPEN / "transcript.jsonl").open("a") as file:
        file.write("".join(json.dumps(one) + "\n" for one in events("a new step")[5:7]))
    opened.page.wait_for_selector("#run [data-at='1.2']")
    assert opened.page.locator("#run [data-at='1.2']").is_visible()


def test_texts_are_searched_on_the_server(opened: OpenedPage, address: str) -> None:
    """In the transcripts of all runs, the latest first."""
    opened.open(f"{address}#search=STEP%20by")
    opened.page.wait_for_selector(f"#hits a:has-text('{OPEN}, at 1.1')")
    assert "in 2 runs with a transcript" in opened.page.inner_text("#hits p")


def test_hostile_texts_stay_texts_in_the_view(opened: OpenedPage, write_ledger: WriteLedger) -> None:
    """In the progress, the rates, the list and the pages of runs."""
    path = write_ledger(*(hostile_line(f"2026010{n}T000000-aaaa1111", text) for n, text in enumerate(HOSTILE)))
    folder = store(path, OPEN, events("".join(HOSTILE))[:5])
    (folder / "config.json").write_text(json.dumps({"model": {"name": HOSTILE[1]}, "task": {"name": HOSTILE[0]}}))
    with viewed(path) as child:
        assert child.stdout is not None
        address = child.stdout.readline().split()[0]
        opened.open(address)
        opened.page.wait_for_selector("#progress a")
        opened.page.wait_for_selector("#overview table")
        for place in ("#list", f"#run={OPEN}&at=1.1"):
            opened.open(f"{address}{place}")
            opened.page.wait_for_selector("#rows tr.selected" if place == "#list" else "#run .target")
        assert 0 == opened.page.locator("img").count()
        child.terminate()


def test_only_reading_and_only_by_its_own_name(address: str, ledger: Path) -> None:
    """Other methods, other hosts and other paths are refused; no id leads out of the log folder."""
    (ledger.parent / "secret").write_text("secret")
    with httpx.Client(base_url=address) as client:
        assert 200 == client.get("/").status_code
        assert {405} == {client.request(method, "/run").status_code for method in ("POST", "PUT", "DELETE", "PATCH")}
        for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", ""):
            assert 400 == client.get("/rows", headers={"Host": host}).status_code
        for path in ("/../secret", "/runs.jsonl", "/%2e%2e/secret", "/page.css/../../secret"):
            assert 404 == client.get(path).status_code
        for run_id in ("../secret", "..", f"../runs/{FIRST}", "/etc/passwd", ""):
            assert 404 == client.get("/run", params={"id": run_id}).status_code
        assert 400 == client.get("/rows", params={"since": "-1"}).status_code
        policy = client.get("/").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'")


def test_the_view_waits_for_the_first_run(tmp_path: Path) -> None:
    """A sweep's ledger appears with its first result, and may take an hour."""
    with viewed(tmp_path / "runs.jsonl") as child:
        assert child.stdout is not None
        address = child.stdout.readline().split()[0]
        assert 200 == httpx.get(f"{address}progress").status_code
        Ledger(tmp_path / "runs.jsonl").append(run_line(FIRST))
        until(lambda: FIRST in httpx.get(f"{address}rows").text)
        child.terminate()


def test_bad_input_is_one_line(tmp_path: Path, ask: Ask) -> None:
    """A folder that is not there, a port that is taken."""
    code, out, err = ask("view", "--runs", tmp_path / "nowhere" / "runs.jsonl")
    assert (2, "", 1) == (code, out, len(err.splitlines()))
    with viewed(tmp_path / "runs.jsonl") as child:
        assert child.stdout is not None
        port = child.stdout.readline().split()[0].rstrip("/").rpartition(":")[2]
        code, out, err = ask("view", "--runs", tmp_path / "runs.jsonl", "--port", port)
        child.terminate()
    assert (2, "", 1) == (code, out, len(err.splitlines()))
    assert f"--port {port}" in err


def test_time_left_is_the_median_of_like_runs(write_ledger: WriteLedger, declare: Declare) -> None:
    """By cell, else by model; faults take no place of a result."""
    declare(entry(sweep="s", runs=2))
    path = write_ledger()
    made = swept(1, 1, memory=True, duration_sec=100.0, replicate=1)
    fault = [one | {"outcome": "fault"} for one in swept(0, 1, memory=False, duration_sec=5.0, replicate=1)]
    progresses = SweepProgresses([path])
    progresses.take(RunRow.of(str(one["run_id"]), one) for one in [*made, *fault])
    [found] = progresses.look()
    assert (1, 4, 1, 300.0) == (found.done, found.planned, found.faults, found.seconds)
    assert "about 5 min left" == found.time_left(1).replace(".0", "")
