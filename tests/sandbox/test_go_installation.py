"""The right Go is found, or the lack of one is told in a line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.sandbox.base import SandboxError
from harness.toolchains.go import installation as subject
from harness.toolchains.go.installation import find_go, new_enough


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    find_go.cache_clear()
    yield
    find_go.cache_clear()


def fake_go(folder: Path, version: str) -> Path:
    """An executable that answers with a version and, lacking a first line for an interpreter, is no script."""
    folder.mkdir(exist_ok=True)
    go = folder / "go"
    go.write_text(f"echo {version}\n")
    go.chmod(0o755)
    return go


def test_a_go_is_found_that_is_no_script() -> None:
    """What is found is the toolchain's own program, not a package's Python wrapper."""
    found = find_go()
    assert new_enough(found.version)
    assert found.go.read_bytes()[:2] != b"#!"


def test_a_go_on_the_path_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A real go on PATH is preferred to the packaged one."""
    go = fake_go(tmp_path / "bin", "go1.99.1")
    monkeypatch.setenv("PATH", f"{go.parent}:/usr/bin:/bin")
    assert (go, "go1.99.1") == (find_go().go, find_go().version)


def test_a_wrapper_script_and_an_old_go_are_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A script named go is not run, one too old is not taken, and the search goes on."""
    old = fake_go(tmp_path / "old", "go1.21.0")
    wrapper = fake_go(tmp_path / "wrapper", "go1.98")
    wrapper.write_text("#!/bin/sh\necho go1.98\n")
    fresh = fake_go(tmp_path / "fresh", "go1.97")
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{old.parent}:{fresh.parent}:/usr/bin:/bin")
    assert fresh == find_go().go


def test_the_lack_of_a_go_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The error says what is too old and how to get one."""
    old = fake_go(tmp_path / "old", "go1.21.0")
    monkeypatch.setenv("PATH", str(old.parent))
    monkeypatch.setattr(subject, "_in_package", list)
    with pytest.raises(SandboxError) as fault:
        find_go()
    expected = f"Go 1.26 or newer is needed ({old} is go1.21.0): pip install 'harness-sweeps[go]'"
    assert expected == str(fault.value)


def test_the_override_wins_or_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """HARNESS_GO names the toolchain; one that does not fit is refused, not replaced."""
    chosen = fake_go(tmp_path / "chosen", "go1.30")
    monkeypatch.setenv("HARNESS_GO", str(chosen))
    assert chosen == find_go().go
    find_go.cache_clear()
    monkeypatch.setenv("HARNESS_GO", str(tmp_path / "missing"))
    with pytest.raises(SandboxError, match=r"HARNESS_GO=.*missing is no Go"):
        find_go()


@pytest.mark.parametrize(
    ("version", "fits"),
    [("go1.26", True), ("go1.26.6", True), ("go1.27rc1", True), ("go2.0", True), ("go1.25.9", False), ("", False)],
)
def test_versions_are_compared_by_number(version: str, fits: bool) -> None:
    """1.26 and later will do, also a release candidate; nothing older, nothing unknown."""
    assert fits == new_enough(version)
