"""The standard library is compiled by one process for all, whatever becomes of another; a slow go stands in here."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

GO = """#!/bin/sh
case "$1" in
  list) echo fmt; echo internal/abi; echo vendor/x; exit 0 ;;
  build) echo build >> {folder}/log; [ -e {folder}/slow ] && sleep 20; sleep 1; echo fmt ;;
  test) cp standard.go {folder}/imported ;;
esac
"""

PREPARE = """
import sys
from pathlib import Path
from harness.toolchains.go.standard_library import prepare
from harness.toolchains.progress import shown_on
from harness.toolchains.go.installation import GoInstallation
prepare(GoInstallation(Path(sys.argv[1]), "go9"), "none", shown_on(sys.stderr))
"""


@pytest.fixture
def go(tmp_path: Path) -> Path:
    """A go command that takes its time, and notes what it was asked for."""
    path = tmp_path / "go"
    path.write_text(GO.format(folder=tmp_path))
    path.chmod(0o755)
    return path


def started(go: Path) -> "subprocess.Popen[str]":
    """A process that prepares the library, with a cache of its own for this test."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(go.parent / "cache"), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", PREPARE, str(go)], env=environment, stderr=subprocess.PIPE, text=True
    )


def builds(go: Path) -> int:
    """How often the library was begun; the harness's own small program is built beside it."""
    log = go.parent / "log"
    return log.read_text().count("build") if log.exists() else 0


def test_processes_that_start_together_compile_once(go: Path) -> None:
    """One compiles, and says so in two lines; the other waits for it; a third finds all done and says nothing."""
    both = [started(go), started(go)]
    said = [process.communicate()[1] for process in both]
    assert [0, 0] == [process.returncode for process in both], said
    assert 1 == sum("done, " in text for text in said), said
    last = started(go)
    assert "" == last.communicate()[1]
    assert 'import _ "fmt"' in (imported := (go.parent / "imported").read_text())
    assert [] == [name for name in ("internal", "vendor") if name in imported]


def test_a_killed_process_leaves_nothing_that_the_next_would_wait_for(go: Path) -> None:
    """kill -9 in the middle: the lock goes with the process, and nothing is taken for done."""
    (go.parent / "slow").touch()
    first = started(go)
    while not builds(go):
        time.sleep(0.05)
    first.kill()
    first.communicate()
    (go.parent / "slow").unlink()
    second = started(go)
    said = second.communicate()[1]
    assert (0, True) == (second.returncode, "done, " in said)
