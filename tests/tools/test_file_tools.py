"""The tools that touch files, called as a model calls them: by name, with JSON text."""

import json
import os
import stat
from pathlib import Path

import pytest

from harness.tools.elision import Elision
from harness.tools.files import MAX_READ, file_tools
from harness.tools.registry import Registry, ToolError
from harness.workspace import Workspace


class Desk:
    """A workspace with the file tools over it."""

    def __init__(self, root: Path, *, protect_tests: bool = True, elide: bool = True) -> None:
        self.root = root
        self.elision = Elision(enabled=elide)
        self.tools = Registry(file_tools(Workspace(root), self.elision, protect_tests=protect_tests))

    def call(self, name: str, **arguments: object) -> str:
        return self.tools.call(name, json.dumps(arguments))

    def refusal(self, name: str, **arguments: object) -> str:
        with pytest.raises(ToolError) as caught:
            self.call(name, **arguments)
        return str(caught.value)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_file_written_is_read_back_and_listed(desk: Desk) -> None:
    """Folders are made, bytes are counted as UTF-8, listings are sorted and show sizes."""
    assert "wrote 5 bytes to b/é.go" == desk.call("write_file", path="b/é.go", content="é世")
    assert "é世" == desk.call("read_file", path="b/é.go")
    desk.call("write_file", path="a.go", content="")
    assert "a.go (0 bytes)\nb/" == desk.call("list_dir")
    assert "é.go (5 bytes)" == desk.call("list_dir", path="b")


def test_an_empty_folder_is_said_to_be_empty(desk: Desk) -> None:
    """A listing is never an empty text."""
    assert "(empty)" == desk.call("list_dir", path=".")


def test_a_long_file_is_clipped_with_a_note_and_no_broken_character(desk: Desk) -> None:
    """The clip keeps head and tail, says that it cut, and never splits a character."""
    desk.call("write_file", path="big.txt", content="世" * MAX_READ)
    head, note, tail = desk.call("read_file", path="big.txt").split("\n")
    assert {"世"} == set(head + tail)
    kept = len((head + tail).encode())
    assert MAX_READ - 6 < kept <= MAX_READ
    assert f"[... {3 * MAX_READ - kept} bytes left out ...]" == note


@pytest.mark.parametrize(
    "path", ["x_test.go", "x_Test.go", "X_TEST.GO", "x_test.go/.", "./sub/../x_test.go", "/x_test.go", "link.go"]
)
def test_no_way_of_writing_the_name_gets_at_a_test(desk: Desk, path: str) -> None:
    """Protection goes by the resolved path, ignores case, and sees through links."""
    (desk.root / "x_test.go").write_text("spec")
    (desk.root / "link.go").symlink_to("x_test.go")
    assert "part of the spec" in desk.refusal("write_file", path=path, content="")
    assert "part of the spec" in desk.refusal("edit_file", path=path, old_string="spec", new_string="")
    assert "spec" == (desk.root / "x_test.go").read_text()


def test_a_hard_link_to_a_test_is_cut_not_written_through(desk: Desk) -> None:
    """A second name for a test's bytes gives no way to change them."""
    (desk.root / "x_test.go").write_text("spec")
    os.link(desk.root / "x_test.go", desk.root / "innocent.go")
    desk.call("write_file", path="innocent.go", content="gutted")
    assert "spec" == (desk.root / "x_test.go").read_text()


def test_tests_can_be_written_where_they_are_not_protected(tmp_path: Path) -> None:
    """The switch opens what it says, and the descriptions no longer speak of it."""
    desk = Desk(tmp_path, protect_tests=False)
    assert "wrote 1 bytes to x_test.go" == desk.call("write_file", path="x_test.go", content="x")
    assert "_test.go" not in json.dumps(desk.tools.specs)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("", "x", "old_string is empty"),
        ("one", "one", "are the same"),
        ("four", "x", "does not occur"),
        ("two", "x", "occurs 2 times"),
    ],
)
def test_an_edit_needs_one_exact_passage(desk: Desk, old: str, new: str, message: str) -> None:
    """Empty, identical, missing and repeated passages are errors, and change nothing."""
    desk.call("write_file", path="a.go", content="one two two")
    assert message in desk.refusal("edit_file", path="a.go", old_string=old, new_string=new)
    assert "one two two" == desk.call("read_file", path="a.go")


def test_an_edit_keeps_the_mode_and_every_other_byte(desk: Desk) -> None:
    """Line ends, bytes that are no text, and the permissions survive."""
    path = desk.root / "a.sh"
    path.write_bytes(b"one\r\ntwo\xff\n")
    path.chmod(0o750)
    assert "edited a.sh: 1 passage replaced" == desk.call("edit_file", path="a.sh", old_string="one", new_string="1")
    assert b"1\r\ntwo\xff\n" == path.read_bytes()
    assert 0o750 == stat.S_IMODE(path.stat().st_mode)


def test_what_is_no_file_is_not_read(desk: Desk) -> None:
    """A pipe would block for ever; a missing file and a folder are told apart from it."""
    os.mkfifo(desk.root / "pipe")
    assert "pipe is not a file" == desk.refusal("read_file", path="pipe")
    assert "there is no file gone" == desk.refusal("read_file", path="gone")
    assert ". is not a file" == desk.refusal("read_file", path=".")


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("read_file", "{", "are not valid JSON"),
        ("read_file", "[]", "must be a JSON object, not a list"),
        ("read_file", "{}", "read_file needs path, a string"),
        ("write_file", '{"path": "a", "content": 5}', "write_file needs content, a string"),
        ("shell", "{}", "the tools are read_file, write_file, edit_file, list_dir"),
    ],
)
def test_a_call_that_makes_no_sense_is_answered_clearly(desk: Desk, name: str, arguments: str, message: str) -> None:
    """Unknown tools and bad arguments tell the model what is allowed."""
    with pytest.raises(ToolError) as caught:
        desk.tools.call(name, arguments)
    assert message in str(caught.value)


def test_half_a_character_in_an_argument_is_no_crash(desk: Desk) -> None:
    """JSON can hold what UTF-8 cannot; a path of it is refused, a text is written with a substitute."""
    with pytest.raises(ToolError, match="not a path that can be used"):
        desk.tools.call("read_file", '{"path": "\\ud800"}')
    assert "wrote 1 bytes to a" == desk.tools.call("write_file", '{"path": "a", "content": "\\ud800"}')


def test_only_the_specs_of_green_packages_are_elided(desk: Desk) -> None:
    """The notice takes the place of the spec, is counted, and goes when the package regresses."""
    for path in ("a/a.go", "a/b/b.go", "root.go"):
        desk.call("write_file", path=path, content="code")
    for path in ("a/a_test.go", "a/b/b_test.go", "root_test.go"):
        (desk.root / path).write_text("spec")
    desk.elision.update(frozenset({"a", "."}))
    assert "spec" not in desk.call("read_file", path="/a/../a/a_test.go").split()
    assert "root_test.go is left out" in desk.call("read_file", path="root_test.go")
    assert "spec" == desk.call("read_file", path="a/b/b_test.go")
    assert "code" == desk.call("read_file", path="a/a.go")
    assert 2 == desk.elision.count
    desk.elision.update(None)
    assert frozenset({"a", "."}) == desk.elision.green
    desk.elision.update(frozenset())
    assert "spec" == desk.call("read_file", path="a/a_test.go")


def test_elision_that_is_off_leaves_out_nothing(tmp_path: Path) -> None:
    """The switch is the whole difference."""
    desk = Desk(tmp_path, elide=False)
    (tmp_path / "a_test.go").write_text("spec")
    desk.elision.update(frozenset({"."}))
    assert "spec" == desk.call("read_file", path="a_test.go")
    assert 0 == desk.elision.count
