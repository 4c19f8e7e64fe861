"""Replies that are cut: one reason whatever cut them, with every server, streamed or not, a call under way or not."""

from dataclasses import replace
from pathlib import Path

import pytest
from engines import Engine, Live

from harness.config import RunConfig
from harness.record import Outcome, RunRecord
from harness.servers.managed import ManagedServer

pytestmark = pytest.mark.live

STREAM = pytest.mark.parametrize("stream", [False, True])
SCRIPT = pytest.mark.parametrize("script", ["endless", "writing"])

MOST = 20
"""Tokens of a reply, fewer than either script has."""


@pytest.fixture
def brief(server: RunConfig, tmp_path: Path) -> Live:
    """Runs whose replies are cut."""
    return Live(replace(server, model=replace(server.model, max_tokens=MOST)), tmp_path)


@STREAM
@SCRIPT
def test_a_reply_cut_by_its_tokens_ends_the_pass_with_length(
    engine: Engine, brief: Live, script: str, stream: bool
) -> None:
    """It is a result; a call that was under way is not carried out."""
    record = brief.run(script, stream=stream, max_iters=2)
    assert (Outcome.BUDGET, ["length", "length"]) == (record.outcome, record.pass_reasons)
    _assert_cut(record)
    assert record.metrics.usage_estimated or 2 * MOST == record.metrics.completion_tokens


@STREAM
@SCRIPT
def test_a_reply_cut_at_the_limit_ends_the_pass_with_context(
    engine: Engine, brief: Live, script: str, stream: bool
) -> None:
    """Where its tokens, as the record counts them, reach ctx_limit, that is the reason."""
    total = brief.run(script, stream=stream, max_iters=1).per_pass[0].peak_tokens
    record = brief.run(script, stream=stream, max_iters=2, ctx_limit=total)
    assert (Outcome.BUDGET, ["context", "context"]) == (record.outcome, record.pass_reasons)
    _assert_cut(record)


@STREAM
@SCRIPT
def test_a_reply_cut_at_the_window_ends_the_pass_with_context(
    engine: Engine, brief: Live, tmp_path: Path, script: str, stream: bool
) -> None:
    """Where the server's window is full, that is the reason, though neither max_tokens nor ctx_limit is reached."""
    if engine.window is None:
        pytest.skip(f"{engine.name}: nothing tells its window")
    total = brief.run(script, max_iters=1).per_pass[0].peak_tokens
    config = engine.config(tmp_path, window=total)
    with ManagedServer(config, tmp_path / "server.log", print):
        record = Live(config, tmp_path).run(script, stream=stream, max_iters=1, ctx_limit=0)
    assert (Outcome.BUDGET, ["context"]) == (record.outcome, record.pass_reasons)
    _assert_cut(record)


@STREAM
def test_a_prompt_over_the_window_ends_the_pass_with_context(
    engine: Engine, brief: Live, tmp_path: Path, stream: bool
) -> None:
    """A prompt that outgrew the window in mid-pass is a full context, whatever the server says of it."""
    _skip_without_window(engine)
    total = brief.run("reading", max_iters=1, max_steps=1).per_pass[0].peak_tokens
    config = engine.config(tmp_path, window=total + 8)
    with ManagedServer(config, tmp_path / "server.log", print):
        record = Live(config, tmp_path).run("reading", stream=stream, max_iters=1, ctx_limit=0)
    assert (Outcome.BUDGET, ["context"], None) == (record.outcome, record.pass_reasons, record.fault)
    assert {"read_file": 1} == record.metrics.tool_counts


def _skip_without_window(engine: Engine) -> None:
    if "{window}" not in engine.command:
        pytest.skip(f"{engine.name}: its window is the model's own")


def _assert_cut(record: RunRecord) -> None:
    assert record.passes == record.metrics.cut_replies
    assert (0, None) == (record.metrics.tool_calls, record.fault)
