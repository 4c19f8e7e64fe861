"""A prompt that cannot fit is not sent."""

import pytest
from asking import PROMPT, Open, Slept

from harness.config import ModelConfig
from harness.llm.client import OpenAIChat
from harness.llm.errors import ContextOverflow, ModelError
from harness.llm.types import JSON, Reply

from dialects import Say
from scripted import Raw, answer

COUNTED = Say("ok", usage={"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010})
TEXT = "ten bytes " * 400
FULL: list[JSON] = [{"role": "user", "content": TEXT}]


def grown(reply: Reply, size: int) -> list[JSON]:
    return [*FULL, reply.as_message(), {"role": "tool", "tool_call_id": "x", "content": TEXT[:size]}]


def test_a_prompt_that_outgrew_the_window_is_not_sent(opened: Open, slept: Slept) -> None:
    """What the server counted of the last prompt, and what has been added, tell that the next is too large."""
    model, server = opened(COUNTED, COUNTED, window=1200)
    reply = model.complete(FULL, [], seed=None)
    with pytest.raises(ContextOverflow, match=r"has 1\d\d\d tokens or more and the server's window 1200: not sent"):
        model.complete(grown(reply, 2000), [], seed=None)
    assert ([], 1) == (slept, len(server.asked))
    model.complete(grown(reply, 200), [], seed=None)
    assert 2 == len(server.asked)


def test_a_fresh_pass_is_measured_anew(opened: Open) -> None:
    """A shorter prompt fits again; one that is as long as what did not fit does not."""
    model, server = opened(COUNTED, COUNTED, window=1001)
    reply = model.complete(FULL, [], seed=None)
    with pytest.raises(ContextOverflow):
        model.complete(grown(reply, 100), [], seed=None)
    assert "ok" == model.complete(PROMPT, [], seed=None).content
    assert 2 == len(server.asked)


@pytest.mark.parametrize("window", [None, 10**6])
def test_a_window_that_is_unknown_or_large_holds_nothing_back(opened: Open, window: int | None) -> None:
    """Whether a prompt fits is then for the server to say."""
    model, server = opened(*[COUNTED] * 2, window=window)
    reply = model.complete(FULL, [], seed=None)
    model.complete(grown(reply, 4000), [], seed=None)
    assert 2 == len(server.asked)


def test_an_estimate_is_no_measure(opened: Open) -> None:
    """Where the server does not count, nothing is known well enough to hold a prompt back."""
    model, server = opened(*[answer({"choices": [{"message": {"content": "x"}}]})] * 2, window=10)
    for _ in range(2):
        model.complete(FULL, [], seed=None)
    assert 2 == len(server.asked)


def test_a_server_that_is_started_again_is_waited_for(slept: Slept, unused_endpoint: str, opened: Open) -> None:
    """Nobody there: a supervised server comes back, and its run is not lost by a crash."""
    supervised = OpenAIChat(ModelConfig(name="m"), unused_endpoint, supervised=True, sleep=slept)
    with supervised, pytest.raises(ModelError, match="gave up after"):
        supervised.complete(PROMPT, [], seed=None)
    assert 600.0 == sum(slept)
    slept.clear()
    model, _ = opened(Raw(then="reset"), Say("again"), supervised=True)
    assert "again" == model.complete(PROMPT, [], seed=None).content
    assert [0.2] == slept
