"""Run one command with limits on time, memory and output, and end all of its processes.

Every command leads a session of its own. However it ends (by itself, at its time limit, because the harness
is interrupted), its whole group is ended with it, and so is everyone who left the group: no server, watcher
or fork bomb of one command is still there for the next. Its pipes are read with a cap and never waited for
once the leader is gone, so a child that holds one open gains nothing.
"""

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from harness.limits import CommandLimits
from harness.sandbox.base import FinishedCommand, OnLine, SandboxError
from harness.sandbox.cgroup import CommandGroups
from harness.sandbox.output import Clip, LineReader
from harness.sandbox.strays import adopt_orphans, children, end_children
from harness.sandbox.usage import Watch

TIME = "time"
TICK = 0.02
"""Seconds between looks at the leader while its pipes are silent."""
CHUNK = 1 << 16
LAST_READS = 32
"""Chunks read after the end at most: a full pipe holds fewer."""


@dataclass(frozen=True)
class ProcessLimits:
    """Limits of one process or one command; 0 is no limit."""

    memory: int = 4 << 30
    """Bytes of address space of a process, and of memory of the whole command."""
    file_size: int = 1 << 30
    """Bytes of any file that it writes."""
    cpu: int = 1800
    """Seconds of processor time, over all its threads."""
    processes: int = 4096
    """Processes and threads of a command at once, where that can be counted apart from everybody else's."""
    disk: int = 2 << 30
    """Bytes that its folders may grow by."""
    files: int = 100_000
    """Files and folders that may be added to them."""


USUAL_LIMITS = ProcessLimits()


def limits_of(limits: CommandLimits) -> ProcessLimits:
    """The limits that a config sets."""
    return ProcessLimits(
        memory=limits.memory_mb << 20, processes=limits.processes, disk=limits.disk_mb << 20, files=limits.files
    )


class ByteSink(Protocol):
    def feed(self, data: bytes) -> None: ...


_leaders: set[int] = set()
_starting = threading.Lock()


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout: float,
    limits: ProcessLimits = USUAL_LIMITS,
    max_output: int = 16 << 10,
    on_line: OnLine | None = None,
    watches: Sequence[Watch] = (),
) -> FinishedCommand:
    """Run a command and wait for its end, or bring it about. See `Sandbox.run` for what is promised.

    The watches say when it takes more than it may, beside its memory, which is always watched.
    """
    clip = Clip(max_output)
    lines = LineReader(on_line) if on_line else None
    deadline = time.monotonic() + timeout
    adopt_orphans()
    before = children()
    with CommandGroups(limits.processes, limits.memory) as bounded:
        bounds = bounded.watches
        entering = bounded.joining + _limiting(limits)
        with _start(argv, cwd, env, entering, apart=lines is not None) as process:
            sinks = _sinks(process, clip, lines)
            try:
                end = _attend(process, sinks, deadline, (*watches, *bounds))
                # A command may end by itself because the kernel ended a part of it.
                end = end or "".join(watch.look(process.pid) for watch in bounds)
            finally:
                bounded.freeze()
                _end(process, before)
            _drain(sinks)
    if lines:
        lines.close()
    output = clip.text() + _note(process.returncode, end, timeout)
    return FinishedCommand(process.returncode, end == TIME, output, "" if end == TIME else end)


def _start(
    argv: Sequence[str], cwd: Path, env: Mapping[str, str], entering: str, *, apart: bool
) -> "subprocess.Popen[bytes]":
    """Start the command under its limits, in a session of its own.

    The limits are set by a shell that then becomes the command: setting them in a forked copy of this
    process could deadlock where it has threads.
    """
    program = _resolve(argv[0], cwd, env.get("PATH", ""))
    with _starting:
        try:
            process = subprocess.Popen(
                ["/bin/sh", "-c", entering + 'exec "$@"', "sh", program, *argv[1:]],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if apart else subprocess.STDOUT,
                bufsize=0,
                start_new_session=True,
                umask=0o022,
            )
        except (OSError, ValueError) as fault:
            raise SandboxError(f"cannot start {argv[0]}: {fault}") from fault
        _leaders.add(process.pid)
    return process


def _resolve(program: str, cwd: Path, path: str) -> str:
    if not cwd.is_dir():
        raise SandboxError(f"cannot start {program}: no folder {cwd}")
    result = shutil.which(str(cwd / program) if "/" in program else program, path=path)
    if result is None:
        raise SandboxError(f"cannot start {program}: not found, or not executable, in {path or cwd}")
    return result


def _limiting(limits: ProcessLimits) -> str:
    """Shell commands that set the limits; one that the system refuses or does not know is passed over."""
    requested = {"c": 0}
    if limits.memory:
        requested["v"] = limits.memory >> 10
    if limits.file_size:
        requested["f"] = limits.file_size >> 9
    if limits.cpu:
        requested["t"] = limits.cpu
    return "".join(f"ulimit -{flag} {value} 2>/dev/null; " for flag, value in requested.items())


def _sinks(process: "subprocess.Popen[bytes]", clip: Clip, lines: LineReader | None) -> dict[IO[bytes], ByteSink]:
    sinks: dict[IO[bytes], ByteSink] = {}
    if process.stdout:
        sinks[process.stdout] = lines or clip
    if process.stderr:
        sinks[process.stderr] = clip
    for stream in sinks:
        os.set_blocking(stream.fileno(), False)
    return sinks


def _attend(
    process: "subprocess.Popen[bytes]", sinks: Mapping[IO[bytes], ByteSink], deadline: float, watches: Sequence[Watch]
) -> str:
    """Read what the command prints until its leader has ended, or has to be: returns what it took too much of."""
    with selectors.DefaultSelector() as selector:
        for stream, sink in sinks.items():
            selector.register(stream, selectors.EVENT_READ, sink)
        while not _has_ended(process):
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return TIME
            if excess := next(filter(None, (watch.excess(process.pid) for watch in watches)), ""):
                return excess
            for key, _ in selector.select(min(remaining, TICK)):
                if not _read(key.fd, key.data):
                    selector.unregister(key.fileobj)
            if not selector.get_map():
                time.sleep(0.001)
    return ""


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Return True if the leader has ended. It is left unreaped if possible, so that its group keeps its number."""
    if hasattr(os, "waitid"):
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return process.poll() is not None


def _read(descriptor: int, sink: ByteSink) -> bool:
    """Take one chunk, if there is one; false at the end of the stream."""
    try:
        data = os.read(descriptor, CHUNK)
    except BlockingIOError:
        return True
    sink.feed(data)
    return bool(data)


def _drain(sinks: Mapping[IO[bytes], ByteSink]) -> None:
    """Take what is still in the pipes, without waiting for whoever may hold them open."""
    for stream, sink in sinks.items():
        for _ in range(LAST_READS):
            try:
                data = os.read(stream.fileno(), CHUNK)
            except BlockingIOError:
                break
            if not data:
                break
            sink.feed(data)


def _end(process: "subprocess.Popen[bytes]", before: set[int]) -> None:
    """End the group before its leader is reaped (the number could be another's after), then the strays."""
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with _starting:
        _leaders.discard(process.pid)
        spared = before | _leaders
    end_children(spared)


def _note(exit_code: int, end: str, timeout: float) -> str:
    if end:
        return f"\n[timed out after {timeout:g}s]" if end == TIME else f"\n[ended: it used {end}]"
    if exit_code < 0:
        return f"\n[ended by {signal.Signals(-exit_code).name}]"
    return f"\n[exit status {exit_code}]" if exit_code else ""
