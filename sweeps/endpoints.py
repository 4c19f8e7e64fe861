"""The way to a subject for the length of one run: nobody else on it, and somebody there."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from harness.config import EMBEDDED, RunConfig
from harness.endpoint_lock import endpoint_held
from harness.llm.connection import LOADING, reachable, shown
from sweeps.progress.display import duration

EndpointFor = Callable[[RunConfig], AbstractContextManager[str]]
"""Hold the endpoint of a run's model for as long as the context lasts."""

LONGEST_PAUSE = 30.0
"""Seconds between two looks at a server that does not answer; they begin with one second and double."""


FIRST_PATIENCE = 10.0
"""Seconds to wait at most for a server that has never answered: more likely than a restart is a wrong address."""


class ServerGone(Exception):  # noqa: N818 - a state of the world
    """A server did not answer for as long as one may wait; the text is one line."""


class Endpoints:
    """Hands out endpoints, one run at a time each."""

    def __init__(
        self, endpoint_of: Callable[[RunConfig], str], say: Callable[[str], None], patience: float | None
    ) -> None:
        self._endpoint_of = endpoint_of
        self._say = say
        self._patience = patience
        """Seconds to wait for a server that does not answer; None does not look."""
        self._known: set[str] = set()
        """Endpoints that have answered, be it only that they are not ready."""

    @contextmanager
    def held(self, config: RunConfig) -> Iterator[str]:
        """The base URL at which the model of a run answers. Raises ServerGone if nothing answers there."""
        model = config.model
        if model.endpoint == EMBEDDED:
            yield self._endpoint_of(config)
            return
        taken = f"waiting for {shown(model.endpoint)}: another sweep talks to it"
        with endpoint_held(model.endpoint, lambda: self._say(taken)):
            endpoint = self._endpoint_of(config)
            if self._patience is not None:
                self._wait_for(endpoint, model.connect_timeout, self._patience)
            yield endpoint

    def _wait_for(self, endpoint: str, timeout: float, patience: float) -> None:
        # A server that loads its model or restarts says nothing about the model: no run may be spent on it.
        began = time.monotonic()
        pause = 1.0
        while reason := reachable(endpoint, timeout, ready=True):
            if reason.endswith(LOADING):
                self._known.add(endpoint)
            limit = patience if endpoint in self._known else min(patience, FIRST_PATIENCE)
            left = began + limit - time.monotonic()
            if left <= 0:
                raise ServerGone(f"no answer within {duration(limit)}: {reason}")
            if pause == 1.0:
                self._say(f"waiting for a server, at most {duration(limit)}: {reason}")
            time.sleep(min(pause, left))
            pause = min(2 * pause, LONGEST_PAUSE)
        self._known.add(endpoint)
        if pause > 1.0:
            self._say(f"{shown(endpoint)} answers again")
