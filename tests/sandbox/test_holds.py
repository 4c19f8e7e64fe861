"""What docs/gate.md says that each sandbox holds back, tried here."""

import pytest

from harness.sandbox.attempts import ATTEMPTS
from harness.sandbox.holds import KINDS, ROWS, held, recorded
from harness.sandbox.select import CONFINING, probe


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_page_says_is_held_is_held(kind: str) -> None:
    """Everything is tried from inside, and looked at from outside; nothing is open that the page calls held."""
    if kind in CONFINING and (reason := probe(kind)):
        pytest.skip(f"{kind}: {reason}")
    page = {name for name, cells in recorded().items() if cells[kind] == "held"}
    found = held(kind)
    assert set() == {name for name in page if not found[name]}
    # Without confinement the attempts work, so they do try something.
    assert kind != "none" or {"read", "write", "mode", "times", "socket", "tcp", "udp", "signal"} == {
        name for name in ("read", "write", "mode", "times", "socket", "tcp", "udp", "signal") if not found[name]
    }


def test_the_page_has_every_attempt() -> None:
    """A row for each, with a cell for each sandbox."""
    assert (set(ROWS), True) == (set(recorded()), set(ATTEMPTS) <= set(ROWS))
