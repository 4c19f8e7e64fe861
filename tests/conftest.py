"""What every room's tests share."""

import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from harness.sandbox.select import settle
from harness.toolchains.go.installation import find_go
from harness.toolchains.go.standard_library import prepare

from lab import Lab

# A busy machine is no fault of the code: no property rests on how fast examples come.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("suite")

# Where the suite is started in the background, Ctrl-C is ignored, and would be by every process that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def standard_library(request: pytest.FixtureRequest) -> None:
    """Go's standard library, compiled before the first test that needs it: what a sweep says of that is no test's."""
    if any(item.get_closest_marker("go") for item in request.session.items):
        for kind in {settle("auto"), "none"}:
            prepare(find_go(), kind, lambda _line, _last: None)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A fresh log folder to run in."""
    return Lab(tmp_path / "outputs")
