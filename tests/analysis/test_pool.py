"""Ledgers of every era, whole and broken, become runs that count once."""

import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ledger_lines import WriteLedger, line

from analysis.errors import AnalysisError
from analysis.records.pool import RunPool
from analysis.records.where import RunFilter
from harness.ledger import Ledger


def test_lines_that_are_no_records_are_counted_by_reason(write_ledger: WriteLedger) -> None:
    """Torn lines, unknown outcomes and newer schemas are left out, each with its reason; the rest counts."""
    path = write_ledger(
        line("a"),
        '{"time": "2026-06-06T14:00:00+02:00", "mod',
        "[1, 2]",
        line("b", outcome="exploded"),
        line("c", outcome=None),
        line("d", schema=99),
        line("e", outcome="completed"),
    )
    pool = RunPool.read([path], measures=True)
    expected = {"torn or not a record": 2, "without a known outcome": 2, "of a newer schema than 1": 1}
    assert expected == dict(pool.excluded)
    assert [("stagnated",), ("completed",)] == pool.rows("outcome")


def test_torn_lines_are_those_that_the_ledger_itself_passes_over(write_ledger: WriteLedger) -> None:
    """The fast reader and the harness's own agree on how many lines are torn."""
    path = write_ledger(line("a"), '{"run_id": "b", "outcome": "compl', "null", "", '"text"', line("c"))
    torn: list[int] = []
    whole = list(Ledger(path).read(lambda number, _: torn.append(number)))
    pool = RunPool.read([path], measures=True)
    assert (len(whole), len(torn)) == (len(pool.rows("run_id")), pool.excluded["torn or not a record"])


def test_a_run_counts_once(write_ledger: WriteLedger) -> None:
    """A ledger given twice, or copied into another, adds nothing."""
    path = write_ledger(line("a"), line("b"))
    copy = write_ledger(line("b"), line("c"), name="copy.jsonl")
    pool = RunPool.read([path, copy, path], measures=True)
    assert ["a", "b", "c"] == sorted(run_id for (run_id,) in pool.rows("run_id"))
    assert {"repeated, by run_id": 3} == dict(pool.excluded)


def test_contradicting_lines_of_one_run_are_both_refused(write_ledger: WriteLedger) -> None:
    """Two outcomes under one run_id: neither is believed."""
    pool = RunPool.read([write_ledger(line("a", outcome="completed"), line("a"), line("b"))], measures=True)
    assert [("b",)] == pool.rows("run_id")
    assert {"with a run_id that other lines contradict": 2} == dict(pool.excluded)


def test_lines_of_the_original_pool_with_ours(write_ledger: WriteLedger) -> None:
    """Without a run_id a run is known by its start, task, model, duration and tokens; it is of a real model."""
    original = line(None, duration_sec=12.5)
    pool = RunPool.read(
        [write_ledger(original, original, line(None, duration_sec=13.0), line("ours"))],
        measures=True,
        pool_original=True,
    )
    assert [(False, "none")] * 3 == pool.rows("simulated", "lever")
    assert {"repeated, by run_id": 1} == dict(pool.excluded)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"elide_passing": True}, True),
        ({"elide_passing": False, "elided_reads": 0}, False),
        ({"elide_passing": None, "elided_reads": 3}, True),
        ({"elide_passing": None, "elided_reads": None}, False),
    ],
)
def test_elision_of_early_lines_is_told_by_its_counter(
    write_ledger: WriteLedger, given: dict[str, Any], expected: bool
) -> None:
    """A missing elide_passing means on where elided_reads is there, and off where it is not."""
    early = {key: value for key, value in (line(None) | given).items() if value is not None}
    assert [(expected,)] == RunPool.read([write_ledger(early)], measures=True).rows("elide_passing")


def test_missing_counters_are_missing(write_ledger: WriteLedger) -> None:
    """A tool never called counts 0; a line without the map, or without the counter, is missing, not 0."""
    bare = {key: value for key, value in line(None).items() if key not in ("tool_counts", "read_bytes")}
    path = write_ledger(line("a", time="2026-01-01T00:00:00Z"), bare)
    rows = RunPool.read([path], measures=True, pool_original=True).rows("loads", "acts", "read_bytes")
    assert [(36, 3, 92000), (None, None, None)] == rows


def test_times_are_compared_as_instants(write_ledger: WriteLedger) -> None:
    """Offsets, fractions and Z order runs by when they started, not by their text."""
    path = write_ledger(
        line("late", time="2026-06-06T12:30:00.5Z"),
        line("early", time="2026-06-06T14:00:00+02:00"),
        line("between", time="2026-06-06T10:15:00-02:00"),
    )
    assert ["early", "between", "late"] == [run_id for (run_id,) in RunPool.read([path], measures=True).rows("run_id")]


def test_filters_choose_runs(write_ledger: WriteLedger) -> None:
    """A filter keeps the levels it names, reads a task by its name, and says how many runs it left out."""
    path = write_ledger(line("a"), line("b", ctx_limit=9000), line("c", ctx_limit=8000), line("d", task="my/own.md"))
    where = [RunFilter.parse("ctx_limit=9000,11000"), RunFilter.parse("task=apikit")]
    pool = RunPool.read([path], where, measures=True)
    assert ["a", "b"] == sorted(run_id for (run_id,) in pool.rows("run_id"))
    assert {"left out by --where ctx_limit=9000,11000": 1, "left out by --where task=apikit": 1} == dict(pool.excluded)


@pytest.mark.parametrize(
    "text", ["ctx_limit", "ctx_limit=", "ctx_limit=many", "memory=perhaps", "colour=red", "top_p=x"]
)
def test_a_filter_that_makes_no_sense_is_refused(text: str) -> None:
    """Unknown columns and values of the wrong kind are errors, never filters that match nothing."""
    with pytest.raises(AnalysisError, match=text.partition("=")[0]):
        RunFilter.parse(text)


def test_faults_and_interruptions_are_kept_apart(write_ledger: WriteLedger) -> None:
    """They are in the outcomes of a cell and in no row that counts."""
    lines = [line(str(n), outcome=outcome) for n, outcome in enumerate(["completed", "fault", "interrupted", "budget"])]
    pool = RunPool.read([write_ledger(*lines)], measures=True)
    assert {"completed", "budget"} == {outcome for (outcome,) in pool.rows("outcome")}
    assert Counter(completed=1, fault=1, interrupted=1, budget=1) == pool.cells()[0].outcomes


def test_the_whole_pool_is_there_as_a_frame(write_ledger: WriteLedger) -> None:
    """For other work every run is a row, faults too."""
    frame = RunPool.read([write_ledger(line("a"), line("b", outcome="fault"))], measures=True).frame()
    assert ({"a", "b"}, {4}) == (set(frame["run_id"]), set(frame["passes"]))


def test_a_missing_ledger_is_named(tmp_path: Path) -> None:
    """The error says that there is none."""
    with pytest.raises(AnalysisError, match="no such ledger"):
        RunPool.read([tmp_path / "gone.jsonl"])


def test_a_file_that_is_no_ledger_is_refused(write_ledger: WriteLedger) -> None:
    """Where no line at all is a record, it is the wrong file, and not an empty ledger."""
    with pytest.raises(AnalysisError, match="is it a ledger"):
        RunPool.read([write_ledger("a,b", "1,2")])
    assert [] == RunPool.read([write_ledger()]).cells()


def test_listed_measures_are_those_of_the_runs(write_ledger: WriteLedger) -> None:
    """Counted together or read line by line, each run keeps its measures, in the order asked for; unknown is NaN."""
    lines = [
        line(
            f"{memory}-{n}",
            memory=memory,
            outcome="completed" if n % 3 else "stagnated",
            time=f"2026-06-06T14:00:{(7 * n) % 60:02d}Z",
            read_bytes=None if n == 4 else 1000 * n,
            tool_counts={"read_file": n, "write_file": n % 2},
        )
        for memory in (True, False)
        for n in range(9)
    ]
    path = write_ledger(*lines, line("f", outcome="fault"))
    names = ("started", "load_act", "bytes_per_pass")
    counted = RunPool.read([path], listed=names[1:]).arrays(["memory"], *names, order=("started", "id"))
    single = RunPool.read([path], measures=True).arrays(["memory"], *names, order=("started", "id"))
    assert [{"memory": False}, {"memory": True}] == [one.levels for one in counted] == [one.levels for one in single]
    for ours, theirs in zip(counted, single, strict=True):
        assert list(theirs.completed) == list(ours.completed)
        for name in names:
            assert list(theirs.values[name]) == pytest.approx(list(ours.values[name]), nan_ok=True)
        starts = list(ours.values["started"])
        assert sorted(starts) == starts
        assert 1 == sum(math.isnan(value) for value in ours.values["bytes_per_pass"])
        assert 5 == sum(math.isinf(value) for value in ours.values["load_act"])
