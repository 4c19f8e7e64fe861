"""The time limits of a call: each ends with its own reason, and none is waited for twice."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from asking import PROMPT, Open, Slept

from harness.config import ModelConfig
from harness.limits import Deadline
from harness.llm.client import OpenAIChat
from harness.llm.errors import ModelError, RunTimeUp, Stalled

from dialects import Say, whole_body
from scripted import Raw, answer, delta, stream

GOOD = Say("at last")
NEVER: list[bytes | float] = [30.0]
ALIVE: list[bytes | float] = [b": keep-alive\n\n", 0.05] * 200
"""Ten seconds of comments: bytes without a token."""

ROLE = delta(role="assistant", content="")
WORD = delta(content="word ")
THOUGHT = delta(reasoning_content="thought ")
CALL = delta(tool_calls=[{"index": 0, "id": "x", "function": {"name": "f", "arguments": ""}}])
MORE_OF_IT = delta(tool_calls=[{"index": 0, "function": {"arguments": " "}}])


@contextmanager
def within(least: float, most: float) -> Iterator[None]:
    """What happens inside takes so many seconds."""
    begun = time.monotonic()
    yield
    assert least <= time.monotonic() - begun < most


@pytest.mark.parametrize("silence", [NEVER, ALIVE, [ROLE, *ALIVE]], ids=["nothing", "comments", "a role and comments"])
def test_a_first_token_that_does_not_come_ends_the_call(
    opened: Open, slept: Slept, silence: list[bytes | float]
) -> None:
    """Comments and a role are no token; the stall is told with its limit, and not waited for again."""
    config = ModelConfig(name="m", first_token_timeout=0.3, idle_timeout=0.1)
    model, server = opened(stream(*silence), GOOD, config=config, stream=True)
    with within(0.3, 2), pytest.raises(Stalled, match=r"no first token within 0.3 s \(model.first_token_timeout\)"):
        model.complete(PROMPT, [], seed=None)
    assert ([], 1) == (slept, len(server.asked))


@pytest.mark.parametrize("token", [WORD, THOUGHT, CALL], ids=["content", "reasoning", "call"])
@pytest.mark.parametrize("silence", [NEVER, ALIVE], ids=["nothing", "comments"])
def test_a_stream_that_falls_silent_ends_the_call(
    opened: Open, slept: Slept, token: bytes, silence: list[bytes | float]
) -> None:
    """After the first token each has its own time; whatever keeps the connection open does not count."""
    config = ModelConfig(name="m", first_token_timeout=30, idle_timeout=0.3)
    model, server = opened(stream(token, *silence), GOOD, config=config, stream=True)
    with within(0.3, 2), pytest.raises(Stalled, match=r"no further token for 0.3 s \(model.idle_timeout\)"):
        model.complete(PROMPT, [], seed=None)
    assert ([], 1) == (slept, len(server.asked))


def test_tokens_that_keep_coming_are_waited_for(opened: Open) -> None:
    """Slow is not silent: a reply may take many times its idle limit."""
    slowly: list[bytes | float] = [part for token in (WORD, THOUGHT, CALL, MORE_OF_IT) * 3 for part in (token, 0.1)]
    config = ModelConfig(name="m", first_token_timeout=0.3, idle_timeout=0.3)
    model, _ = opened(stream(*slowly, delta("stop")), config=config, stream=True)
    assert "word " * 3 == model.complete(PROMPT, [], seed=None).content


def test_a_call_without_end_is_ended(opened: Open, slept: Slept) -> None:
    """Tokens for ever are an end too, once the whole call has had its time."""
    config = ModelConfig(name="m", call_timeout=0.4)
    model, server = opened(stream(*[WORD, 0.05] * 200), GOOD, config=config, stream=True)
    with within(0.4, 2), pytest.raises(Stalled, match=r"no whole reply within 0.4 s \(model.call_timeout\)"):
        model.complete(PROMPT, [], seed=None)
    assert ([], 1) == (slept, len(server.asked))


@pytest.mark.parametrize(
    "reply",
    [Raw((30.0,)), answer(b"", length=9), Raw((b"HTTP/1.1 200 OK\r\n", 30.0)), stream(*[b" ", 0.05] * 200, headers={})],
    ids=["nothing", "a head", "half a head", "blanks"],
)
def test_a_reply_that_is_not_streamed_is_limited_as_a_whole(opened: Open, slept: Slept, reply: Raw) -> None:
    """Nothing is seen of it before it is whole, so that only the whole call can be limited."""
    config = ModelConfig(name="m", first_token_timeout=0.1, idle_timeout=0.1, call_timeout=0.4)
    model, server = opened(reply, GOOD, config=config)
    with within(0.4, 2), pytest.raises(Stalled, match=r"model\.call_timeout"):
        model.complete(PROMPT, [], seed=None)
    assert ([], 1) == (slept, len(server.asked))


def test_no_limit_waits(opened: Open) -> None:
    """0 means no limit, and not no time at all."""
    config = ModelConfig(name="m", first_token_timeout=0, idle_timeout=0, call_timeout=0)
    slow = answer(whole_body(GOOD))
    model, _ = opened(Raw((0.3, *slow.parts)), config=config)
    assert "at last" == model.complete(PROMPT, [], seed=None).content
    model, _ = opened(stream(0.3, WORD, 0.3, delta("stop")), config=config, stream=True)
    assert "word " == model.complete(PROMPT, [], seed=None).content


def test_repetitions_are_part_of_the_call(opened: Open) -> None:
    """A server that is busy or loads is not waited for beyond the call's limit: the wait is not even begun."""
    busy = answer(b"", status=503, headers={"Retry-After": "30"})
    model, server = opened(busy, GOOD, config=ModelConfig(name="m", call_timeout=5), sleep=time.sleep)
    with within(0, 2), pytest.raises(Stalled, match=r"model\.call_timeout"):
        model.complete(PROMPT, [], seed=None)
    assert 1 == len(server.asked)


@pytest.mark.parametrize("streamed", [True, False])
def test_the_end_of_the_run_ends_its_call(opened: Open, slept: Slept, streamed: bool) -> None:
    """The run's time holds for the call under way and for any later one, and is told as what it is."""
    model, server = opened(stream(*ALIVE), GOOD, stream=streamed, deadline=Deadline(0.3))
    for least in (0.25, 0):
        with within(least, 2), pytest.raises(RunTimeUp, match=r"the time of the run is up \(run_timeout\)"):
            model.complete(PROMPT, [], seed=None)
    assert ([], 1) == (slept, len(server.asked))


def test_limits_of_one_call_do_not_reach_into_the_next(opened: Open) -> None:
    """Each call has its time anew, and on the same connection."""
    config = ModelConfig(name="m", call_timeout=0.6)
    slow = Raw((0.4, *answer(whole_body(GOOD)).parts), "keep")
    model, server = opened(slow, slow, config=config)
    assert ["at last"] * 2 == [model.complete(PROMPT, [], seed=None).content for _ in range(2)]
    assert 1 == server.connections


def test_a_connection_that_is_not_taken_up_is_told_as_such(slept: Slept) -> None:
    """Whoever is asked to connect and does not answer is asked again, and then told with its own limit."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:  # the queue is full: the next one stays outside
            each.setblocking(False)
            each.connect_ex(address)
        config = ModelConfig(name="m", connect_timeout=0.2)
        with OpenAIChat(config, f"http://127.0.0.1:{address[1]}/v1", sleep=slept) as model:
            told = r"gave up after 3 attempts: no connection within 0.2 s \(model.connect_timeout\)"
            with within(0.6, 3), pytest.raises(ModelError, match=told):
                model.complete(PROMPT, [], seed=None)
        for each in waiting:
            each.close()
    assert [0.2, 0.4] == slept
