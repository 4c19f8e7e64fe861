"""Calls as a model may write them: each gets an answer, and none does what is not allowed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.toolchains.go.files import GO_FILES
from harness.toolchains.go.tool import FLAGS, MOD_VERBS, SUBCOMMANDS, check
from harness.tools.elision import Elision
from harness.tools.files import file_tools
from harness.tools.registry import Registry, ToolError
from harness.workspace import Workspace

SPEC = "package a\n"
NAMES = ("read_file", "write_file", "edit_file", "list_dir")
paths = st.sampled_from(
    ["a/a_test.go", "a/A_TEST.GO", "out/x", "a/../a/a_test.go/.", "new.go", "a", "", "/", "x/y/z.go", "\0"]
)
texts = paths | st.text(st.characters(), max_size=20) | st.just("\ud800")
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
keys = st.sampled_from(["path", "content", "old_string", "new_string"])
objects = st.dictionaries(keys, texts | values, max_size=4).map(json.dumps)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A workspace with a spec and a link that leads out, and the folder outside."""
    root, outside = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("outside")
    (root / "a").mkdir()
    (root / "a" / "a_test.go").write_text(SPEC)
    (root / "out").symlink_to(outside)
    return root, outside


@given(
    name=st.sampled_from(NAMES) | st.text(max_size=8), arguments=objects | values.map(json.dumps) | st.text(max_size=40)
)
def test_every_call_is_answered_and_no_spec_is_written(places: tuple[Path, Path], name: str, arguments: str) -> None:
    """An answer or an error in words, never a crash; the spec and what lies outside are as before."""
    root, outside = places
    tools = Registry(file_tools(Workspace(root), Elision(GO_FILES, enabled=True), GO_FILES, protect_tests=True))
    try:
        told = tools.call(name, arguments)
    except ToolError as error:
        told = str(error)
    assert told
    assert (SPEC, []) == ((root / "a" / "a_test.go").read_text(), list(outside.iterdir()))


def test_arguments_nested_without_end_are_answered(places: tuple[Path, Path]) -> None:
    """What the parser itself cannot stand is an error like any other."""
    tools = Registry(file_tools(Workspace(places[0]), Elision(GO_FILES, enabled=True), GO_FILES, protect_tests=True))
    with pytest.raises(ToolError, match="the arguments of read_file are not valid JSON"):
        tools.call("read_file", "[" * 100_000)


flags = st.sampled_from(
    ["-exec", "-o", "-toolexec", "--exec=x", "-run=x", "-v", "-ldflags", "-C", "-overlay", "-modfile", "-"]
)
words = (
    flags | st.sampled_from([*SUBCOMMANDS, *MOD_VERBS, "run", "generate", "tool", "./...", "env"]) | st.text(max_size=6)
)


@given(st.lists(words, max_size=5))
def test_go_takes_what_is_on_its_list_and_nothing_else(args: list[str]) -> None:
    """What is let through begins with a known subcommand, and every flag in it is a known one."""
    try:
        check(args)
    except ToolError:
        return
    assert args[0] in SUBCOMMANDS
    known = {flag.lstrip("-") for flag in FLAGS} if args[0] != "mod" else set()
    assert {arg.lstrip("-").partition("=")[0] for arg in args[1:] if arg.startswith("-")} <= known
