"""Real servers. `make test-live` installs them, and alone collects these tests; `make test-real` adds more of them."""

import os
from collections.abc import Iterator
from pathlib import Path

import engines
import pytest
from engines import Engine, Live
from real_model import UnsupportedError

from harness.config import RunConfig
from harness.servers.managed import ManagedServer

REAL = os.environ.get("HARNESS_REAL") == "1"
LIVE = REAL or os.environ.get("HARNESS_LIVE") == "1"
ENGINES = [engines.mlx_lm, engines.llama_cpp] + ([engines.transformers_serve, engines.llama_cpp_python] if REAL else [])

collect_ignore_glob = ["test_*.py"] if not LIVE else [] if REAL else ["test_real_*.py"]

os.environ["MLX_DISABLE_COMPILE"] = "1"  # no compiler is needed on the machine
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["LLAMA_ARG_THREADS"] = "1"  # on a busy machine more of them wait for each other


@pytest.fixture(scope="session", params=ENGINES, ids=lambda make: make.__name__)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Each server that speaks the tiny checkpoint; one that cannot run on this machine is skipped by name."""
    try:
        made: Engine = request.param(tmp_path_factory.mktemp("model"))
    except UnsupportedError as error:
        pytest.skip(str(error))
    return made


@pytest.fixture(scope="module")
def server(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunConfig]:
    """A server that runs for all tests of a file, and the config that reaches it."""
    folder = tmp_path_factory.mktemp("server")
    config = engine.config(folder)
    with ManagedServer(config, folder / "server.log", print):
        yield config


@pytest.fixture
def live(server: RunConfig, tmp_path: Path) -> Live:
    """Runs against that server."""
    return Live(server, tmp_path)


@pytest.fixture
def own(engine: Engine, tmp_path: Path) -> RunConfig:
    """The config of a server that the test starts itself."""
    return engine.config(tmp_path / "logs")
