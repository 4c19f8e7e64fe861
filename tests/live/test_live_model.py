"""A real model behind a real llama.cpp server: hopeless at the task, which is a result and never a fault."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import engines
import pytest
import real_model

from harness.config import RunConfig, ServerConfig, ToolsMode
from harness.llm.connection import reachable
from harness.record import Outcome, RunRecord
from harness.runner import run
from harness.servers.managed import ManagedServer, command_of

pytestmark = pytest.mark.live

RESULTS = {"model_stop", "length", "context", "max_steps", "done_loop"}
"""Reasons with which a pass of a model that answers may end, short of solving the task."""


@pytest.fixture(scope="module")
def smollm2() -> RunConfig:
    """A run of SmolLM2-135M on llama.cpp's server; skipped where that cannot run."""
    try:
        config = engines.packaged_model("smollm2-135m")
    except real_model.UnsupportedError as error:
        pytest.skip(str(error))
    return replace(config, max_iters=2, max_steps=2, model=replace(config.model, max_tokens=100))


@pytest.fixture(scope="module")
def served(smollm2: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunConfig]:
    """The config of runs on a server that is there already."""
    config = engines.at_free_port(smollm2)
    with ManagedServer(config, tmp_path_factory.mktemp("server") / "server.log", print):
        yield replace(config, server=ServerConfig())


@pytest.fixture
def own(smollm2: RunConfig, tmp_path: Path) -> RunConfig:
    """The config of a server that the test starts itself, whose replies are long ones that are streamed."""
    config = engines.at_free_port(replace(smollm2, stream=True, max_steps=1, log_dir=str(tmp_path / "logs")))
    # At such a temperature it writes nonsense, and seldom comes to an end.
    return replace(config, model=replace(config.model, max_tokens=150, temperature=1.5, top_p=1.0, top_k=100))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("tools", list(ToolsMode))
def test_a_hopeless_model_is_a_result(served: RunConfig, tmp_path: Path, tools: ToolsMode, stream: bool) -> None:
    """It ends as stagnated or out of budget, each pass with a reason of the model's, and its tokens are counted.

    Its chat template has no tools, so that they reach it as text alone.
    """
    config = replace(served, stream=stream, log_dir=str(tmp_path), model=replace(served.model, tools=tools))
    record = run(config, endpoint=served.model.endpoint)
    assert ("native" if tools is ToolsMode.native else "text") == record.tools_mode
    _assert_result(record)
    assert 2 == record.passes
    assert not record.metrics.usage_estimated
    assert record.metrics.prompt_tokens > 200 * record.metrics.model_calls
    assert 0 < record.metrics.completion_tokens <= 100 * record.metrics.model_calls
    assert "llama.cpp" == record.server["software"]
    assert "Q4_1" in str(record.server)


def test_a_server_killed_in_mid_stream_is_a_fault(own: RunConfig, tmp_path: Path) -> None:
    """Nobody starts it again: nothing is known of the model, and the record says what happened."""
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(command_of(own), stdout=log, stderr=log)
    try:
        _wait_for(lambda: reachable(own.model.endpoint, 1) is None)
        killer = _killer(own, process.pid)
        record = run(replace(own, server=ServerConfig()), endpoint=own.model.endpoint)
        killer.join()
    finally:
        process.kill()
        process.wait()
    assert (Outcome.FAULT, ["error", "error"]) == (record.outcome, record.pass_reasons)
    assert "ConnectError" in str(record.fault)


def test_a_managed_server_killed_in_mid_stream_is_started_again(own: RunConfig, tmp_path: Path) -> None:
    """The call that it was at is repeated, and the run ends as a result."""
    lines: list[str] = []
    with ManagedServer(own, tmp_path / "server.log", lines.append) as server:
        killer = _killer(own, server.pid)
        record = run(own, endpoint=own.model.endpoint)
        killer.join()
    _assert_result(record)
    assert ["the server ended with exit code -9 and is started again"] == [line.partition(";")[0] for line in lines]


def _assert_result(record: RunRecord) -> None:
    assert record.outcome in (Outcome.STAGNATED, Outcome.BUDGET), record.fault
    assert set(record.pass_reasons) <= RESULTS
    assert record.fault is None


def _killer(config: RunConfig, pid: int) -> threading.Thread:
    """A thread that kills the server once it is well into a reply."""

    def kill() -> None:
        _wait_for(lambda: engines.slot(config) >= 5)
        os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
