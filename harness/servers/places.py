"""The places of a server that are only read: each within limits of its own, all of them within one."""

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
"""Seconds allowed for the answer of each place but the list of models."""

LONGEST_LOOK = 60.0
"""Seconds allowed for all places together; those that are left then are skipped."""

MOST_BYTES = 8 << 20
"""Bytes of the largest answer that is read."""

LONGEST_SOFTWARE = 200

UNREACHABLE = (httpx.ConnectError, httpx.ConnectTimeout)
"""Faults that tell that nobody is there, or nobody who can be spoken to."""


class ServerLocations:
    """Reads places of one server, from construction to `__exit__`. Raises ConfigError for an unusable endpoint."""

    def __init__(self, model: ModelConfig, endpoint: str, patience: float = 0.0, longest: float | None = None) -> None:
        """A server that says that it loads its model is waited for, `patience` seconds at most.

        All places together may take `longest` seconds beyond that; by default LONGEST_LOOK.
        """
        self.unreachable: str | None = None
        """Why nobody could be asked; None where somebody can."""
        self.silence = ""
        """The fault of the place that was silent first."""
        self.has_answered = False
        """True once any location has answered, even with an error."""
        self.software = ""
        """Name of the server in the header of an answer."""
        self._model = model
        self._way = transport(endpoint)
        # A server that drops an idle connection without notice would look as if it failed over the next place.
        headers = {"Connection": "close", **authorization(api_key(model.api_key_env))}
        self._http = connect(self._way, httpx.Timeout(None), headers)
        self._silent: list[str] = []
        self._left = LONGEST_LOOK if longest is None else longest
        self._patience = RetryBudget(patience)

    @property
    def silent(self) -> tuple[str, ...]:
        """The paths of the places that did not answer in time."""
        return tuple(self._silent)

    def listing(self, url: str) -> Any:
        """The list of models, for which a server has more time: it tells whether the server is there at all."""
        return self._read(httpx.URL(url), LISTING_TIMEOUT)

    def get(self, url: str, **query: str) -> Any:
        """The JSON that lies there; None if there is none, or none in time."""
        address = httpx.URL(url)
        return self._read(address.copy_merge_params(query) if query else address, TIMEOUT)

    def post(self, url: str, posted: object) -> Any:
        """The JSON that answers a posted in JSON, at a place that is read with POST; None if there is none."""
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
        """The answer, or how long to wait before the place is tried again; None if it is skipped."""
        if seconds <= 0:
            self._silent.append(url.path)
            return None
        begun = time.monotonic()
        # The limit of the library starts anew with every byte: one for the whole answer is set beside it.
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
            # A server that is there may fail over a posted: one drops the connection where it has no models to list.
            self.has_answered = True
            return None
        finally:
            self._way.limit(None)
            self._left -= time.monotonic() - begun
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
    """The body; empty if it is larger than any that tells something."""
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MOST_BYTES:
            return b""
    return body
