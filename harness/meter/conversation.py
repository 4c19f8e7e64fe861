"""The conversation of a command agent, as its requests show it: what is new in each, and the results of its tools."""

import hashlib
import threading
from collections import Counter
from collections.abc import Sequence

from harness.llm.text import encodable, text_of
from harness.llm.types import JSON, Reply
from harness.llm.wire import encoded
from harness.meter.pass_meter import PassMeter
from harness.meter.tool_kinds import ToolKinds
from harness.metrics import Metrics
from harness.transcript import Transcript

MOST_CONVERSATIONS = 8
"""Conversations whose latest request is kept for comparison; an agent has few, such as one for titles."""


class ConversationLog:
    """Writes each message that the model saw once to the transcript, and counts the calls of tools."""

    def __init__(self, transcript: Transcript, meter: PassMeter, kinds: ToolKinds) -> None:
        self._transcript = transcript
        self._meter = meter
        self._kinds = kinds
        self._latest: list[list[JSON]] = []
        self._offered: list[list[JSON]] = []
        self._waiting: dict[str, tuple[int, str]] = {}
        self._said: set[tuple[str, tuple[str, ...]]] = set()
        self._written: set[bytes] = set()
        self._lock = threading.Lock()

    def request(self, step: int | None, messages: list[JSON], tools: list[JSON]) -> None:
        """Write what is new in a request; `step` is None for a call that was turned away."""
        with self._lock:
            kept = self._shared(messages)
            turns = [place for place, message in enumerate(messages) if message.get("role") == "assistant"]
            last = turns[-1] if turns else -1
            new = [one for place, one in enumerate(messages[kept:], kept) if not self._known(one, latest=place > last)]
            known = not tools or tools in self._offered
            if not known:
                self._offered = [tools, *self._offered[: MOST_CONVERSATIONS - 1]]
            self._meter.offer(tools=bool(tools))
            self._transcript.write("request", step=step, kept=kept, messages=new, tools=None if known else tools)

    def reply(self, step: int, reply: Reply) -> None:
        """Count the calls of a reply, and wait for their results."""
        names = [call.name for call in reply.tool_calls]
        with self._lock:
            self._meter.count(Metrics(tool_calls=len(names), tool_counts=Counter(names)))
            self._waiting |= {call.id: (step, call.name) for call in reply.tool_calls}
            self._said.add((reply.content, tuple(call.id for call in reply.tool_calls)))

    def _shared(self, messages: list[JSON]) -> int:
        """Return how many messages the request shares with the beginning of an earlier one, and keep it."""
        shared = [_prefix(messages, earlier) for earlier in self._latest]
        most = max(shared, default=0)
        if most:
            self._latest.pop(shared.index(most))
        self._latest.insert(0, messages)
        del self._latest[MOST_CONVERSATIONS:]
        return most

    def _known(self, message: JSON, *, latest: bool) -> bool:
        """Return True if a message needs no place in the event.

        So it is for one that an earlier event holds (some agents change the beginning of their history at every call),
        for a reply, and for the result of a call, which has an event of its own. Results of the `latest` turn are new
        even if they look like earlier ones: some servers give calls the same id again and again.
        """
        if latest and self._is_result(message):
            return True
        digest = hashlib.sha256(encoded(message)).digest()
        if digest in self._written:
            return True
        self._written.add(digest)
        if message.get("role") != "assistant":
            return self._is_result(message)
        calls = [call for call in message.get("tool_calls") or () if isinstance(call, dict)]
        return (text_of(message.get("content")), tuple(str(call.get("id")) for call in calls)) in self._said

    def _is_result(self, message: JSON) -> bool:
        """Write the result of a call that waits for one; returns False for any other message."""
        identity = str(message.get("tool_call_id"))
        if message.get("role") != "tool" or identity not in self._waiting:
            return False
        step, name = self._waiting.pop(identity)
        self._written.add(hashlib.sha256(encoded(message)).digest())
        result = encodable(text_of(message.get("content")))
        if name in self._kinds.reads:
            self._meter.count(Metrics(read_bytes=len(result.encode())))
        self._transcript.write("tool", step=step, name=name, id=identity, seconds=None, result=result, understood=None)
        return True


def _prefix(one: Sequence[JSON], other: Sequence[JSON]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))
