"""The model's server as the agents of a run reach it: its key, the fields that are forced, and its connections."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import httpx

from harness.config import ModelConfig
from harness.limits import Deadline
from harness.llm.connection import TimedTransport, api_key, authorization, connect, transport
from harness.llm.identity import ServerIdentity
from harness.llm.types import JSON
from harness.llm.usage import Window
from harness.llm.wire import SAMPLING

MOST_KEPT = 16
"""Idle connections that are kept for the next calls."""


class Link:
    """A client of the server for one call at a time."""

    def __init__(self, endpoint: str, headers: dict[str, str], timeout: httpx.Timeout) -> None:
        self.transport: TimedTransport = transport(endpoint)
        self.http = connect(self.transport, timeout, headers)


class Upstream:
    """The server behind the meter, for all passes of one run; what it learns of the server lasts as long."""

    def __init__(
        self,
        model: ModelConfig,
        endpoint: str,
        *,
        next_seed: Callable[[], int | None] = lambda: None,
        deadline: Deadline | None = None,
        window: int | None = None,
    ) -> None:
        """`next_seed` gives each call its seed, or None for none; `window` is the server's window in tokens, if known.

        Raises ConfigError for a key or an endpoint that cannot be used.
        """
        self.model = model
        self.endpoint = endpoint.rstrip("/")
        self.key = api_key(model.api_key_env)
        self.deadline = deadline or Deadline()
        self.window = Window(window)
        self.identity = ServerIdentity(model.name)
        self.dropped: list[str] = []
        """Forced fields that the server refused, and that are left out since."""
        self._next_seed = next_seed
        self._timeout = httpx.Timeout(None, connect=model.connect_timeout)
        self._idle: list[Link] = [self._link()]

    @contextmanager
    def link(self) -> Iterator[Link]:
        """Lend a client that no other call uses meanwhile."""
        try:
            link = self._idle.pop()  # atomic: calls come from many threads
        except IndexError:
            link = self._link()
        try:
            yield link
        finally:
            link.transport.limit(None)
            link.transport.watch(None)
            if len(self._idle) < MOST_KEPT:
                self._idle.append(link)
            else:
                link.http.close()

    def forced(self, fields: JSON) -> JSON:
        """Return a chat request with the model and the sampling of the config in place of the agent's own.

        `max_tokens` is only lowered: a call for a title needs few. Usage is requested of every stream.
        """
        model = self.model
        forced: JSON = {"model": model.name}
        forced |= {name: getattr(model, field) for field, names in SAMPLING.items() for name in names}
        caps = [name for name in ("max_tokens", "max_completion_tokens") if _is_count(fields.get(name))]
        forced |= {name: min(fields[name], model.max_tokens) for name in caps}
        if not caps:
            forced["max_tokens"] = model.max_tokens
        seed = self._next_seed()
        if seed is not None:
            forced["seed"] = seed
        if fields.get("stream"):
            options = fields.get("stream_options")
            forced["stream_options"] = (options if isinstance(options, dict) else {}) | {"include_usage": True}
        return fields | forced

    def drop(self, field: str) -> None:
        """Leave a forced field out of the next calls."""
        if field not in self.dropped:  # several calls may meet the refusal at once
            self.dropped.append(field)

    @property
    def facts(self) -> JSON:
        """Return the facts of the server so far, for the record."""
        return self.identity.as_dict() | ({"dropped_fields": list(self.dropped)} if self.dropped else {})

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _link(self) -> Link:
        headers = {"Content-Type": "application/json", **authorization(self.key)}
        return Link(self.endpoint, headers, self._timeout)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
