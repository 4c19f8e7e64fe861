"""What is repeated, how often and after how long."""

import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from asking import PROMPT, Open, Slept

from harness.config import ModelConfig
from harness.llm.errors import ModelError
from harness.llm.limits import BACKOFF, LOADING_AT_MOST, LOADING_STEP, LONGEST_RETRY_AFTER, MOST_RETRY_AFTER

from dialects import Dialect, Say
from scripted import Raw, ScriptedServer, answer, stream

GOOD = Say("at last")
BODY = b'{"choices": [{"message": {"content": "x"}}]}'


def busy(**headers: str) -> Raw:
    return answer(
        {"error": "slow down"}, status=429, headers={name.replace("_", "-"): told for name, told in headers.items()}
    )


PASSING = {
    "no answer": Raw(),
    "reset": Raw(then="reset"),
    "half a head": Raw((b"HTTP/1.1 200 O",)),
    "no HTTP": Raw((b"hello\r\n\r\n",)),
    "500": answer({"error": "oops"}, status=500),
    "502": answer(b"<html>", status=502),
    "503": answer(b"", status=503),
    "empty body": answer(b""),
    "blank body": answer(b" \n"),
    "truncated by length": answer(BODY, length=len(BODY) + 9, then="close"),
    "truncated without length": stream(BODY[:-3], headers={}),
    "truncated in a string": stream(BODY[:-9], headers={}),
    "429 without a word on when": answer({"error": "slow down"}, status=429),
    "429 with nonsense": busy(Retry_After="soon"),
    "a fault told inside a 200": answer({"error": {"message": "CUDA", "code": 500}}),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_a_passing_fault_is_repeated_twice(opened: Open, slept: Slept, fault: Raw) -> None:
    """After 200 and 400 ms the call is repeated, and then the reply counts as if nothing had happened."""
    model, server = opened(fault, fault, GOOD)
    assert "at last" == model.complete(PROMPT, [], seed=None).content
    assert ([0.2, 0.4], 3) == (slept, len(server.asked))
    assert 1 == len({str(asked) for asked in server.asked})


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_a_fault_that_stays_fails_after_the_third_attempt(opened: Open, slept: Slept, fault: Raw) -> None:
    """Patience ends: the error says how many attempts there were."""
    model, _ = opened(fault, fault, fault, GOOD)
    with pytest.raises(ModelError, match="gave up after 3 attempts"):
        model.complete(PROMPT, [], seed=None)
    assert list(BACKOFF) == slept


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 408, 413, 422])
def test_other_refusals_are_not_repeated(opened: Open, slept: Slept, status: int) -> None:
    """What the server refuses once it would refuse again."""
    model, server = opened(answer({"error": "no such thing"}, status=status), GOOD)
    with pytest.raises(ModelError, match=f'HTTP {status}: {{"error": "no such thing"}}'):
        model.complete(PROMPT, [], seed=None)
    assert ([], 1) == (slept, len(server.asked))


@pytest.mark.parametrize(
    "body", [b"hello", b"<html></html>", b"[1]", b'"x"', b'{"a" "b"}', b'{"n": ' + b"9" * 5000 + b"}"]
)
def test_undecodable_bodies_are_not_repeated(opened: Open, slept: Slept, body: bytes) -> None:
    """A body that is whole but no JSON object is a fault for good."""
    model, server = opened(answer(body), GOOD)
    with pytest.raises(ModelError, match="the body "):
        model.complete(PROMPT, [], seed=None)
    assert ([], 1) == (slept, len(server.asked))


def test_a_body_nested_too_deeply_is_an_error_in_one_line(opened: Open) -> None:
    """Depth that no parser can follow ends the call and not the program."""
    model, _ = opened(answer(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"))
    with pytest.raises(ModelError, match="nested too deeply"):
        model.complete(PROMPT, [], seed=None)


def test_429_waits_as_long_as_it_was_told(opened: Open, slept: Slept) -> None:
    """Retry-After in seconds is obeyed, up to a limit, and costs none of the two repetitions."""
    waits = [busy(Retry_After=told) for told in ("7", "1.5", "86400")]
    model, _ = opened(*waits, PASSING["500"], PASSING["500"], GOOD)
    assert "at last" == model.complete(PROMPT, [], seed=None).content
    assert [7.0, 1.5, LONGEST_RETRY_AFTER, *BACKOFF] == slept


def test_429_waits_until_the_date_it_was_told(opened: Open, slept: Slept) -> None:
    """Retry-After may be a date; one that has passed means at once."""
    soon, past = (datetime.now(UTC) + timedelta(seconds=seconds) for seconds in (30, -30))
    model, _ = opened(*(busy(Retry_After=format_datetime(when, usegmt=True)) for when in (soon, past)), GOOD)
    model.complete(PROMPT, [], seed=None)
    first, second = slept
    assert (True, 0.0) == (25 < first <= 30, second)


def test_429_without_end_is_an_error(opened: Open, slept: Slept) -> None:
    """A server that never stops asking for patience is given up, after a stated number of repetitions."""
    model, server = opened(*[busy(Retry_After="1")] * (MOST_RETRY_AFTER + 1), GOOD)
    with pytest.raises(ModelError, match=f"gave up after {MOST_RETRY_AFTER + 1} attempts: HTTP 429"):
        model.complete(PROMPT, [], seed=None)
    assert ([1.0] * MOST_RETRY_AFTER, MOST_RETRY_AFTER + 1) == (slept, len(server.asked))


def test_503_with_retry_after_is_obeyed(opened: Open, slept: Slept) -> None:
    """A server that says when it will be back is asked again then."""
    model, _ = opened(answer(b"", status=503, headers={"Retry-After": "3"}), GOOD)
    model.complete(PROMPT, [], seed=None)
    assert [3.0] == slept


def test_a_server_that_loads_its_model_is_waited_for(opened: Open, slept: Slept) -> None:
    """Loading takes minutes: it does not lose the run, and it ends."""
    loading = answer({"error": {"message": "Loading model", "type": "unavailable_error"}}, status=503)
    model, _ = opened(*[loading] * 30, GOOD)
    assert "at last" == model.complete(PROMPT, [], seed=None).content
    assert [LOADING_STEP] * 30 == slept
    slept.clear()
    model, _ = opened(*[loading] * 1000)
    with pytest.raises(ModelError, match="Loading model"):
        model.complete(PROMPT, [], seed=None)
    assert LOADING_AT_MOST == sum(slept)


@pytest.mark.parametrize(("after", "waits"), [("5", 5.0), ("0", LOADING_STEP), ("86400", LONGEST_RETRY_AFTER)])
def test_a_server_that_loads_and_says_how_long_is_waited_for_as_long(
    opened: Open, slept: Slept, after: str, waits: float
) -> None:
    """Ten minutes in all, with the header or without, and never without a pause."""
    headers = {"Content-Type": "application/json", "Retry-After": after}
    loading = answer({"error": {"code": 503, "message": "Loading model"}}, status=503, headers=headers)
    model, _ = opened(*[loading] * int((LOADING_AT_MOST - waits) / waits), GOOD)
    assert "at last" == model.complete(PROMPT, [], seed=None).content
    assert {waits} == set(slept)
    slept.clear()
    model, _ = opened(*[loading] * 1000)
    with pytest.raises(ModelError, match="Loading model"):
        model.complete(PROMPT, [], seed=None)
    assert LOADING_AT_MOST == sum(slept)


@pytest.mark.parametrize("told", ["model is still warming up", "Starting the engine", "not ready", "Initializing"])
def test_loading_is_told_in_other_words_too(opened: Open, slept: Slept, told: str) -> None:
    """What servers say while they are not ready yet."""
    model, _ = opened(*[answer({"error": told}, status=503)] * 20, GOOD)
    assert "at last" == model.complete(PROMPT, [], seed=None).content


def test_an_overloaded_server_does_not_load(opened: Open, slept: Slept) -> None:
    """It is repeated as often as any other fault."""
    model, _ = opened(*[answer({"error": "overloaded"}, status=503)] * 3, GOOD)
    with pytest.raises(ModelError, match="gave up after 3 attempts"):
        model.complete(PROMPT, [], seed=None)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("variable", ["", "MY_KEY"])
def test_a_refused_key_names_where_it_comes_from(
    opened: Open, monkeypatch: pytest.MonkeyPatch, status: int, variable: str
) -> None:
    """The line names model.api_key_env, and never the key, whatever the server echoes."""
    monkeypatch.setenv("MY_KEY", "sk-secret")
    config = ModelConfig(name="m", api_key_env=variable)
    echo = answer({"error": {"message": "bad key sk-secret" if variable else "no key"}}, status=status)
    model, _ = opened(echo, config=config)
    with pytest.raises(ModelError) as caught:
        model.complete(PROMPT, [], seed=None)
    line = str(caught.value)
    assert (True, False, False) == (f"HTTP {status}" in line, "sk-secret" in line, "\n" in line)
    assert ("model.api_key_env=MY_KEY" if variable else "no key was sent: model.api_key_env") in line


def test_a_key_refused_inside_a_reply_names_where_it_comes_from(opened: Open) -> None:
    """A proxy may answer 200 and tell the refusal in the body."""
    model, _ = opened(answer({"error": {"message": "unauthorized", "code": 401}}))
    with pytest.raises(ModelError, match=r"model\.api_key_env"):
        model.complete(PROMPT, [], seed=None)


def test_each_call_has_patience_of_its_own(opened: Open, slept: Slept) -> None:
    """Faults of one call do not count against the next."""
    model, _ = opened(*[PASSING["500"], PASSING["500"], GOOD] * 2)
    assert ["at last"] * 2 == [model.complete(PROMPT, [], seed=None).content for _ in range(2)]
    assert [*BACKOFF, *BACKOFF] == slept


@pytest.mark.parametrize("streamed", [True, False])
def test_an_interrupt_is_not_repeated(opened: Open, slept: Slept, streamed: bool) -> None:
    """Ctrl-C during a call goes straight through, and the next call still works."""
    model, server = opened(Raw((30.0,)), GOOD, stream=streamed)
    impatient = threading.Thread(target=interrupt_once_asked, args=(server,))
    impatient.start()
    with pytest.raises(KeyboardInterrupt):
        model.complete(PROMPT, [], seed=None)
    impatient.join()
    assert ([], 1) == (slept, len(server.asked))
    assert "at last" == model.complete(PROMPT, [], seed=None).content


def interrupt_once_asked(server: ScriptedServer) -> None:
    while not server.asked:
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)


def test_connections_are_kept_alive(opened: Open) -> None:
    """Calls of one run share a connection, and one that the server closed meanwhile is opened anew."""
    closing = Raw(answer(BODY).parts, "close")
    model, server = opened(answer(BODY), answer(BODY), closing, answer(BODY))
    assert ["x"] * 4 == [model.complete(PROMPT, [], seed=None).content for _ in range(4)]
    assert 2 == server.connections


@pytest.mark.parametrize("cut", [0, 9])
def test_streams_share_a_connection_too(opened: Open, cut: int) -> None:
    """A stream is read to its very end, so that the next call finds its connection ready."""
    said = Say("hi", dialect=Dialect(cut=cut))
    model, server = opened(said, said, said, stream=True)
    assert ["hi"] * 3 == [model.complete(PROMPT, [], seed=None).content for _ in range(3)]
    assert 1 == server.connections
