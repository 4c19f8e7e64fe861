"""Limits of one call: time, bytes read, and repetitions."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import httpx

from harness.config import ModelConfig
from harness.limits import Deadline
from harness.llm.errors import ModelError, RunTimeUp, Stalled, Transient, too_long

MAX_STREAM = 64 << 20
"""Bytes of the longest stream that is read, framing included."""

MAX_BODY = 8 << 20
"""Bytes of the longest reply in one body, many times what a model writes. JSON in memory takes up to 25 times that."""

MAX_LISTING = 4 << 20
"""Bytes of the longest list of models that is read."""

MAX_ERROR = 64 << 10
"""Bytes of an error's body that are read."""


HEAD = 4 << 10
"""First bytes of an answer, by which a chat completion is known."""


def bounded(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Yield the chunks of a body. Raises ModelError beyond `most` bytes, ReplyTooLong where the model wrote them."""
    size, head = 0, b""
    for chunk in chunks:
        size += len(chunk)
        head += chunk[: HEAD - len(head)]
        if size > most:
            raise too_long(head, f"the reply exceeds {most} bytes")
        yield chunk


def error_text(response: httpx.Response) -> str:
    """Return the body of an error, as far as it can be read. The status alone decides what follows."""
    body = b""
    try:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_ERROR:
                break
    except httpx.RequestError:
        pass
    return body[:MAX_ERROR].decode(errors="replace")


END_OF_REPLY = 5.0
"""Seconds allowed for what follows the end of a reply: its usage, and the end of its stream."""


@dataclass(frozen=True)
class _End:
    at: float
    fault: ModelError


class CallLimits:
    """Time limits of the run, of the call and of the server's silence; the first to pass decides.

    Silence is limited for streamed replies alone: a server that does not stream sends nothing until it has generated
    all, so only the whole call can be limited.
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

    def start_request(self) -> None:
        """Start the time limit of the first token."""
        seconds = self._model.first_token_timeout if self._streamed else 0.0
        self._await(seconds, f"no first token within {seconds:g} s (model.first_token_timeout)")

    def token(self) -> None:
        """Restart the time limit of the next token."""
        seconds = self._model.idle_timeout
        self._await(seconds, f"no further token for {seconds:g} s (model.idle_timeout)")

    def end_of_reply(self, seconds: float = END_OF_REPLY) -> None:
        """Limit the time for what follows a whole reply: its usage, and the end of its stream."""
        self._await(seconds, "the stream was left open")

    def left(self, most: float | None = None) -> float | None:
        """Return the seconds until the first limit passes, `most` at most; None without a limit."""
        now = time.monotonic()
        seconds = [max(end.at - now, 0.0) for end in self._ends()] + ([] if most is None else [most])
        return min(seconds, default=None)

    def fault(self) -> ModelError | None:
        """Return the message of the first limit that has passed; None if none has."""
        first = min(self._ends(), key=lambda end: end.at, default=None)
        return first.fault if first is not None and first.at <= time.monotonic() else None

    def wait(self, seconds: float) -> float:
        """Return the seconds to wait between two attempts. Raises the error of a limit that would pass meanwhile."""
        self._silence = None
        first = min(self._whole, key=lambda end: end.at, default=None)
        if first is not None and first.at <= time.monotonic() + seconds:
            raise first.fault
        return seconds

    def _await(self, seconds: float, words: str) -> None:
        self._silence = _End(time.monotonic() + seconds, Stalled(words)) if seconds else None

    def _ends(self) -> list[_End]:
        return self._whole if self._silence is None else [*self._whole, self._silence]


BACKOFF = (0.2, 0.4)
"""Seconds before each repetition after a transient error. After the last one the call has failed for good."""

MOST_RETRY_AFTER = 5
"""Repetitions after a 429 with Retry-After."""

LONGEST_RETRY_AFTER = 60.0
"""Longest Retry-After in seconds that is waited for; a longer one counts as this."""

LOADING_STEP = 2.0
"""Seconds between repetitions while a server loads its model."""

LOADING_AT_MOST = 600.0
"""Seconds waited in total for a server that loads its model, with or without Retry-After."""

T = TypeVar("T")


class RetryBudget:
    """Time and attempts that are left for one call."""

    def __init__(self, loading: float = LOADING_AT_MOST) -> None:
        """`loading` is in seconds, and limits all waits for a server that loads its model together."""
        self._backoff = list(BACKOFF)
        self._retry_after = MOST_RETRY_AFTER
        self._loading = loading

    def wait(self, fault: Transient) -> float | None:
        """Return the seconds to wait before the call is repeated; None once the budget is used up."""
        if fault.loading:
            return self._while_loading(fault.retry_after)
        if fault.retry_after is not None:
            self._retry_after -= 1
            return min(fault.retry_after, LONGEST_RETRY_AFTER) if self._retry_after >= 0 else None
        return self._backoff.pop(0) if self._backoff else None

    def _while_loading(self, retry_after: float | None) -> float | None:
        # With Retry-After: 0 the call would otherwise be repeated without a pause until the time is up.
        step = LOADING_STEP if retry_after is None else max(min(retry_after, LONGEST_RETRY_AFTER), LOADING_STEP)
        step = min(step, self._loading)
        self._loading -= step
        return step if step > 0 else None


def with_retries(attempt: Callable[[], T], sleep: Callable[[float], None]) -> T:
    """Return the result of an attempt that is repeated on transient errors. Other errors are raised at once."""
    budget = RetryBudget()
    attempts = 1
    while True:
        try:
            return attempt()
        except Transient as fault:
            wait = budget.wait(fault)
            if wait is None:
                raise ModelError(f"gave up after {attempts} attempts: {fault.what}", fault.detail) from fault
        sleep(wait)
        attempts += 1
