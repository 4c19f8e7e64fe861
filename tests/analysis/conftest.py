"""Ledgers to ask questions of."""

import json
from pathlib import Path
from typing import Any

import pytest
from declared_lines import Declare, Entry, Told
from ledger_lines import Ask, Line, WriteLedger

from analysis.cli import main


@pytest.fixture
def write_ledger(tmp_path: Path) -> WriteLedger:
    """Writes lines to a ledger: objects as JSON, text as it is."""

    def write(*lines: Line | str, name: str = "runs.jsonl") -> Path:
        path = tmp_path / name
        texts = [one if isinstance(one, str) else json.dumps(one) for one in lines]
        path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
        return path

    return write


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Asks a question on the command line: exit code, standard output, standard error."""

    def asked(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return asked


@pytest.fixture
def declare(tmp_path: Path) -> Declare:
    """Writes the declarations of a sweep beside the ledger."""

    def write(*entries: Entry) -> None:
        (tmp_path / "sweeps").mkdir(exist_ok=True)
        (tmp_path / "sweeps" / f"{entries[0]['sweep']}.json").write_text(json.dumps(entries), encoding="utf-8")

    return write


@pytest.fixture
def told(write_ledger: WriteLedger, ask: Ask) -> Told:
    """The report on memory over some runs."""

    def report(*lines: Any, more: tuple[str, ...] = ()) -> dict[str, Any]:
        code, out, err = ask("contrast", "memory", "--runs", write_ledger(*lines), "--json", *more)
        assert (0, "") == (code, err)
        found: dict[str, Any] = json.loads(out)
        return found

    return report
