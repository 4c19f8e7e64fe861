"""Ends of command agents: an honest reason or a fault, whatever they do."""

import time
from pathlib import Path
from typing import Any

import pytest
from command_scripts import EVERYWHERE, made, scripted_agent

from analysis.cli import main
from harness.config import Confinement
from harness.outcome import FaultReason, Outcome, PassReason

from lab import REVERSE, Lab, turn, use
from scripted import answer


@pytest.mark.go
@pytest.mark.parametrize("kind", EVERYWHERE)
def test_an_agent_that_writes_what_the_model_says_completes(lab: Lab, folder: Path, kind: str) -> None:
    """In every sandbox the model is reached by the meter, the workspace is written, and the gate looks at the end."""
    script = "os.makedirs('stringutil', exist_ok=True); open('stringutil/stringutil.go', 'w').write(call(prompt))"
    record = made(lab, scripted_agent(folder, script), turn(content=REVERSE), sandbox=Confinement(kind))
    [done] = record.per_pass
    assert (Outcome.COMPLETED, PassReason.AGENT_EXIT, 0) == (record.outcome, done.reason, done.exit_code)
    assert ("script", None, 1, 100) == (record.agent, record.agent_version, done.steps, done.peak_tokens)
    assert "Reverse" in lab.asked[0]["messages"][0]["content"]


@pytest.mark.parametrize("script", ["", "sys.exit('no model is configured')", "os.abort()", "raise ValueError(3)"])
def test_an_agent_that_ends_before_a_reply_is_a_fault(lab: Lab, folder: Path, script: str) -> None:
    """Nothing is known of the model then, whatever the exit code; the reason says how the agent ended."""
    record = made(lab, scripted_agent(folder, script))
    assert (Outcome.FAULT, FaultReason.AGENT) == (record.outcome, record.fault_reason)
    assert record.fault is not None
    assert "before it had a reply of the model" in record.fault
    assert ("no model is configured" in script) == ("no model is configured" in record.fault)


@pytest.mark.parametrize(
    ("script", "reason", "code"),
    [
        ("call()", PassReason.AGENT_EXIT, 0),
        ("call(); sys.exit('gave up')", PassReason.AGENT_FAILED, 1),
        ("call(); input('Shall I go on? [y/n]')", PassReason.AGENT_FAILED, 1),
        ("call(); open('/dev/tty')", PassReason.AGENT_FAILED, 1),
        ("call(); time.sleep(600)", PassReason.AGENT_IDLE, None),
        ("call(); os.spawnlp(os.P_WAIT, 'sh', 'sh', '-c', 'trap  TERM INT HUP; sleep 600')", "agent_idle", None),
    ],
)
def test_however_an_agent_ends_after_a_reply_is_a_result(
    lab: Lab, folder: Path, script: str, reason: str, code: int | None
) -> None:
    """The subject is the agent with its model: a crash, a question that nobody answers and a hang are all results."""
    record = made(lab, scripted_agent(folder, script, idle_timeout=6.0))
    [done] = record.per_pass
    assert (Outcome.BUDGET, reason, code) == (record.outcome, done.reason, done.exit_code)
    assert record.counts_as is Outcome.BUDGET


def test_a_hang_before_any_reply_is_a_fault(lab: Lab, folder: Path) -> None:
    """It ends at the limit, and says so."""
    record = made(lab, scripted_agent(folder, "time.sleep(600)", idle_timeout=1.0))
    assert (Outcome.FAULT, FaultReason.AGENT) == (record.outcome, record.fault_reason)
    assert "1 s without a call of the model" in (record.fault or "")


def test_the_time_of_the_run_binds(lab: Lab, folder: Path) -> None:
    """Even an agent that may be idle for ever is ended with the run's time."""
    begun = time.monotonic()
    record = made(lab, scripted_agent(folder, "call(); time.sleep(600)", idle_timeout=0.0), run_timeout=10.0)
    assert ("run_timeout", PassReason.RUN_TIMEOUT) == (record.spent, record.per_pass[0].reason)
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize(
    ("limits", "reason"), [({"max_steps": 3}, PassReason.MAX_STEPS), ({"ctx_limit": 100}, PassReason.CONTEXT)]
)
def test_an_agent_that_ignores_its_limits_is_ended(lab: Lab, folder: Path, limits: Any, reason: str) -> None:
    """It is ended at its next call, whatever signals it ignores; what was answered is counted."""
    script = """
import signal
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
while True:
    try:
        call()
    except Exception:
        time.sleep(0.01)
"""
    record = made(lab, scripted_agent(folder, script), **limits)
    steps = limits.get("max_steps", 1)
    assert (reason, steps, steps) == (record.per_pass[0].reason, record.per_pass[0].steps, record.metrics.model_calls)


def test_a_server_that_fails_is_no_fault_of_the_agent(lab: Lab, folder: Path) -> None:
    """What the agent makes of the error does not matter."""
    record = made(lab, scripted_agent(folder, "call()"), *[answer({"error": "broken"}, status=500)] * 8)
    assert (Outcome.FAULT, FaultReason.SERVER) == (record.outcome, record.fault_reason)


def test_an_agent_that_files_of_the_work_keep_from_starting_has_a_result(lab: Lab, folder: Path) -> None:
    """It started before and starts elsewhere: only what it wrote can be the cause, which is no fault."""
    version = f"{scripted_agent(folder, '').command.split(' ', maxsplit=1)[0]} --version"
    script = "sys.exit('broken settings') if os.path.exists('settings') else (call(), open('settings', 'w'))"
    record = made(lab, scripted_agent(folder, script, version_command=version), max_iters=2)
    assert [PassReason.AGENT_EXIT, PassReason.AGENT_FAILED] == record.pass_reasons
    assert (Outcome.BUDGET, True) == (record.counts_as, str(record.agent_version).startswith("3."))


def test_a_pass_of_an_agent_is_shown_step_by_step(lab: Lab, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it printed, how it ended and what was put back; loads and acts that nobody saw are unknown, never 0."""
    script = "call(); print('my words'); os.remove('go.mod')"
    made(lab, scripted_agent(folder, script), turn(use("bash", command="ls")))
    assert 0 == main(["show", "last", "--runs", str(lab.folder / "runs.jsonl")])
    out = capsys.readouterr().out
    assert "agent exited with 0" in out
    assert "my words" in out
    assert "put back\n        go.mod" in out
    assert "loads and acts unknown" in out
    assert "calls bash (the agent showed no result)" in out
