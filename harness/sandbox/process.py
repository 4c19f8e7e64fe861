"""Run one command with limits on time, memory and output, and end all of its processes.

Every command leads a session of its own. However it ends (by itself, at its time limit, because the harness
is interrupted), its whole group is ended with it, and so is everyone who left the group: no server, watcher
or fork bomb of one command is still there for the next. Its pipes are read with a cap and never waited for
once the leader is gone, so a child that holds one open gains nothing.
"""

import contextlib
import os
import resource
import selectors
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from harness.limits import CommandLimits
from harness.sandbox.base import FinishedCommand, OnLine
from harness.sandbox.cgroup import CommandGroups
from harness.sandbox.leader import Leader, ResourceBound, others_than, start_directly, start_under
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
    address_space: bool = True
    """Limit the address space of each process too. Runtimes that reserve far more than they use need False."""
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


def run(  # noqa: PLR0913 - what a command may take, see and say is all that there is to it
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout: float,
    limits: ProcessLimits = USUAL_LIMITS,
    max_output: int = 16 << 10,
    on_line: OnLine | None = None,
    rules: Sequence[str] | None = None,
    watches: Sequence[Watch] = (),
) -> FinishedCommand:
    """Run a command and wait for its end, or bring it about. See `Sandbox.run` for what is promised.

    With `rules` it is started under them by the server of commands. The watches say when it takes more than it may,
    beside its memory, which is always watched.
    """
    clip = Clip(max_output)
    lines = LineReader(on_line) if on_line else None
    deadline = time.monotonic() + timeout
    adopt_orphans()
    start = start_directly if rules is None else start_under(rules)
    before = children()
    with CommandGroups(limits.processes, limits.memory) as bounded:
        bounds = bounded.watches
        with start(argv, cwd, env, _bounds(limits), bounded.entries, apart=lines is not None) as process:
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


def _bounds(limits: ProcessLimits) -> list[ResourceBound]:
    requested = [
        ResourceBound(resource.RLIMIT_CORE, "c", 0, 0),
        ResourceBound(resource.RLIMIT_AS, "v", limits.memory if limits.address_space else 0, 10),
        ResourceBound(resource.RLIMIT_FSIZE, "f", limits.file_size, 9),
        ResourceBound(resource.RLIMIT_CPU, "t", limits.cpu, 0),
    ]
    return [bound for bound in requested if bound.value or bound.number == resource.RLIMIT_CORE]


def _sinks(process: Leader, clip: Clip, lines: LineReader | None) -> dict[IO[bytes], ByteSink]:
    sinks: dict[IO[bytes], ByteSink] = {}
    if process.stdout:
        sinks[process.stdout] = lines or clip
    if process.stderr:
        sinks[process.stderr] = clip
    for stream in sinks:
        os.set_blocking(stream.fileno(), False)
    return sinks


def _attend(process: Leader, sinks: Mapping[IO[bytes], ByteSink], deadline: float, watches: Sequence[Watch]) -> str:
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


def _has_ended(process: Leader) -> bool:
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


def _end(process: Leader, before: set[int]) -> None:
    """End the group before its leader is reaped (the number could be another's after), then the strays."""
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    end_children(before | others_than(process))


def _note(exit_code: int, end: str, timeout: float) -> str:
    if end:
        return f"\n[timed out after {timeout:g}s]" if end == TIME else f"\n[ended: it used {end}]"
    if exit_code < 0:
        return f"\n[ended by {signal.Signals(-exit_code).name}]"
    return f"\n[exit status {exit_code}]" if exit_code else ""
