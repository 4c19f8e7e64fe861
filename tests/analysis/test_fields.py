"""Fields of records, configs and servers, as what runs are counted, filtered and compared by."""

import json
from pathlib import Path
from typing import Any

import pytest
from ledger_lines import Ask, WriteLedger, line

from analysis.records.fields import canonical, config_fields, record_fields
from analysis.records.pool import RunPool


def write_config(root: Path, run_id: str, **config: Any) -> None:
    """Write the config of a run into its folder."""
    path = root / "runs" / run_id
    path.mkdir(parents=True)
    (path / "config.json").write_text(json.dumps(config))


@pytest.fixture
def ledger(write_ledger: WriteLedger) -> Path:
    """Four runs in two cells that differ in max_stale alone, and one whose folder is gone."""
    runs = [line(f"r{number}", cell="xxyy"[number], sandbox="xyxy"[number], replicate=number) for number in range(4)]
    runs[0]["outcome"] = runs[1]["outcome"] = "completed"
    path = write_ledger(*runs, line("gone", cell="z"))
    for number in range(4):
        model = {"first_token_timeout": 60.0 * (1 + number % 2), "temperature": 0.5}
        write_config(path.parent, f"r{number}", max_stale=[3, 3, 5, 5][number], model=model)
    return path


def rows(ask: Ask, ledger: Path, *arguments: str) -> list[dict[str, Any]]:
    """Rows of the first table."""
    code, out, err = ask(*arguments, "--runs", ledger, "--json")
    assert (0, "") == (code, err)
    tables = json.loads(out)["tables"]
    return list(next(iter(tables.values()))["rows"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("max_stale", [(3, 2), (5, 2), (None, 1)]),
        ("model.first_token_timeout", [(60.0, 2), (120.0, 2), (None, 1)]),
        ("sandbox", [("x", 2), ("y", 2), (None, 1)]),
        ("replicate", [(0, 1), (1, 1), (2, 1), (3, 1), (None, 1)]),
    ],
)
def test_any_field_can_be_counted_by(ask: Ask, ledger: Path, name: str, expected: list[Any]) -> None:
    """Of the record, of the cell's config and of the run's own; unknown is null."""
    assert expected == [(row[name], row["runs"]) for row in rows(ask, ledger, "rates", "--by", name)]


def test_every_name_of_the_pages_is_a_field(ledger: Path) -> None:
    """Each field of the record and each key of the config is read beside the factors, whether any run has it or not."""
    names = list(dict.fromkeys([*record_fields(), *config_fields()]))
    pool = RunPool.read([ledger], facts=names)
    assert {canonical(name) for name in names} <= {*pool.names}
    assert 5 == sum(sum(cell.outcomes.values()) for cell in pool.cells())


def test_any_field_can_be_filtered_by(ask: Ask, ledger: Path) -> None:
    """Values are read as the field's own type; what is unknown is not chosen."""
    assert [2] == [row["runs"] for row in rows(ask, ledger, "rates", "--by", "task", "--where", "max_stale=5")]
    assert [2] == [
        row["runs"] for row in rows(ask, ledger, "rates", "--by", "task", "--where", "model.first_token_timeout=60")
    ]


def test_a_list_is_a_level_as_text(ask: Ask, write_ledger: WriteLedger) -> None:
    """It can be counted by, filtered by and compared, within blocks too."""
    reasons = [["context"], ["context", "model_stop"]]
    runs = [
        line(
            f"r{n}", cell="c", pass_reasons=reasons[n % 2], outcome="completed" if n % 2 else "stagnated", block=n // 2
        )
        for n in range(8)
    ]
    path = write_ledger(*runs)
    counted = rows(ask, path, "rates", "--by", "pass_reasons")
    assert {'["context"]': 4, '["context","model_stop"]': 4} == {row["pass_reasons"]: row["runs"] for row in counted}
    assert [4] == [row["runs"] for row in rows(ask, path, "rates", "--where", 'pass_reasons=["context"]')]
    code, out, _ = ask("contrast", "pass_reasons", "--runs", path)
    assert (0, True) == (code, "4/4" in out and "over 4 blocks" in out)


@pytest.mark.parametrize("name", ["max_stale", "model.first_token_timeout"])
def test_any_field_can_be_compared(ask: Ask, ledger: Path, name: str) -> None:
    """A contrast of a setting that no line holds; the run without a config is in neither arm."""
    (row,) = [row for row in rows(ask, ledger, "contrast", name) if row["a"]][:1]
    expected = ("2/2", "0/2") if name == "max_stale" else ("1/1", "1/1")
    assert expected == (row["a"], row["b"])


def test_a_key_of_the_config_means_the_field_of_the_record(ask: Ask, write_ledger: WriteLedger) -> None:
    """`model.temperature` is what lines call temperature."""
    path = write_ledger(line("a", temperature=0.5), line("b", temperature=0.7))
    assert [0.5, 0.7] == [row["temperature"] for row in rows(ask, path, "rates", "--by", "model.temperature")]


@pytest.mark.parametrize("question", [("rates", "--by"), ("rates", "--where"), ("contrast",), ("table", "--contrast")])
@pytest.mark.parametrize(("name", "near"), [("limits.memory", "limits.memory_mb"), ("max_stal", "max_stale")])
def test_an_unknown_name_is_one_line_with_those_close_to_it(
    ask: Ask, write_ledger: WriteLedger, question: tuple[str, ...], name: str, near: str
) -> None:
    """Exit code 2, whatever asks."""
    text = f"{name}=1" if question[-1] == "--where" else name
    code, out, err = ask(*question, text, "--runs", write_ledger(line("a")))
    assert (2, "", 1, True) == (code, out, len(err.splitlines()), near in err)
