"""Command agents that misbehave: an honest reason or a fault, bounded, and nothing lost."""

import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from command_scripts import scripted_agent

from harness.config import AgentConfig, Confinement
from harness.limits import CommandLimits
from harness.outcome import FaultReason, Outcome, PassReason
from harness.record import RunRecord
from harness.sandbox.select import PRIVATE_NETWORK, probe

from lab import REVERSE, STOP, Lab, turn
from scripted import answer

CONFINED = [kind for kind in PRIVATE_NETWORK if not probe(kind)]
EVERYWHERE = [*CONFINED, "none"]


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "outputs")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "agent"
    path.mkdir()
    return path


def made(lab: Lab, agent: AgentConfig, *replies: Any, **changes: Any) -> RunRecord:
    """One pass of the agent, unless told otherwise."""
    settings = {"elide_passing": False, "max_iters": 1} | changes
    return lab.run(list(replies) or [STOP] * 8, agent=agent, **settings)


def events(lab: Lab, kind: str) -> list[dict[str, Any]]:
    [transcript] = lab.folder.glob("runs/*/transcript.jsonl")
    lines = [json.loads(line) for line in transcript.read_text().splitlines()]
    return [line for line in lines if line["event"] == kind]


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
    record = made(lab, scripted_agent(folder, script, idle_timeout=1.5))
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
    record = made(lab, scripted_agent(folder, "call(); time.sleep(600)", idle_timeout=0.0), run_timeout=3.0)
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


def test_what_an_agent_prints_is_clipped(lab: Lab, folder: Path) -> None:
    """A hundred megabytes cost neither memory nor disk; both ends are in the transcript."""
    script = "call()\nprint('first')\nfor _ in range(100): sys.stdout.write('x' * (1 << 20))\nprint('\\nlast')"
    record = made(lab, scripted_agent(folder, script))
    [event] = events(lab, "agent")
    assert PassReason.AGENT_EXIT == record.per_pass[0].reason
    assert len(event["output"]) < 70_000
    assert ("first", "last") == (event["output"].split()[0], event["output"].split()[-1])


@pytest.mark.parametrize(
    ("script", "limits"),
    [
        ("[os.fork() for _ in range(12)]; time.sleep(60)", CommandLimits(processes=60)),
        ("data = [bytearray(os.urandom(1 << 20)) for _ in range(900)]; time.sleep(60)", CommandLimits(memory_mb=300)),
        ("open('big', 'wb').write(os.urandom(80 << 20)); time.sleep(60)", CommandLimits(disk_mb=40)),
    ],
    ids=["processes", "memory", "disk"],
)
def test_an_agent_that_takes_too_much_is_ended(lab: Lab, folder: Path, script: str, limits: CommandLimits) -> None:
    """A fork bomb, too much memory and too large files end in the time that a look takes, as a result."""
    begun = time.monotonic()
    record = made(lab, scripted_agent(folder, "call()\n" + script, idle_timeout=20.0), limits=limits)
    ended = (PassReason.AGENT_LIMIT, PassReason.AGENT_FAILED, PassReason.AGENT_IDLE)
    assert record.per_pass[0].reason in ended
    assert Outcome.BUDGET is record.counts_as
    assert time.monotonic() - begun < 120


@pytest.mark.parametrize("kind", CONFINED)
def test_nothing_but_the_model_can_be_reached(lab: Lab, folder: Path, kind: str) -> None:
    """Neither another server on this machine nor a host elsewhere, by address or by name; the proxy serves no other."""
    script = """
call()
for place in (("127.0.0.1", PORT), ("192.0.2.1", 80), ("example.com", 443)):
    try:
        socket.create_connection(place, timeout=2).send(b"x")
        print("reached", place)
    except OSError as error:
        print("refused")
try:
    urllib.request.urlopen(endpoint.replace("/v1", "/elsewhere"))
except urllib.error.HTTPError as error:
    print("status", error.code)
"""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        script = script.replace("PORT", str(server.getsockname()[1]))
        made(lab, scripted_agent(folder, script), sandbox=Confinement(kind))
        with pytest.raises(TimeoutError):
            server.accept()
    [event] = events(lab, "agent")
    assert ["refused"] * 3 + ["status 404"] == event["output"].splitlines()


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_nothing_of_an_agent_is_left(lab: Lab, folder: Path, kind: str) -> None:
    """Children in the background, also in sessions of their own, end with the pass; so does its home."""
    script = """
call()
marks = [os.path.join(os.getcwd(), name) for name in ("late", "later")]
subprocess.Popen(["sh", "-c", f"sleep 2; touch {marks[0]}"])
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(2)
        open(marks[1], "w")
    os._exit(0)
print("left" in os.listdir(os.environ["HOME"]))
open(os.path.join(os.environ["HOME"], "left"), "w")
"""
    made(lab, scripted_agent(folder, script), sandbox=Confinement(kind), max_iters=2)
    time.sleep(2.5)
    assert not [name for name in ("late", "later") if (lab.workspace / name).exists()]
    assert [["False"]] * 2 == [event["output"].splitlines() for event in events(lab, "agent")]


@pytest.mark.go
def test_a_spec_that_an_agent_changes_is_put_back_and_named(lab: Lab, folder: Path) -> None:
    """It is put back before the gate looks, so that nothing is gained, and the record and the transcript name it."""
    script = """
call()
os.makedirs("stringutil", exist_ok=True)
code = "package stringutil\\n\\nfunc Reverse(s string) string { return s }\\n"
open("stringutil/stringutil.go", "w").write(code)
os.chmod("stringutil/stringutil_test.go", 0o666)
open("stringutil/stringutil_test.go", "w").write("package stringutil\\n")
"""
    record = made(lab, scripted_agent(folder, script))
    [event] = events(lab, "agent")
    assert (Outcome.BUDGET, ["stringutil/stringutil_test.go"]) == (record.outcome, event["put_back"])
    assert "stringutil/stringutil_test.go" in record.tampering
    assert "TestReverse" in (lab.workspace / "stringutil/stringutil_test.go").read_text()


def test_odd_names_are_kept_as_they_are(lab: Lab, folder: Path) -> None:
    """Names that are not UTF-8, hold line breaks or belong to version control stop neither the run nor the next."""
    script = r"""
call()
for name in (b"\xff\xfe", b"a\nb", b"-rf", b" ", b".git"):
    os.makedirs(name, exist_ok=True)
    open(name + b"/x\xff", "w").write("x")
os.symlink("/etc", "outside")
"""
    agent = scripted_agent(folder, script)
    records = [made(lab, agent).counts_as for _ in range(2)]
    assert [Outcome.BUDGET] * 2 == records
    assert not (lab.workspace / ".git").exists()


@pytest.mark.go
@pytest.mark.parametrize("kind", EVERYWHERE)
def test_a_wrecked_workspace_is_a_result(lab: Lab, folder: Path, kind: str) -> None:
    """Whatever is removed, locked or replaced: the spec is put back, the gate refuses, and the next run starts anew."""
    script = """
call()
import shutil
shutil.rmtree("stringutil")
os.symlink("/etc", "stringutil")
os.remove("go.mod")
os.mkdir("go.mod")
os.mkfifo("pipe")
os.makedirs("locked/inside")
os.chmod("locked", 0)
"""
    agent = scripted_agent(folder, script)
    for record in (made(lab, agent, sandbox=Confinement(kind)) for _ in range(2)):
        assert (Outcome.BUDGET, [PassReason.AGENT_EXIT]) == (record.counts_as, record.pass_reasons)
        assert {"go.mod", "stringutil/stringutil_test.go"} <= set(record.tampering)


@pytest.mark.parametrize("kind", CONFINED)
def test_words_like_those_of_the_sandbox_are_the_agent_s(lab: Lab, folder: Path, kind: str) -> None:
    """An agent that had a reply was started, whatever it prints: its end is a result."""
    record = made(lab, scripted_agent(folder, f"call(); sys.exit('{kind}: no namespaces')"), sandbox=Confinement(kind))
    assert (Outcome.BUDGET, [PassReason.AGENT_FAILED]) == (record.counts_as, record.pass_reasons)


def test_no_secret_reaches_an_agent(lab: Lab, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment is built from nothing: the user's variables, the key of the model among them, are not in it."""
    monkeypatch.setenv("PLANTED_KEY", "sk-planted")
    record = made(lab, scripted_agent(folder, "call(); print(dict(os.environ))", env={"MINE": "{model}"}))
    [event] = events(lab, "agent")
    assert PassReason.AGENT_EXIT == record.per_pass[0].reason
    assert "sk-planted" not in event["output"]
    assert "'MINE': 'scripted'" in event["output"]


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
