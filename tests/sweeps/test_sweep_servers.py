"""Sweeps on real servers: looked over first, and watched."""

import json
import socket
import sys
from pathlib import Path

import pytest
from commands import Command
from tls import TLSServer, certify

from dialects import Say
from lab import STOP, turn
from scripted import Raw, ScriptedServer, answer

CALL = turn(("x", "report_number", '{"number": 7}'))
LISTED = {"data": [{"id": "scripted", "max_model_len": 9000}]}

pytestmark = pytest.mark.go


def subject(server: ScriptedServer, *more: str) -> list[str]:
    named = ["model=openai_compatible", "model.name=scripted", f"model.endpoint={server.endpoint}"]
    return ["-m", *named, "task=reverse", "max_iters=1", "memory=true,false", *more]


def lines(folder: Path) -> list[dict[str, object]]:
    ledger = folder / "outputs" / "runs.jsonl"
    return [json.loads(line) for line in ledger.read_text().splitlines()] if ledger.exists() else []


def test_a_sweep_looks_its_server_over_once(harness: Command, tmp_path: Path) -> None:
    """One canned call before the first of two runs, and no word of it where all is well."""
    with ScriptedServer([CALL, STOP, STOP], models=LISTED) as server:
        told = harness(*subject(server, "ctx_limit=7900"))
    assert (0, 2, False) == (told.code, len(lines(tmp_path)), "warning" in told.err)
    assert ["report_number"] == [tool["function"]["name"] for tool in server.asked[0]["tools"]]
    assert {9000} == {line["server"]["window"] for line in lines(tmp_path)}  # type: ignore[index]


def test_what_may_spoil_the_runs_is_a_warning(harness: Command, tmp_path: Path) -> None:
    """A window that leaves no room for the last reply is told once, and the sweep goes on."""
    with ScriptedServer([CALL, STOP, STOP], models=LISTED) as server:
        told = harness(*subject(server, "ctx_limit=8999"))
    assert (0, 2) == (told.code, len(lines(tmp_path)))
    assert 1 == told.err.count("window: 9000 tokens leave 1 for a reply above ctx_limit=8999")


@pytest.mark.parametrize(
    ("script", "limit", "words"),
    [
        (
            [CALL],
            9001,
            "window: 9000 tokens, less than ctx_limit=9001; serve a window of 9001 or more, or set ctx_limit",
        ),
        (
            [STOP, turn(content="I stop here.", tokens=150)],
            9000,
            'tool call: none was made, but this came: "I stop here."; switch on the server\'s parser',
        ),
        ([answer({"error": "no tools here"}, status=400)], 9000, "no tools here"),
    ],
)
def test_what_would_spoil_the_runs_stops_the_sweep_with_its_remedy(
    harness: Command, tmp_path: Path, script: list[Say | Raw], limit: int, words: str
) -> None:
    """One line, exit code 2, nothing recorded; preflight=warn says it and goes on, preflight=off does not look."""
    with ScriptedServer(script, models=LISTED) as server:
        told = harness(*subject(server, f"ctx_limit={limit}"))
    assert (2, []) == (told.code, lines(tmp_path))
    assert words in told.lines[-1]
    assert told.lines[-1].endswith("(preflight=warn goes on all the same)")
    with ScriptedServer([*script, STOP, STOP], models=LISTED) as server:
        told = harness(*subject(server, f"ctx_limit={limit}", "preflight=warn"))
    assert (0, 2, True) == (told.code, len(lines(tmp_path)), words in told.err)
    with ScriptedServer([STOP], models=LISTED) as server:
        told = harness(*subject(server, "ctx_limit=8000", "preflight=off", "memory=true"))
    assert (0, 1) == (told.code, len(server.asked))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("no-such-server --port {port}", "server.command: no-such-server cannot be started"),
        (
            "sh -c 'echo out of memory; exit 3'",
            "server.command: it ended with exit code 3; see outputs/servers/scripted.log",
        ),
    ],
)
@pytest.mark.parametrize("sweep", [False, True], ids=["single", "sweep"])
def test_a_managed_server_that_cannot_start_is_bad_input(
    harness: Command, tmp_path: Path, command: str, words: str, sweep: bool
) -> None:
    """Exit code 2 and one line that names the log, and nothing is recorded as a run."""
    with ScriptedServer() as server:
        endpoint = server.endpoint
    named = ["model=openai_compatible", "model.name=scripted", f"model.endpoint={endpoint}", "task=reverse"]
    managed = ["server=managed", f'server.command="{command}"', "server.ready_timeout=20"]
    told = harness(*(["-m", "memory=true,false"] if sweep else []), *named, *managed)
    assert (2, []) == (told.code, lines(tmp_path))
    assert words in told.lines[-1]


def test_a_sweep_has_its_tools_as_text_where_the_preflight_saw_the_need(harness: Command, tmp_path: Path) -> None:
    """The same count of tokens for more tools tells that none arrive: every run then has them in its prompt."""
    as_tag = turn(content='<tool_call>{"name": "report_number", "arguments": {"number": 7}}</tool_call>')
    with ScriptedServer([STOP, STOP, as_tag, STOP, STOP], models=LISTED) as server:
        told = harness(*subject(server, "ctx_limit=7900"))
    assert (0, ["text", "text"]) == (told.code, [line["tools_mode"] for line in lines(tmp_path)])
    assert [True, True, False, False, False] == ["tools" in request for request in server.asked]
    assert 1 == told.err.count("tools: text for scripted")


@pytest.mark.parametrize("sweep", [False, True], ids=["single", "sweep"])
@pytest.mark.parametrize(
    ("environment", "setting", "words"),
    [
        ("SSL_CERT_FILE=no/such.pem", "model.endpoint=https://localhost:9/v1", "SSL_CERT_FILE=no/such.pem: must be a"),
        ("MY_KEY=schl\u00fcssel", "model.api_key_env=MY_KEY", "model.api_key_env=MY_KEY: must hold a key of printable"),
    ],
)
def test_what_no_request_can_be_made_with_is_bad_input(
    harness: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sweep: bool,
    environment: str,
    setting: str,
    words: str,
) -> None:
    """Exit code 2 and one line, before anything is run or recorded."""
    monkeypatch.setenv(*environment.split("="))
    named = ["model=openai_compatible", "model.name=m", "task=reverse", setting, "preflight=off"]
    logged = harness(*(["-m", "memory=true,false"] if sweep else []), *named)
    assert (2, []) == (logged.code, lines(tmp_path))
    assert words in logged.lines[-1]


@pytest.mark.parametrize("trusted", [True, False])
def test_a_run_trusts_the_certificates_of_its_user(
    harness: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    """A server with a certificate of the user's own serves a whole run; without trust nothing is sent to it."""
    certify(tmp_path)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", "c.pem" if trusted else "")
    with TLSServer(tmp_path, STOP) as server:
        named = ["model=openai_compatible", "model.name=m", f"model.endpoint={server.endpoint}", "task=reverse"]
        logged = harness(*named, "max_iters=1")
    assert (4 if trusted else 1, 1 if trusted else 0) == (logged.code, len(server.asked))
    assert trusted or "SSL_CERT_FILE may name" in logged.err


def test_a_sampling_factor_that_nobody_can_confirm_is_warned_of(harness: Command, tmp_path: Path) -> None:
    """Before the first run, with its levels; a field that is the same in all runs needs no word. The sweep goes on."""
    with ScriptedServer([CALL, STOP, STOP], models=LISTED) as server:
        told = harness(*subject(server, "ctx_limit=7900", "memory=true", "model.repetition_penalty=1.0,1.2"))
    assert (0, 2) == (told.code, len(lines(tmp_path)))
    [warning] = [line for line in told.err.splitlines() if line.startswith("warning: ")]
    assert "sampling: repetition_penalty=1,1.2 unconfirmed" in warning
    assert {"unconfirmed"} == {line["sampling_status"]["repetition_penalty"] for line in lines(tmp_path)}  # type: ignore[index]
    assert [1.0, 1.2] == [request["repeat_penalty"] for request in server.asked[1:]]


def test_names_that_one_model_would_answer_are_no_factor(harness: Command, tmp_path: Path) -> None:
    """A server that has one model answers to any name: nothing is run, and the line says why."""
    with ScriptedServer([CALL, STOP, STOP], models=LISTED) as server:
        told = harness(*subject(server, "ctx_limit=7900", "model.name=scripted,other"))
    assert (2, []) == (told.code, lines(tmp_path))
    assert "model.name is a factor, and the server would answer each name with this one model" in told.lines[-1]


def test_an_arm_whose_server_does_not_start_costs_no_other(harness: Command, tmp_path: Path) -> None:
    """It is skipped and named once, the other arm is made whole, and the exit code says that runs are left."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "my" / "server").mkdir(parents=True)
    command = f"{sys.executable} -m harness.simulator --profile nop --host {{host}} --port {{port}}"
    levels = {"mode": {"good": "", "bad": "--no-such-option"}}
    file = {"managed": True, "command": command, "levels": levels}
    (tmp_path / "my" / "server" / "mine.yaml").write_text(json.dumps(file))
    named = ["model=openai_compatible", "model.name=sim-nop", f"model.endpoint=http://127.0.0.1:{port}/v1"]
    told = harness(
        "--config-dir", str(tmp_path / "my"), "-m", *named, "server=mine", "task=reverse", "mode=bad,good",
        "sweep.replicates=2", "max_iters=1", "preflight=off",
    )  # fmt: skip
    assert (1, [{"mode": "good"}] * 2) == (told.code, [line["server_levels"] for line in lines(tmp_path)])
    assert 1 == told.err.count("the server of reverse server.mode=bad is skipped")
    assert "2 of 4 runs have a result" in told.err
