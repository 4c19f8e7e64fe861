"""The same plan on a real Ray cluster: three endpoints, workers and sweeps that are killed, and no Ray at all."""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from commands import Command
from solving import Solving

ROOT = Path(__file__).parents[2]
SUBJECT = ("model=openai_compatible", "model.name=scripted", "preflight=off", "task=reverse", "max_iters=1")
PATIENCE = 600.0

pytestmark = [pytest.mark.go, pytest.mark.slow]

Sweep = Callable[..., "subprocess.Popen[str]"]
Workers = Callable[[], dict[int, int]]


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict[str, str]]:
    """A cluster of two machines that are both this one, started as people start it; its environment."""
    scratch = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))  # Ray's sockets need a short path
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "HARNESS_TEST": (tag := secrets.token_hex(8)),
    }
    size = ["--object-store-memory=80000000", "--num-cpus=2", "--block"]
    head = ["--head", f"--port={_free_port()}", "--include-dashboard=false", f"--temp-dir={scratch}"]
    said = scratch / "said.log"
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        log = stack.enter_context(said.open("wb"))

        def start(*node: str) -> None:
            ray = [str(Path(sys.executable).with_name("ray")), "start", *node, *size]
            process = subprocess.Popen(ray, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.terminate)

        start(*head)
        _wait_for(lambda: JOIN.search(said.read_text()) is not None)
        [address] = set(JOIN.findall(said.read_text()))
        start(f"--address={address}")
        yield {**environment, "ADDRESS": address, "TAG": f"HARNESS_TEST={tag}"}


JOIN = re.compile(r"ray start --address='(\S+)'")
"""How Ray tells what other machines are to type."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture
def sweep(tmp_path: Path, cluster: dict[str, str]) -> Iterator[Sweep]:
    """Starts a sweep on the cluster, in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(*servers: Solving, grid: tuple[str, ...] = ()) -> "subprocess.Popen[str]":
        endpoints = f"hydra.launcher.endpoints=[{','.join(server.endpoint for server in servers)}]"
        on_ray = ("-m", "hydra/launcher=ray", f"hydra.launcher.address={cluster['ADDRESS']}", endpoints)
        argv = [sys.executable, "-m", "harness", *on_ray, *SUBJECT, *grid]
        started.append(subprocess.Popen(argv, cwd=tmp_path, env=cluster, text=True, stderr=subprocess.PIPE))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def ledger(folder: Path) -> list[dict[str, Any]]:
    path = folder / "outputs" / "runs.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def workers(cluster: dict[str, str]) -> Workers:
    """The worker processes on the cluster, each with the process that looks after it."""

    def found() -> dict[int, int]:
        told = subprocess.run(["ps", "axeww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
        rows = (line.split(None, 2) for line in told.stdout.splitlines() if cluster["TAG"] in line)
        return {int(pid): int(parent) for pid, parent, args in rows if "-m sweeps.cluster.worker" in args}

    return found


LASTING = ("cell", "replicate", "block", "position", "outcome", "passes", "pass_reasons", "tool_counts", "model_calls")


def lasting(lines: list[dict[str, Any]]) -> list[str]:
    """What of each result does not depend on where and when it was made."""
    return sorted(json.dumps([line[key] for key in LASTING], sort_keys=True) for line in lines)


def test_three_endpoints_make_what_one_makes(sweep: Sweep, harness: Command, tmp_path: Path) -> None:
    """Every run of the plan once, as the sequential launcher would have made it; one conversation at a time at each
    endpoint; and each block at one of them."""
    grid = ("memory=true,false", "sweep.replicates=3")
    with Solving() as a, Solving() as b, Solving() as c, Solving() as alone:
        process = sweep(a, b, c, grid=grid)
        said = process.communicate(timeout=PATIENCE)[1]
        assert (0, 6) == (process.returncode, len(ledger(tmp_path))), said
        harness("-m", *SUBJECT, f"model.endpoint={alone.endpoint}", "log_dir=alone", *grid)
    lines = ledger(tmp_path)
    reference = [json.loads(line) for line in (tmp_path / "alone" / "runs.jsonl").read_text().splitlines()]
    assert lasting(reference) == lasting(lines)
    assert [True] * 4 == [server.in_turn for server in (a, b, c, alone)]
    pairs = {(line["block"], line["server"]["endpoint"]) for line in lines}
    assert {1: 1, 2: 1, 3: 1} == Counter(block for block, _ in pairs)
    assert {a.endpoint, b.endpoint, c.endpoint} == {endpoint for _, endpoint in pairs}


def test_a_run_is_made_again_if_its_part_of_the_cluster_dies(sweep: Sweep, workers: Workers, tmp_path: Path) -> None:
    """Ray's own process is killed in the middle of a run: that attempt is a fault, and the run gets its result."""
    with Solving(closed=True) as server:
        process = sweep(server)
        assert server.asked.wait(PATIENCE)
        [supervisor] = set(workers().values())
        os.kill(supervisor, signal.SIGKILL)
        server.opened.set()
        said = process.communicate(timeout=PATIENCE)[1]
    lines = ledger(tmp_path)
    assert (0, ["fault", "completed"]) == (process.returncode, [line["outcome"] for line in lines]), said
    assert lines[0]["fault"].startswith("its worker is gone: ")
    assert server.most == 1


def test_a_killed_sweep_loses_nothing_that_it_had(sweep: Sweep, workers: Workers, tmp_path: Path) -> None:
    """kill -9 of the sweep itself: what was recorded stays, its workers end, and the same command makes the rest."""
    grid = ("memory=true,false", "sweep.replicates=2")
    with Solving() as one, Solving() as two:
        first = sweep(one, two, grid=grid)
        _wait_for(lambda: len(ledger(tmp_path)) > 0)
        first.kill()
        first.communicate()
        kept = ledger(tmp_path)
        _wait_for(lambda: not workers())
        again = sweep(one, two, grid=grid)
        said = again.communicate(timeout=PATIENCE)[1]
    lines = ledger(tmp_path)
    assert (0, kept) == (again.returncode, lines[: len(kept)]), said
    assert {(memory, replicate): 1 for memory in (True, False) for replicate in (1, 2)} == Counter(
        (line["memory"], line["replicate"]) for line in lines if line["outcome"] == "completed"
    )


def test_an_interrupt_ends_all_runs_and_records_them(sweep: Sweep, workers: Workers, tmp_path: Path) -> None:
    """Ctrl-C: what was under way is recorded as interrupted, and no worker is left."""
    with Solving(closed=True) as one, Solving(closed=True) as two:
        process = sweep(one, two, grid=("sweep.replicates=4",))
        assert all(server.asked.wait(PATIENCE) for server in (one, two))
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=PATIENCE)[1]
    assert (130, ["interrupted"] * 2) == (process.returncode, [line["outcome"] for line in ledger(tmp_path)]), said
    assert "interrupted: 0 of 4 runs have a result; the same command goes on from here" == said.splitlines()[-1]
    _wait_for(lambda: not workers())


def test_without_ray_one_line_says_what_to_install(
    harness: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, and nothing left behind."""
    monkeypatch.setitem(sys.modules, "ray", None)
    told = harness("-m", "hydra/launcher=ray", "model=nop", "task=reverse")
    said = "harness: hydra/launcher=ray: Ray is not installed: pip install 'harness-sweeps[ray]'"
    assert (2, [said]) == (told.code, told.lines)
    assert [] == list(tmp_path.iterdir())


def test_a_folder_with_packages_of_the_same_names_does_not_mislead_the_workers(tmp_path: Path) -> None:
    """The sweep is started by the installed script, in a folder that holds a `harness` and a `sweeps` of its own."""
    for name in ("harness", "sweeps", "analysis"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong one')\n")
    script = tmp_path / "bin" / "harness"
    script.parent.mkdir()
    script.write_text("from harness.__main__ import main\nmain()\n")
    sweep = ("-m", "task=reverse", "model=oracle", "hydra/launcher=ray", "hydra.launcher.endpoints=[embedded]")
    done = subprocess.run(
        [sys.executable, str(script), *sweep],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    assert 1 == len((tmp_path / "outputs" / "runs.jsonl").read_text().splitlines())
