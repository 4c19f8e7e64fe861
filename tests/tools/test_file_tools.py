"""The tools that touch files, called as a model calls them: by name, with JSON text."""

import json
import os
import stat
from pathlib import Path

import pytest

from harness.toolchains.go.files import GO_FILES
from harness.tools.elision import Elision
from harness.tools.files import MAX_ENTRIES, MAX_LISTING, MAX_READ, file_tools
from harness.tools.registry import Registry, ToolError
from harness.workspace import Workspace


class Desk:
    """A workspace with the file tools over it."""

    def __init__(self, root: Path, *, protect_tests: bool = True, elide: bool = True) -> None:
        self.root = root
        self.elision = Elision(GO_FILES, enabled=elide)
        self.tools = Registry(file_tools(Workspace(root), self.elision, GO_FILES, protect_tests=protect_tests))

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


FIELD = Path(__file__).parents[1] / "field" / "calls"


def from_the_field(desk: Desk, name: str) -> str:
    """The call of a file of the field, over the workspace that it describes."""
    case = json.loads((FIELD / f"{name}.json").read_text())
    for path, text in case.get("workspace", {}).items():
        (desk.root / path).write_bytes(text.encode())
    return desk.tools.call(case["name"], case["arguments"].replace("{workspace}", str(desk.root)))


def test_an_edit_with_lf_in_a_file_with_crlf(desk: Desk) -> None:
    """One passage is replaced, and every line of the file still ends with CRLF."""
    assert "edited a.go: 1 passage replaced" == from_the_field(desk, "edit_with_lf_in_a_crlf_file")
    expected = b"package a\r\n\r\nfunc F() int {\r\n\tx := 2\r\n\treturn x\r\n}\r\n"
    assert expected == (desk.root / "a.go").read_bytes()


@pytest.mark.parametrize(
    ("before", "old", "new", "after"),
    [
        (b"a\r\nb\r\n", "a", "x\ny", b"x\r\ny\r\nb\r\n"),
        (b"a\r\nb\r\n", "a\r\nb", "x\ny\r\nz", b"x\r\ny\r\nz\r\n"),
        (b"a\r\nb\r\n", "a\nb\n", "", b""),
        (b"a\nb\nc\n", "a\r\nb", "x\r\ny", b"x\ny\nc\n"),
        (b"a\r\nb\nc\n", "a\nb\nc", "x\ny", b"x\ny\n"),
        (b"a\nb\n", "a", "x\r\ny", b"x\r\ny\nb\n"),
        (b"a\r\nb\r\n", "b", "\\1\\g<0>", b"a\r\n\\1\\g<0>\r\n"),
    ],
)
def test_an_edit_keeps_the_line_endings_of_its_file(
    desk: Desk, before: bytes, old: str, new: str, after: bytes
) -> None:
    """A passage is found whatever its line endings; where it stands exactly, it is replaced exactly."""
    (desk.root / "a.go").write_bytes(before)
    desk.call("edit_file", path="a.go", old_string=old, new_string=new)
    assert after == (desk.root / "a.go").read_bytes()


def test_a_passage_that_occurs_twice_in_other_line_endings_is_refused(desk: Desk) -> None:
    """It must be the only one, however it is found."""
    (desk.root / "a.go").write_bytes(b"a\r\nb\r\na\r\nb\r\n")
    assert "occurs 2 times" in desk.refusal("edit_file", path="a.go", old_string="a\nb", new_string="x")


def test_the_path_as_panics_print_it_is_the_file(desk: Desk) -> None:
    """Written, read, edited and listed, by the absolute path of the workspace."""
    assert "wrote 10 bytes" in from_the_field(desk, "absolute_path_of_the_workspace")
    assert ["m.go"] == [path.name for path in desk.root.iterdir()]
    assert "package m\n" == desk.call("read_file", path=f"{desk.root}/m.go")
    desk.call("edit_file", path=f"{desk.root}/m.go", old_string="m", new_string="n")
    assert "m.go (10 bytes)" == desk.call("list_dir", path=str(desk.root))


def test_a_long_list_is_clipped_with_a_note(desk: Desk) -> None:
    """The first entries in order, and how many are left out; the model's context is spared."""
    (desk.root / "many").mkdir()
    for number in range(20_000):
        (desk.root / "many" / f"file_{number:05}.txt").touch()
    *shown, note = from_the_field(desk, "list_of_a_folder_with_20000_files").split("\n")
    assert [f"file_{number:05}.txt (0 bytes)" for number in range(len(shown))] == shown
    assert f"[... {20_000 - len(shown)} of 20000 entries left out ...]" == note
    assert 100 <= len(shown) <= MAX_ENTRIES
    assert len("\n".join(shown).encode()) <= MAX_LISTING


def test_a_list_of_long_names_is_clipped_by_its_bytes(desk: Desk) -> None:
    """Few entries can be as long as many."""
    for number in range(500):
        (desk.root / f"{number:03}{'x' * 200}").mkdir()
    assert len(desk.call("list_dir").encode()) < MAX_LISTING + 100


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
