"""Confinement of command agents: hostile by accident, bounded, and nothing lost."""

import socket
import time
from pathlib import Path

import pytest
from command_scripts import CONFINED, EVERYWHERE, events, made, scripted_agent

from harness.config import Confinement
from harness.limits import CommandLimits
from harness.outcome import Outcome, PassReason

from lab import Lab


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


def test_what_an_agent_prints_is_clipped(lab: Lab, folder: Path) -> None:
    """A hundred megabytes cost neither memory nor disk; both ends are in the transcript."""
    script = "call()\nprint('first')\nfor _ in range(100): sys.stdout.write('x' * (1 << 20))\nprint('\\nlast')"
    record = made(lab, scripted_agent(folder, script))
    [event] = events(lab, "agent")
    assert PassReason.AGENT_EXIT == record.per_pass[0].reason
    assert len(event["output"]) < 70_000
    assert ("first", "last") == (event["output"].split()[0], event["output"].split()[-1])
