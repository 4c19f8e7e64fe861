"""Repeating a call that failed in passing: how often, and after how long."""

from collections.abc import Callable
from typing import TypeVar

from harness.llm.errors import ModelError, Transient

BACKOFF = (0.2, 0.4)
"""Seconds before each repetition after a fault that passes: two, then the call has failed for good."""

ASKED_AT_MOST = 5
"""Repetitions after a wait that a busy server asked for itself (429 with Retry-After)."""

LONGEST_ASKED = 60.0
"""Seconds that a server may ask for at most."""

LOADING_STEP = 2.0
"""Seconds between repetitions while a server loads its model."""

LOADING_AT_MOST = 600.0
"""Seconds waited in all for a server that loads its model, whether it says how long that takes or not."""

T = TypeVar("T")


class RetryBudget:
    """Time and attempts that are left for one call."""

    def __init__(self, loading: float = LOADING_AT_MOST) -> None:
        """`loading` is in seconds, and limits all waits for a server that loads its model together."""
        self._backoff = list(BACKOFF)
        self._asked = ASKED_AT_MOST
        self._loading = loading

    def wait(self, fault: Transient) -> float | None:
        """Seconds to wait before the call is repeated; None once patience has run out."""
        if fault.loading:
            return self._while_loading(fault.retry_after)
        if fault.retry_after is not None:
            self._asked -= 1
            return min(fault.retry_after, LONGEST_ASKED) if self._asked >= 0 else None
        return self._backoff.pop(0) if self._backoff else None

    def _while_loading(self, retry_after: float | None) -> float | None:
        # A server that says 0 would otherwise be asked without a pause until the time is up.
        step = LOADING_STEP if retry_after is None else max(min(retry_after, LONGEST_ASKED), LOADING_STEP)
        step = min(step, self._loading)
        self._loading -= step
        return step if step > 0 else None


def persist(attempt: Callable[[], T], sleep: Callable[[float], None]) -> T:
    """The attempt's result, repeated as patience allows. Only faults that pass are repeated; all others go through."""
    patience = RetryBudget()
    attempts = 1
    while True:
        try:
            return attempt()
        except Transient as fault:
            wait = patience.wait(fault)
            if wait is None:
                raise ModelError(f"gave up after {attempts} attempts: {fault.what}", fault.detail) from fault
        sleep(wait)
        attempts += 1
