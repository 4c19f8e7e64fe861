"""A real server, mlx-lm's, with the tiny checkpoint. `make test-live` installs it, and alone collects these tests."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import spoken
from mlx_served import Live

from harness.config import ModelConfig, RunConfig, ServerConfig, TaskConfig
from harness.servers.managed import ManagedServer

if os.environ.get("HARNESS_LIVE") != "1":
    collect_ignore_glob = ["test_*.py"]

COMMAND = f"{sys.executable} -m mlx_lm server --model {{model}} --host {{host}} --port {{port}}"

os.environ["MLX_DISABLE_COMPILE"] = "1"  # no compiler is needed on the machine
os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tiny checkpoint."""
    folder = tmp_path_factory.mktemp("model") / "tiny"
    spoken.write(folder)
    return folder


def config_for(checkpoint: Path, folder: Path) -> RunConfig:
    """A run of the task `reverse` with the checkpoint, at a port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return RunConfig(
        model=ModelConfig(name=str(checkpoint), endpoint=f"http://127.0.0.1:{port}/v1", max_tokens=2000, seed=1),
        task=TaskConfig(name="reverse"),
        server=ServerConfig(managed=True, command=COMMAND, ready_timeout=120),
        log_dir=str(folder),
    )


@pytest.fixture(scope="module")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunConfig]:
    """A server that runs for all tests of a file, and the config that reaches it."""
    folder = tmp_path_factory.mktemp("server")
    config = config_for(checkpoint, folder)
    with ManagedServer(config, folder / "server.log", print):
        yield config


@pytest.fixture
def live(server: RunConfig, tmp_path: Path) -> Live:
    """Runs against that server."""
    return Live(server, tmp_path)


@pytest.fixture
def own(checkpoint: Path, tmp_path: Path) -> RunConfig:
    """The config of a server that the test starts itself."""
    return config_for(checkpoint, tmp_path / "logs")
