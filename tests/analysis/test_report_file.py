"""The report in a real browser, and the file itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import OpenedPage, opened_page, started_browser
from declared_lines import Declare, entry, swept
from ledger_lines import Ask, WriteLedger, line
from stored_runs import FIRST, HOSTILE, OPEN, SECOND, events, hostile_line, run_line, store

from analysis.pages.report_file import by_use
from analysis.pages.rows import RunRow


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
    """Two runs of two arms with transcripts, a fault, and a run without a record."""
    path = write_ledger(
        run_line(FIRST, cell="c1", sweep="s"),
        run_line(SECOND, cell="c2", sweep="s", outcome="completed", pass_reasons=["context", "completed"], passes=2,
                 memory=False, total_tokens=100, units={"a": "passing"}),
        run_line("20260104T000000-dddd4444", cell="c2", sweep="s", memory=False, outcome="fault", fault="server gone"),
    )  # fmt: skip
    store(path, FIRST, events())
    store(path, SECOND, events("a needle in the haystack", passes=2))
    store(path, OPEN, events()[:5])
    return path


@pytest.fixture
def report(ledger: Path, ask: Ask) -> str:
    """The address of the report of these runs."""
    out = ledger.parent / "report.html"
    code, said, _ = ask("report", "--runs", ledger, "--out", out)
    assert (0, True) == (code, "4 runs, 3 with every step" in said)
    return out.as_uri()


def test_the_report_opens_from_disk_and_asks_nobody(opened: OpenedPage, report: str) -> None:
    """Rates with intervals and their runs, faults apart; no request but for the file itself."""
    opened.open(report)
    home = opened.page.inner_text("#home")
    assert "2 runs have a result: 1 completed, 1 stagnated; 1 fault, counted in no rate." in home
    assert "1/1" in home
    assert [report] == opened.requested
    assert opened.page.locator("svg.rates a").count() == 2


def test_a_mark_leads_to_its_runs(opened: OpenedPage, report: str) -> None:
    """Each mark of a picture and each row of a table lists the runs behind it, the faults of its arm too."""
    opened.open(report)
    opened.page.locator("svg.rates a").first.click()
    opened.page.wait_for_selector("#rows tr.selected")
    ids = opened.texts("#rows td.id a")
    assert {frozenset({FIRST}), frozenset({SECOND, "20260104T000000-dddd4444"})} >= {frozenset(ids)}
    opened.page.click("#all")
    opened.until(lambda: 4 == opened.page.locator("#rows tbody tr").count())


def test_runs_are_sorted_and_filtered(opened: OpenedPage, report: str) -> None:
    """By a click on a heading, by words, by outcome."""
    opened.open(f"{report}#list")
    assert "4 of 4 runs" == opened.page.inner_text("#count")
    opened.page.click("th button:has-text('tokens')")
    assert FIRST == opened.texts("#rows td.id a")[0]
    assert "descending" == opened.page.get_attribute("th:has-text('tokens')", "aria-sort")
    opened.page.click("th button:has-text('tokens')")
    assert SECOND == opened.texts("#rows td.id a")[0]
    opened.page.fill("#filter", "a never written")
    opened.until(lambda: opened.page.inner_text("#count").startswith("1 of 4"))
    assert [FIRST] == opened.texts("#rows td.id a")
    opened.page.fill("#filter", "")
    opened.page.select_option("#outcome", "fault")
    opened.until(lambda: opened.page.inner_text("#count").startswith("1 of 4"))
    assert ["server gone"] == opened.texts("#rows td.reason")


def test_keys_lead_through_the_pages(opened: OpenedPage, report: str) -> None:
    """List, choose, open, step through passes, mark two runs, compare them."""
    opened.open(report)
    press = opened.page.keyboard.press
    press("l")
    opened.page.wait_for_selector("#rows tr.selected")
    opened.page.click("th button:has-text('passes')")
    opened.page.evaluate("document.activeElement.blur()")
    chosen = opened.texts("#rows td.id a")
    press("x")
    press("j")
    press("x")
    press("Enter")
    opened.page.wait_for_selector("#run h2")
    assert f"#run={chosen[1]}" == opened.hash()
    press("j")
    opened.page.wait_for_selector("#run .target")
    assert f"#run={chosen[1]}&at=1" == opened.hash()
    press("c")
    opened.page.wait_for_selector("#pair h2")
    assert chosen[:2] == opened.texts("#pair h2 code")
    press("?")
    assert opened.page.is_visible("#help")


@pytest.mark.parametrize(
    ("at", "words"), [("", "the last 2 passes changed nothing"), ("1", "a.go"), ("2.1", "line 39")]
)
def test_every_row_has_an_address(opened: OpenedPage, report: str, at: str, words: str) -> None:
    """A run, a pass and a step each open from their link, unfolded and marked."""
    opened.open(f"{report}#run={FIRST}" + (f"&at={at}" if at else ""))
    opened.page.wait_for_selector("#run .target" if at else "#run h2")
    assert words in opened.page.evaluate("document.querySelector('#run').textContent")
    if at:
        assert opened.page.locator(f"#run [data-at='{at}']").is_visible()


def test_a_long_result_folds_and_is_there_whole(opened: OpenedPage, report: str) -> None:
    """Its first lines are shown, and all of it after a click."""
    opened.open(f"{report}#run={FIRST}&at=2.1")
    fold = opened.page.locator("#run [data-at='2.1'] details.fold").first
    last = opened.page.get_by_text("line 39 thinking of a.go").first
    assert not last.is_visible()
    fold.locator("summary").click()
    assert last.is_visible()


def test_two_runs_are_compared(opened: OpenedPage, report: str) -> None:
    """Side by side, with the settings in which they differ and no others."""
    opened.open(f"{report}#compare={FIRST},{SECOND}")
    opened.page.wait_for_selector("#pair table")
    settings = opened.texts("#pair tbody td:first-child")
    assert "memory" in settings
    assert "ctx_limit" not in settings
    assert 3 == opened.page.locator("#pair .pair").count() - 1


def test_all_texts_are_searched(opened: OpenedPage, report: str) -> None:
    """Each hit leads to its step, and the page says how many runs it searched."""
    opened.open(report)
    opened.page.fill("#text", "NEEDLE in the")
    opened.page.press("#text", "Enter")
    opened.page.wait_for_selector("#hits p:has-text('places in')")
    assert "in 3 runs with a transcript" in opened.page.inner_text("#hits p")
    assert f"{SECOND}, at 1.1" in opened.texts("#hits a")
    opened.page.click(f"#hits a:has-text('{SECOND}, at 1.1')")
    opened.page.wait_for_selector("#run .target")


def test_hostile_texts_stay_texts(opened: OpenedPage, write_ledger: WriteLedger, ask: Ask) -> None:
    """Markup, ends of scripts, control characters and marks of direction, in every field of a record."""
    ids = [f"20260101T00000{place}-aaaa1111" for place in range(len(HOSTILE))]
    lines = [hostile_line(run_id, text) for run_id, text in zip(ids, HOSTILE, strict=True)]
    path = write_ledger(*lines, *(run_line(text) for text in HOSTILE))
    for run_id, text in zip(ids, HOSTILE, strict=True):
        store(path, run_id, events(text + " x" * 3000 + "\n" + text * 20))
    out = path.parent / "report.html"
    assert 0 == ask("report", "--runs", path, "--out", out)[0]
    opened.open(f"{out.as_uri()}#list")
    assert 2 * len(HOSTILE) == opened.page.locator("#rows tbody tr").count()
    for run_id in ids:
        opened.open(f"{out.as_uri()}#run={run_id}&at=1.1")
        opened.page.wait_for_selector("#run .target")
    opened.open(f"{out.as_uri()}#compare={ids[0]},{ids[1]}")
    opened.page.wait_for_selector("#pair h2")
    opened.open(f"{out.as_uri()}#search=%3C%2Fscript%3E")
    opened.page.wait_for_selector("#hits p:has-text('places in')")
    scripts = "[...document.scripts].filter((one) => !one.type).length"
    assert (1, 0) == (opened.page.evaluate(scripts), opened.page.locator("img, iframe, object").count())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_dark_and_print(opened: OpenedPage, report: str, scheme: str) -> None:
    """Text and paper stay apart in each, and the bar with the keys is not printed."""
    opened.page.emulate_media(color_scheme=scheme)
    opened.open(f"{report}#run={FIRST}")
    ink, paper = (
        opened.page.evaluate(f"getComputedStyle(document.body).{name}.match(/\\d+/g).slice(0, 3).map(Number)")
        for name in ("color", "backgroundColor")
    )
    assert abs(sum(ink) - sum(paper)) > 450
    opened.page.emulate_media(media="print")
    assert not opened.page.is_visible("nav.top")


def test_a_run_that_is_not_embedded_has_its_record(opened: OpenedPage, ledger: Path, ask: Ask) -> None:
    """The figures of its passes and why it ended, and how to see the steps."""
    out = ledger.parent / "small.html"
    assert 0 == ask("report", "--runs", ledger, "--out", out, "--embed", 0)[0]
    opened.open(f"{out.as_uri()}#run={FIRST}")
    opened.page.wait_for_selector("#run .pass")
    shown = opened.page.inner_text("#run")
    assert "the last 2 passes changed nothing" in shown
    assert f"harness show {FIRST}" in shown
    assert 3 == opened.page.locator("#run .pass").count()


def test_of_each_arm_the_first_the_median_and_the_last_are_embedded() -> None:
    """Every arm has one before any has two; what room is left goes to the latest runs."""
    arms = [[f"a{n}" for n in range(5)], [f"b{n}" for n in range(5)]]
    rows = {
        run_id: RunRow.of(run_id, run_line(run_id, time=f"2026-06-06T1{n}:00:00+00:00"))
        for arm in arms
        for n, run_id in enumerate(arm)
    }
    rest = ["a3", "b3", "a1", "b1"]
    assert ["a0", "b0", "a2", "b2", "a4", "b4", "open"] == by_use(arms, rows, ["open"])[:7]
    assert set(rest) == set(by_use(arms, rows, ["open"])[7:])


def test_declared_tests_come_first_and_others_are_called_exploratory(
    opened: OpenedPage, write_ledger: WriteLedger, declare: Declare, ask: Ask
) -> None:
    """With their p, as the commands print it, and a link to the runs that they compare."""
    declare(entry(runs=4))
    path = write_ledger(*swept(0, 4, memory=False), *swept(4, 4, memory=True))
    out = path.parent / "report.html"
    assert 0 == ask("report", "--runs", path, "--out", out)[0]
    opened.open(out.as_uri())
    headings = opened.texts(".tests th")
    assert "p, Holm" in headings
    assert ["Declared before the first run"] == opened.texts(".tests h3")
    opened.page.locator(".tests td a").first.click()
    opened.until(lambda: opened.page.inner_text("#count").startswith("8 of 8"))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "No test of these runs"),
        ([line(None)], "Runs of no sweep"),
        ([run_line(FIRST, schema=99), run_line(SECOND)], "of a newer schema"),
        ([run_line(FIRST), '{"torn'], "torn"),
    ],
)
def test_odd_ledgers_make_a_report(write_ledger: WriteLedger, ask: Ask, lines: list[Any], words: str) -> None:
    """An empty one, one of the original, one of the future, a torn one: each is shown as what it is."""
    path = write_ledger(*lines)
    out = path.parent / "report.html"
    code, _, error = ask("report", "--runs", path, "--out", out)
    assert (0, True) == (code, words in out.read_text() or not lines), error


@pytest.mark.parametrize("out", ["/proc/nothing/report.html", "folder"])
def test_an_out_that_cannot_be_written_is_one_line(ledger: Path, ask: Ask, out: str) -> None:
    """With exit code 2, and nothing left behind."""
    (ledger.parent / "folder").mkdir()
    before = sorted(ledger.parent.iterdir())
    code, said, error = ask("report", "--runs", ledger, "--out", ledger.parent / out)
    assert (2, "", 1) == (code, said, len(error.splitlines()))
    assert "--out" in error
    assert before == sorted(ledger.parent.iterdir())


def test_a_report_that_fails_leaves_the_old_one(ledger: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file appears whole or not at all."""
    out = ledger.parent / "report.html"
    out.write_text("old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    code, _, error = ask("report", "--runs", ledger, "--out", out)
    assert (2, "old", [out]) == (code, out.read_text(), list(out.parent.glob("*report*")))
    assert "No space left" in error


def test_the_file_holds_no_address_of_the_network(ledger: Path, ask: Ask) -> None:
    """Its policy allows nothing but its own script and style, and no text of a run stands outside of data."""
    out = ledger.parent / "report.html"
    assert 0 == ask("report", "--runs", ledger, "--out", out)[0]
    page = out.read_text()
    assert "default-src &#39;none&#39;; script-src &#39;sha256-" in page
    assert "needle" not in page
    assert json.dumps(FIRST) not in page.split("<script")[0]
