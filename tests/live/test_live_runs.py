"""The whole loop against a real server: what it generates really is generated, and comes over its own HTTP."""

import time
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from mlx_served import Live

from harness.outcome import Outcome
from harness.record import RunRecord

pytestmark = pytest.mark.live

CALLS = Counter(list_dir=2, read_file=2, write_file=1, done=1)


def figures(record: RunRecord) -> tuple[object, ...]:
    counted = record.metrics
    return counted.model_calls, counted.tool_counts, counted.read_bytes, counted.prompt_tokens, counted.total_tokens


def test_a_task_is_completed_the_same_streamed_or_not(live: Live) -> None:
    """Reasoning, one call, two calls in a turn, arguments that are no object: the run completes with equal counts."""
    whole, streamed = (live.run(stream=stream) for stream in (False, True))
    assert [Outcome.COMPLETED] * 2 == [whole.outcome, streamed.outcome]
    assert (5, CALLS) == (whole.metrics.model_calls, whole.metrics.tool_counts)
    assert figures(whole) == figures(streamed)
    first, second, third, *_ = live.replies(streamed)
    assert ("First I look at what is there.", "I look around.") == (first["reasoning"], first["content"])
    assert (1, 2) == (len(first["tool_calls"]), len(second["tool_calls"]))
    assert '["no", "object"]' == third["tool_calls"][0]["arguments"]


def test_the_record_tells_what_served(live: Live) -> None:
    """Tokens were counted by the server, nothing was refused or mended, and its fingerprint is kept."""
    record = live.run()
    assert not record.metrics.usage_estimated
    assert "reasoning" == record.server["reasoning"]
    assert [] == [fact for fact in ("dropped_fields", "salvaged_calls", "changed_from") if fact in record.server]
    assert record.server["software"].startswith("BaseHTTP")
    assert record.server["fingerprint"] == live.run().server["fingerprint"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_malformed_call_ends_the_pass_and_not_the_run(live: Live, stream: bool) -> None:
    """The server drops what it cannot read: a turn without a call, though it says that it made one."""
    record = live.run("malformed", stream=stream, max_iters=2)
    assert (Outcome.BUDGET, ["model_stop"] * 2, "max_iters") == (record.outcome, record.pass_reasons, record.spent)
    assert [("tool_calls", [])] * 2 == [(one["finish_reason"], one["tool_calls"]) for one in live.replies(record)]


@pytest.mark.parametrize("stream", [False, True])
def test_text_without_end_ends_with_its_tokens(live: Live, stream: bool) -> None:
    """Where a model cannot stop, max_tokens does."""
    record = live.run("endless", stream=stream, max_iters=1, model=replace(live.model, max_tokens=300))
    [reply] = live.replies(record)
    assert (Outcome.BUDGET, ["model_stop"]) == (record.outcome, record.pass_reasons)
    assert ("length", 300) == (reply["finish_reason"], record.metrics.completion_tokens)


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
        # The server keeps all but the last token of what it has read.
        assert before["prompt_tokens"] - 1 <= after["cached_tokens"] < after["prompt_tokens"]
    assert sum(usage["cached_tokens"] for usage in usages) == record.metrics.cached_tokens
    assert record.metrics.cached_tokens > record.metrics.prompt_tokens / 2


def test_a_pass_ends_with_its_context(live: Live) -> None:
    """The limit is held against what the server counts."""
    record = live.run(ctx_limit=400, max_iters=1)
    assert (["context"], Outcome.BUDGET) == (record.pass_reasons, record.outcome)
    assert record.per_pass[0].peak_tokens >= 400
