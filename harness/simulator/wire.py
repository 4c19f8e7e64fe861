"""The protocol: requests as they come, replies whole and in pieces."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.simulator import tokens
from harness.simulator.subject import SubjectTurn

JSON = dict[str, Any]
PIECE = 240
"""Characters of one streamed piece."""


class RequestError(Exception):
    """A request that is not answered: a status and one line for the client."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class ChatRequest:
    """Fields read from a request. Sampling settings other than the seed mean nothing to a policy."""

    model: str
    messages: list[JSON]
    tools: list[JSON]
    seed: int | None
    max_tokens: int | None
    stream: bool
    include_usage: bool


@dataclass(frozen=True)
class ChatCompletion:
    """One reply: the message, why it ended, and what it cost."""

    id: str
    model: str
    message: JSON
    finish_reason: str
    usage: JSON


def parse(body: bytes) -> ChatRequest:
    """Raises RequestError (400) on a body that is not a chat completion request."""
    try:
        data = json.loads(body)
    except ValueError as error:
        raise RequestError(400, f"the body is not JSON: {error}") from error
    if not isinstance(data, dict) or not _are_messages(data.get("messages")):
        raise RequestError(400, "messages must be a list of objects, each with a role")
    tools, seed, limit = data.get("tools") or [], data.get("seed"), data.get("max_tokens")
    if not isinstance(tools, list) or not all(_is_tool(tool) for tool in tools):
        raise RequestError(400, "tools must be a list of objects, each with a function that has a name")
    for name, value in (("seed", seed), ("max_tokens", limit)):
        if value is not None and not isinstance(value, int):
            raise RequestError(400, f"{name} must be a whole number")
    options = data.get("stream_options") or {}
    return ChatRequest(
        model=str(data.get("model", "")),
        messages=data["messages"],
        tools=tools,
        seed=seed,
        max_tokens=limit,
        stream=bool(data.get("stream")),
        include_usage=bool(isinstance(options, dict) and options.get("include_usage")),
    )


def _are_messages(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(m, dict) and _is_message(m) for m in value)


def _is_message(message: Mapping[str, Any]) -> bool:
    calls = message.get("tool_calls") or []
    return (
        isinstance(message.get("role"), str)
        and (message["role"] != "tool" or isinstance(message.get("tool_call_id"), str))
        and isinstance(calls, list)
        and all(isinstance(call, dict) and isinstance(call.get("id"), str) and _is_call(call) for call in calls)
    )


def _is_call(call: Mapping[str, Any]) -> bool:
    function = call.get("function")
    return isinstance(function, dict) and all(isinstance(function.get(key), str) for key in ("name", "arguments"))


def _is_tool(tool: object) -> bool:
    function = tool.get("function") if isinstance(tool, dict) else None
    return isinstance(function, dict) and isinstance(function.get("name"), str)


def message_of(answer: SubjectTurn, max_tokens: int | None) -> tuple[JSON, str, int]:
    """The assistant message of an answer, why it ended, and its tokens; too long a one is cut off."""
    turn = answer.turn
    calls = [
        {
            "id": id_,
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)},
        }
        for id_, call in zip(answer.ids, turn.calls, strict=True)
    ]
    message: JSON = {"role": "assistant", "content": turn.content}
    if turn.reasoning:
        message["reasoning_content"] = turn.reasoning
    if calls:
        message["tool_calls"] = calls
    cost = tokens.of_message(message) + tokens.of_text(turn.reasoning)
    if max_tokens is None or cost <= max_tokens:
        return message, "tool_calls" if calls else "stop", cost
    kept = (turn.reasoning or turn.content)[: int(max_tokens * tokens.BYTES_PER_TOKEN)]
    cut: JSON = {"role": "assistant", "content": "" if turn.reasoning else kept}
    return cut | ({"reasoning_content": kept} if turn.reasoning else {}), "length", max_tokens


def whole(reply: ChatCompletion) -> JSON:
    """The reply as one object."""
    choice = {"index": 0, "message": reply.message, "finish_reason": reply.finish_reason}
    return _envelope(reply, "chat.completion") | {"choices": [choice], "usage": reply.usage}


def pieces(reply: ChatCompletion, *, include_usage: bool) -> Iterator[str]:
    """The reply as server-sent events: reasoning, content, tool calls in fragments, the end, the usage."""
    for delta in _deltas(reply.message):
        yield _event(reply, [{"index": 0, "delta": delta, "finish_reason": None}])
    yield _event(reply, [{"index": 0, "delta": {}, "finish_reason": reply.finish_reason}])
    if include_usage:
        yield _event(reply, [], {"usage": reply.usage})
    yield "data: [DONE]\n\n"


def _deltas(message: JSON) -> Iterator[JSON]:
    yield {"role": "assistant", "content": ""}
    for key in ("reasoning_content", "content"):
        yield from ({key: part} for part in _cut(message.get(key, "")))
    for index, call in enumerate(message.get("tool_calls", ())):
        head = {"index": index, "id": call["id"], "type": "function"}
        yield {"tool_calls": [head | {"function": {"name": call["function"]["name"], "arguments": ""}}]}
        for part in _cut(call["function"]["arguments"]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": part}}]}


def _cut(text: str) -> Iterator[str]:
    return (text[start : start + PIECE] for start in range(0, len(text), PIECE))


def _event(reply: ChatCompletion, choices: list[JSON], more: JSON | None = None) -> str:
    chunk = _envelope(reply, "chat.completion.chunk") | {"choices": choices} | (more or {})
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def _envelope(reply: ChatCompletion, kind: str) -> JSON:
    # The time of creation is the reply's own content too: a clock in it would make two equal replies differ.
    return {"id": reply.id, "object": kind, "created": 0, "model": reply.model}
