"""A reply in the making. Streamed or not, it is put together here, so that both give the same."""

from collections.abc import Sequence
from dataclasses import replace

from harness.llm.calls import Calls, calls_made
from harness.llm.forms import Parts, TextCall, Tools, tell_apart
from harness.llm.text import encodable, text_of
from harness.llm.timing import CallTiming, ReplyClock, reported_timing
from harness.llm.types import CUT, JSON, Reply, ToolCall, Usage
from harness.llm.usage import estimated, measured, reported

REASONING_FIELDS = ("reasoning_content", "reasoning")
"""Fields in which servers send reasoning. If two say the same, the first counts."""

INLINE = "inline"


class Draft:
    """Takes messages, or parts of one, as they come; a whole message is a stream of one part."""

    def __init__(self, clock: ReplyClock | None = None) -> None:
        """`clock` was started with the request; a reply that came whole needs none."""
        self.clock = clock or ReplyClock()
        self.answered = False
        self.finish_reason = ""
        self.reasoning_field = ""
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._calls = Calls()
        self._usage: Usage | None = None
        self._timing: CallTiming | None = None

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

    def legacy_call(self, fragment: object) -> None:
        """Add the single call of the field that came before `tool_calls`."""
        if isinstance(fragment, dict):
            self._calls.add({"function": fragment}, index=0)

    def end(self, reason: object) -> None:
        self.finish_reason = text_of(reason) or self.finish_reason

    def measure(self, payload: JSON) -> None:
        """Note usage and timings. Servers may repeat them while they generate: the last that hold anything count."""
        self._usage = reported(payload.get("usage")) or self._usage
        self._timing = reported_timing(payload) or self._timing

    def reply(self, messages: Sequence[JSON], tools: Sequence[JSON], *, salvage: bool = True) -> Reply:
        """The reply to these messages and tools, which matter to generated ids and to the estimate of tokens.

        With `salvage` calls are read from the text where none came otherwise: from the content, or from the
        reasoning if there is no content, since a call in reasoning beside an answer was only considered. A reply that
        was cut is left as it came.
        """
        first = calls_made(messages)
        native = self._calls.joined(first)
        cut = self.finish_reason.lower() in CUT
        known = Tools(() if native or cut or not salvage else tools)
        parts = tell_apart(encodable("".join(self._content)), known)
        if parts.thoughts:
            self.reasoning_field = self.reasoning_field or INLINE
        told = encodable("".join(self._reasoning)).strip()
        reasoning = "\n".join([told, *parts.thoughts] if told else parts.thoughts)
        considered = parts.calls or parts.content.strip() or native
        source = Parts("") if considered else tell_apart(reasoning, known)
        reply = Reply(
            content=parts.content,
            reasoning=reasoning,
            tool_calls=native or _numbered(parts.calls or source.calls, first),
            finish_reason=self.finish_reason,
            empty=not self.answered,
            unparsed=parts.unparsed + source.unparsed,
        )
        usage = self._usage or estimated(messages, tools, reply)
        usage, timing = measured(usage, self._timing, self.clock)
        return replace(reply, usage=usage, timing=timing)


def _numbered(calls: Sequence[TextCall], first: int) -> tuple[ToolCall, ...]:
    return tuple(
        ToolCall(f"call_{first + place}", call.name, encodable(call.arguments), "" if call.broken else call.form)
        for place, call in enumerate(calls)
    )
