"""The whole loop against real servers: what they generate really is generated, and comes over their own HTTP."""

import time
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from engines import Engine, Live

from harness.outcome import Outcome
from harness.record import RunRecord

pytestmark = pytest.mark.live

CALLS = Counter(list_dir=2, read_file=1, write_file=1, done=1)


def figures(record: RunRecord) -> tuple[object, ...]:
    counted = record.metrics
    return counted.model_calls, counted.tool_counts, counted.read_bytes, counted.prompt_tokens, counted.total_tokens


def test_a_task_is_completed_the_same_streamed_or_not(live: Live) -> None:
    """Reasoning, one call, two calls in a turn: the run completes with equal counts."""
    whole, streamed = (live.run(stream=stream) for stream in (False, True))
    assert [Outcome.COMPLETED] * 2 == [whole.outcome, streamed.outcome]
    assert (4, CALLS) == (whole.metrics.model_calls, whole.metrics.tool_counts)
    assert figures(whole) == figures(streamed)
    first, second, *_ = live.replies(streamed)
    assert ("First I look at what is there.", "I look around.") == (first["reasoning"], first["content"])
    assert (1, 2) == (len(first["tool_calls"]), len(second["tool_calls"]))


def test_the_record_tells_what_served(live: Live, engine: Engine) -> None:
    """Tokens were counted by the server, nothing was refused or mended, and its fingerprint is kept."""
    record = live.run()
    assert not record.metrics.usage_estimated
    assert engine.reasoning == record.server["reasoning"]
    assert [] == [fact for fact in ("dropped_fields", "salvaged_calls", "changed_from") if fact in record.server]
    assert record.server["software"].startswith(engine.software)
    assert record.server["fingerprint"] == live.run().server["fingerprint"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_malformed_call_ends_the_pass_and_not_the_run(live: Live, engine: Engine, stream: bool) -> None:
    """mlx-lm drops what it cannot read: a turn without a call, though it says that it made one."""
    _grammar_forbids(engine)
    record = live.run("malformed", stream=stream, max_iters=2)
    assert (Outcome.BUDGET, ["model_stop"] * 2, "max_iters") == (record.outcome, record.pass_reasons, record.spent)
    assert [("tool_calls", [])] * 2 == [(one["finish_reason"], one["tool_calls"]) for one in live.replies(record)]


@pytest.mark.parametrize("stream", [False, True])
def test_arguments_that_are_no_object_are_answered(live: Live, engine: Engine, stream: bool) -> None:
    """They come as they are, are counted as a call, and the pass goes on."""
    _grammar_forbids(engine)
    record = live.run("noobject", stream=stream, max_iters=1)
    assert '["no", "object"]' == live.replies(record)[0]["tool_calls"][0]["arguments"]
    assert (["model_stop"], 2, {"read_file": 1}) == (
        record.pass_reasons,
        record.metrics.model_calls,
        record.metrics.tool_counts,
    )


def test_text_without_end_ends_with_its_time(live: Live) -> None:
    """Where tokens are no limit, the time of the call is; who streams is noticed to be gone, and the server is free."""
    endless = replace(live.model, max_tokens=10_000_000, call_timeout=2)
    begun = time.monotonic()
    record = live.run("endless", stream=True, max_iters=1, model=endless)
    assert time.monotonic() - begun < 20
    assert (Outcome.FAULT, ["error"]) == (record.outcome, record.pass_reasons)
    assert "no whole reply within 2 s (model.call_timeout)" in str(record.fault)
    assert Outcome.COMPLETED is live.run().outcome


def test_the_prompt_cache_serves_what_was_sent_before(live: Live) -> None:
    """Each prompt of a pass begins with the whole one before it, and the server finds that in its cache."""
    record = live.run()
    usages = [reply["usage"] for reply in live.replies(record)]
    for before, after in pairwise(usages):
        # Servers keep all but the last tokens of what they have read.
        assert before["prompt_tokens"] - 4 <= after["cached_tokens"] < after["prompt_tokens"]
    assert sum(usage["cached_tokens"] for usage in usages) == record.metrics.cached_tokens
    assert record.metrics.cached_tokens > record.metrics.prompt_tokens / 2


def test_a_pass_ends_with_its_context(live: Live) -> None:
    """The limit is held against what the server counts."""
    _, limit, *_ = [reply["usage"]["total_tokens"] for reply in live.replies(live.run())]
    record = live.run(ctx_limit=limit, max_iters=1)
    assert (["context"], Outcome.BUDGET) == (record.pass_reasons, record.outcome)
    assert (2, limit) == (record.per_pass[0].steps, record.per_pass[0].peak_tokens)


def _grammar_forbids(engine: Engine) -> None:
    if engine.name == "llama_cpp":
        pytest.skip("llama.cpp: its grammar makes every call a readable one")
