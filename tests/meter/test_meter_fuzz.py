"""Requests and answers of any shape: none is taken for a fault of this machine."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from metered import Metered, metered

from dialects import Say
from scripted import DONE, Raw, ScriptedServer, answer, frame, stream

FIELDS = """
choices message delta content tool_calls function name arguments id index finish_reason usage prompt_tokens
completion_tokens total_tokens prompt_tokens_details error messages role input tools stream stream_options system
max_tokens tool_call_id type timings instructions model
"""
NAMES = st.sampled_from(FIELDS.split())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=6)
STATUSES = st.sampled_from([200, 200, 302, 400, 500])
ANSWERS = st.one_of(
    st.builds(lambda body, status: answer(body, status=status), VALUES, STATUSES),
    st.builds(lambda frames: stream(*map(frame, frames), DONE), st.lists(VALUES, max_size=4)),
    st.builds(answer, st.binary(max_size=30)),
    st.builds(lambda data: Raw((data,), "close"), st.binary(max_size=60)),
)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ScriptedServer, Metered]]:
    """A server, and a pass in front of it that fails too often to end."""
    with ScriptedServer() as server, metered(tmp_path_factory.mktemp("pass"), server.endpoint) as pass_:
        yield server, pass_


@pytest.mark.parametrize("path", ["/chat/completions", "/responses", "/messages"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fields=OBJECTS, reply=ANSWERS)
def test_nothing_that_is_sent_breaks_the_meter(
    one: tuple[ScriptedServer, Metered], path: str, fields: dict[str, Any], reply: Raw
) -> None:
    """The agent gets some answer, or a connection that closes; the pass goes on."""
    server, metered_pass = one
    server.add(reply, reply, reply)
    with suppress(httpx.HTTPError):
        metered_pass.http.post(path, json=fields)
    server.clear()  # a call is made once more where the server closed a connection unanswered
    server.add(Say("fine"), Say("fine"))
    assert metered_pass.chat().is_success
