"""What users can type or read is documented, and what the README shows works."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import typer

from analysis.cli import app, command_names, main
from harness.commands import COMMANDS
from harness.config import Lever
from harness.outcome import Outcome, PassReason
from harness.record import Metrics, PassRecord, RunRecord
from sweeps.reference.keys import GROUPS, choices
from sweeps.reference.tools import _tools as tools
from sweeps.schema import leaves

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [README, *(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md")))]


def _analysis_commands() -> list[str]:
    assert 0 == main(["judge", "--help"])  # the judge is loaded on demand
    group = typer.main.get_command(app)
    judge = group.commands["judge"].commands  # type: ignore[attr-defined]
    return [*(name for name in command_names() if name != "judge"), *(f"judge {name}" for name in judge)]


def _names() -> dict[str, list[str]]:
    records = [entry.name for kind in (RunRecord, Metrics, PassRecord) for entry in fields(kind)]
    return {
        "`{}`": [
            *(tool.name for tool in tools()),
            *(lever.value for lever in Lever),
            *(outcome.value for outcome in Outcome),
            *(reason.value for reason in PassReason),
            *(name for name in records if name != "metrics"),
            *leaves(),
            *(f"{group}={choice.name}" for group in GROUPS for choice in choices(group)),
        ],
        "harness analysis {}": [name for name in _analysis_commands() if name.split()[0] not in COMMANDS],
        "harness {}": [*COMMANDS, "--help", *(name for name in _analysis_commands() if name.split()[0] in COMMANDS)],
        "harness tasks {}": ["list", "check", "hash"],
    }


def test_every_name_that_users_meet_is_documented() -> None:
    """Commands, keys, choices, tools, levers, outcomes, reasons and fields of records: in the README or in docs/."""
    text = "\n".join(PAGES)
    names = {form: listed for form, listed in _names().items() if listed}
    missing = [form.format(name) for form, listed in names.items() for name in listed if form.format(name) not in text]
    assert [] == missing


def test_every_link_of_a_page_leads_somewhere() -> None:
    """Files that exist, and headings that are there."""
    pages = {path: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))}
    broken = []
    for page, text in pages.items():
        for target in re.findall(r"\]\((?!http)([^)\s]+)\)", text):
            name, _, anchor = target.partition("#")
            file = (page.parent / name).resolve() if name else page
            headings = re.findall(r"^#+ (.*)$", pages.get(file, ""), re.M)
            slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            slugs |= set(re.findall(r'<a id="([^"]+)"', pages.get(file, "")))
            if not file.exists() or (anchor and anchor not in slugs):
                broken.append(f"{page.name}: {target}")
    assert [] == broken


def _commands_of_the_readme() -> Iterator[str]:
    """Command lines of the README, comments and continuations resolved."""
    for line in README.replace("\\\n", " ").splitlines():
        if line.startswith("    harness "):
            yield re.sub(r"\s{2,}# .*", "", line).strip()


def test_every_command_of_the_readme_begins_as_one_that_there_is() -> None:
    """A command of the front door, or keys and flags."""
    words = [line.split()[1] for line in _commands_of_the_readme()]
    assert words
    assert [] == [word for word in words if word not in COMMANDS and "=" not in word and not word.startswith("-")]


@pytest.mark.go
def test_the_lines_of_python_in_the_readme_make_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As they are shown, in an empty folder."""
    [program] = re.findall(r"```python\n(.*?)```", README, re.S)
    monkeypatch.chdir(tmp_path)
    exec(compile(program, "README.md", "exec"), {})
    assert "completed 1 True\n" == capsys.readouterr().out
    assert 1 == len((tmp_path / "outputs" / "runs.jsonl").read_text().splitlines())
