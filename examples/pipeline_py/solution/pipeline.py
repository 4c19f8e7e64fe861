"""A concurrent pipeline that keeps its order and can be cancelled."""

import threading
from collections.abc import Callable, Sequence


class Cancelled(Exception):
    """The event was set before every result was there."""


def pipeline(numbers: Sequence[int], workers: int, fn: Callable[[int], int], cancel: threading.Event) -> list[int]:
    """Apply fn to every number, in as many threads as there are workers, and return the results in order.

    Raises ValueError for fewer than one worker, and Cancelled once the event is set.
    """
    if workers < 1:
        raise ValueError(f"workers {workers}: must be 1 or more")
    results = [0] * len(numbers)
    left = iter(enumerate(numbers))
    lock = threading.Lock()

    def take() -> tuple[int, int] | None:
        """Return the next place and its number; None if the work is over."""
        with lock:
            return None if cancel.is_set() else next(left, None)

    def work() -> None:
        """Take what is left, one number after the other."""
        while (taken := take()) is not None:
            place, number = taken
            results[place] = fn(number)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if cancel.is_set():
        raise Cancelled("the event was set before every result was there")
    return results
