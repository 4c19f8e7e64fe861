"""Fixtures of the client: a scripted server at one end, the client at the other."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from asking import Open, Opened, Slept

from harness.config import ModelConfig
from harness.llm.client import OpenAIChat

from dialects import Say
from scripted import Raw, ScriptedServer


@pytest.fixture
def slept() -> Slept:
    return Slept()


@pytest.fixture
def opened(slept: Slept) -> Iterator[Open]:
    """Open a server with a script, and a client of it."""
    with ExitStack() as stack:

        def open_both(*replies: Raw | Say, models: object = None, config: Any = None, **options: Any) -> Opened:
            server = stack.enter_context(ScriptedServer(replies, models=models))
            model = config or ModelConfig(name="m")
            options = {"sleep": slept} | options
            return stack.enter_context(OpenAIChat(model, server.endpoint, **options)), server

        yield open_both


@pytest.fixture
def unused_endpoint() -> str:
    """The URL of a port where nobody listens."""
    with ScriptedServer() as server:
        return server.endpoint
