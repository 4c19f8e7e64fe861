"""A server that is no longer what it was."""

from types import SimpleNamespace
from typing import Any

import pytest

from harness.config import ModelConfig, RunConfig, TaskConfig
from harness.state import Launch
from sweeps.watch import ServerChanged, Watched

CONFIG = RunConfig(model=ModelConfig(name="m"), task=TaskConfig(name="reverse"))


class Running:
    """Carries out runs with a server of these fingerprints, as a run would record them."""

    def __init__(self, *fingerprints: dict[str, str]) -> None:
        self.fingerprints = list(fingerprints)
        self.launches: list[Launch] = []

    def __call__(self, _config: RunConfig, *, launch: Launch, **_: object) -> Any:
        self.launches.append(launch)
        now = self.fingerprints.pop(0)
        changed = launch.fingerprint is not None and launch.fingerprint != now
        return SimpleNamespace(server={"fingerprint": now} | ({"changed_from": launch.fingerprint} if changed else {}))


def test_a_change_stops_the_sweep_and_says_what_changed() -> None:
    """Every run learns what its server was at first; one that finds another ends the sweep, with both in one line."""
    a, b = {"version": "1"}, {"version": "2"}
    running = Running(a, a, b)
    run = Watched(running)
    for position in (1, 2):
        run(CONFIG, endpoint="http://x/v1", launch=Launch("s", 1, position), on_event=lambda *_: None)
    with pytest.raises(ServerChanged, match=r"the server of m is not what it was: version from 1 to 2; .*variant"):
        run(CONFIG, endpoint="http://x/v1", launch=Launch("s", 1, 3), on_event=lambda *_: None)
    assert [None, a, a] == [launch.fingerprint for launch in running.launches]
    assert [1, 2, 3] == [launch.position for launch in running.launches]
