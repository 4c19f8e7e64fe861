"""Which node is taken, and the one line for a node that does not serve."""

from pathlib import Path

import pytest

from harness.sandbox.base import SandboxError
from harness.toolchains.javascript.node import find_node


def node_that_says(folder: Path, version: str) -> Path:
    """A program that answers --version."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "node"
    program.write_text(f"#!/bin/sh\necho {version}\n")
    program.chmod(0o755)
    return program


def test_an_old_node_is_one_line(tmp_path: Path) -> None:
    """Which names it, its version and what is needed."""
    program = node_that_says(tmp_path, "v18.19.1")
    with pytest.raises(SandboxError) as error:
        find_node(str(program))
    assert f"{program} is node 18.19.1: must be 20 or newer" == str(error.value)


def test_a_missing_node_is_one_line(tmp_path: Path) -> None:
    """Where the config names one that is not there, or that does not start."""
    with pytest.raises(SandboxError) as error:
        find_node(str(tmp_path / "node"))
    assert f"toolchain.node={tmp_path / 'node'}: is no node that starts" == str(error.value)


def test_a_newer_node_further_down_the_path_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old one in front does not hide it."""
    old, new = node_that_says(tmp_path / "old", "v16.0.0"), node_that_says(tmp_path / "new", "v22.4.0")
    monkeypatch.setenv("PATH", f"{old.parent}:{new.parent}")
    find_node.cache_clear()
    try:
        assert (new, "22.4.0") == (find_node().node, find_node().version)
    finally:
        find_node.cache_clear()
