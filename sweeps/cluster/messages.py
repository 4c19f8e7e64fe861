"""Messages between a sweep and its workers: plain data that crosses processes and machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.config import RunConfig
from harness.state import Launch


@dataclass(frozen=True)
class WorkerSetup:
    """The first message to a worker."""

    name: str
    """Names the worker's own folder on its machine; the same name is the same folder."""
    cwd: str
    """The folder in which the sweep was started; paths of a config are relative to it."""
    patience: float
    """Seconds to wait for a server that does not answer."""
    keys: tuple[str, ...] = ()
    """Names of the environment variables that hold API keys."""


@dataclass(frozen=True)
class CheckServers:
    """Job: check the servers of these configs."""

    configs: Sequence[RunConfig]


@dataclass(frozen=True)
class MakeRun:
    """Job: make this run."""

    config: RunConfig
    launch: Launch


Job = CheckServers | MakeRun


@dataclass(frozen=True)
class WorkerStarted:
    """The worker has started, on this host and with this version of the program."""

    host: str
    version: str
    behaviour: int


@dataclass(frozen=True)
class LogLine:
    """A line for the screen."""

    line: str


@dataclass(frozen=True)
class RunEvent:
    """An event of the run in flight."""

    name: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class ServersReady:
    """The servers passed their checks."""

    sandboxes: str
    """The sandboxes used there, as one line."""


@dataclass(frozen=True)
class SetupRejected:
    """No run can be made: a setting is wrong, here or at the server."""

    reason: str


@dataclass(frozen=True)
class ServerUnavailable:
    """The server does not answer; the job was not started."""

    reason: str


@dataclass(frozen=True)
class RunFinished:
    """A run has finished and has a record."""

    line: dict[str, Any]
    """Its record, as the line of a ledger."""
    parcel: bytes
    """The files of its run folder, packed."""
    left: tuple[str, ...]
    """Files that were too large to send: they stay on the worker's machine."""
    folder: str
    """The run folder on the worker's machine."""


@dataclass(frozen=True)
class RunFailed:
    """A run ended without a record, by an error or an interrupt."""

    reason: str
    interrupted: bool = False


@dataclass(frozen=True)
class WorkerDied:
    """The worker process has died."""

    reason: str


Message = (
    WorkerStarted
    | LogLine
    | RunEvent
    | ServersReady
    | SetupRejected
    | ServerUnavailable
    | RunFinished
    | RunFailed
    | WorkerDied
)
