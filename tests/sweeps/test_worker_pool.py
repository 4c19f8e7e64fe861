"""Several endpoints at once, each with a worker process of its own; only the cluster that places them is left out."""

import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from commands import Command, Told
from solving import Solving

from sweeps.cluster import executor
from sweeps.cluster.messages import Job, Message, WorkerSetup
from sweeps.cluster.ray_cluster import Cluster, RemoteWorker
from sweeps.cluster.supervisor import Supervisor

pytestmark = pytest.mark.go

QUICK = ("-m", "hydra/launcher=ray", "model=openai_compatible", "model.name=scripted", "task=reverse", "max_iters=1")
GONE = "http://127.0.0.1:9/v1"


class Near(RemoteWorker):
    """A supervisor in this process."""

    def __init__(self, setup: WorkerSetup) -> None:
        self.supervisor = Supervisor(setup)
        self.new: list[Message] = []

    def give(self, job: Job) -> None:
        self.supervisor.give(job)

    def interrupt(self) -> None:
        self.supervisor.interrupt()

    def receive(self) -> list[Message]:
        messages, self.new = self.new, []
        return messages


class Beside(Cluster):
    """Places supervisors in this process."""

    def __init__(self) -> None:
        self.remotes: list[Near] = []

    def place(self, endpoint: str, setup: WorkerSetup) -> RemoteWorker:  # noqa: ARG002
        self.remotes.append(Near(setup))
        return self.remotes[-1]

    def ready(self, remotes: Sequence[RemoteWorker], seconds: float) -> list[RemoteWorker]:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for remote in remotes:
                assert isinstance(remote, Near)
                remote.new += remote.supervisor.messages(0.02)
            if any(isinstance(remote, Near) and remote.new for remote in remotes):
                break
        return [remote for remote in remotes if isinstance(remote, Near) and remote.new]

    def close(self, remotes: Sequence[RemoteWorker]) -> None:
        for remote in remotes:
            assert isinstance(remote, Near)
            remote.supervisor.close()

    @property
    def pids(self) -> list[int]:
        return [remote.supervisor.pid for remote in self.remotes]


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> Beside:
    """A cluster of this process alone."""
    cluster = Beside()

    @contextmanager
    def connected(address: str | None, workers: int) -> Iterator[Cluster]:
        yield cluster

    monkeypatch.setattr(executor, "connected", connected)
    monkeypatch.setattr(executor, "require_ray", lambda: None)
    return cluster


def at(*servers: Solving | str) -> str:
    """The override that names the endpoints."""
    urls = [server if isinstance(server, str) else server.endpoint for server in servers]
    return f"hydra.launcher.endpoints=[{','.join(urls)}]"


def ledger(folder: Path) -> list[dict[str, Any]]:
    path = folder / "outputs" / "runs.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_blocks_stay_together_and_conversations_apart(harness: Command, tmp_path: Path, beside: Beside) -> None:
    """Each run once, a block at one endpoint, one conversation at a time; the files of a run are here, as ever; what
    was done is known later."""
    grid = (*QUICK, "preflight=off", "memory=true,false", "sweep.replicates=3")
    with Solving() as one, Solving() as two:
        logged, again = harness(*grid, at(one, two)), harness(*grid, at(one, two))
    lines = ledger(tmp_path)
    assert (0, 0, 6) == (logged.code, again.code, len(lines))
    assert {(memory, block, "completed") for memory in (True, False) for block in (1, 2, 3)} == {
        (line["memory"], line["block"], line["outcome"]) for line in lines
    }
    at_endpoint = {(line["block"], line["server"]["endpoint"]) for line in lines}
    assert (3, {one.endpoint, two.endpoint}) == (len(at_endpoint), {endpoint for _, endpoint in at_endpoint})
    assert [True, True] == [one.in_turn, two.in_turn]
    folder = tmp_path / "outputs" / "runs" / lines[0]["run_id"]
    assert {"config.json", "record.json", "transcript.jsonl", "workspace"} == {path.name for path in folder.iterdir()}
    assert "nothing left to do: 6 of 6 runs have a result" == again.lines[-1]
    assert {"outputs"} == {path.name for path in tmp_path.iterdir()}


def test_a_dead_endpoint_stops_no_other(harness: Command, tmp_path: Path, beside: Beside) -> None:
    """Its runs go elsewhere, and the reason is told."""
    with Solving() as alive:
        logged = harness(*QUICK, "preflight=off", at(GONE, alive), "sweep.replicates=2", "sweep.wait_for_server=1")
    assert (0, 2) == (logged.code, len(ledger(tmp_path)))
    assert f"{GONE} is used no more: no answer within 1.0 s: GET {GONE}/models: ConnectError" in logged.err


def test_without_an_endpoint_nothing_is_spent(harness: Command, tmp_path: Path, beside: Beside) -> None:
    """The sweep stops with what is left; a server that is unfit is bad input."""
    logged = harness(*QUICK, at(GONE), "sweep.wait_for_server=0", "preflight=off")
    assert (1, []) == (logged.code, ledger(tmp_path))
    assert logged.lines[-1].startswith("stopped: 1 run without an endpoint: 0 of 1 runs have a result")
    with Solving(window=8999) as server:
        logged = harness(*QUICK, at(server), "ctx_limit=9000")
    assert (2, []) == (logged.code, ledger(tmp_path))
    assert logged.lines[-1].startswith(f"harness: scripted at {server.endpoint}: window: 8999 tokens")


def test_three_faults_in_a_row_retire_an_endpoint(harness: Command, tmp_path: Path, beside: Beside) -> None:
    """They are faults of these runs; the rest is made elsewhere, and the next start makes those again."""
    grid = (*QUICK, "preflight=off", "sweep.replicates=5")
    with Solving(broken=True) as broken, Solving(closed=True) as whole:
        logged = _opened_when(lambda: harness(*grid, at(broken, whole)), whole, tmp_path)
        lines = ledger(tmp_path)
        assert (1, {"fault": 3, "completed": 2}) == (logged.code, Counter(line["outcome"] for line in lines))
        assert f"{broken.endpoint} is used no more: 3 faults in a row" in logged.err
        assert 0 == harness(*grid, at(whole)).code
    assert {1, 2, 3, 4, 5} == {line["replicate"] for line in ledger(tmp_path) if line["outcome"] == "completed"}


def _opened_when(command: Any, server: Solving, folder: Path) -> Told:
    """Run the command, and let the server go on once three runs are recorded."""

    def watch() -> None:
        until = time.monotonic() + 60
        while len(ledger(folder)) < 3 and time.monotonic() < until:
            time.sleep(0.02)
        server.opened.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    logged: Told = command()
    watcher.join()
    return logged


def test_a_run_whose_worker_is_killed_is_made_again(harness: Command, tmp_path: Path, beside: Beside) -> None:
    """The attempt is kept as a fault with its reason, and says no more than is known."""
    with Solving(closed=True) as server:

        def kill() -> None:
            server.asked.wait(600)
            os.kill(beside.pids[0], signal.SIGKILL)
            server.opened.set()

        killer = threading.Thread(target=kill)
        killer.start()
        logged = harness(*QUICK, "preflight=off", at(server))
        killer.join()
    lines = ledger(tmp_path)
    assert (0, ["fault", "completed"]) == (logged.code, [line["outcome"] for line in lines])
    assert "its worker died: killed by SIGKILL" == lines[0]["fault"]
    assert (None, "unknown", server.endpoint) == (
        lines[0]["go_version"],
        lines[0]["sandbox"],
        lines[0]["server"]["endpoint"],
    )
    assert "reverse r1 is made again: its worker died: killed by SIGKILL" in logged.lines
    assert 1 == len({line["cell"] for line in lines})


def test_another_version_is_given_no_run(
    harness: Command, tmp_path: Path, beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of two programs must not meet in one sweep."""
    monkeypatch.setattr("sweeps.cluster.slot_worker.__version__", "0.0.1")
    with Solving() as server:
        logged = harness(*QUICK, "preflight=off", at(server))
    assert (1, []) == (logged.code, ledger(tmp_path))
    assert "of this program, here is 0.0.1: install the same everywhere" in logged.err


def test_a_worker_reads_the_key_that_the_config_names(
    harness: Command, beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has that variable, and no other secret: asked of the process itself."""
    monkeypatch.setenv("SERVED_KEY", "the-key")
    monkeypatch.setenv("OTHER_KEY", "another")
    with Solving(closed=True) as server:
        seen: list[str] = []

        def look() -> None:
            server.asked.wait(600)
            logged = subprocess.run(["ps", "eww", str(beside.pids[0])], capture_output=True, text=True, check=True)
            seen.append(logged.stdout)
            server.opened.set()

        looker = threading.Thread(target=look)
        looker.start()
        logged = harness(*QUICK, "preflight=off", "model.api_key_env=SERVED_KEY", at(server))
        looker.join()
    assert (0, {"Bearer the-key"}) == (logged.code, server.keys)
    assert (True, False) == ("SERVED_KEY=the-key" in seen[0], "OTHER_KEY" in seen[0])


WRONG = {
    (f"hydra.launcher.endpoints=[{GONE},http://localhost:9/v2]",): (
        "hydra.launcher.endpoints: 127.0.0.1:9 is named twice: must be different servers, one run at a time each"
    ),
    ("hydra.launcher.endpoints=[somewhere]",): (
        "hydra.launcher.endpoints=somewhere: must be a URL that starts with http:// or https://"
    ),
    (f"hydra.launcher.endpoints=[{GONE}]", "model.name=a,b"): (
        "hydra.launcher.endpoints: must serve one model, and the sweep has a, b: give each its own endpoint"
    ),
    ("hydra.launcher.address=ray://head:10001",): (
        "hydra.launcher.address=ray://head:10001: must be null, auto or host:port, and this machine one of the cluster"
        " (ray start --address=host:port)"
    ),
    ("task=folder", "task.prompt=PROMPT.md", "task.workdir=work"): (
        "task=folder: a folder of your own cannot be worked in with hydra/launcher=ray"
    ),
}


@pytest.mark.parametrize("argv", WRONG, ids=" ".join)
def test_what_cannot_be_served_is_refused(
    harness: Command, tmp_path: Path, beside: Beside, argv: tuple[str, ...]
) -> None:
    """In one line, with exit code 2, and nothing new in the folder."""
    (tmp_path / "PROMPT.md").write_text("Do it.")
    (tmp_path / "work").mkdir()
    logged = harness(*QUICK, *argv)
    assert (2, [f"harness: {WRONG[argv]}"]) == (logged.code, logged.lines)
    assert ["PROMPT.md", "work"] == sorted(path.name for path in tmp_path.iterdir())
