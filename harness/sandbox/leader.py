"""The first process of a command, started directly, or under rules by the server of commands."""

import os
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from harness.sandbox.base import SandboxError
from harness.sandbox.fork_server import StartRequest, fork_server


class ResourceBound(NamedTuple):
    """One limit that a process sets on itself, and with it on all that it starts."""

    number: int
    """Number of the resource, as in the module `resource`."""
    flag: str
    """The shell's flag for it."""
    value: int
    """Bytes, seconds or a number."""
    shift: int
    """The shell counts in units of two to the power of this."""

    @property
    def command(self) -> str:
        """Return the shell command that sets it; one that the system refuses or does not know is passed over."""
        return f"ulimit -{self.flag} {self.value >> self.shift} 2>/dev/null; "


class Leader(Protocol):
    """A process that leads a command; `subprocess.Popen` is one."""

    pid: int
    stdout: IO[bytes] | None
    stderr: IO[bytes] | None

    @property
    def returncode(self) -> int:
        """Return the exit status, negative for the number of a signal; valid after `wait`."""
        ...

    def poll(self) -> int | None: ...

    def wait(self) -> int: ...


class ForkedLeader:
    """A child of this process that the server of commands started."""

    def __init__(self, pid: int, stdout: IO[bytes], stderr: IO[bytes] | None) -> None:
        self.pid = pid
        self.stdout: IO[bytes] | None = stdout
        self.stderr = stderr
        self._status: int | None = None

    @property
    def returncode(self) -> int:
        assert self._status is not None
        return self._status

    def poll(self) -> int | None:
        return self._reaped(os.WNOHANG)

    def wait(self) -> int:
        self._reaped(0)
        return self.returncode

    def _reaped(self, options: int) -> int | None:
        if self._status is None:
            pid, status = os.waitpid(self.pid, options)
            self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status


class Start(Protocol):
    """Starts a command in a session of its own, and closes its pipes when it is done with."""

    def __call__(
        self,
        argv: Sequence[str],
        cwd: Path,
        env: Mapping[str, str],
        bounds: Sequence[ResourceBound],
        groups: Sequence[str],
        *,
        apart: bool,
    ) -> AbstractContextManager[Leader]:
        """Start it within these bounds and control groups; with `apart` standard error has a pipe of its own.

        Raises SandboxError if it cannot be started.
        """
        ...


_leaders: set[int] = set()
_starting = threading.Lock()


def others_than(leader: Leader) -> set[int]:
    """Return the ids of all other processes that were started here and may run."""
    with _starting:
        _leaders.discard(leader.pid)
        return set(_leaders)


@contextmanager
def start_directly(
    argv: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    bounds: Sequence[ResourceBound],
    groups: Sequence[str],
    *,
    apart: bool,
) -> Iterator[Leader]:
    """Start a command as it is.

    A shell enters the groups, sets the bounds and then becomes the command: doing so in a forked copy of this process
    could deadlock where it has threads.
    """
    program = _resolve(argv[0], cwd, env.get("PATH", ""))
    entering = "".join(f"echo $$ 2>/dev/null >{shlex.quote(group)}; " for group in groups)
    setting = "".join(bound.command for bound in bounds)
    with _starting:
        try:
            process = subprocess.Popen(
                ["/bin/sh", "-c", entering + setting + 'exec "$@"', "sh", program, *argv[1:]],
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
    with process:
        yield process


def start_under(rules: Sequence[str]) -> Start:
    """Return a start under rules of confinement, by the server of commands, which runs from now on."""
    server = fork_server()
    with _starting:
        _leaders.add(server.pid)

    @contextmanager
    def start(
        argv: Sequence[str],
        cwd: Path,
        env: Mapping[str, str],
        bounds: Sequence[ResourceBound],
        groups: Sequence[str],
        *,
        apart: bool,
    ) -> Iterator[Leader]:
        if not cwd.is_dir():
            raise SandboxError(f"cannot start {argv[0]}: no folder {cwd}")
        limits = [(bound.number, bound.value) for bound in bounds]
        request = StartRequest(rules, argv, str(cwd), env, limits, groups)
        output, inner = os.pipe()
        errors, inner_errors = os.pipe() if apart else (None, inner)
        with ExitStack() as stack:
            stdout = stack.enter_context(os.fdopen(output, "rb", 0))
            stderr = None if errors is None else stack.enter_context(os.fdopen(errors, "rb", 0))
            try:
                with _starting:
                    pid = server.start(request, (inner, inner_errors))
                    _leaders.add(pid)
            finally:
                for descriptor in {inner, inner_errors}:
                    os.close(descriptor)
            yield ForkedLeader(pid, stdout, stderr)

    return start


def _resolve(program: str, cwd: Path, path: str) -> str:
    if not cwd.is_dir():
        raise SandboxError(f"cannot start {program}: no folder {cwd}")
    result = shutil.which(str(cwd / program) if "/" in program else program, path=path)
    if result is None:
        raise SandboxError(f"cannot start {program}: not found, or not executable, in {path or cwd}")
    return result
