"""Files that commands of the analysis write."""

from pathlib import Path

import pytest
from ledger_lines import Ask, WriteLedger, line

WRITERS = [
    ("export", "csv", "TARGET"),
    ("export", "parquet", "TARGET"),
    ("export", "json", "TARGET"),
    ("export", "aider-yaml", "TARGET"),
    ("report", "--out", "TARGET"),
    ("study", "--out", "TARGET"),
]


@pytest.mark.parametrize("words", WRITERS, ids=[" ".join(words) for words in WRITERS])
def test_no_command_replaces_a_ledger(
    ask: Ask, write_ledger: WriteLedger, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Neither the one that it reads nor another: one line, code 2, and every record stays."""
    path = write_ledger(line("a"), line("b"))
    other = tmp_path / "other.jsonl"
    other.write_bytes(b"torn\n" + path.read_bytes())
    for target in (path, other):
        before = target.read_bytes()
        code, _, err = ask(*(str(target) if word == "TARGET" else word for word in words), "--runs", path)
        assert (2, f"error: {target}: is a ledger, which no command replaces: choose another file\n") == (code, err)
        assert before == target.read_bytes()


def test_an_export_to_a_folder_is_one_line(ask: Ask, write_ledger: WriteLedger, tmp_path: Path) -> None:
    """It names the folder."""
    code, _, err = ask("export", "csv", str(tmp_path), "--runs", write_ledger(line("a")))
    assert (2, f"error: {tmp_path}: is a folder; name a file\n") == (code, err)


def test_control_characters_in_a_table_are_escaped(ask: Ask, write_ledger: WriteLedger) -> None:
    """Names cannot break a row, nor reach the terminal as commands."""
    path = write_ledger(line("a", model="m\n\x1b[2Jx"), line("b", model="n"))
    _, out, _ = ask("rates", "--runs", path)
    assert r"m\n\x1b[2Jx" in out
    assert "\x1b" not in out
