"""A sick server is not a stuck model: no run is spent on one that does not answer."""

import json
import socket
import threading
import time
from pathlib import Path

import pytest
from commands import Command

from harness.config import ModelConfig, RunConfig, TaskConfig
from sweeps.endpoints import Endpoints, ServerGone

from lab import STOP
from scripted import ScriptedServer

QUICK = ("task=reverse", "max_iters=1", "model=openai_compatible", "model.name=scripted", "preflight=off")


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def config(endpoint: str) -> RunConfig:
    return RunConfig(ModelConfig(name="any", endpoint=endpoint), TaskConfig(name="reverse"))


@pytest.fixture(autouse=True)
def _own_runtime_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))


def test_a_server_that_comes_up_late_is_waited_for() -> None:
    """While there is none, and while it says that it loads; both ends of the wait are said."""
    port, said = free_port(), list[str]()
    listener = socket.socket()

    def listen() -> None:
        time.sleep(0.5)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        for status in (b"503 Loading", b"404 No Such List"):
            connection, _ = listener.accept()
            connection.recv(1000)
            connection.sendall(b"HTTP/1.0 " + status + b"\r\n\r\n")
            connection.close()

    late = threading.Thread(target=listen)
    late.start()
    with Endpoints(lambda one: one.model.endpoint, said.append, 30).held(config(f"http://127.0.0.1:{port}/v1")) as url:
        assert f"http://127.0.0.1:{port}/v1" == url
    late.join()
    listener.close()
    assert said[0].startswith(
        f"waiting for a server, at most 10 s: GET http://127.0.0.1:{port}/v1/models: ConnectError"
    )
    assert [f"http://127.0.0.1:{port}/v1 answers again"] == said[1:]


def test_patience_ends() -> None:
    """With the reason, and without a run."""
    endpoints = Endpoints(lambda one: one.model.endpoint, [].append, 0)
    with pytest.raises(ServerGone, match=r"no answer within 0.0 s: GET .*ConnectError"):  # noqa: SIM117
        with endpoints.held(config(f"http://127.0.0.1:{free_port()}/v1")):
            raise AssertionError


def test_a_single_run_does_not_wait() -> None:
    """Whoever starts it is there to see that the server is not."""
    endpoint = f"http://127.0.0.1:{free_port()}/v1"
    with Endpoints(lambda one: one.model.endpoint, [].append, None).held(config(endpoint)) as url:
        assert endpoint == url


@pytest.mark.go
def test_a_server_that_is_gone_costs_no_run(harness: Command, tmp_path: Path) -> None:
    """The sweep stops with the reason, nothing is recorded, and the same command goes on once it is back."""
    with ScriptedServer([STOP]) as server:
        grid = ("-m", *QUICK, f"model.endpoint={server.endpoint}", "sweep.replicates=2", "sweep.wait_for_server=1")
        one = harness(*grid[:-2], "sweep.replicates=1")
    told = harness(*grid)
    lines = [json.loads(line) for line in (tmp_path / "outputs" / "runs.jsonl").read_text().splitlines()]
    assert (0, 1, ["budget"]) == (one.code, told.code, [line["outcome"] for line in lines])
    assert told.lines[-1].startswith("stopped before ")
    assert "1 of 2 runs have a result; the same command goes on from here; no answer within 1.0 s" in told.lines[-1]
