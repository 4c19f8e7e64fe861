"""What a sweep and its workers tell each other: plain data that crosses processes and machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.config import RunConfig
from harness.state import Launch


@dataclass(frozen=True)
class Setup:
    """What a worker is told once, before its first job."""

    name: str
    """Names the worker's own folder on its machine; the same name is the same folder."""
    cwd: str
    """The folder that the sweep was started in, from which paths of the config are meant."""
    patience: float
    """Seconds to wait for a server that does not answer."""
    keys: tuple[str, ...] = ()
    """Names of the environment variables that hold API keys."""


@dataclass(frozen=True)
class Look:
    """A job: look the servers of these configs over."""

    configs: Sequence[RunConfig]


@dataclass(frozen=True)
class Make:
    """A job: make this run."""

    config: RunConfig
    launch: Launch


Job = Look | Make


@dataclass(frozen=True)
class Hello:
    """A worker is there: on which machine, with which program, and what confines the code of its runs."""

    host: str
    version: str
    behaviour: int


@dataclass(frozen=True)
class Said:
    """Something that the reader should know now."""

    line: str


@dataclass(frozen=True)
class Happened:
    """Something happened in the run under way."""

    name: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Fit:
    """The servers were looked over, and runs can be made with them."""

    sandboxes: str
    """What confines the code of the runs there, as one line."""


@dataclass(frozen=True)
class Unfit:
    """Runs cannot be made: a setting is wrong, here or at the server."""

    reason: str


@dataclass(frozen=True)
class Gone:
    """The server does not answer; the job was not begun."""

    reason: str


@dataclass(frozen=True)
class Made:
    """A run is over."""

    line: dict[str, Any]
    """Its record, as the line of a ledger."""
    parcel: bytes
    """The files that it left."""
    left: tuple[str, ...]
    """Of these files, those too large to travel: they stay where they are."""
    folder: str
    """Where that is."""


@dataclass(frozen=True)
class Broken:
    """A run ended without a record, by an error or by an interrupt."""

    reason: str
    interrupted: bool = False


@dataclass(frozen=True)
class Died:
    """The worker's process is gone."""

    reason: str


Message = Hello | Said | Happened | Fit | Unfit | Gone | Made | Broken | Died
