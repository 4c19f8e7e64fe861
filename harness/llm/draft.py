"""Assemble a reply and its tool calls from the parts in which they arrive."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from harness.llm.forms import Parts, TextCall, Tools, split_text
from harness.llm.text import encodable, text_of
from harness.llm.types import CUT, JSON, CallTiming, Reply, ToolCall, Usage, generated_id
from harness.llm.usage import ReplyClock, estimated, measured, reported, reported_timing

_STRUCTURE = re.compile(r'\\.?|["{}\[\]]', re.DOTALL)


class _Balance:
    """Counts braces of JSON as it arrives, to see when an object is complete."""

    def __init__(self) -> None:
        self._depth = 0
        self._quoted = False
        self._escaped = False
        self.whole = False

    def feed(self, piece: str) -> None:
        skipped = 1 if self._escaped and piece else 0
        self._escaped = self._escaped and not piece
        for token in _STRUCTURE.findall(piece, skipped):
            if token[0] == "\\":
                self._escaped = len(token) == 1
            elif token == '"':
                self._quoted = not self._quoted
            elif not self._quoted:
                self._depth += 1 if token in "{[" else -1
                self.whole = self._depth == 0


@dataclass
class _Draft:
    index: int
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    balance: _Balance = field(default_factory=_Balance)

    def __bool__(self) -> bool:
        return bool(self.name or any(self.arguments))

    def append(self, arguments: str) -> None:
        self.arguments.append(arguments)
        self.balance.feed(arguments)


class Calls:
    """The calls of one reply. An index is only a key, so a large one costs nothing."""

    def __init__(self) -> None:
        self._drafts: list[_Draft] = []
        self._by_index: dict[int, _Draft] = {}
        self._by_id: dict[tuple[int | None, str], _Draft] = {}

    def add(self, fragment: object, *, index: int | None = None) -> None:
        """Join a fragment to its call, or begin a call with it; `index` is its position, if known."""
        if not isinstance(fragment, dict):
            return
        index = _index(fragment) if index is None else index
        if index is not None and index < 0:
            return
        function = fragment.get("function")
        function = function if isinstance(function, dict) else fragment
        identity, name = _word(fragment.get("id")), text_of(function.get("name"))
        arguments = _arguments(function.get("arguments"))
        draft = self._at(index, identity, name, arguments)
        draft.id = draft.id or identity
        draft.name = draft.name or name
        draft.append(arguments)
        if identity:
            self._by_id.setdefault((index, identity), draft)

    def joined(self, first: int) -> tuple[ToolCall, ...]:
        """Return the calls in order. A missing or repeated id is replaced by a generated one, counted from `first`."""
        drafts = [draft for draft in sorted(self._drafts, key=lambda draft: draft.index) if draft]
        used = {draft.id for draft in drafts}
        fresh = (name for name in map(generated_id, count(first)) if name not in used)
        taken: set[str] = set()
        calls = []
        for draft in drafts:
            identity = draft.id if draft.id and draft.id not in taken else next(fresh)
            taken.add(identity)
            arguments = encodable("".join(draft.arguments))
            calls.append(ToolCall(encodable(identity), encodable(draft.name), arguments))
        return tuple(calls)

    def _at(self, index: int | None, identity: str, name: str, arguments: str) -> _Draft:
        """Return the call of a fragment: the one with its id, else the last at its index, unless it begins another.

        Some servers give every call the index 0, with or without ids; others leave the index out.
        """
        known = self._by_id.get((index, identity)) if identity else None
        last = known or (self._by_index.get(index) if index is not None else self._latest(identity, name))
        if last is None or (name and self._is_another(last, identity, name, arguments)):
            return self._begun(len(self._drafts) if index is None else index)
        return last

    def _latest(self, identity: str, name: str) -> _Draft | None:
        """Return the last call, which a fragment without index, id and name continues."""
        return self._drafts[-1] if self._drafts and not identity and not name else None

    def _is_another(self, last: _Draft, identity: str, name: str, arguments: str) -> bool:
        """Return True if a fragment with a name begins a new call at an index that is in use."""
        if not last:
            return False
        if identity and last.id and identity != last.id:
            return True
        renamed = bool(last.name) and name != last.name and not identity
        return renamed or (last.balance.whole and bool(arguments.strip()))

    def _begun(self, index: int) -> _Draft:
        draft = _Draft(index)
        self._drafts.append(draft)
        self._by_index[index] = draft
        return draft


def calls_made(messages: Sequence[JSON]) -> int:
    """Count the calls in the history. Generated ids continue from there, so that none is repeated in a pass."""
    return sum(len(message.get("tool_calls") or ()) for message in messages)


def _index(fragment: JSON) -> int | None:
    value = fragment.get("index")
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _word(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _arguments(value: object) -> str:
    """Return the JSON text of the arguments. Some servers send the object itself."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


REASONING_FIELDS = ("reasoning_content", "reasoning")
"""Fields in which servers send reasoning. The first with text counts."""

INLINE = "inline"


class Draft:
    """Collects a message or the parts of one; a whole message is a stream of one part."""

    def __init__(self, clock: ReplyClock | None = None) -> None:
        """`clock` was started with the request; a reply in one body needs none."""
        self.clock = clock or ReplyClock()
        self.has_choice = False
        self.finish_reason = ""
        self.reasoning_field = ""
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._calls = Calls()
        self._usage: Usage | None = None
        self._timing: CallTiming | None = None

    def take(self, message: JSON) -> tuple[str, str]:
        """Add a message or a part of one, and return its reasoning and its content."""
        texts = {name: text_of(message.get(name)) for name in REASONING_FIELDS}
        field, reasoning = next(((name, text) for name, text in texts.items() if text), ("", ""))
        self.reasoning_field = self.reasoning_field or field
        content = text_of(message.get("content"))
        self._reasoning.append(reasoning)
        self._content.append(content)
        return reasoning, content

    def call(self, fragments: object, *, whole: bool) -> None:
        """Add tool calls. The index of whole calls is their position; fragments have their own."""
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
        """Keep usage and timings. Servers may repeat them during generation, so the last ones with values count."""
        self._usage = reported(payload.get("usage")) or self._usage
        self._timing = reported_timing(payload) or self._timing

    def reply(self, messages: Sequence[JSON], tools: Sequence[JSON], *, salvage: bool = True) -> Reply:
        """Return the reply. Generated ids and estimated tokens depend on `messages` and `tools`.

        With `salvage`, and without native calls, calls are read from the content, or from the reasoning if there is
        no content: beside content, a call in the reasoning was only considered. A cut reply is not searched for calls.
        """
        first = calls_made(messages)
        native = self._calls.joined(first)
        cut = self.finish_reason.lower() in CUT
        known = Tools(() if native or cut or not salvage else tools)
        parts = split_text(encodable("".join(self._content)), known)
        if parts.thoughts:
            self.reasoning_field = self.reasoning_field or INLINE
        reported = encodable("".join(self._reasoning)).strip()
        reasoning = "\n".join([reported, *parts.thoughts] if reported else parts.thoughts)
        considered = parts.calls or parts.content.strip() or native
        source = Parts("") if considered else split_text(reasoning, known)
        reply = Reply(
            content=parts.content,
            reasoning=reasoning,
            tool_calls=native or _numbered(parts.calls or source.calls, first),
            finish_reason=self.finish_reason,
            empty=not self.has_choice,
            unparsed=parts.unparsed + source.unparsed,
        )
        usage = self._usage or estimated(messages, tools, reply)
        usage, timing = measured(usage, self._timing, self.clock)
        return replace(reply, usage=usage, timing=timing)


def _numbered(calls: Sequence[TextCall], first: int) -> tuple[ToolCall, ...]:
    return tuple(
        ToolCall(generated_id(first + place), call.name, encodable(call.arguments), "" if call.broken else call.form)
        for place, call in enumerate(calls)
    )
