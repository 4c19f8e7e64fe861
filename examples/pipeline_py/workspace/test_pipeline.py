import contextlib
import threading
from collections.abc import Callable

import pytest

from pipeline import Cancelled, pipeline

LIMIT = 5.0
"""Seconds that a test waits for calls that must be under way together.

Nothing that works needs any of it: calls that come one by one would wait for each other for ever.
"""


class Patience:
    """Waits that are given up together: once one of them has taken too long, none waits any more."""

    def __init__(self) -> None:
        self.lost = threading.Event()

    def wait(self, event: threading.Event) -> None:
        if not self.lost.is_set() and not event.wait(LIMIT):
            self.lost.set()


class Gate:
    """A gate that lets calls pass in groups: each call waits until its group is complete."""

    def __init__(self, size: int) -> None:
        self.barrier = threading.Barrier(size)
        self.lock = threading.Lock()
        self.active = 0
        self.most = 0

    def enter(self) -> None:
        with self.lock:
            self.active += 1
            self.most = max(self.most, self.active)
        # Where too few calls are under way together, the state of the barrier and the count show it.
        with contextlib.suppress(threading.BrokenBarrierError):
            self.barrier.wait(LIMIT)
        with self.lock:
            self.active -= 1


class Counted:
    """A function that remembers the numbers that it was called with."""

    def __init__(self, fn: Callable[[int], int]) -> None:
        self.fn = fn
        self.numbers: list[int] = []
        self.lock = threading.Lock()

    def __call__(self, number: int) -> int:
        with self.lock:
            self.numbers.append(number)
        return self.fn(number)


def double(number: int) -> int:
    return 2 * number


def same(number: int) -> int:
    return number


@pytest.mark.parametrize("workers", [1, 2, 3, 7, 50])
def test_results(workers: int) -> None:
    numbers = [5, -3, 0, 5, 8, 5, 1]
    fn = Counted(double)
    got = pipeline(numbers, workers, fn, threading.Event())
    assert got == [10, -6, 0, 10, 16, 10, 2], "the results, in the order of the input"
    assert sorted(fn.numbers) == [-3, 0, 1, 5, 5, 5, 8], "one call for each number of the input"
    assert numbers == [5, -3, 0, 5, 8, 5, 1], "the input has changed"


def test_order() -> None:
    """Each call waits for the one that comes after it, so the last number is the first to be done."""
    numbers = list(range(6))
    patience = Patience()
    done = [threading.Event() for _ in range(len(numbers) + 1)]
    done[-1].set()

    def fn(number: int) -> int:
        patience.wait(done[number + 1])
        done[number].set()
        return 2 * number

    got = pipeline(numbers, len(numbers), fn, threading.Event())
    assert not patience.lost.is_set(), "a call has waited in vain for the call that comes after it"
    assert got == [0, 2, 4, 6, 8, 10], "the results, in the order of the input"
    check_slow_call()


def check_slow_call() -> None:
    """Have the first call wait for all others: the other worker must take all of the input left."""
    numbers = list(range(9))
    patience = Patience()
    last = threading.Event()
    others = Counted(same)

    def fn(number: int) -> int:
        if number == 0:
            patience.wait(last)
        else:
            others(number)
            if len(others.numbers) == len(numbers) - 1:
                last.set()
        return number

    got = pipeline(numbers, 2, fn, threading.Event())
    assert not patience.lost.is_set(), "the first call has waited in vain for all others"
    assert got == numbers, "the results with a slow call"


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_workers(workers: int) -> None:
    """As many calls as there are workers are under way together, again and again, and never more."""
    numbers = list(range(8 * workers))
    gate = Gate(workers)

    def fn(number: int) -> int:
        gate.enter()
        return number

    got = pipeline(numbers, workers, fn, threading.Event())
    assert got == numbers
    assert not gate.barrier.broken, f"never {workers} calls under way together"
    assert gate.most == workers, f"{gate.most} calls under way at once"


def test_arguments() -> None:
    fn = Counted(same)
    for workers in [0, -1]:
        for numbers in [[], [1, 2]]:
            with pytest.raises(ValueError):
                pipeline(numbers, workers, fn, threading.Event())
    assert pipeline([], 3, fn, threading.Event()) == []
    assert pipeline((), 1, fn, threading.Event()) == []
    assert fn.numbers == [], "fn was called"


def test_cancel() -> None:
    """When every worker is busy the event is set, and each call waits for that."""
    numbers = list(range(100))
    workers = 4
    patience = Patience()
    cancel = threading.Event()
    calls = Counted(same)

    def fn(number: int) -> int:
        calls(number)
        if len(calls.numbers) >= workers:
            cancel.set()
        patience.wait(cancel)
        return number

    with pytest.raises(Cancelled):
        pipeline(numbers, workers, fn, cancel)
    assert not patience.lost.is_set(), f"never {workers} calls under way together"
    assert len(calls.numbers) < 100, "cancelled, but all of the input was worked through"


def test_over() -> None:
    """An event that is set in the last call, or from the start, cancels all the same."""
    last = threading.Event()

    def fn(number: int) -> int:
        if number == 2:
            last.set()
        return number

    with pytest.raises(Cancelled):
        pipeline([0, 1, 2], 1, fn, last)
    over = threading.Event()
    over.set()
    calls = Counted(same)
    for workers in [1, 3]:
        with pytest.raises(Cancelled):
            pipeline(list(range(1000)), workers, calls, over)
    assert len(calls.numbers) < 1000, "cancelled, but all of the input was worked through"
