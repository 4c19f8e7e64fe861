"""Tool calls, put together from fragments."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from harness.llm.text import encodable, text_of
from harness.llm.types import JSON, ToolCall


@dataclass
class _Draft:
    index: int
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.name or any(self.arguments))


class Calls:
    """The calls of one reply. An index is only ever a key: however large, it costs nothing."""

    def __init__(self) -> None:
        self._drafts: list[_Draft] = []
        self._by_index: dict[int, _Draft] = {}

    def add(self, fragment: object, *, index: int | None = None) -> None:
        """Join a fragment to its call, or begin a call with it; `index` is its place where it is known."""
        if not isinstance(fragment, dict):
            return
        index = _index(fragment) if index is None else index
        if index is not None and index < 0:
            return
        function = fragment.get("function")
        function = function if isinstance(function, dict) else fragment
        identity, name = _word(fragment.get("id")), text_of(function.get("name"))
        draft = self._at(index, identity, name) if index is not None else self._placed(identity, name)
        draft.id = draft.id or identity
        draft.name = draft.name or name
        draft.arguments.append(_arguments(function.get("arguments")))

    def joined(self, first: int) -> tuple[ToolCall, ...]:
        """The calls in order. Where an id is missing, or given twice, it is `call_<n>`, counted from `first`."""
        drafts = [draft for draft in sorted(self._drafts, key=lambda draft: draft.index) if draft]
        given = {draft.id for draft in drafts}
        fresh = (f"call_{number}" for number in count(first) if f"call_{number}" not in given)
        taken: set[str] = set()
        calls = []
        for draft in drafts:
            identity = draft.id if draft.id and draft.id not in taken else next(fresh)
            taken.add(identity)
            arguments = encodable("".join(draft.arguments))
            calls.append(ToolCall(encodable(identity), encodable(draft.name), arguments))
        return tuple(calls)

    def _at(self, index: int, identity: str, name: str) -> _Draft:
        """The call of that index. Some servers number every call 0: another id and a name begin another call."""
        draft = self._by_index.get(index)
        if draft is None or (name and identity and draft.id and identity != draft.id and draft):
            return self._begun(index)
        return draft

    def _placed(self, identity: str, name: str) -> _Draft:
        """The call of a fragment without an index: that of its id, else the last, unless it names a new one."""
        known = next((draft for draft in self._drafts if identity and draft.id == identity), None)
        if known is not None:
            return known
        return self._begun(len(self._drafts)) if identity or name or not self._drafts else self._drafts[-1]

    def _begun(self, index: int) -> _Draft:
        draft = _Draft(index)
        self._drafts.append(draft)
        self._by_index[index] = draft
        return draft


def calls_made(messages: Sequence[JSON]) -> int:
    """Calls already in the history: generated ids go on from there, so that none comes twice in a pass."""
    return sum(len(message.get("tool_calls") or ()) for message in messages)


def _index(fragment: JSON) -> int | None:
    value = fragment.get("index")
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _word(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _arguments(value: object) -> str:
    """The JSON text of the arguments, which some servers send as the object itself."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)
