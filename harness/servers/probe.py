"""Probe of a server: short requests with the client and the fields of a run."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.config import ModelConfig, ToolsMode
from harness.limits import Deadline
from harness.llm.client import OpenAIChat
from harness.llm.types import JSON, Reply

MOST_TOKENS = 4096
"""Tokens of a reply, enough for a model that reasons first."""


@dataclass(frozen=True)
class ProbeAnswer:
    """A reply, its duration in seconds, and the facts of the server."""

    reply: Reply
    seconds: float
    server: JSON

    @property
    def text(self) -> str:
        return self.reply.reasoning + self.reply.content


class ProbeClient:
    """Sends short requests to one model of a server."""

    def __init__(self, model: ModelConfig, endpoint: str, *, stream: bool, seconds: float = 0.0) -> None:
        """`seconds` limits all requests together; 0 leaves the limits of each call."""
        self.model = model
        self.endpoint = endpoint
        self._stream = stream
        self._deadline = Deadline(seconds)

    def request(
        self,
        prompt: str,
        *,
        tools: Sequence[JSON] = (),
        max_tokens: int = MOST_TOKENS,
        seed: int | None = None,
        tools_mode: ToolsMode = ToolsMode.native,
        **sampling: Any,
    ) -> ProbeAnswer:
        """Return the reply to a prompt. Raises ModelError if there is none."""
        most = min(max_tokens, self.model.max_tokens)
        model = replace(self.model, max_tokens=most, salvage=True, tools=tools_mode, **sampling)
        with OpenAIChat(model, self.endpoint, stream=self._stream, deadline=self._deadline) as chat:
            start = time.monotonic()
            reply = chat.complete([{"role": "user", "content": prompt}], tools, seed=seed)
            seconds = time.monotonic() - start
            return ProbeAnswer(reply, seconds, chat.server)
