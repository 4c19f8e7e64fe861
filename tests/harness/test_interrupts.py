"""Signals while a run goes on and while it is recorded."""

import os
import signal

import pytest

from harness.interrupts import Interrupts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_interrupts_and_later_ones_wait(number: signal.Signals) -> None:
    """The handling of an interrupt is not interrupted by the next."""
    with Interrupts() as interrupts:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        assert interrupts.seen is True


def test_nothing_interrupts_behind_the_shield() -> None:
    """A record is written whole, whatever signals come."""
    with Interrupts() as interrupts:
        interrupts.shield()
        os.kill(os.getpid(), signal.SIGTERM)
        assert interrupts.seen is True


def test_the_old_handlers_are_back_afterwards() -> None:
    """What the caller does with its signals is its own affair again."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Interrupts():
        pass
    assert before == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
