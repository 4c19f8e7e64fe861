"""Commands end in time and whole, and nothing that they print or start gets out of hand."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from harness.sandbox.base import SandboxError
from harness.sandbox.cgroup import parent_group
from harness.sandbox.process import ProcessLimits, run

ENV = {"PATH": "/usr/bin:/bin"}


def shell(script: str, cwd: Path, timeout: float = 20, **more: object):
    return run(["sh", "-c", script], cwd=cwd, env=ENV, timeout=timeout, **more)


def is_alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return False


def pids_in(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()]


def test_a_command_gives_its_output_in_the_order_written_and_its_status(tmp_path: Path) -> None:
    """Output and error come interleaved as written; a failing status is told in a last line."""
    finished = shell("echo one; echo two >&2; echo three; exit 7", tmp_path)
    expected = (7, False, "one\ntwo\nthree\n\n[exit status 7]")
    assert expected == (finished.exit_code, finished.timed_out, finished.output)


def test_a_signal_is_told_by_its_name(tmp_path: Path) -> None:
    """A command ended by a signal has the negative of its number for a status."""
    finished = shell("kill -TERM $$", tmp_path)
    assert (finished.exit_code, finished.output) == (-15, "\n[ended by SIGTERM]")


def test_a_time_limit_ends_the_command_within_a_second(tmp_path: Path) -> None:
    """On expiry the command is ended even if it ignores polite signals, and the output says so."""
    begun = time.monotonic()
    finished = shell("trap '' TERM INT HUP; echo started; while :; do sleep 1; done", tmp_path, timeout=1)
    assert time.monotonic() - begun < 2
    assert (finished.timed_out, finished.output) == (True, "started\n\n[timed out after 1s]")


def test_a_time_limit_ends_grandchildren_and_those_who_left_the_group(tmp_path: Path) -> None:
    """Children, grandchildren and double-forked daemons in sessions of their own all end at the limit."""
    script = """
    (sh -c 'echo $$ >> pids; exec sleep 60') &
    setsid sh -c 'echo $$ >> pids; exec sleep 60' &
    (setsid sh -c 'setsid sh -c "echo \\$\\$ >> pids; exec sleep 60" & exit') &
    sleep 60
    """
    begun = time.monotonic()
    finished = shell(script, tmp_path, timeout=1)
    assert time.monotonic() - begun < 2
    pids = pids_in(tmp_path / "pids")
    assert (finished.timed_out, len(pids), [pid for pid in pids if is_alive(pid)]) == (True, 3, [])


def test_nothing_outlives_a_command_that_ended_by_itself(tmp_path: Path) -> None:
    """A daemon left behind is ended with the command, and the pipe that it holds is not waited for."""
    script = "sleep 60 & echo $! >> pids; setsid sh -c 'echo $$ >> pids; exec sleep 60' & sleep 0.3; echo over"
    begun = time.monotonic()
    finished = shell(script, tmp_path)
    assert time.monotonic() - begun < 2
    assert (finished.exit_code, finished.output) == (0, "over\n")
    assert [pid for pid in pids_in(tmp_path / "pids") if is_alive(pid)] == []


def test_children_of_ours_that_were_there_before_are_left_alone(tmp_path: Path) -> None:
    """A server that the harness itself started before the command is not taken for one of its strays."""
    server = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        shell("setsid sleep 60 & echo", tmp_path)
        assert server.poll() is None
    finally:
        server.kill()
        server.wait()


def test_commands_side_by_side_do_not_end_each_other(tmp_path: Path) -> None:
    """Each command ends its own processes only, also when several run in threads."""
    codes: list[int] = []

    def one() -> None:
        codes.append(shell("sleep 0.4; exit 5", tmp_path).exit_code)

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
        shell("true", tmp_path)
    for thread in threads:
        thread.join()
    assert codes == [5, 5, 5]


def test_an_interrupt_ends_the_command_and_goes_on(tmp_path: Path) -> None:
    """An exception raised while waiting (here by the line handler) leaves no process and is not swallowed."""

    def interrupt(_line: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shell("sleep 60 & echo $! > pids; echo $$ >> pids; echo go; wait", tmp_path, on_line=interrupt)
    assert [pid for pid in pids_in(tmp_path / "pids") if is_alive(pid)] == []


def test_long_output_is_clipped_in_the_middle_between_characters(tmp_path: Path) -> None:
    """Head and tail are kept, what is left out is counted, and no character is cut in two."""
    finished = shell("printf 'aä%.0s' $(seq 1 1000)", tmp_path, max_output=101)
    head, note, tail = finished.output.split("\n")
    assert (head, note, tail) == ("aä" * 16 + "a", "[... 2901 bytes left out ...]", "ä" + "aä" * 16)


def test_output_that_fits_is_untouched(tmp_path: Path) -> None:
    """Output of exactly the limit is not clipped."""
    assert shell("printf 'x%.0s' $(seq 1 1000)", tmp_path, max_output=1000).output == "x" * 1000


def test_lines_are_handed_over_as_they_come(tmp_path: Path) -> None:
    """With a handler, standard output goes to it by lines, the last one too, and the rest is the output."""
    lines: list[bytes] = []
    finished = shell("echo one; echo aside >&2; printf two", tmp_path, on_line=lines.append)
    assert (lines, finished.output) == ([b"one", b"two"], "aside\n")


def test_a_line_without_end_is_capped(tmp_path: Path) -> None:
    """A handler never gets more than 1 MiB of one line, and the next line comes whole."""
    lines: list[bytes] = []
    shell("head -c 3000000 /dev/zero; echo; echo next", tmp_path, on_line=lines.append)
    assert [len(line) for line in lines] == [1 << 20, 4]


@pytest.mark.parametrize("handler", ["None", "lambda line: None"])
def test_memory_stays_small_whatever_is_printed(tmp_path: Path, handler: str) -> None:
    """While a command prints 1 GB, with newlines or without, the harness stays under 150 MB.

    The peak is asked of the process's own memory: getrusage would tell that of the tests, from before the exec.
    """
    code = f"""
from pathlib import Path
from harness.sandbox.process import run
for printing in ("head -c 500000000 /dev/zero", "yes $(seq 1 40) | head -c 500000000"):
    run(["sh", "-c", printing], cwd=Path("."), env={ENV!r}, timeout=60, on_line={handler})
print(*[line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")])
"""
    env = {**ENV, "PYTHONPATH": os.pathsep.join(sys.path)}
    printed = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, check=True)
    assert int(printed.stdout) < 150_000


def test_limits_are_in_force(tmp_path: Path) -> None:
    """Address space, file size and processor time are bounded, core dumps are off."""
    limits = ProcessLimits(memory=200 << 20, file_size=1 << 20, cpu=1)
    hog = [sys.executable, "-c", "x = bytearray(400 << 20)"]
    assert "MemoryError" in run(hog, cwd=tmp_path, env=ENV, timeout=20, limits=limits).output
    shell("head -c 3000000 /dev/zero > big", tmp_path, limits=limits)
    assert (tmp_path / "big").stat().st_size == 1 << 20
    spin = "exec sh -c 'while :; do :; done'"
    assert shell(spin, tmp_path, limits=limits).exit_code in (-signal.SIGXCPU, -signal.SIGKILL)
    assert shell("ulimit -c", tmp_path, limits=limits).output == "0\n"


def test_standard_input_is_empty(tmp_path: Path) -> None:
    """A command that reads its input meets its end at once instead of waiting for a terminal."""
    assert shell("wc -c", tmp_path).output == "0\n"


@pytest.mark.parametrize("program", ["no-such-program", "./missing", "./plain"])
def test_a_command_that_cannot_start_is_a_fault_of_the_setup(tmp_path: Path, program: str) -> None:
    """A missing or unexecutable program raises, in one line that names it: it is no result of a command."""
    (tmp_path / "plain").write_text("true")
    (tmp_path / "plain").chmod(0o644)
    with pytest.raises(SandboxError, match=f"cannot start {program}") as fault:
        run([program], cwd=tmp_path, env=ENV, timeout=5)
    assert len(str(fault.value).splitlines()) == 1


def test_a_missing_folder_is_a_fault_of_the_setup(tmp_path: Path) -> None:
    """A working folder that is not there raises, too."""
    with pytest.raises(SandboxError, match="no folder"):
        shell("true", tmp_path / "missing")


BOMB = """
echo $$ >> "$2"
[ "$1" -gt 0 ] && for side in left right; do setsid sh "$0" $(($1 - 1)) "$2" & done
sleep 60
"""


def test_a_fork_bomb_ends_at_its_time_limit(tmp_path: Path) -> None:
    """Hundreds of processes, each in a session of its own and each starting two more, end within a second of it."""
    (tmp_path / "bomb").write_text(BOMB)
    begun = time.monotonic()
    finished = shell(f"sh {tmp_path / 'bomb'} 7 {tmp_path / 'pids'}; sleep 60", tmp_path, timeout=1.5)
    assert (finished.timed_out, time.monotonic() - begun < 3) == (True, True)
    pids = pids_in(tmp_path / "pids")
    assert (len(pids) > 20, [pid for pid in pids if is_alive(pid)]) == (True, [])


@pytest.mark.skipif(parent_group("pids") is None, reason="no control group can be made here")
def test_no_more_processes_are_started_than_allowed(tmp_path: Path) -> None:
    """Beyond the limit nothing is started, whoever the user is."""
    script = "for n in $(seq 60); do sleep 2 & echo $n >> started; done; true"
    shell(script, tmp_path, limits=ProcessLimits(processes=20))
    assert 10 < len((tmp_path / "started").read_text().split()) < 20
    assert [] == list(parent_group("pids").glob(f"harness-{os.getpid()}-*"))


@pytest.mark.skipif(parent_group("pids") is None, reason="no control group can be made here")
def test_what_a_killed_harness_left_behind_is_cleared_away(tmp_path: Path) -> None:
    """The group of a process that is no more goes when the next one looks for its own."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    left = parent_group("pids") / f"harness-{gone.pid}-0"
    left.mkdir()
    parent_group.cache_clear()
    assert parent_group("pids") == left.parent
    assert not left.exists()
