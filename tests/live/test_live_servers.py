"""A real server looked over, started, killed, started again, swapped and stopped."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engines import Engine, replies

from harness.config import RunConfig
from harness.llm.connection import reachable
from harness.outcome import Outcome
from harness.runner import run
from harness.servers.checks import CheckVerdict
from harness.servers.managed import ManagedServer
from harness.servers.preflight import preflight

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]


def test_a_real_server_passes_the_preflight(server: RunConfig, engine: Engine) -> None:
    """Every check finds what the server is known for: whether it declares its window, and that it honours seeds."""
    findings = {
        finding.check: finding
        for finding in preflight(replace(server, ctx_limit=2 * engine.ample), _endpoint(server))[1]
    }
    expected = {
        "reachable": "yes",
        "tool call": "native",
        "window": f"{engine.window} tokens" if engine.window else "not declared",
        "seed": "honoured",
    }
    assert expected == {check: findings[check].found for check in expected}
    assert [] == [str(finding) for finding in findings.values() if finding.verdict is CheckVerdict.FAIL]
    assert findings["truncation"].found.endswith("tokens are read whole")
    assert float(findings["speed"].found.split()[0]) > 10


def test_the_command_starts_looks_over_and_stops(own: RunConfig, engine: Engine, tmp_path: Path) -> None:
    """`python -m harness.preflight` with a managed server leaves nothing running, and tells all in JSON."""
    told = _command("harness.preflight", "--json", *_overrides(own), f"ctx_limit={engine.ample}", folder=tmp_path)
    report = json.loads(told.stdout)
    assert (0, True, engine.window) == (told.returncode, report["fit"], report["window"])
    assert "tool call" in [finding["check"] for finding in report["findings"]]
    assert reachable(own.model.endpoint, 1) is not None


def test_a_server_killed_in_mid_stream_is_survived(own: RunConfig, engine: Engine, tmp_path: Path) -> None:
    """It is started again, the call that it was at is repeated, and the run completes as if nothing had happened."""
    system = tmp_path / "system.txt"
    system.write_text("SCRIPT=babble")
    # The whole distribution as it is: the word that ends the babble is a rare one.
    model = replace(own.model, max_tokens=20_000, temperature=1, top_p=1)
    config = replace(own, stream=True, system=str(system), model=model)
    lines: list[str] = []
    with ManagedServer(config, tmp_path / "server.log", lines.append) as server:
        killer = threading.Thread(
            target=_kill_in_mid_stream, args=(engine, config, server.pid, tmp_path / "server.log")
        )
        killer.start()
        record = run(config, endpoint=config.model.endpoint)
        killer.join()
    assert (Outcome.COMPLETED, ["completed"]) == (record.outcome, record.pass_reasons)
    assert 4 == len(replies(tmp_path / "logs", record))
    assert ["the server ended with exit code -9 and is started again"] == [line.partition(";")[0] for line in lines]
    assert 2 == (tmp_path / "server.log").read_text().count(engine.begun)


def test_a_sweep_starts_each_model_s_server_and_stops_it(own: RunConfig, engine: Engine, tmp_path: Path) -> None:
    """One after another at the same place, looked over first, each logged; the ledger has a completed run of each."""
    other = Path(own.model.name).with_name("twin")
    copy = shutil.copytree if Path(own.model.name).is_dir() else shutil.copy
    copy(own.model.name, other)
    overrides = [text for text in _overrides(own) if not text.startswith("model.name=")]
    told = _command(
        "harness",
        "-m",
        *overrides,
        f"model.name={own.model.name},{other}",
        f"ctx_limit={engine.ample}",
        folder=tmp_path,
    )
    assert (0, "done: 2 of 2 runs have a result") == (told.returncode, told.stderr.splitlines()[-1])
    ledger = [json.loads(line) for line in (tmp_path / "outputs" / "runs.jsonl").read_text().splitlines()]
    outcomes = {one["model"]: one["outcome"] for one in ledger}
    assert {own.model.name: "completed", str(other): "completed"} == outcomes
    assert 2 == len(list((tmp_path / "outputs" / "servers").glob("*.log")))
    assert reachable(own.model.endpoint, 1) is not None


def _endpoint(config: RunConfig) -> str:
    return config.model.endpoint


def _overrides(config: RunConfig) -> list[str]:
    command = config.server.command.replace("'", "")
    return [
        "model=openai_compatible",
        f"model.name={config.model.name}",
        f"model.endpoint={config.model.endpoint}",
        "model.max_tokens=2000",
        "task=reverse",
        "server=managed",
        f"server.command='{command}'",
    ]


def _command(module: str, *argv: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    environment: dict[str, Any] = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", module, *argv],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def _kill_in_mid_stream(engine: Engine, config: RunConfig, pid: int, log: Path) -> None:
    """Kill the server once it has read the first prompt and generates."""
    deadline = time.monotonic() + 60
    while not engine.generating(config, log):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
