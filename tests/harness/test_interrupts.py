"""Signals while a run goes on and while it is recorded."""

import os
import signal

import pytest

from harness.interrupts import Interrupts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_interrupts_and_later_ones_do_not(number: signal.Signals) -> None:
    """The handling of an interrupt is not interrupted by the next, inside or after."""
    with Interrupts():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_behind_the_shield_reaches_whoever_is_outside(number: signal.Signals) -> None:
    """A record is written whole, whatever signals come; the sweep around it learns of them all the same."""
    recorded = []
    with Interrupts(), pytest.raises(KeyboardInterrupt), Interrupts() as inner:
        inner.shield()
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        recorded.append("whole")
    assert ["whole"] == recorded


def test_the_old_handlers_are_back_afterwards() -> None:
    """What the caller does with its signals is its own affair again."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Interrupts():
        pass
    assert before == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
