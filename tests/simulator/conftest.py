"""Simulated subjects, served for the tests."""

from collections.abc import Iterator

import httpx
import pytest
from served import Served

from harness.simulator import EmbeddedSimulator
from harness.simulator.knowledge import Knowledge
from harness.tasks.catalogue import EXAMPLES


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """Everything that the bundled tasks teach."""
    return Knowledge.load(EXAMPLES)


@pytest.fixture(scope="module")
def resweep() -> Iterator[Served]:
    """The subject `resweep`, over HTTP."""
    with EmbeddedSimulator("resweep") as simulator, httpx.Client(timeout=10) as http:
        yield Served(http, simulator.endpoint, "sim-resweep")


@pytest.fixture(scope="module")
def oracle() -> Iterator[Served]:
    """The control `oracle`, over HTTP."""
    with EmbeddedSimulator("oracle") as simulator, httpx.Client(timeout=10) as http:
        yield Served(http, simulator.endpoint, "sim-oracle")
