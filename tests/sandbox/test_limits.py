"""What a command may take of the machine, with real processes that take more."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cell import InputHashes, cell_key
from harness.config import ConfigError, ModelConfig, RunConfig, TaskConfig
from harness.limits import CommandLimits
from harness.sandbox.base import FinishedCommand
from harness.sandbox.process import ProcessLimits
from harness.sandbox.select import CONFINING, open_sandbox, probe
from harness.sandbox.usage import usage
from harness.toolchains.go.installation import GoInstallation

from lab import STOP, Lab, turn, use

MB = 1 << 20
KINDS = [*CONFINING, "none"]


def run(kind: str, toolchain: GoInstallation, folder: Path, limits: ProcessLimits, script: str) -> FinishedCommand:
    if kind in CONFINING and (reason := probe(kind)):
        pytest.skip(f"{kind}: {reason}")
    root = folder / "root"
    root.mkdir(exist_ok=True)
    sandbox = open_sandbox(kind, toolchain, folder / "scratch", root, limits=limits)
    return sandbox.run(["sh", "-c", script], cwd=root, timeout=30)


@pytest.mark.parametrize("polled", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_the_memory_of_all_processes_together_is_bounded(
    kind: str, toolchain: GoInstallation, tmp_path: Path, polled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many small processes that hold too much together are ended, by a control group or by looking at them."""
    if polled:
        monkeypatch.setattr("harness.sandbox.cgroup.parent_group", lambda _: None)
    hogs = "for n in 1 2 3 4 5 6; do head -c 40000000 /dev/zero | tail -c 40000000 | (sleep 6; wc -c) & done; wait"
    begun = time.monotonic()
    done = run(kind, toolchain, tmp_path, ProcessLimits(memory=100 * MB), hogs)
    assert "[ended: it used more than 100 MB of memory]" in done.output, done
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("n=0; while :; do head -c 4000000 /dev/zero > f$n; n=$((n+1)); done", "50 MB of disk space"),
        ("n=0; while :; do head -c 4000000 /dev/zero > $TMPDIR/f$n; n=$((n+1)); done", "50 MB of disk space"),
        ("n=0; while :; do head -c 4000000 /dev/zero > $HOME/f$n; n=$((n+1)); done", "50 MB of disk space"),
        ("while :; do mktemp -p .; done", "500 new files"),
        ("while :; do mktemp -d; done", "500 new files"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_disk_and_files_are_bounded_together(
    kind: str, toolchain: GoInstallation, tmp_path: Path, script: str, reason: str
) -> None:
    """Many files that take too much together are found wherever a command may write."""
    done = run(kind, toolchain, tmp_path, ProcessLimits(disk=50 * MB, files=500), f"trap '' TERM; {script}")
    assert f"[ended: it used more than {reason}]" in done.output, done.output[-300:]


def test_what_was_there_is_not_counted_and_holes_are_not(toolchain: GoInstallation, tmp_path: Path) -> None:
    """A workspace that is large from the start may be worked in, and a sparse file takes no room."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "large").write_bytes(bytes(60 * MB))
    script = "truncate -s 1000G sparse; head -c 20000000 /dev/zero > some; sleep 2.5; echo done"
    done = run("none", toolchain, tmp_path, ProcessLimits(disk=50 * MB, file_size=0), script)
    assert "done\n" == done.output


def test_a_command_may_remove_its_own_folders(toolchain: GoInstallation, tmp_path: Path) -> None:
    """Watching goes on without them."""
    done = run("none", toolchain, tmp_path, ProcessLimits(), "rm -rf $HOME $TMPDIR; sleep 0.5; echo done")
    assert "done\n" == done.output


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere such a folder is not looked into")
def test_what_has_no_path_is_counted(tmp_path: Path) -> None:
    """A file in folders too deep for a path takes room all the same."""
    script = "import os\nfor _ in range(45):\n os.mkdir('d' * 200); os.chdir('d' * 200)\n"
    script += "open('bottom', 'wb').write(bytes(3_000_000))"
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)
    found = usage(tmp_path)
    assert (True, 46) == (found.size >= 3_000_000, found.files)


@pytest.mark.go
def test_a_command_that_is_ended_is_a_result_that_the_model_sees(lab: Lab) -> None:
    """The model reads what its code took too much of; nothing of it is a fault."""
    spec = 'package stringutil\n\nimport "os"\n\nfunc init() {\n\tfor i := 0; ; i++ {\n'
    spec += '\t\tf, _ := os.CreateTemp(".", "x")\n\t\tf.Write(make([]byte, 1<<20))\n\t\tf.Close()\n\t}\n}\n'
    spec += "\nfunc Reverse(s string) string { return s }\n"
    write = turn(use("write_file", path="stringutil/stringutil.go", content=spec))
    test = turn(use("go", args=["test", "./..."]))
    record = lab.run([write, test, STOP], max_iters=1, limits=CommandLimits(disk_mb=64))
    assert ("budget", None) == (record.outcome.value, record.fault)
    assert "[ended: it used more than 64 MB of disk space]" in lab.results()[1]


def test_other_limits_make_another_cell() -> None:
    """Code that one limit ends may run to its end under another."""
    config = RunConfig(model=ModelConfig(name="m"), task=TaskConfig(name="reverse"))
    inputs = InputHashes("a", "b", "c")
    configs = [config, *(replace(config, limits=CommandLimits(disk_mb=size)) for size in (1, 2))]
    assert 3 == len({cell_key(one, inputs) for one in configs})


def test_a_limit_below_nothing_is_refused() -> None:
    """In one line, by name."""
    with pytest.raises(ConfigError, match=r"^limits.files=-1: must be 0 \(no limit\) or more$"):
        RunConfig(ModelConfig(name="m"), TaskConfig(name="reverse"), limits=CommandLimits(files=-1))
