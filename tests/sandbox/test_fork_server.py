"""The server that starts confined commands: quick, and with nothing of the harness in it."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.sandbox.base import SandboxError
from harness.sandbox.environment import PlainEnvironment
from harness.sandbox.fork_server import fork_server
from harness.sandbox.landlock import LandlockSandbox
from harness.sandbox.select import probe

pytestmark = pytest.mark.skipif(bool(probe("landlock")), reason="this kernel has no Landlock that serves")

SECRET = "".join(["sk-", "q7RkT2", "vWz9Lm"])
"""Put together when it runs, so that no copy of the source holds it."""

KILLED = """
import sys
from pathlib import Path
from harness.sandbox.environment import PlainEnvironment
from harness.sandbox.fork_server import fork_server
from harness.sandbox.landlock import LandlockSandbox
root = Path(sys.argv[1])
sandbox = LandlockSandbox(PlainEnvironment(), root / "scratch", root / "work")
print(fork_server().pid, flush=True)
sandbox.run(["/bin/sh", "-c", "touch begun; exec sleep 600"], cwd=root / "work", timeout=600)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def sandbox(tmp_path: Path, root: Path) -> LandlockSandbox:
    return LandlockSandbox(PlainEnvironment(), tmp_path / "scratch", root)


def memory_of(pid: int) -> bytes:
    """Everything that a process may write in its own memory."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:  # noqa: PTH123
        ranges = [
            (int(low, 16), int(high, 16)) for low, high in re.findall(r"^(\w+)-(\w+) rw", maps.read(), re.MULTILINE)
        ]
        return b"".join(os.pread(memory.fileno(), high - low, low) for low, high in ranges)


def gone(pid: int) -> bool:
    """Wait for the end of a process, at most ten seconds."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_nothing_of_the_harness_is_in_it(sandbox: LandlockSandbox, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable, no descriptor and no byte of memory: a secret of the harness is found here and not there."""
    monkeypatch.setenv("HARNESS_KEY", SECRET)
    with ThreadPoolExecutor(1) as another, (root.parent / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        finished = another.submit(lambda: (sandbox.run(["/bin/true"], cwd=root, timeout=10), fork_server().pid))
        done, pid = finished.result()
        assert 0 == done.exit_code
        assert b"" == Path(f"/proc/{pid}/environ").read_bytes()
        targets = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]  # noqa: PTH115
        assert ["/dev/null"] * 3 == sorted(targets)[:3]
        assert 4 == len(targets)
        assert targets[-1].startswith("socket:") or any(target.startswith("socket:") for target in targets)
        assert SECRET.encode() in memory_of(os.getpid())
        assert SECRET.encode() not in memory_of(pid)


def test_a_command_gets_three_descriptors_and_its_own_variables(
    sandbox: LandlockSandbox, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else is open, and nothing of the caller's environment is there."""
    monkeypatch.setenv("HARNESS_KEY", SECRET)
    script = "for n in 3 4 5 6 7 8 9; do (true >&$n) 2>/dev/null && echo open $n; done; env | cut -d= -f1 | sort"
    finished = sandbox.run(["/bin/sh", "-c", script], cwd=root, timeout=10)
    assert ["HOME", "LANG", "PATH", "PWD", "TMPDIR", "TZ"] == finished.output.split()


def test_a_command_that_is_not_there_is_one_line(sandbox: LandlockSandbox, root: Path) -> None:
    """It says which, and the next command runs."""
    with pytest.raises(SandboxError, match="cannot start missing: landlock: missing: No such file or directory"):
        sandbox.run(["missing"], cwd=root, timeout=10)
    assert "here\n" == sandbox.run(["/bin/echo", "here"], cwd=root, timeout=10).output


def test_another_server_takes_the_place_of_one_that_ended(sandbox: LandlockSandbox, root: Path) -> None:
    """A server that was killed costs no command."""
    sandbox.run(["/bin/true"], cwd=root, timeout=10)
    first = fork_server().pid
    os.kill(first, signal.SIGKILL)
    assert gone(first)
    assert "again\n" == sandbox.run(["/bin/echo", "again"], cwd=root, timeout=10).output
    assert fork_server().pid != first


def test_threads_have_servers_of_their_own(tmp_path: Path) -> None:
    """Commands of several threads run side by side, and a thread that ends takes no other's command with it."""

    def work(number: int) -> tuple[str, int]:
        root = tmp_path / f"work-{number}"
        root.mkdir()
        sandbox = LandlockSandbox(PlainEnvironment(), tmp_path / f"scratch-{number}", root)
        script = f"sleep {0.2 if number % 2 else 0.6}; echo {number}"
        return sandbox.run(["/bin/sh", "-c", script], cwd=root, timeout=20).output, fork_server().pid

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(work, range(4)))
    assert [f"{number}\n" for number in range(4)] == [output for output, _ in results]
    assert 4 == len({pid for _, pid in results})


def test_a_killed_harness_leaves_neither_server_nor_command(tmp_path: Path, root: Path) -> None:
    """kill -9 ends both at once."""
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True) as harness:
        assert harness.stdout is not None
        server = int(harness.stdout.readline())
        until = time.monotonic() + 20
        while not (root / "begun").exists() and time.monotonic() < until:
            time.sleep(0.02)
        children = Path(f"/proc/{harness.pid}/task/{harness.pid}/children").read_text().split()
        assert str(server) in children
        assert 2 == len(children)
        harness.kill()
    assert [True, True] == [gone(int(pid)) for pid in children]
