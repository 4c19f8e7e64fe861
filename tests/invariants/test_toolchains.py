"""The seam between a run and its language: what is Go's own lies in one folder."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from harness.toolchains.base import Toolchain
from harness.toolchains.command.toolchain import CommandToolchain
from harness.toolchains.go.toolchain import GoToolchain
from harness.toolchains.python.toolchain import PythonToolchain
from harness.toolchains.rust.toolchain import RustToolchain

ROOT = Path(__file__).parents[2]
HOME = "harness/toolchains/go/"

GO = re.compile(
    r"(?<![\w.-])(go (test|build|vet|fmt|mod|doc|list|env)\b|go\.(mod|sum|work)\b|[*\w]*_test\.go\b|gofmt|GO[A-Z]{3,})"
)
"""Commands, files and variables of Go in a text."""

NAMED = {
    "harness/command_line.py": "an example in an error message",
    "harness/commands.py": "the command that counts what Go's tools find",
    "harness/task_config.py": "the default verify command",
    "harness/record.py": "the field go_version, which old lines have",
    "harness/runner.py": "the field go_version, which old lines have",
    "harness/state.py": "the field go_version, which old lines have",
    "harness/toolchain_config.py": "the name of the toolchain",
    "harness/toolchains/select.py": "the choice of the toolchain",
    "harness/tasks/entry.py": "the default verify command of a catalogue",
    "harness/tasks/impossible.py": "lines of the bundled specs",
    "harness/tasks/kit/golang.py": "kits in Go",
    "harness/tasks/imports/": "sets of tasks, by language",
    "harness/signals/": "tools of Go alone",
    "harness/simulator/": "simulated subjects, which write what they know",
}
"""Files, and folders of them, that may name Go outside its own folder, each with the reason."""


def naming() -> Iterator[tuple[str, int]]:
    """File and line of every name, import and text of the code that is of Go; docstrings and comments are not code."""
    for path in sorted((ROOT / "harness").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(HOME):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if id(node) not in told and _is_of_go(node):
                yield name, node.lineno  # type: ignore[attr-defined]


def _is_of_go(node: ast.AST) -> bool:
    match node:
        case ast.ImportFrom(module=str(module)):
            return module.startswith("harness.toolchains.go")
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
            return name == "go" or name.startswith("go_")
        case ast.Constant(value=str(text)):
            return bool(GO.search(text)) or text == "go"
    return False


def test_nothing_outside_its_folder_names_go() -> None:
    """Beside the few places that are listed with their reasons, each of which is still needed."""
    found = {name for name, _ in naming()}
    allowed = {name: next((place for place in NAMED if name.startswith(place)), "") for name in found}
    assert [] == [f"{name}:{line}" for name, line in naming() if not allowed[name]]
    assert set(NAMED) == set(allowed.values())


def test_every_toolchain_keeps_the_protocol() -> None:
    """Each has all that a run asks of its language; mypy holds the types, this the names."""
    asked = {name for name in vars(Toolchain) if not name.startswith("_")}
    for toolchain in (GoToolchain(), PythonToolchain(), RustToolchain(), CommandToolchain(["true"])):
        assert [] == sorted(name for name in asked if name not in dir(toolchain))
