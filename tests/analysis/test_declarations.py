"""What sweeps declared: which tests it makes, when it counts, and what is said where it does not."""

import json
import os
import subprocess
import sys
from math import comb
from pathlib import Path

import pytest
from declared_lines import AFTER, Declare, Entry, Told, declared_rows, entry, swept
from ledger_lines import Ask, WriteLedger, line

from analysis.stats.arms import TwoArms
from analysis.stats.conditional import ConditionalDistribution, fisher
from analysis.stats.multiplicity import holm

ROOT = Path(__file__).resolve().parents[2]


def test_what_was_declared_before_the_first_run_is_tested_as_declared(declare: Declare, told: Told) -> None:
    """On the declared side, with family, side and level printed; and it is said that it was declared."""
    declare(entry())
    report = told(*swept(0, 4, False), *swept(4, 4, True))
    (row,) = declared_rows(report)
    assert report["head"][0].startswith("declared: ")
    assert (1 / comb(8, 4), "greater", 0.05, "s", 1, True) == pytest.approx(
        tuple(row[name] for name in ("p", "side", "alpha", "family", "tests", "rejects"))
    )


@pytest.mark.parametrize(("side", "p"), [("greater", 1.0), ("less", 1 / 70), ("two", 2 / 70)])
def test_the_side_decides_the_value(declare: Declare, told: Told, side: str, p: float) -> None:
    """The arm tried did worse: only a test that looks that way sees it."""
    declare(entry(side=side))
    assert [pytest.approx(p)] == [row["p"] for row in declared_rows(told(*swept(4, 4, False), *swept(0, 4, True)))]


def test_the_declared_baseline_is_a(declare: Declare, told: Told) -> None:
    """Also where it is the higher level."""
    declare(entry(baseline="true", level="false"))
    report = told(*swept(1, 4, False), *swept(3, 4, True))
    assert [("3/4", "1/4")] == [(row["a"], row["b"]) for row in declared_rows(report)]
    assert "memory-true-false" in report["tables"]


SPELLINGS = {
    "model.temperature": [("0.6", {"temperature": 0.6}), ("1.0", {"temperature": 1.0})],
    "model": [("small", {"model": "small-model"}), ("other", {"model": "other-model"})],
    "lever": [("none", {"lever": "none"}), ("digest", {"lever": "digest"})],
}
"""Factors whose levels records spell in another way than the command line did."""


@pytest.mark.parametrize("key", SPELLINGS)
def test_a_declared_test_is_not_printed_again_as_exploratory(
    declare: Declare, write_ledger: WriteLedger, ask: Ask, key: str
) -> None:
    """A contrast is recognised by the cells of its arms, however its levels are spelt."""
    (baseline, a), (level, b) = SPELLINGS[key]
    cells = {
        text: {"task": "apikit", "model": fields.get("model", "small-model"), "levels": {key: text}}
        for text, fields in SPELLINGS[key]
    }
    declare(
        entry(factor=key, baseline=baseline, level=level)
        | {"cells": {text: cell | {"replicates": [1, 2, 3, 4]} for text, cell in cells.items()}}
    )
    lines = [
        line(f"{text}-{n}", cell=text, sweep="s", outcome="completed" if text == level else "stagnated", **fields)
        for text, fields in ((baseline, a), (level, b))
        for n in range(4)
    ]
    code, out, err = ask("table", "--by", key.rpartition(".")[2], "--runs", write_ledger(*lines), "--json")
    tables = json.loads(out)["tables"]
    assert (0, "", ["4/4"], False) == (
        code,
        err,
        [row["b"] for row in tables["declared"]["rows"]],
        "contrasts" in tables,
    )


def test_strata_of_a_sweep_are_one_test(declare: Declare, told: Told) -> None:
    """The exact stratified test, over the strata that the declaration makes."""
    declare(entry(ctx_limits=[9000, 11000], side="two"))
    lines = [
        *swept(0, 4, False),
        *swept(3, 4, True),
        *swept(0, 4, False, ctx_limit=9000),
        *swept(2, 4, True, ctx_limit=9000),
    ]
    expected = ConditionalDistribution.of([TwoArms(0, 4, 3, 4), TwoArms(0, 4, 2, 4)]).p_values().two_sided
    assert [(expected, "5/8")] == [(row["p"], row["b"]) for row in declared_rows(told(*lines))]


def test_holm_runs_over_the_whole_family(declare: Declare, told: Told) -> None:
    """Sweeps that name one family are adjusted together, one that has not run yet too, with p 1."""
    declare(entry("s", family="f"))
    declare(entry("t", family="f"))
    declare(entry("u", family="f"))
    lines = [*swept(0, 4, False), *swept(4, 4, True), *swept(1, 4, False, "t"), *swept(4, 4, True, "t")]
    expected = holm([fisher(TwoArms(0, 4, 4, 4)).greater, fisher(TwoArms(1, 4, 4, 4)).greater, 1.0])[:2]
    assert [(p, 3) for p in expected] == [(row["p_adjusted"], row["tests"]) for row in declared_rows(told(*lines))]


def test_a_filter_changes_no_declared_test(declare: Declare, told: Told) -> None:
    """It is over its whole sweep, and its family over all sweeps, whatever part of the runs is looked at."""
    declare(entry("s", family="f"))
    declare(entry("t", family="f"))
    lines = [*swept(0, 4, False), *swept(4, 4, True), *swept(1, 4, False, "t"), *swept(4, 4, True, "t")]
    whole, part = declared_rows(told(*lines)), declared_rows(told(*lines, more=("--where", "sweep=t")))
    assert [row for row in whole if row["sweep"] == "t"] == part


def test_trials_with_a_simulated_subject_spoil_nothing(declare: Declare, told: Told) -> None:
    """They are a test of another subject, in a family of their own, and came before the real runs."""
    declare(entry(model="sim"), entry(time="2026-06-06T11:30:00Z"))
    early = {"simulated": True, "model": "sim", "time": "2026-06-06T11:10:00Z"}
    trial = [*swept(4, 4, False, **early), *swept(4, 4, True, **early)]
    rows = declared_rows(told(*trial, *swept(0, 4, False), *swept(4, 4, True)))
    expected = [(False, "0/4", "4/4", 1), (True, "4/4", "4/4", 1)]
    assert expected == sorted((row["simulated"], row["a"], row["b"], row["tests"]) for row in rows)


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([], "sweep s left no declaration beside the ledger"),
        ([entry(contrast=None)], "sweep s declared no contrast of memory"),
        ([entry(factor="ctx_limit", baseline="9000", level="11000")], "sweep s declared no contrast of memory"),
        ([entry(time=AFTER)], "on 2026-06-06 13:00:00, after the first run of its cells on 2026-06-06 12:00:00"),
        ([entry(contrast=None), entry(time=AFTER)], "only on 2026-06-06 13:00:00, after its first run"),
        ([entry(runs=2)], "for 4 runs and made more of them"),
    ],
)
def test_anything_else_is_exploratory(declare: Declare, told: Told, entries: list[Entry], why: str) -> None:
    """And why is said in one line: no declaration, another contrast, too late, or made larger than declared."""
    if entries:
        declare(*entries)
    report = told(*swept(0, 4, False), *swept(4, 4, True))
    (head,) = report["head"]
    assert ([], True, True) == (declared_rows(report), head.startswith("exploratory: no sweep declared"), why in head)


def test_runs_of_no_sweep_are_not_declared(declare: Declare, told: Told) -> None:
    """Beside a declared sweep they are in no declared test, and counted."""
    declare(entry())
    report = told(*swept(0, 4, False), *swept(4, 4, True), line("alone"), line("too"))
    assert "not in a declared test: 2 runs are of no sweep" in report["head"]
    assert ["4/4"] == [row["b"] for row in declared_rows(report)]


@pytest.mark.parametrize(
    ("later", "remark"),
    [
        (
            {"side": "two"},
            "declared memory anew on 2026-06-06 13:00:00, after its first run: the first declaration counts",
        ),
        ({"runs": 8}, "planned 8 runs, and 16 on 2026-06-06 13:00:00, after its first run"),
        (
            {"side": "two", "time": "2026-06-06T11:30:00Z"},
            "11:30:00, before its first run: the first declaration counts",
        ),
    ],
)
def test_a_declaration_that_was_changed_is_named(declare: Declare, told: Told, later: Entry, remark: str) -> None:
    """The earliest counts; what came later is told."""
    declare(entry(), entry(**({"time": AFTER} | later)))
    report = told(*swept(0, 4, False), *swept(4, 4, True))
    assert ["greater"] == [row["side"] for row in declared_rows(report)]
    assert [] != [note for note in report["tables"]["declared"]["notes"] if remark in note]


def test_a_look_before_the_end_is_named(declare: Declare, told: Told) -> None:
    """Fewer results than declared: faults are none, and more may come."""
    declare(entry())
    lines = [
        *swept(0, 4, False),
        *swept(3, 3, True),
        swept(0, 1, True)[0] | {"run_id": "f", "outcome": "fault"},
    ]
    notes = told(*lines)["tables"]["declared"]["notes"]
    assert "sweep s: 7 of the 8 runs declared have a result: a look before the end" in notes


def test_sweeps_that_declared_differently_are_told_apart(declare: Declare, told: Told) -> None:
    """Each is tested as it declared, and that they differ is one line."""
    declare(entry("s"))
    declare(entry("t", side="two"))
    lines = [one for sweep in "st" for one in (*swept(0, 4, False, sweep), *swept(4, 4, True, sweep))]
    report = told(*lines)
    assert [1 / 70, 2 / 70] == pytest.approx([row["p"] for row in declared_rows(report)])
    told_once = [
        note for note in report["tables"]["declared"]["notes"] if "sweeps s, t declared memory differently" in note
    ]
    assert 1 == len(told_once)


@pytest.mark.parametrize("text", ["{", "[1]", '[{"sweep": "s"}]', '{"sweep": "s"}'])
def test_a_declaration_that_cannot_be_read_is_told(declare: Declare, told: Told, tmp_path: Path, text: str) -> None:
    """One line names the file; the runs are then exploratory, and counted all the same."""
    declare(entry())
    (tmp_path / "sweeps" / "s.json").write_text(text, encoding="utf-8")
    report = told(*swept(0, 4, False), *swept(4, 4, True))
    assert ([], True) == (declared_rows(report), "s.json: cannot be read as what a sweep declared" in report["head"][0])


def test_the_end_of_a_sweep_shows_its_declared_test_once(declare: Declare, write_ledger: WriteLedger, ask: Ask) -> None:
    """`table` sets it apart from the exploratory tests, which do not repeat it."""
    declare(entry())
    path = write_ledger(*swept(0, 4, False), *swept(4, 4, True))
    _, out, _ = ask("table", "--runs", path, "--json")
    assert ["rates", "declared"] == list(json.loads(out)["tables"])


def test_a_real_sweeps_declaration_is_read(ask: Ask, tmp_path: Path) -> None:
    """What sweeps write is what the analysis reads: one that stops by itself, through the front door."""
    sweep = ["hydra/sweeper=contrast", "memory=true,false", "sweep.replicates=4", "sweep.side=greater"]
    command = [sys.executable, "-m", "harness", "-m", "model=oracle", "task=reverse", "log_dir=out", *sweep]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=600, check=True)
    code, out, _ = ask("contrast", "memory", "--runs", tmp_path / "out" / "runs.jsonl", "--json")
    (row,) = declared_rows(json.loads(out))
    assert (0, "1/1", "1/1", "greater", "curtail", 1) == (
        code,
        *(row[name] for name in ("a", "b", "side", "rule", "stopped_after_block")),
    )
