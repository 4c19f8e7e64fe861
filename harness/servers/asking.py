"""Asking a server as a run would: the same client, the same fields, only less of everything."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.config import ModelConfig, ToolsMode
from harness.limits import Deadline
from harness.llm.client import OpenAIChat
from harness.llm.types import JSON, Reply

THOUGHTS = 4096
"""Tokens allowed to a model that may think before it does what it is asked for."""


@dataclass(frozen=True)
class ProbeAnswer:
    """A reply, how long it took, and what the server was seen to do meanwhile."""

    reply: Reply
    seconds: float
    server: JSON

    @property
    def text(self) -> str:
        return self.reply.reasoning + self.reply.content


class ProbeClient:
    """Asks one server about one model."""

    def __init__(self, model: ModelConfig, endpoint: str, *, stream: bool, seconds: float = 0.0) -> None:
        """In all that is asked no more than these seconds may pass; 0 is no limit but those of each call."""
        self.model = model
        self.endpoint = endpoint
        self._stream = stream
        self._deadline = Deadline(seconds)

    def ask(
        self,
        prompt: str,
        *,
        tools: Sequence[JSON] = (),
        max_tokens: int = THOUGHTS,
        seed: int | None = None,
        tools_mode: ToolsMode = ToolsMode.native,
        **sampling: Any,
    ) -> ProbeAnswer:
        """One reply to a prompt. Raises ModelError if there is none."""
        most = min(max_tokens, self.model.max_tokens)
        model = replace(self.model, max_tokens=most, salvage=True, tools=tools_mode, **sampling)
        with OpenAIChat(model, self.endpoint, stream=self._stream, deadline=self._deadline) as chat:
            begun = time.monotonic()
            reply = chat.complete([{"role": "user", "content": prompt}], tools, seed=seed)
            seconds = time.monotonic() - begun
            return ProbeAnswer(reply, seconds, chat.server)
