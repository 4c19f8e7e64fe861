"""What goes wrong between an agent and its server: whose doing it is, and what the agent sees of it."""

import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from metered import MESSAGES, metered, until
from tls import TLSServer, certify

from harness.outcome import PassReason

from dialects import Dialect, Say
from scripted import DONE, Raw, ScriptedServer, answer, delta, stream


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_an_error_of_the_server_reaches_the_agent_as_it_is(tmp_path: Path, status: int) -> None:
    """Status, headers and body are the server's own, and a pass that ends with it is none of the model's doing."""
    error = answer({"error": {"message": "not today"}}, status=status, headers={"Retry-After": "3"})
    with ScriptedServer([error]) as server, metered(tmp_path, server.endpoint) as one:
        reply = one.chat()
        result = one.meter.exited()
    assert (status, {"error": {"message": "not today"}}, "3") == (
        reply.status_code,
        reply.json(),
        reply.headers["retry-after"],
    )
    assert (PassReason.ERROR, 0) == (result.reason, result.metrics.model_calls)
    assert f"HTTP {status}" in (result.error or "")


def test_a_failure_that_the_agent_got_over_is_no_fault(tmp_path: Path) -> None:
    """A later reply makes up for a failed call."""
    error = answer({"error": "busy"}, status=503)
    with ScriptedServer([error, Say("fine")]) as server, metered(tmp_path, server.endpoint) as one:
        one.chat()
        one.chat()
        result = one.meter.exited()
    assert (PassReason.MODEL_STOP, None) == (result.reason, result.error)
    assert 1 == len(one.events_of("call_failed"))


def test_words_of_the_model_that_a_server_refuses_are_no_fault(tmp_path: Path) -> None:
    """A server that cannot read the model's own earlier call rejects the conversation: a result."""
    error = answer({"error": {"message": "Failed to parse tool call arguments as JSON"}}, status=500)
    call = {"id": "c", "type": "function", "function": {"name": "write", "arguments": "{"}}
    history = [*MESSAGES, {"role": "assistant", "content": "", "tool_calls": [call]}]
    with ScriptedServer([error]) as server, metered(tmp_path, server.endpoint) as one:
        one.chat(messages=history)
        assert PassReason.REJECTED == one.meter.exited().reason


def test_a_window_that_is_full_in_mid_pass_is_a_context_at_its_end(tmp_path: Path) -> None:
    """The server's own overflow reaches the agent, and is no fault after a reply."""
    full = answer({"error": {"message": "too long", "code": "context_length_exceeded"}}, status=400)
    with ScriptedServer([Say("one"), full]) as server, metered(tmp_path, server.endpoint) as one:
        one.chat()
        assert "context_length_exceeded" == one.chat().json()["error"]["code"]
        assert PassReason.CONTEXT == one.meter.exited().reason


def test_a_forced_field_that_is_refused_is_left_out(tmp_path: Path) -> None:
    """The agent never sees an error over a field that it did not send, and the record can name the field."""

    def refuse(body: dict[str, object]) -> object:
        return answer({"error": "unknown field: top_k"}, status=422) if "top_k" in body else None

    with ScriptedServer([Say("one"), Say("two")], refuse=refuse) as server, metered(tmp_path, server.endpoint) as one:
        assert [200, 200] == [one.chat().status_code for _ in range(2)]
        assert ["top_k"] == one.upstream.facts["dropped_fields"]
    assert 3 == len(server.asked)


def test_a_server_that_dies_in_mid_stream_is_a_fault(tmp_path: Path) -> None:
    """The agent sees a stream that breaks off, and the pass an error."""
    with (
        ScriptedServer([stream(delta(content="half a wo"), then="reset")]) as server,
        metered(tmp_path, server.endpoint) as one,
    ):
        with pytest.raises(httpx.RemoteProtocolError):
            one.chat(stream=True)
        result = one.meter.exited()
    assert (PassReason.ERROR, 0) == (result.reason, result.metrics.model_calls)


def test_a_server_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """The agent gets a 502 in the form of an error, and the pass is one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with metered(tmp_path, endpoint) as one:
        reply = one.chat()
        assert (502, "server_error") == (reply.status_code, reply.json()["error"]["type"])
        assert PassReason.ERROR == one.meter.exited().reason


def test_a_server_that_stalls_is_a_fault_that_says_so(tmp_path: Path) -> None:
    """The limits of the built-in client hold here too."""
    slow = stream(delta(content="one"), 5.0, delta(content="two"), DONE)
    with ScriptedServer([slow]) as server, metered(tmp_path, server.endpoint, idle_timeout=0.3) as one:
        with pytest.raises(httpx.RemoteProtocolError):
            one.chat(stream=True)
        result = one.meter.exited()
        server.let_go()
    assert (PassReason.ERROR, True) == (result.reason, result.stalled)


@pytest.mark.parametrize("before", [True, False])
def test_an_agent_that_hangs_up_ends_its_call_at_the_server(tmp_path: Path, before: bool) -> None:
    """The server is left at once, before or after the first token, and it is no fault of the server."""
    reply = stream(30.0, DONE) if before else stream(delta(content="some text"), 30.0, DONE)
    with ScriptedServer([reply, Say("again")]) as server, metered(tmp_path, server.endpoint) as one:
        with pytest.raises(httpx.ReadTimeout):
            one.http.post("/chat/completions", json={"messages": MESSAGES, "stream": True}, timeout=0.5)
        until(lambda: not one.meter.busy)
        assert 0 < one.meter.result.steps
        result = one.meter.exited()
        assert PassReason.MODEL_STOP == result.reason
        assert (0 if before else 1, not before) == (result.metrics.model_calls, result.metrics.usage_estimated)
        assert 200 == one.chat().status_code
        server.let_go()
    assert [] == one.events_of("call_failed")
    assert 1 + (not before) == len(one.events_of("reply"))


def test_calls_at_once_are_all_counted(tmp_path: Path) -> None:
    """Many connections are served side by side, and no count or line of the transcript is lost."""
    many = 40
    replies = [Say(f"reply {number}") for number in range(many)]
    with ScriptedServer(replies) as server, metered(tmp_path, server.endpoint) as one:
        errors: list[str] = []

        def call() -> None:
            with httpx.Client(base_url=one.proxy.endpoint, timeout=60) as http:
                reply = http.post("/chat/completions", json={"messages": MESSAGES, "stream": True})
                errors.append("" if reply.is_success else reply.text)

        threads = [threading.Thread(target=call) for _ in range(many)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [""] * many == errors
    assert (many, many) == (one.totals.model_calls, one.meter.result.steps)
    assert {f"reply {number}" for number in range(many)} == {event["content"] for event in one.events_of("reply")}


def test_a_call_under_way_ends_with_the_proxy(tmp_path: Path) -> None:
    """After the pass nothing is counted or written."""
    with ScriptedServer([stream(30.0, DONE)]) as server:
        with metered(tmp_path, server.endpoint) as one:

            def call() -> None:
                with pytest.raises(httpx.HTTPError):
                    one.chat(stream=True)

            thread = threading.Thread(target=call)
            thread.start()
            until(lambda: server.asked)
            started = time.monotonic()
        assert 5 > time.monotonic() - started
        thread.join()
        server.let_go()
    assert 0 == one.totals.model_calls


def test_a_fault_of_this_machine_is_raised(tmp_path: Path) -> None:
    """A transcript that cannot be written ends the pass, and is no word of the model."""

    def full(*_: object, **__: object) -> None:
        raise OSError("no space")

    with (
        ScriptedServer([Say("one")]) as server,
        pytest.raises(OSError, match="no space"),
        metered(tmp_path, server.endpoint) as one,
    ):
        one.meter.transcript.write = full  # type: ignore[method-assign]
        with pytest.raises(httpx.HTTPError):
            one.chat()
    assert [PassReason.ERROR] == one.ended


def test_an_agent_that_does_not_read_its_answer_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps no call under way for ever."""
    monkeypatch.setattr("harness.meter.agent_connection.SEND_TIMEOUT", 1)
    long = stream(*[delta(content="x" * 60_000)] * 400, DONE)
    with ScriptedServer([long]) as server, metered(tmp_path, server.endpoint) as one:
        with socket.create_connection(("127.0.0.1", one.proxy.port or 0)) as line:
            body = json.dumps({"messages": MESSAGES, "stream": True}).encode()
            head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
            line.sendall(head % len(body) + body)
            until(lambda: one.meter.result.steps and not one.meter.busy)
        assert PassReason.MODEL_STOP == one.meter.exited().reason


def test_a_connection_that_is_closed_unanswered_is_tried_once_more(tmp_path: Path) -> None:
    """A server may close an idle connection just when the next call comes; one that does it again is at fault."""
    closed = Raw((), "reset")
    with (
        ScriptedServer([closed, Say("fine"), closed, closed]) as server,
        metered(tmp_path, server.endpoint) as one,
    ):
        assert [200, 502] == [one.chat().status_code for _ in range(2)]
        assert PassReason.ERROR == one.meter.exited().reason
    assert 1 == len(one.events_of("call_failed"))


def test_a_stream_over_tls_arrives_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was decrypted already is not waited for."""
    certify(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "c.pem"))
    text = "".join(map(str, range(3000)))
    with TLSServer(tmp_path, Say(text, dialect=Dialect(piece=7))) as server, metered(tmp_path, server.endpoint) as one:
        reply = one.chat(stream=True)
        assert one.http.get("/models").is_success
    [event] = one.events_of("reply")
    assert (text, "data: [DONE]") == (event["content"], reply.text.strip().splitlines()[-1])


def test_a_stream_that_ends_empty_over_a_full_window_is_a_context(tmp_path: Path) -> None:
    """Some servers say only in a whole body that a prompt is too long: it is requested once, and no fault is booked."""
    too_long = answer({"error": {"message": "exceeds the context window"}}, status=400)
    with (
        ScriptedServer([Say("one"), stream(), too_long]) as server,
        metered(tmp_path, server.endpoint) as one,
    ):
        one.chat(stream=True)
        assert "" == one.chat(stream=True).text
        assert PassReason.CONTEXT == one.meter.exited().reason
    assert [True, True, False] == [body["stream"] for body in server.asked]


def test_what_was_counted_survives_a_kill(tmp_path: Path) -> None:
    """Each line of the transcript is on disk before the agent has its answer."""
    program = tmp_path / "metered_run.py"
    program.write_text(KILLED.format(paths=sys.path))
    with ScriptedServer([Say("one"), stream(delta(content="two"), 30.0, DONE)]) as server:
        child = subprocess.Popen(
            [sys.executable, program, server.endpoint, tmp_path], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        assert "one" == child.stdout.readline().strip()
        until(lambda: len(server.asked) == 2)
        child.kill()
        child.wait()
        child.stdout.close()
        server.let_go()
    events = [json.loads(line)["event"] for line in (tmp_path / "transcript.jsonl").read_text().splitlines()]
    assert ["request", "reply", "request"] == events


KILLED = """
import sys
from pathlib import Path
sys.path[:0] = {paths!r}
from metered import metered
with metered(Path(sys.argv[2]), sys.argv[1]) as one:
    print(one.chat().json()["choices"][0]["message"]["content"], flush=True)
    one.chat(stream=True)
"""
