"""Paths as a model may write them, over a workspace as its code may leave it."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.toolchains.go.files import is_test_file
from harness.workspace import PathError, Workspace

parts = st.sampled_from(
    ["", ".", "..", "a", "b.go", "B_Test.go", "a_test.go", "in", "out", "loop", "etc", "~", " ", "\0", "\ud800", "é"]
)
paths = st.text(max_size=60) | st.lists(parts, max_size=8).map("/".join)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """With links inside, outside, and round and round."""
    root = tmp_path_factory.mktemp("work")
    (root / "a").mkdir()
    (root / "a" / "b.go").write_text("package a\n")
    (root / "a" / "a_test.go").write_text("package a\n")
    (root / "in").symlink_to(root / "a")
    (root / "out").symlink_to("/")
    (root / "loop").symlink_to("loop")
    (root / "a" / "plain.go").symlink_to("a_test.go")
    yield Workspace(root)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=paths)
def test_no_text_leads_outside(workspace: Workspace, path: str) -> None:
    """Whatever a model writes as a path, it is refused or resolves inside the root, to no link."""
    try:
        real = workspace.resolve(path)
    except PathError as error:
        assert "\n" not in str(error).replace(path, "")
        return
    assert real == workspace.root or workspace.root in real.parents
    assert not real.is_symlink()
    assert workspace.relative(real)


@given(path=paths)
def test_no_spelling_hides_a_spec(workspace: Workspace, path: str) -> None:
    """A path that leads to a spec, through links too, is known for one."""
    try:
        real = workspace.resolve(path)
    except PathError:
        return
    spec = workspace.root / "a" / "a_test.go"
    if real.exists() and real.samefile(spec):
        assert is_test_file(real)
