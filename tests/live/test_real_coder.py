"""A real coder behind a real llama.cpp server: what it calls, in whatever form, is carried out and counted."""

from dataclasses import replace
from pathlib import Path

import engines
import pytest
import real_model

from harness.record import Outcome
from harness.runner import run
from harness.servers.managed import ManagedServer

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.mark.parametrize("stream", [False, True])
def test_the_calls_of_a_real_coder_are_carried_out(tmp_path: Path, stream: bool) -> None:
    """Qwen2.5-Coder-1.5B writes its calls as fenced JSON: they count as calls, and nothing that it does is a fault."""
    try:
        config = engines.at_free_port(engines.packaged_model("qwen2_5-coder-1_5b"))
    except real_model.UnsupportedError as error:
        pytest.skip(str(error))
    model = replace(config.model, max_tokens=400)
    config = replace(config, stream=stream, model=model, max_iters=3, max_steps=6, log_dir=str(tmp_path / "logs"))
    with ManagedServer(config, tmp_path / "server.log", print):
        record = run(config, endpoint=config.model.endpoint)
    assert record.outcome in (Outcome.COMPLETED, Outcome.STAGNATED, Outcome.BUDGET), record.fault
    assert "error" not in record.pass_reasons
    assert 0 < record.metrics.tool_calls
    assert 0 < sum(record.metrics.salvaged_calls.values())
    assert not record.metrics.usage_estimated
