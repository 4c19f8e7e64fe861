"""Client of the judge: repeats a request until a reply has the right form, and logs every reply."""

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from analysis.judge.answer import InvalidReply
from analysis.judge.prompt import JudgePrompt, without_tool
from harness.ledger import Ledger
from harness.llm.errors import ContextOverflow, ModelError, Stalled
from harness.llm.text import encodable
from harness.llm.types import JSON, CallTiming, ChatModel, Reply, ToolCall, Usage

T = TypeVar("T")

AGAIN = "That cannot be taken: {error}. Answer again, whole and in the form asked for."


@dataclass(frozen=True)
class JudgeReply(Generic[T]):
    """The result of one request to the judge."""

    value: T | None
    """None for a fault."""
    reason: str | None
    """Why there is no value, in one line."""
    attempts: int
    usage: Usage
    """Tokens of all attempts."""
    time: str
    """Time of the last reply, RFC 3339 in UTC."""
    unanswered: bool = False
    """True if the server did not reply at all, which is no fault of this request."""


class JudgeClient:
    """Client of one judge; every request starts a new conversation."""

    def __init__(self, model: ChatModel, attempts: int) -> None:
        self.model = model
        self._attempts = attempts
        self._takes_tools = True

    def ask(self, prompt: JudgePrompt, parse: Callable[[Reply], T], *, seed: int, log: Ledger) -> JudgeReply[T]:
        """Ask until `parse` accepts a reply; the text of its InvalidReply is sent to the model.

        Each request and its reply are in the log before the next is made.
        """
        messages, request_id = [*prompt.messages], secrets.token_hex(4)
        usage, reason, now = Usage(), "", _now()
        for attempt in range(1, self._attempts + 1):
            try:
                reply = self._reply(messages, prompt.tool, seed + attempt - 1)
            except ModelError as error:
                _note(log, request_id, attempt, messages, None, str(error))
                lost = not isinstance(error, Stalled | ContextOverflow)
                return JudgeReply(None, str(error), attempt, usage, _now(), unanswered=lost)
            usage, now = _sum(usage, reply.usage), _now()
            try:
                value = parse(reply)
            except InvalidReply as error:
                reason = str(error)
                _note(log, request_id, attempt, messages, reply, reason)
                messages += _correction(reply, reason)
            else:
                _note(log, request_id, attempt, messages, reply, None)
                return JudgeReply(value, None, attempt, usage, now)
        return JudgeReply(None, f"no valid answer in {self._attempts} replies: {reason}", self._attempts, usage, now)

    def _reply(self, messages: list[JSON], tool: JSON, seed: int) -> Reply:
        if self._takes_tools:
            try:
                return _writable(self.model.complete(messages, [tool], seed=seed))
            except (Stalled, ContextOverflow):
                raise
            except ModelError as error:
                if "tool" not in str(error).lower():
                    raise
                self._takes_tools = False  # the server refuses tools: the answer can come as text
        return _writable(self.model.complete(without_tool(messages, tool), [], seed=seed))


def recovered(log: Ledger, parse: Callable[[Reply], T]) -> JudgeReply[T] | None:
    """The answer in a log whose request was interrupted before the answer was recorded; None if there is none."""
    lines = [*log.read()]
    whole = [line for line in lines if line.get("error") is None and line.get("reply")]
    if not whole:
        return None
    last = whole[-1]
    replies = [_reply_of(line["reply"]) for line in lines if line["asking"] == last["asking"]]
    try:
        value = parse(replies[-1])
    except InvalidReply:
        return None
    usage = Usage()
    for reply in replies:
        usage = _sum(usage, reply.usage)
    return JudgeReply(value, None, len(replies), usage, last["time"])


def _writable(reply: Reply) -> Reply:
    """The reply with calls that can be written to a file; content and reasoning are so already."""
    calls = (ToolCall(*map(encodable, (call.id, call.name, call.arguments))) for call in reply.tool_calls)
    return replace(reply, tool_calls=tuple(calls))


def _correction(reply: Reply, reason: str) -> list[JSON]:
    """The invalid reply and what is wrong with it, as they go back to the model."""
    text = AGAIN.format(error=reason)
    results = [{"role": "tool", "tool_call_id": call.id, "content": f"ERROR: {text}"} for call in reply.tool_calls]
    return [reply.as_message(), *(results or [{"role": "user", "content": text}])]


def _note(
    log: Ledger, request_id: str, attempt: int, messages: list[JSON], reply: Reply | None, error: str | None
) -> None:
    plain: dict[str, Any] | None = None if reply is None else asdict(reply)
    log.append(
        {"time": _now(), "asking": request_id, "attempt": attempt, "error": error, "reply": plain, "messages": messages}
    )


def _reply_of(plain: dict[str, Any]) -> Reply:
    calls = tuple(ToolCall(**call) for call in plain["tool_calls"])
    timing = CallTiming(**plain.get("timing", {}))
    return Reply(**(plain | {"tool_calls": calls, "usage": Usage(**plain["usage"]), "timing": timing}))


def _sum(one: Usage, other: Usage) -> Usage:
    counts = ("prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "server_time_sec")
    known = {name: [part for usage in (one, other) if (part := getattr(usage, name)) is not None] for name in counts}
    added: dict[str, Any] = {name: sum(parts) if parts else None for name, parts in known.items()}
    return replace(one, **added, estimated=one.estimated or other.estimated)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
