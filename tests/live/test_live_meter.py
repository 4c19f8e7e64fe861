"""The metering proxy in front of a real llama.cpp server: three wires, whole and streamed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import engines
import pytest
import real_model
from metered import metered

from harness.config import RunConfig
from harness.outcome import PassReason
from harness.servers.managed import ManagedServer

pytestmark = pytest.mark.live

SAID = {"role": "user", "content": "Count from 1 to 5."}
REQUESTS: dict[str, dict[str, Any]] = {
    "/chat/completions": {"messages": [SAID], "max_tokens": 12},
    "/responses": {"input": [SAID], "max_output_tokens": 12},
    "/messages": {"messages": [SAID], "max_tokens": 12},
}


@pytest.fixture(scope="module")
def smollm2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunConfig]:
    """SmolLM2-135M on llama.cpp's server; skipped where that cannot run."""
    try:
        config = engines.at_free_port(engines.packaged_model("smollm2-135m"))
    except real_model.UnsupportedError as error:
        pytest.skip(str(error))
    with ManagedServer(config, tmp_path_factory.mktemp("server") / "server.log", print):
        yield config


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", list(REQUESTS))
def test_every_wire_has_a_reply_and_the_server_s_count(
    smollm2: RunConfig, tmp_path: Path, path: str, stream: bool
) -> None:
    """The same prompt has the same tokens on each wire, and the speed is the server's own."""
    with metered(tmp_path, smollm2.model.endpoint, temperature=0.0) as one:
        reply = one.http.post(path, json=REQUESTS[path] | {"stream": stream}, timeout=120)
        result = one.meter.exited()
    [event] = one.events_of("reply")
    assert 200 == reply.status_code
    assert (PassReason.MODEL_STOP, False, 12) == (
        result.reason,
        result.metrics.usage_estimated,
        result.metrics.completion_tokens,
    )
    assert "server" == event["timing"]["timed_by"]
    assert event["content"]


@pytest.mark.parametrize("path", list(REQUESTS))
def test_a_prompt_over_the_window_is_refused_in_words(smollm2: RunConfig, tmp_path: Path, path: str) -> None:
    """The agent gets the server's words, in the form of its wire; a prompt that never fitted is no context."""
    long = {"role": "user", "content": "word " * 9000}
    field = "input" if path == "/responses" else "messages"
    with metered(tmp_path, smollm2.model.endpoint) as one:
        reply = one.http.post(path, json=REQUESTS[path] | {field: [long]}, timeout=120)
        assert PassReason.ERROR == one.meter.exited().reason
    assert 400 == reply.status_code
    assert "exceeds the available context size" in reply.json()["error"]["message"]
