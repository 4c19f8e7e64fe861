"""Limits of one call: time, and bytes read."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import httpx

from harness.config import ModelConfig
from harness.deadline import Deadline
from harness.llm.errors import ModelError, RunTimeUp, Stalled

MAX_STREAM = 64 << 20
"""Bytes of the longest stream that is read, framing included."""

MAX_BODY = 8 << 20
"""Bytes of the longest reply in one body, many times what a model writes. JSON in memory takes up to 25 times that."""

MAX_LISTING = 4 << 20
"""Bytes of the longest list of models that is read."""

MAX_ERROR = 64 << 10
"""Bytes of an error's body that are read."""


def bounded(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The chunks of a body. Raises ModelError once it exceeds `most` bytes."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise ModelError(f"the reply exceeds {most} bytes")
        yield chunk


def error_text(response: httpx.Response) -> str:
    """The body of an error, as far as it can be had: the status alone decides what happens."""
    body = b""
    try:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_ERROR:
                break
    except httpx.RequestError:
        pass
    return body[:MAX_ERROR].decode(errors="replace")


FAREWELL = 5.0
"""Seconds allowed for what follows the end of a reply: its usage, and the end of its stream."""


@dataclass(frozen=True)
class _End:
    at: float
    fault: ModelError


class CallLimits:
    """Ends that run at once, of which the first decides: of the run, of the call, and of the silence of its server.

    The limits of silence are those of a streamed reply: a server that does not stream is silent until it has
    generated all, and only the whole call can be limited.
    """

    def __init__(self, model: ModelConfig, run: Deadline, *, streamed: bool) -> None:
        self._model = model
        self._streamed = streamed
        call = Stalled(f"no whole reply within {model.call_timeout:g} s (model.call_timeout)")
        over = RunTimeUp("the time of the run is up (run_timeout)")
        self._whole = [
            *([_End(time.monotonic() + model.call_timeout, call)] if model.call_timeout else []),
            *([_End(run.at, over)] if run.at is not None else []),
        ]
        self._silence: _End | None = None

    def asked(self) -> None:
        """A request goes out: now its first token is awaited."""
        seconds = self._model.first_token_timeout if self._streamed else 0.0
        self._await(seconds, f"no first token within {seconds:g} s (model.first_token_timeout)")

    def token(self) -> None:
        """Something was generated: now the next token is awaited."""
        seconds = self._model.idle_timeout
        self._await(seconds, f"no further token for {seconds:g} s (model.idle_timeout)")

    def farewell(self, seconds: float = FAREWELL) -> None:
        """The reply is whole: what may follow is awaited for a moment."""
        self._await(seconds, "the stream was left open")

    def left(self, most: float | None = None) -> float | None:
        """Seconds until the first of the ends, `most` at most; None where nothing limits them."""
        now = time.monotonic()
        seconds = [max(end.at - now, 0.0) for end in self._ends()] + ([] if most is None else [most])
        return min(seconds, default=None)

    def fault(self) -> ModelError | None:
        """Return the message of the first limit that has passed; None if none has."""
        first = min(self._ends(), key=lambda end: end.at, default=None)
        return first.fault if first is not None and first.at <= time.monotonic() else None

    def wait(self, seconds: float) -> float:
        """The same seconds, between two attempts. Raises the fault of the end that would come meanwhile."""
        self._silence = None
        first = min(self._whole, key=lambda end: end.at, default=None)
        if first is not None and first.at <= time.monotonic() + seconds:
            raise first.fault
        return seconds

    def _await(self, seconds: float, words: str) -> None:
        self._silence = _End(time.monotonic() + seconds, Stalled(words)) if seconds else None

    def _ends(self) -> list[_End]:
        return self._whole if self._silence is None else [*self._whole, self._silence]
