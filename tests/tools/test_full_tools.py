"""The tools beyond the original's six: search, delete and move, under the same jail as the others."""

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config import RunConfig, Toolset
from harness.metrics import ACTS, LOADS
from harness.prompts import system_prompt
from harness.toolchains.go.files import GO_FILES
from harness.toolchains.go.words import WORDS
from harness.tools.elision import Elision
from harness.tools.files import file_tools
from harness.tools.moves import move_tools
from harness.tools.registry import Registry, ToolError, ToolKind
from harness.tools.search import search_tool
from harness.workspace import Workspace

from lab import STOP, Lab, turn, use


class Bench:
    """A workspace with a package and its spec, and the full toolset over it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for path, text in {
            "a/a.go": "package a\n\nfunc One() int { return 1 }\n",
            "a/a_test.go": "package a_test\n",
        }.items():
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(text)
        self.elision = Elision(GO_FILES, enabled=True)
        workspace = Workspace(root)
        self.listed = (
            *file_tools(workspace, self.elision, GO_FILES, protect_tests=True),
            search_tool(workspace, self.elision),
            *move_tools(workspace, GO_FILES, protect_tests=True),
        )
        self.tools = Registry(self.listed)

    def call(self, name: str, **arguments: Any) -> str:
        return self.tools.call(name, json.dumps(arguments))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "root").mkdir()
    return Bench(tmp_path / "root")


def test_a_text_and_an_expression_are_found_with_path_and_line(bench: Bench) -> None:
    """A text is taken as it is; an expression is Python's."""
    (bench.root / "notes.txt").write_text("a.b\naxb\n")
    assert "a/a.go:3: func One() int { return 1 }" == bench.call("search_text", pattern="One()")
    assert "notes.txt:1: a.b" == bench.call("search_text", pattern="a.b")
    both = bench.call("search_text", pattern="^a.b$", syntax="regex", path="notes.txt")
    assert ["notes.txt:1: a.b", "notes.txt:2: axb"] == both.splitlines()
    assert bench.call("search_text", pattern="a.b", path="a").startswith("(no line matches in 2 files")


def test_an_expression_that_takes_for_ever_is_ended(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within its time limit, with a text for the model."""
    monkeypatch.setattr("harness.tools.search.PATIENCE", 1.0)
    (bench.root / "long.txt").write_text("a" * 60 + "!\n")
    begun = time.monotonic()
    with pytest.raises(ToolError, match="took longer than 1 seconds"):
        bench.call("search_text", pattern="(a+)+$", syntax="regex")
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"pattern": "("}, ""),
        ({"pattern": "(", "syntax": "regex"}, "is no regular expression"),
        ({"pattern": "a{99999999999}", "syntax": "regex"}, "is no regular expression"),
        ({"pattern": ""}, "pattern is empty"),
        ({"pattern": "x", "syntax": "glob"}, "must be text or regex"),
        ({"pattern": "x", "path": "nowhere"}, "there is no file or folder nowhere"),
        ({"pattern": "x", "path": "/etc/passwd"}, "leads outside"),
        ({"pattern": "x", "path": ".git"}, "belongs to git"),
    ],
)
def test_what_cannot_be_searched_is_said(bench: Bench, arguments: dict[str, str], expected: str) -> None:
    """In a text for the model."""
    if not expected:
        assert "a/a.go:3" in bench.call("search_text", **arguments)
        return
    with pytest.raises(ToolError, match=re.escape(expected)):
        bench.call("search_text", **arguments)


def test_a_search_is_clipped_and_skips_what_is_no_text(bench: Bench) -> None:
    """Many matches, long lines, binary files, links and pipes."""
    (bench.root / "many.txt").write_text("x\n" * 1000)
    (bench.root / "long.txt").write_text("y" * 5000)
    (bench.root / "binary").write_bytes(b"zzz\0zzz")
    (bench.root / "link").symlink_to("/etc/passwd")
    os.mkfifo(bench.root / "pipe")
    lines = bench.call("search_text", pattern="x").splitlines()
    assert 201 == len(lines)
    assert "more than 200 lines match" in lines[-1]
    assert len(bench.call("search_text", pattern="y")) < 400
    assert bench.call("search_text", pattern="zzz").startswith("(no line matches")
    assert bench.call("search_text", pattern="root:").startswith("(no line matches")


def test_a_spec_that_passes_is_left_out_of_a_search(bench: Bench) -> None:
    """As of a read: the notice, once, and counted."""
    assert "a/a_test.go:1" in bench.call("search_text", pattern="package")
    bench.elision.update(frozenset({"a"}))
    shown = bench.call("search_text", pattern="package")
    assert ("a/a.go:1: package a" in shown, "a_test.go is left out" in shown, 1) == (True, True, bench.elision.count)
    assert "package a_test" not in shown


def test_files_are_deleted_and_moved(bench: Bench) -> None:
    """Folders are made; nothing is written over."""
    bench.call("move_file", path="a/a.go", new_path="b/c/one.go")
    assert "package a" in (bench.root / "b/c/one.go").read_text()
    assert not (bench.root / "a/a.go").exists()
    bench.call("write_file", path="x.go", content="package x\n")
    with pytest.raises(ToolError, match="there is something at"):
        bench.call("move_file", path="b/c/one.go", new_path="x.go")
    bench.call("delete_file", path="x.go")
    assert not (bench.root / "x.go").exists()


REFUSED = [
    ("delete_file", {"path": "a/a_test.go"}, "is part of the spec"),
    ("delete_file", {"path": "A/../a/A_TEST.go"}, "is part of the spec"),
    ("move_file", {"path": "a/a_test.go", "new_path": "a/gone.txt"}, "is part of the spec"),
    ("move_file", {"path": "a/a.go", "new_path": "a/b_test.go"}, "is part of the spec"),
    ("delete_file", {"path": ".git/config"}, "belongs to git"),
    ("move_file", {"path": "a/a.go", "new_path": ".git/hooks/pre-commit"}, "belongs to git"),
    ("delete_file", {"path": "link"}, "leads"),
    ("delete_file", {"path": "away/secret"}, "leads"),
    ("move_file", {"path": "a/a.go", "new_path": "away/a.go"}, "leads"),
    ("move_file", {"path": "within/a.go", "new_path": "a/moved.go"}, "leads through a link"),
    ("delete_file", {"path": "a"}, "is not a file"),
    ("delete_file", {"path": "nothing"}, "there is no file nothing"),
    ("delete_file", {"path": "/etc/passwd"}, "leads outside"),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), REFUSED)
def test_the_jail_of_the_other_tools_holds(
    bench: Bench, tmp_path: Path, name: str, arguments: dict[str, str], expected: str
) -> None:
    """Specs, places of other programs, links and paths outside are refused, and nothing changes."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("mine")
    (bench.root / "away").symlink_to(tmp_path / "outside")
    (bench.root / "link").symlink_to(tmp_path / "outside" / "secret")
    (bench.root / "within").symlink_to("a")
    before = sorted((str(path), path.is_symlink()) for path in tmp_path.rglob("*"))
    with pytest.raises(ToolError, match=re.escape(expected)):
        bench.call(name, **arguments)
    assert before == sorted((str(path), path.is_symlink()) for path in tmp_path.rglob("*"))


@given(path=st.text(max_size=30), target=st.text(max_size=30))
def test_no_text_moves_a_file_outside(tmp_path_factory: pytest.TempPathFactory, path: str, target: str) -> None:
    """Whatever the paths are, the file stays below the root."""
    outside = tmp_path_factory.mktemp("jail")
    (outside / "root").mkdir()
    bench = Bench(outside / "root")
    for arguments in ({"path": "a/a.go", "new_path": target}, {"path": path, "new_path": "x"}):
        try:
            bench.call("move_file", **arguments)
        except ToolError:
            continue
    assert ["root"] == [entry.name for entry in outside.iterdir()]
    assert (bench.root / "a" / "a_test.go").exists()


def test_loads_and_acts_are_those_that_the_tools_declare(bench: Bench) -> None:
    """Names in records, and kinds of tools."""
    kinds = {tool.name: tool.kind for tool in bench.listed}
    assert set(LOADS) == {name for name, kind in kinds.items() if kind is ToolKind.LOAD}
    assert set(ACTS) == {name for name, kind in kinds.items() if kind is ToolKind.ACT}


def test_the_full_toolset_is_a_factor_of_a_run(lab: Lab) -> None:
    """It adds three tools and a line of the system prompt; the classic one has neither, and its text is as it was."""
    calls = [turn(use("search_text", pattern="Reverse")), turn(use("delete_file", path="go.mod")), STOP]
    record = lab.run(calls, toolset=Toolset.full, max_iters=1)
    names = [tool["function"]["name"] for tool in lab.asked[0]["tools"]]
    assert ["search_text", "delete_file", "move_file", "go", "done"] == names[4:]
    assert ("full", {"search_text": 1, "delete_file": 1}) == (record.toolset, dict(record.metrics.tool_counts))
    assert (1, 1) == (record.metrics.loads, record.metrics.acts)
    assert "search_text finds" in lab.asked[0]["messages"][0]["content"]
    lab.run([STOP], max_iters=1)
    assert system_prompt(WORDS, memory=RunConfig.memory) == lab.asked[0]["messages"][0]["content"]
    assert "search_text" not in str(lab.asked[0])
