"""A reply in the making. Streamed or not, it is put together here, so that both give the same."""

from collections.abc import Sequence
from dataclasses import replace

from harness.llm.calls import Calls, calls_made
from harness.llm.reasoning import split
from harness.llm.text import encodable, text_of
from harness.llm.types import JSON, Reply, Usage
from harness.llm.usage import estimated, reported


class Draft:
    """Takes messages, or parts of one, as they come; a whole message is a stream of one part."""

    def __init__(self) -> None:
        self.answered = False
        self.finish_reason = ""
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._calls = Calls()
        self._usage: Usage | None = None

    def take(self, message: JSON) -> tuple[str, str]:
        """Add a message or a part of one; returns its reasoning and its content."""
        reasoning = text_of(message.get("reasoning_content")) or text_of(message.get("reasoning"))
        content = text_of(message.get("content"))
        self._reasoning.append(reasoning)
        self._content.append(content)
        return reasoning, content

    def call(self, fragments: object, *, whole: bool) -> None:
        """Add tool calls: whole ones, whose place is their index, or fragments, which bring their own."""
        if isinstance(fragments, list):
            for place, fragment in enumerate(fragments):
                self._calls.add(fragment, index=place if whole else None)

    def end(self, reason: object) -> None:
        self.finish_reason = text_of(reason) or self.finish_reason

    def count(self, usage: object) -> None:
        """Note the usage. Servers may repeat it while they generate: the last that tells anything holds."""
        self._usage = reported(usage) or self._usage

    def reply(self, messages: Sequence[JSON], tools: Sequence[JSON]) -> Reply:
        """The reply to these messages and tools, which matter to generated ids and to the estimate of tokens."""
        content, thoughts = split(encodable("".join(self._content)))
        told = encodable("".join(self._reasoning)).strip()
        reply = Reply(
            content=content,
            reasoning="\n".join([told, *thoughts] if told else thoughts),
            tool_calls=self._calls.joined(calls_made(messages)),
            finish_reason=self.finish_reason,
            empty=not self.answered,
        )
        return replace(reply, usage=self._usage or estimated(messages, tools, reply))
