"""Paths of a server that report facts. Each has its own time limit, and one limit holds for all together."""

import json
import time
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import httpx

from harness.config import ModelConfig
from harness.limits import Deadline
from harness.llm.connection import LISTING_TIMEOUT, api_key, authorization, connect, named, shown, transport
from harness.llm.errors import ModelError, Transient, error_of_status
from harness.llm.limits import CallLimits, RetryBudget

TIMEOUT = 5.0
"""Seconds allowed for the answer of each path but the list of models."""

LONGEST_LOOK = 60.0
"""Seconds allowed for all paths together; those still left are skipped."""

MOST_BYTES = 8 << 20
"""Largest answer that is read, in bytes."""

LONGEST_SOFTWARE = 200

UNREACHABLE = (httpx.ConnectError, httpx.ConnectTimeout)
"""Errors that show that no server can be reached."""


class ServerLocations:
    """Reads the paths of one server. Its connection lasts from construction to `__exit__`."""

    def __init__(self, model: ModelConfig, endpoint: str, patience: float = 0.0, longest: float | None = None) -> None:
        """Open a client for the server. Raises ConfigError for an unusable endpoint.

        A server that loads its model is waited for, `patience` seconds at most. All paths together may take `longest`
        seconds beyond that; by default LONGEST_LOOK.
        """
        self.unreachable: str | None = None
        """Why the server cannot be reached; None if it can."""
        self.silence = ""
        """The error of the first path that did not answer in time."""
        self.has_answered = False
        """True once any path has answered, even with an error."""
        self.software = ""
        """Name of the server in the first header that holds one."""
        self._model = model
        self._way = transport(endpoint)
        # A server that drops an idle connection without notice would seem to fail at the next path.
        headers = {"Connection": "close", **authorization(api_key(model.api_key_env))}
        self._http = connect(self._way, httpx.Timeout(None), headers)
        self._silent: list[str] = []
        self._left = LONGEST_LOOK if longest is None else longest
        self._patience = RetryBudget(patience)

    @property
    def silent(self) -> tuple[str, ...]:
        """Return the paths that did not answer in time."""
        return tuple(self._silent)

    def listing(self, url: str) -> Any:
        """Return the list of models. It has more time than other paths, as it shows if the server can be reached."""
        return self._read(httpx.URL(url), LISTING_TIMEOUT)

    def get(self, url: str, **query: str) -> Any:
        """Return the JSON at a URL; None if there is none, or none in time."""
        address = httpx.URL(url)
        return self._read(address.copy_merge_params(query) if query else address, TIMEOUT)

    def post(self, url: str, posted: object) -> Any:
        """Return the JSON answer to a POST of `posted` as JSON; None if there is none, or none in time."""
        return self._read(httpx.URL(url), TIMEOUT, json.dumps(posted).encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def _read(self, url: httpx.URL, seconds: float, posted: bytes | None = None) -> Any:
        while (wait := self._attempt(url, min(seconds, self._left), posted)) is not None:
            if isinstance(wait, _Answer):
                return wait.payload
            time.sleep(wait)
        return None

    def _attempt(self, url: httpx.URL, seconds: float, posted: bytes | None) -> "_Answer | float | None":
        """Return the answer, or the seconds to wait before the next attempt; None if the path is skipped."""
        if seconds <= 0:
            self._silent.append(url.path)
            return None
        start = time.monotonic()
        # The library's limit restarts with every byte, so a limit on the whole answer is set as well.
        self._way.limit(CallLimits(replace(self._model, call_timeout=seconds), Deadline(), streamed=False))
        try:
            method = "GET" if posted is None else "POST"
            with self._http.stream(method, url, content=posted, timeout=seconds) as response:
                self.has_answered = True
                self.software = self.software or response.headers.get("server", "")[:LONGEST_SOFTWARE]
                body = _bounded(response)
        except UNREACHABLE as fault:
            if not self.has_answered:
                self.unreachable = f"GET {shown(str(url))}: {named(fault)}"
            return None
        except httpx.TimeoutException as fault:
            self.silence = self.silence or f"GET {shown(str(url))}: no answer within {seconds:g} s ({named(fault)})"
            self._silent.append(url.path)
            return None
        except httpx.RequestError:
            # A server may drop the connection instead of an answer, as one does that has no models to list.
            self.has_answered = True
            return None
        finally:
            self._way.limit(None)
            self._left -= time.monotonic() - start
        if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            error = error_of_status(response.status_code, response.headers, body.decode(errors="replace"), ())
            return self._while_loading(error)
        return _Answer(_parsed(body) if response.is_success else None)

    def _while_loading(self, fault: ModelError) -> float | None:
        return self._patience.wait(fault) if isinstance(fault, Transient) and fault.loading else None


class _Answer:
    def __init__(self, payload: Any) -> None:
        self.payload = payload


def _parsed(body: bytes) -> Any:
    with suppress(ValueError, RecursionError):
        return json.loads(body)
    return None


def _bounded(response: httpx.Response) -> bytes:
    """Return the body; empty if it exceeds MOST_BYTES."""
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MOST_BYTES:
            return b""
    return body
