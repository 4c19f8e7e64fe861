"""What every room's tests share."""

import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from lab import Lab

# A busy machine is no fault of the code: no property rests on how fast examples come.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("suite")

# Where the suite is started in the background, Ctrl-C is ignored, and would be by every process that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A fresh log folder to run in."""
    return Lab(tmp_path / "outputs")
