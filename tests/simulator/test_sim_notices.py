"""Notices: what a read returned instead of a file is known by what it lacks, whoever worded it."""

import json
import shutil
from pathlib import Path

import pytest
from served import TOOLS, opening, used

from harness.config import Lever
from harness.levers import STRATEGIES, LeverView
from harness.sandbox.select import open_sandbox, settle
from harness.simulator.go.language import GO
from harness.simulator.go.notices import is_notice
from harness.simulator.mutation import slips
from harness.simulator.view import View, view_of
from harness.simulator.wording import worded
from harness.tasks.catalogue import EXAMPLES, load
from harness.toolchains.go.files import GO_FILES, is_test_file
from harness.toolchains.go.installation import find_go
from harness.toolchains.go.interface import interface_by
from harness.tools.elision import Elision, NoticeSource
from harness.tools.files import file_tools
from harness.tools.registry import Registry
from harness.workspace import Workspace

FILES = sorted(path for part in ("solution", "workspace") for path in EXAMPLES.glob(f"*/{part}/**/*.go"))
SPEC, CODE = "users/users_test.go", "users/users.go"

WORDINGS = {
    "one line": "[left out: passes already]",
    "the package by name": "package users passes; its spec is elided",
    "the tests by name": "users_test.go: elided.\nfunc TestCreate passes\nfunc TestList passes\n",
    "a comment": "// users/users_test.go is elided: package users is green\n",
    "a clause alone": "// the tests of this package pass\npackage users\n",
    "a clause within": "Elided. This file belongs to\n\npackage users\n\nwhose tests pass: there is nothing to do.\n",
    "signatures": 'package users\n\nimport "testing"\n\nfunc TestCreate(t *testing.T)\nfunc TestList(t *testing.T)\n',
    "an import": 'package users_test\n\nimport "testing"\n\n// The tests of this package pass.\n',
    "bodies cut": "package users\n\nfunc TestCreate(t *testing.T) { ... }\n",
    "an interface": 'This package passes.\npackage users // import "apikit/users"\n\nTYPES\n\ntype Store struct {\n}\n',
    "data": '{"path": "users/users_test.go", "status": "passing", "package": "users", "content": null}',
    "markup": '<elided path="users/users_test.go">\npackage users is green\n</elided>',
    "nothing": "",
}

ODD_FILES = {
    "tagged": "//go:build !race\n\n/* A licence.\n\npackage of rights */\n\npackage users_test\n\nfunc TestX() {\n}\n",
    "helper": "package users\n\nvar Now = now\n",
    "long signature": "package users\n\nfunc TestX(\n\tt *testing.T,\n) {\n}\n",
    "one line": "package users\n\nfunc TestX(t *testing.T) {}\n",
    "clause with a remark": "package users // as its users see it\r\n\r\nfunc TestX(t *testing.T) {\r\n}\r\n",
    "marked": "\ufeffpackage users;\n\nfunc TestX(t *testing.T) {\n}\n",
    "cut short": "package users\n\nfunc TestX(t *testing.T) {\n\tt.L\n[... 512 bytes left out ...]\n)\n}\n",
}


@pytest.mark.parametrize("text", WORDINGS.values(), ids=WORDINGS)
def test_a_notice_is_known_in_any_wording(text: str) -> None:
    """By its lack of a clause, of declarations or of bodies, though it may speak of packages and functions."""
    assert is_notice(SPEC, text)


@pytest.mark.parametrize("text", ODD_FILES.values(), ids=ODD_FILES)
def test_an_unusual_file_is_no_notice(text: str) -> None:
    """Whatever stands before the clause, and however little comes after it."""
    assert not is_notice(SPEC, text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(EXAMPLES).as_posix())
def test_a_file_is_no_notice_however_it_is_shown(path: Path) -> None:
    """As it is, with line numbers, with other line ends, below a header, wordier, and with any slip in it."""
    text = path.read_text()
    numbered = "".join(f"{number:6}\t{line}\n" for number, line in enumerate(text.splitlines(), 1))
    shown = [text, numbered, text.replace("\n", "\r\n"), f"{path.name}:\n```go\n{text}```\n", worded(text, 1.8, GO)]
    spoiled = [slip.apply(text) for slip in slips(text, GO.uncompilable + GO.mistaken)]
    assert [] == [one for one in (*shown, *spoiled) if is_notice(path.name, one)]


def test_code_may_hold_nothing() -> None:
    """An empty file of code, or one with no more than its documentation, was read as it is."""
    assert not is_notice(CODE, "")
    assert not is_notice("doc.go", "// Package users keeps users.\npackage users\n")


def test_what_is_no_go_file_is_never_a_notice() -> None:
    """Nothing is known of what such a file must hold."""
    assert [] == [path for path in ("go.mod", "README.md", "PROGRESS.md") if is_notice(path, WORDINGS["one line"])]


class Solved:
    """The solved task apikit, read with the harness's own tools."""

    def __init__(self, root: Path) -> None:
        task = load("apikit")
        assert task.solution is not None
        for source in (task.seed, task.solution):
            shutil.copytree(source, root, dirs_exist_ok=True)
        self.workspace = Workspace(root)
        self.paths = [name for name, path in self.workspace.files() if path.suffix == ".go"]
        self.folders = frozenset(str(Path(name).parent) for name in self.paths)

    def seen(self, notices: NoticeSource) -> View:
        """What a subject sees that reads every Go file."""
        tools = Registry(file_tools(self.workspace, notices, GO_FILES, protect_tests=True))
        texts = {path: tools.call("read_file", json.dumps({"path": path})) for path in self.paths}
        read = [message for path, text in texts.items() for message in used("read_file", text, path=path)]
        return view_of([*opening("apikit"), *read], TOOLS)


@pytest.fixture
def solved(tmp_path: Path) -> Solved:
    return Solved(tmp_path / "workspace")


def test_the_specs_that_elision_leaves_out_are_known(solved: Solved) -> None:
    """By the notice of the real tool: those of the packages that pass, and no other file."""
    elision = Elision(GO_FILES, enabled=True)
    assert set() == solved.seen(elision).left_out
    elision.update(frozenset({"users", "notes"}))
    assert {"users/users_test.go", "notes/notes_test.go"} == solved.seen(elision).left_out


@pytest.mark.go
def test_the_code_that_an_interface_stands_for_is_known(solved: Solved, tmp_path: Path) -> None:
    """By the lever's real text, with what the real go doc says."""
    toolchain = find_go()
    root = solved.workspace.root
    sandbox = open_sandbox(settle("auto"), toolchain, tmp_path / "scratch", root)
    interface = interface_by(sandbox, toolchain.go, root, 60)
    lever = STRATEGIES[Lever.impl_doc](
        LeverView(solved.workspace, GO_FILES, lambda: solved.folders, interface, 0, "go doc")
    )
    code = {path for path in solved.paths if not is_test_file(Path(path))}
    assert code == solved.seen(lever).left_out
