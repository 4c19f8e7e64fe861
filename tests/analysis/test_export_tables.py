"""Runs as CSV, Parquet and JSON, read back by programs that are not ours, and rows in Aider's shape."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import yaml
from ledger_lines import Ask, Line, WriteLedger
from test_task_sets import set_lines, task_line

from analysis.csv_text import csv_text
from harness.record import RunRecord

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    " =HYPERLINK(1)",
    "＝1",
    "\r=1",
    "a\x1b[31mred",
    "a\u202eb",
    'quote " comma , line\nend',
    "'",
    "null",
    "NaN",
    "",
]


def exported(ask: Ask, form: str, target: Path, ledger: Path) -> str:
    code, out, err = ask("export", form, target, "--runs", ledger)
    assert (0, True) == (code, out.startswith(str(target))), err
    return err


def csv_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


@pytest.fixture
def hostile(write_ledger: WriteLedger) -> Path:
    """Runs whose model has a name that would act in a spreadsheet or on a terminal."""
    return write_ledger(
        *(task_line(f"r{number:02}", "t", model=text, fault=text) for number, text in enumerate(HOSTILE))
    )


def test_no_text_acts_in_a_spreadsheet(hostile: Path, ask: Ask, tmp_path: Path) -> None:
    """No cell begins like a formula or holds a hidden character; texts that do neither are as they were."""
    exported(ask, "csv", tmp_path / "runs.csv", hostile)
    rows = csv_rows(tmp_path / "runs.csv")
    for text, row in zip(HOSTILE, rows, strict=True):
        for cell in row.values():
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
            assert not set(cell) & set("\x1b\r\u202e")
        assert csv_text(text) == row["model"] == row["fault"]
    assert 'quote " comma , line\nend' == rows[10]["model"]


def test_reports_as_csv_keep_the_same_rule(hostile: Path, ask: Ask) -> None:
    """Also where a level is shown by a report."""
    _, out, _ = ask("rates", "--runs", hostile, "--csv")
    for row in csv.reader(io.StringIO(out)):
        assert not [cell for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))]


def test_parquet_and_json_hold_texts_as_they_are(hostile: Path, ask: Ask, tmp_path: Path) -> None:
    """PyArrow and Python's json read what was recorded, letter for letter."""
    exported(ask, "parquet", tmp_path / "runs.parquet", hostile)
    exported(ask, "json", tmp_path / "runs.json", hostile)
    table = pyarrow.parquet.read_table(tmp_path / "runs.parquet")
    assert HOSTILE == table.column("model").to_pylist()
    assert HOSTILE == [row["model"] for row in json.loads((tmp_path / "runs.json").read_text(encoding="utf-8"))]


@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
def test_what_is_unknown_is_null(write_ledger: WriteLedger, ask: Ask, tmp_path: Path, form: str) -> None:
    """Never 0, false or an empty text; numbers and truth values keep their type."""
    path = write_ledger(task_line("r", "t", joules=0.0, task_public=None, variant="", total_tokens=7, simulated=True))
    exported(ask, form, tmp_path / "runs", path)
    if form == "csv":
        [row] = csv_rows(tmp_path / "runs")
        # Without quotes there is nothing; an empty text has them.
        line = (tmp_path / "runs").read_text().splitlines()[1]
        assert ("", "", "0.0", "7", "true") == tuple(
            row[name] for name in ("cached_tokens", "task_public", "joules", "total_tokens", "simulated")
        )
        assert ',"",' in line
        return
    if form == "parquet":
        [row] = pyarrow.parquet.read_table(tmp_path / "runs").to_pylist()
    else:
        [row] = json.loads((tmp_path / "runs").read_text())
    assert (None, None, 0.0, "", 7, True) == tuple(
        row[name] for name in ("cached_tokens", "task_public", "joules", "variant", "total_tokens", "simulated")
    )


def test_every_run_is_a_row_and_every_field_a_column(write_ledger: WriteLedger, ask: Ask, tmp_path: Path) -> None:
    """Each run once, whatever came of it; torn lines are none."""
    lines = [task_line("a", "t"), task_line("b", "t", outcome="fault"), task_line("b", "t", outcome="fault"), "{torn"]
    exported(ask, "parquet", tmp_path / "deep" / "runs.parquet", write_ledger(*lines))
    table = pyarrow.parquet.read_table(tmp_path / "deep" / "runs.parquet")
    assert ["a", "b"] == table.column("run_id").to_pylist()
    assert set(RunRecord.__dataclass_fields__) - {"metrics"} <= set(table.column_names)
    assert ["runs.parquet"] == [path.name for path in (tmp_path / "deep").iterdir()]


def test_simulated_and_public_runs_are_called_so(write_ledger: WriteLedger, ask: Ask, tmp_path: Path) -> None:
    """In words, in each row, and on the screen."""
    path = write_ledger(task_line("a", "t", simulated=True), task_line("b", "t"), task_line("c", "t", task_public=None))
    err = exported(ask, "csv", tmp_path / "runs.csv", path)
    assert "1 of a SIMULATED SUBJECT" in err
    assert "2 of a PUBLIC SET" in err
    remarks = [row["remarks"] for row in csv_rows(tmp_path / "runs.csv")]
    assert remarks[0].startswith("simulated subject")
    assert [True, True, False] == ["seen these tasks in training" in one for one in remarks]
    assert "" == remarks[2]


@pytest.mark.parametrize("form", ["csv", "parquet", "json", "aider-yaml"])
def test_what_cannot_be_exported_is_one_line(write_ledger: WriteLedger, ask: Ask, tmp_path: Path, form: str) -> None:
    """No ledger, a ledger without runs, a folder in the place of the file: exit code 2, and nothing is written."""
    (tmp_path / "folder").mkdir()
    for ledger, target in (
        (tmp_path / "none.jsonl", "out"),
        (write_ledger(name="empty.jsonl"), "out"),
        (write_ledger(task_line("a", "t")), "folder"),
    ):
        code, out, err = ask("export", form, tmp_path / target, "--runs", ledger)
        assert (2, "") == (code, out)
        assert [True] == [line.startswith("error: ") for line in err.splitlines() if not line.startswith("warning")]
    assert not (tmp_path / "out").exists()
    assert [] == list((tmp_path / "folder").iterdir())
    assert {"folder", "empty.jsonl", "runs.jsonl"} == {path.name for path in tmp_path.iterdir()}


AIDER = [
    "dirname",
    "test_cases",
    "model",
    "edit_format",
    "commit_hash",
    "pass_rate_1",
    "pass_rate_2",
    "pass_num_1",
    "pass_num_2",
    "percent_cases_well_formed",
    "error_outputs",
    "num_malformed_responses",
    "num_with_malformed_responses",
    "user_asks",
    "lazy_comments",
    "syntax_errors",
    "indentation_errors",
    "exhausted_context_windows",
    "test_timeouts",
    "total_tests",
    "command",
    "date",
    "versions",
    "seconds_per_case",
    "total_cost",
]
"""Fields of a row of Aider's polyglot_leaderboard.yml."""


def aider(ask: Ask, tmp_path: Path, *lines: Line, write: WriteLedger) -> tuple[list[dict[str, Any]], str]:
    target = tmp_path / "rows.yml"
    exported(ask, "aider-yaml", target, write(*lines))
    text = target.read_text(encoding="utf-8")
    return yaml.safe_load(text), text


def test_a_row_has_aiders_fields_and_ours_beside_them(write_ledger: WriteLedger, ask: Ask, tmp_path: Path) -> None:
    """What is known has its value; what is not is null; the interval and the number of runs are there."""
    outcomes = {"t0": {"m": "+"}, "t1": {"m": "-"}, "t2": {"m": "+"}, "t3": {"m": "!"}}
    lines = set_lines(outcomes, git_commit="0123456789", harness_version="0.1.0", prompt_tokens=5, completion_tokens=2)
    [row], text = aider(ask, tmp_path, *lines, write=write_ledger)
    assert set(AIDER) <= set(row)
    order = [name for name in row if name in AIDER]
    assert AIDER == order
    known = {
        "test_cases": 3,
        "model": "m",
        "commit_hash": "0123456",
        "pass_rate_2": 66.7,
        "pass_num_2": 2,
        "total_tests": 4,
        "versions": "harness-sweeps 0.1.0",
        "seconds_per_case": 10.0,
        "prompt_tokens": 15,
        "completion_tokens": 6,
        "date": "2026-06-06",
    }
    assert known == {name: row[name] for name in known}
    unknown = {name for name, value in row.items() if value is None}
    assert set(AIDER) - set(known) - {"dirname"} == unknown
    own = row["harness_sweeps"]
    assert (3, 1, 1, None) == (own["runs"], own["runs_per_case"], own["faults"], own["run_to_run_deviation"])
    assert [9.4, 99.2] == own["pass_rate_interval"]
    assert "95% for tasks like these: 9.4 to 99.2" in text
    assert "models have seen these tasks in training" in text
    assert own["public_set"] is True


def test_four_runs_of_a_set_are_four_scores_and_one_rate(write_ledger: WriteLedger, ask: Ask, tmp_path: Path) -> None:
    """The scores that leaderboards quote are there, and the rate is their mean."""
    outcomes = {"t0": {"m": "++++"}, "t1": {"m": "+-+-"}, "t2": {"m": "---+"}, "t3": {"m": "--+-"}}
    [row], _ = aider(ask, tmp_path, *set_lines(outcomes), write=write_ledger)
    own = row["harness_sweeps"]
    assert [50.0, 25.0, 75.0, 50.0] == own["pass_rates_by_replicate"]
    assert (50.0, None, 4) == (row["pass_rate_2"], row["pass_num_2"], own["runs_per_case"])
    assert own["run_to_run_deviation"] > 0


def test_arms_and_sets_are_rows_and_simulated_ones_say_so(write_ledger: WriteLedger, ask: Ask, tmp_path: Path) -> None:
    """In the name of the model, which is all that a leaderboard shows."""
    lines = [
        *set_lines({"t0": {"a": "+", "b": "-"}}, task_set="one"),
        *set_lines({"t0": {"s": "+"}}, task_set="two", simulated=True),
    ]
    rows, text = aider(ask, tmp_path, *lines, write=write_ledger)
    assert [("a", "one"), ("b", "one"), ("simulated: s", "two")] == [
        (row["model"], row["harness_sweeps"]["task_set"]) for row in rows
    ]
    assert "# simulated subject" in text


def test_no_name_leaves_its_line(write_ledger: WriteLedger, ask: Ask, tmp_path: Path) -> None:
    """Whatever a model or a set is called, the row holds just that, in printable ASCII."""
    for name in [
        *filter(None, HOSTILE),
        "a: b\n  pass_rate_2: 100",
        "# x",
        "- x",
        "é\u2028😀",
        "{a: 1}",
        "true",
        "&x *y !!python/object:os",
    ]:
        [row], text = aider(ask, tmp_path, *set_lines({"t0": {name: "-"}}, task_set=name), write=write_ledger)
        assert (name, name, 0.0) == (row["model"], row["harness_sweeps"]["task_set"], row["pass_rate_2"])
        assert text.isascii()
        assert text.replace("\n", "").isprintable()
