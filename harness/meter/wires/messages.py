"""Anthropic's Messages, as a chat completion and back."""

import json
from collections.abc import Iterator
from typing import Any

from harness.llm.text import text_of
from harness.llm.types import JSON, Reply, sendable_arguments
from harness.meter.agent_connection import AgentConnection
from harness.meter.wires.translation import ChatHistory, TranslatedAnswer, encoded_text, new_id, objects, text_field

CHOICES = {"auto": "auto", "any": "required", "none": "none"}
"""Choices of a tool, with their names in a chat completion."""

ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    529: "overloaded_error",
}
"""Types of errors, by status; any other is an `invalid_request_error` below 500, and an `api_error` above."""


def chat_request(fields: JSON) -> JSON:
    """Return the chat completion for a request. Tools of the server's own are left out: nothing is behind them."""
    chat: JSON = {"messages": _messages(fields)}
    tools = [_tool(tool) for tool in objects(fields.get("tools")) if isinstance(tool.get("input_schema"), dict)]
    if tools:
        chat["tools"] = tools
        choice = fields.get("tool_choice")
        if isinstance(choice, dict):
            chat |= _choice(choice)
    if isinstance(fields.get("max_tokens"), int):
        chat["max_tokens"] = fields["max_tokens"]
    if isinstance(fields.get("stop_sequences"), list) and fields["stop_sequences"]:
        chat["stop"] = fields["stop_sequences"]
    return chat | ({"stream": True} if fields.get("stream") else {})


def _tool(tool: JSON) -> JSON:
    function = {"name": text_field(tool, "name"), "description": text_field(tool, "description")}
    return {"type": "function", "function": function | {"parameters": tool["input_schema"]}}


def _choice(choice: JSON) -> JSON:
    kind = text_field(choice, "type")
    if kind == "tool":
        made: JSON = {"tool_choice": {"type": "function", "function": {"name": text_field(choice, "name")}}}
    else:
        made = {"tool_choice": CHOICES[kind]} if kind in CHOICES else {}
    return made | ({"parallel_tool_calls": False} if choice.get("disable_parallel_tool_use") is True else {})


def _messages(fields: JSON) -> list[JSON]:
    history = ChatHistory()
    history.system(_joined(fields.get("system")))
    for message in objects(fields.get("messages")):
        content, role = message.get("content"), message.get("role")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else objects(content)
        if role == "assistant":
            _add_reply(blocks, history)
        elif role in ("system", "developer"):
            history.system(_joined(content))
        else:
            _add_user(blocks, history)
    return history.messages


def _add_reply(blocks: list[JSON], history: ChatHistory) -> None:
    """Add a turn of the model. Reasoning does not go back to it."""
    history.assistant(_joined([block for block in blocks if block.get("type") == "text"]))
    for block in blocks:
        if block.get("type") == "tool_use":
            arguments = json.dumps(block.get("input") or {}, ensure_ascii=False)
            history.call(text_field(block, "id"), text_field(block, "name"), arguments)


def _add_user(blocks: list[JSON], history: ChatHistory) -> None:
    """Add the results of calls, which must follow the calls at once, and then what the user says."""
    for block in blocks:
        if block.get("type") == "tool_result":
            history.result(text_field(block, "tool_use_id"), text_of(block.get("content")))
    said = [block for block in blocks if block.get("type") in ("text", "image")]
    if any(block.get("type") == "image" for block in said):
        history.user([_part(block) for block in said])
    else:
        history.user(_joined(said))


def _part(block: JSON) -> JSON:
    if block.get("type") != "image":
        return {"type": "text", "text": text_field(block, "text")}
    source: Any = block.get("source")
    source = source if isinstance(source, dict) else {}
    data = f"data:{text_field(source, 'media_type')};base64,{text_field(source, 'data')}"
    return {"type": "image_url", "image_url": {"url": text_field(source, "url") or data}}


def _joined(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n\n".join(text for block in objects(content) if (text := text_field(block, "text")))


class MessagesAnswer(TranslatedAnswer):
    """The answer as a message, or as the events of one."""

    def __init__(self, agent: AgentConnection, key: str, fields: JSON) -> None:
        super().__init__(agent, key, fields)
        self._id = new_id("msg")
        self._index = 0
        self._open = ""

    def too_long(self, text: str) -> JSON:
        return self.error(400, f"prompt is too long: {text}")

    def error(self, status: int, text: str) -> JSON:
        kind = ERRORS.get(status, "invalid_request_error" if status < 500 else "api_error")
        return {"type": "error", "error": {"type": kind, "message": text}}

    def body(self, reply: Reply) -> JSON:
        thoughts = [{"type": "thinking", "thinking": reply.reasoning, "signature": ""}] if reply.reasoning else []
        texts = [{"type": "text", "text": reply.content}] if reply.content else []
        calls = [
            {
                "type": "tool_use",
                "id": call.id,
                "name": call.name,
                "input": json.loads(sendable_arguments(call.arguments)),
            }
            for call in reply.tool_calls
        ]
        return self._message([*thoughts, *texts, *calls], _stop_reason(reply), _usage(reply))

    def opening(self) -> Iterator[bytes]:
        message = self._message([], None, {"input_tokens": 0, "output_tokens": 0})
        yield _event("message_start", message=message)
        yield from self.keep_alive()

    def keep_alive(self) -> Iterator[bytes]:
        yield _event("ping")

    def delta(self, kind: str, text: str) -> Iterator[bytes]:
        if self._open != kind:
            yield from self._close()
            self._open = kind
            block = {"type": "thinking", "thinking": "", "signature": ""} if kind == "reasoning" else None
            yield self._block_event("start", content_block=block or {"type": "text", "text": ""})
        thought = {"type": "thinking_delta", "thinking": text}
        yield self._block_event("delta", delta=thought if kind == "reasoning" else {"type": "text_delta", "text": text})

    def closing(self, reply: Reply | None) -> Iterator[bytes]:
        yield from self._close()
        if reply is None:
            yield _event("error", **self.error(502, "the reply of the server could not be read"))
            return
        for call in reply.tool_calls:
            block = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
            yield self._block_event("start", content_block=block)
            arguments = sendable_arguments(call.arguments)
            yield self._block_event("delta", delta={"type": "input_json_delta", "partial_json": arguments})
            yield from self._end_of_block()
        delta = {"stop_reason": _stop_reason(reply), "stop_sequence": None}
        yield _event("message_delta", delta=delta, usage=_usage(reply))
        yield _event("message_stop")

    def _close(self) -> Iterator[bytes]:
        if self._open:
            self._open = ""
            yield from self._end_of_block()

    def _end_of_block(self) -> Iterator[bytes]:
        yield self._block_event("stop")
        self._index += 1

    def _block_event(self, name: str, **fields: Any) -> bytes:
        return _event(f"content_block_{name}", index=self._index, **fields)

    def _message(self, content: list[JSON], stop_reason: str | None, usage: JSON) -> JSON:
        return {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self.fields.get("model"),
            "content": content,
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "usage": usage,
        }


def _event(kind: str, **fields: Any) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), encoded_text({"type": kind, **fields}))


def _stop_reason(reply: Reply) -> str:
    if reply.cut:
        return "max_tokens"
    return "tool_use" if reply.tool_calls else "end_turn"


def _usage(reply: Reply) -> JSON:
    """Return the tokens; those from the cache are counted apart on this wire."""
    cached = min(reply.usage.cached_tokens or 0, reply.usage.prompt_tokens)
    return {
        "input_tokens": reply.usage.prompt_tokens - cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": cached,
        "output_tokens": reply.usage.completion_tokens,
    }
