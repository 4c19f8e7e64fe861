"""A reply in the making. Streamed or not, it is put together here, so that both give the same."""

from collections.abc import Sequence
from dataclasses import replace

from harness.llm.calls import Calls, calls_made
from harness.llm.reasoning import split
from harness.llm.text import encodable, text_of
from harness.llm.types import JSON, Reply, Usage
from harness.llm.usage import estimated, reported

REASONING_FIELDS = ("reasoning_content", "reasoning")
"""Where servers tell reasoning apart from content; of two that say the same the first counts."""

INLINE = "inline"


class Draft:
    """Takes messages, or parts of one, as they come; a whole message is a stream of one part."""

    def __init__(self) -> None:
        self.answered = False
        self.finish_reason = ""
        self.reasoning_field = ""
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._calls = Calls()
        self._usage: Usage | None = None

    def take(self, message: JSON) -> tuple[str, str]:
        """Add a message or a part of one; returns its reasoning and its content."""
        told = {name: text_of(message.get(name)) for name in REASONING_FIELDS}
        field, reasoning = next(((name, text) for name, text in told.items() if text), ("", ""))
        self.reasoning_field = self.reasoning_field or field
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
        if thoughts:
            self.reasoning_field = self.reasoning_field or INLINE
        told = encodable("".join(self._reasoning)).strip()
        reply = Reply(
            content=content,
            reasoning="\n".join([told, *thoughts] if told else thoughts),
            tool_calls=self._calls.joined(calls_made(messages)),
            finish_reason=self.finish_reason,
            empty=not self.answered,
        )
        return replace(reply, usage=self._usage or estimated(messages, tools, reply))
