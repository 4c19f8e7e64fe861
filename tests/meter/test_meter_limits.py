"""The limits of a pass of a command agent: tokens, calls and time."""

from pathlib import Path

import httpx
import pytest
from metered import MESSAGES, Deadline, metered

from harness.meter.pass_meter import MOST_FAILURES, PassLimits
from harness.outcome import PassReason

from dialects import Say
from scripted import ScriptedServer, answer

FULL = {"prompt_tokens": 900, "completion_tokens": 150, "total_tokens": 1050}
SMALL = {"prompt_tokens": 50, "completion_tokens": 5, "total_tokens": 55}


def test_a_call_that_reaches_the_limit_ends_the_pass_at_the_next(tmp_path: Path) -> None:
    """The last reply arrives whole, so that its tools are carried out; the next call ends the pass, unanswered."""
    limits = PassLimits(ctx_limit=1000)
    with (
        ScriptedServer([Say("all of it", usage=FULL)]) as server,
        metered(tmp_path, server.endpoint, limits=limits) as one,
    ):
        assert "all of it" in one.chat().text
        assert (PassReason.CONTEXT, False, []) == (one.meter.due, one.meter.over, one.ended)
        with pytest.raises(httpx.RemoteProtocolError):
            one.chat()
        with pytest.raises(httpx.RemoteProtocolError):
            one.chat()
        result = one.meter.exited()
    assert [PassReason.CONTEXT] == one.ended
    assert (PassReason.CONTEXT, 1, 1050) == (result.reason, result.steps, result.peak_tokens)
    assert 1 == len(server.asked)


def test_an_agent_that_exits_by_itself_at_the_limit_has_stopped(tmp_path: Path) -> None:
    """Without another call the limit ended nothing."""
    limits = PassLimits(ctx_limit=1000)
    with ScriptedServer([Say("done", usage=FULL)]) as server, metered(tmp_path, server.endpoint, limits=limits) as one:
        one.chat()
        assert PassReason.MODEL_STOP == one.meter.exited().reason


def test_the_pass_ends_after_max_steps(tmp_path: Path) -> None:
    """A call beyond `max_steps` reaches nobody; failed calls are none of them."""
    bad = answer({"error": "out of order"}, status=500)
    with (
        ScriptedServer([Say("a"), bad, Say("b"), Say("c")]) as server,
        metered(tmp_path, server.endpoint, limits=PassLimits(max_steps=2)) as one,
    ):
        assert [200, 500, 200] == [one.chat().status_code for _ in range(3)]
        with pytest.raises(httpx.RemoteProtocolError):
            one.chat()
        result = one.meter.exited()
    assert (PassReason.MAX_STEPS, None, 2) == (result.reason, result.error, result.metrics.model_calls)
    assert 3 == len(server.asked)


def test_time_that_is_up_ends_the_pass(tmp_path: Path) -> None:
    """A call under way ends with the run, and the next is none."""
    deadline = Deadline(0.5)
    limits = PassLimits(deadline=deadline)
    slow = answer(b"{}", length=100)
    with (
        ScriptedServer([slow]) as server,
        metered(tmp_path, server.endpoint, limits=limits, deadline=deadline) as one,
    ):
        reply = one.chat()
        assert 502 == reply.status_code
        with pytest.raises(httpx.RemoteProtocolError):
            one.chat()
        assert PassReason.RUN_TIMEOUT == one.meter.exited().reason
    assert [PassReason.RUN_TIMEOUT] == one.ended


def test_a_full_context_is_refused_and_the_pass_goes_on(tmp_path: Path) -> None:
    """With `refuses` a request as long as one that reached the limit gets an error, and a shorter one a reply."""
    limits = PassLimits(ctx_limit=1000, refuses=True)
    longer = [*MESSAGES, {"role": "assistant", "content": "long"}, {"role": "user", "content": "go on"}]
    with (
        ScriptedServer([Say("long", usage=FULL), Say("short", usage=SMALL)]) as server,
        metered(tmp_path, server.endpoint, limits=limits) as one,
    ):
        one.chat()
        refused = one.chat(messages=longer)
        assert PassReason.CONTEXT == one.meter.exited().reason
        compacted = one.chat(messages=[{"role": "user", "content": "go"}])
        result = one.meter.exited()
    error = refused.json()["error"]
    assert (400, "context_length_exceeded", "invalid_request_error") == (
        refused.status_code,
        error["code"],
        error["type"],
    )
    assert "1000 tokens" in error["message"]
    assert "short" in compacted.text
    assert (PassReason.MODEL_STOP, 2, []) == (result.reason, result.metrics.model_calls, one.ended)
    assert 2 == len(server.asked)
    assert 1 == len(one.events_of("call_failed"))


def test_an_agent_that_repeats_a_failed_call_for_ever_is_ended(tmp_path: Path) -> None:
    """After many failures in a row the pass ends, for their reason."""
    with (
        ScriptedServer([answer({"error": "out of order"}, status=500)] * (MOST_FAILURES + 5)) as server,
        metered(tmp_path, server.endpoint, limits=PassLimits(max_steps=3)) as one,
    ):
        for _ in range(MOST_FAILURES):
            assert 500 == one.chat().status_code
        with pytest.raises(httpx.RemoteProtocolError):
            one.chat()
        result = one.meter.exited()
    assert PassReason.ERROR == result.reason
    assert "HTTP 500" in (result.error or "")
    assert MOST_FAILURES == len(server.asked)
