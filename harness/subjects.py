"""Endpoints of the subjects: their own server, or one that is served or started here."""

import re
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType

from harness.config import EMBEDDED, ConfigError, RunConfig
from harness.endpoint_lock import endpoint_held
from harness.llm.connection import shown
from harness.servers.managed import ManagedServer, command_of, record_start
from harness.tasks.catalogue import roots


class ServerNotStarted(ConfigError):  # noqa: N818 - a state of the world
    """A managed server that does not start: nothing can be run with it, and the runs with others can."""


class Subjects:
    """The servers of a sweep. A simulated subject is served from its first run to the end of the sweep; of servers
    that are started here one runs at a time, since their models seldom fit into memory together."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._endpoints: dict[tuple[str, str], str] = {}
        self._managed: tuple[tuple[str, ...], ManagedServer] | None = None

    def endpoint(self, config: RunConfig) -> str:
        """The base URL at which the config's model answers. Raises ConfigError if its server cannot be started."""
        model = config.model
        if model.endpoint != EMBEDDED:
            self._swap(config)
            return model.endpoint
        key = model.profile, config.task_root
        if key not in self._endpoints:
            # Only a sweep that simulates pays for importing a web server.
            from harness.simulator.embedded import EmbeddedSimulator  # noqa: PLC0415

            simulator = EmbeddedSimulator(model.profile, [Path(root) for root in roots(config.task_root)])
            self._endpoints[key] = self._stack.enter_context(simulator).endpoint
        return self._endpoints[key]

    def _swap(self, config: RunConfig) -> None:
        """Let the server run that the config asks for, and no other."""
        key = (config.model.endpoint, *command_of(config)) if config.server.managed else None
        if self._managed is not None and self._managed[0] != key:
            self._managed[1].stop()
            self._managed = None
        if key is not None and self._managed is None:
            name = re.sub(r"[^\w.-]+", "_", config.model.name)
            log = Path(config.log_dir) / "servers" / f"{name}.log"
            begun = time.monotonic()
            try:
                self._managed = key, ManagedServer(config, log, _say)
            except ConfigError as error:
                raise ServerNotStarted(str(error)) from error
            record_start(Path(config.log_dir), time.monotonic() - begun)

    def __enter__(self) -> "Subjects":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._managed is not None:
            self._managed[1].stop()
        self._stack.close()


@contextmanager
def served(config: RunConfig) -> Iterator[str]:
    """Yield the endpoint of the config's model for one run. A managed server is started and stopped.

    Waits while another run of this user is at it. Raises ConfigError if the server cannot be started.
    """
    endpoint = config.model.endpoint
    waiting = f"waiting for {shown(endpoint)}: another run is at it"
    alone = nullcontext() if endpoint == EMBEDDED else endpoint_held(endpoint, lambda: _say(waiting))
    with alone, Subjects() as subjects:
        yield subjects.endpoint(config)


def _say(line: str) -> None:
    print(f"warning: {line}", file=sys.stderr, flush=True)
