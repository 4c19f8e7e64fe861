"""OpenAI's Responses, as a chat completion and back."""

import json
import time
from collections.abc import Iterator
from typing import Any

from harness.llm.text import text_of
from harness.llm.types import JSON, Reply, ToolCall
from harness.meter.agent_connection import AgentConnection
from harness.meter.answers import OVERFLOW
from harness.meter.wires.translation import (
    ChatHistory,
    TranslatedAnswer,
    WireError,
    encoded_text,
    new_id,
    objects,
    text_field,
)

SEPARATOR = "__"
"""Between the namespace of a tool and its name, in the one name that a chat completion has for it."""

INPUT = "input"
"""The argument by which a free-form tool gets its text."""


def chat_request(fields: JSON) -> JSON:
    """Return the chat completion for a request. Raises WireError for one that needs what the server once said.

    Tools of the server's own, such as a search of the web, are left out: there is nothing behind them.
    """
    if fields.get("previous_response_id") or fields.get("conversation"):
        raise WireError("responses are not stored here: send the whole input, with store=false")
    chat: JSON = {"messages": _messages(fields)}
    tools = list(_tools(fields.get("tools")))
    if tools:
        chat["tools"] = tools
        chat |= {name: fields[name] for name in ("parallel_tool_calls",) if isinstance(fields.get(name), bool)}
        choice = fields.get("tool_choice")
        if isinstance(choice, str):
            chat["tool_choice"] = choice
        elif isinstance(choice, dict) and text_field(choice, "name"):
            chat["tool_choice"] = {"type": "function", "function": {"name": choice["name"]}}
    if isinstance(fields.get("max_output_tokens"), int):
        chat["max_tokens"] = fields["max_output_tokens"]
    text = fields.get("text")
    form = text.get("format") if isinstance(text, dict) else None
    if isinstance(form, dict) and form.get("type") in ("json_object", "json_schema"):
        schema = {name: value for name, value in form.items() if name != "type"}
        chat["response_format"] = {"type": form["type"]} | ({"json_schema": schema} if schema else {})
    return chat | ({"stream": True} if fields.get("stream") else {})


def _messages(fields: JSON) -> list[JSON]:
    history = ChatHistory()
    history.system(text_field(fields, "instructions"))
    given = fields.get("input")
    if isinstance(given, str):
        history.user(given)
    for item in objects(given):
        _add(item, history)
    return history.messages


def _add(item: JSON, history: ChatHistory) -> None:
    """Add an item of the input. Reasoning does not go back to the model."""
    kind, identity = item.get("type", "message"), text_field(item, "call_id")
    if kind == "message" and item.get("role") in ("system", "developer"):
        history.system(text_of(item.get("content")))
    elif kind == "message" and item.get("role") == "assistant":
        history.assistant(text_of(item.get("content")))
    elif kind == "message":
        history.user(_content(item.get("content")))
    elif kind == "function_call":
        history.call(identity, _full_name(item), text_field(item, "arguments"))
    elif kind == "custom_tool_call":
        history.call(identity, _full_name(item), json.dumps({INPUT: text_field(item, "input")}, ensure_ascii=False))
    elif kind in ("function_call_output", "custom_tool_call_output"):
        output = item.get("output")
        history.result(identity, text_of(output) if isinstance(output, str | list) else json.dumps(output))


def _content(content: Any) -> str | list[JSON]:
    """Return what the user says; images stay parts, and without one the text is all there is."""
    parts = objects(content)
    if not any(part.get("type") == "input_image" for part in parts):
        return text_of(content)
    return [
        {"type": "image_url", "image_url": {"url": text_field(part, "image_url")}}
        if part.get("type") == "input_image"
        else {"type": "text", "text": text_field(part, "text")}
        for part in parts
    ]


def _full_name(item: JSON) -> str:
    return SEPARATOR.join(filter(None, (text_field(item, "namespace"), text_field(item, "name"))))


def _tools(tools: Any, namespace: str = "") -> Iterator[JSON]:
    for tool in objects(tools):
        kind = tool.get("type")
        if kind == "namespace":
            yield from _tools(tool.get("tools"), text_field(tool, "name"))
        elif kind in ("function", "custom"):
            function: JSON = {"name": _full_name({"namespace": namespace, "name": tool.get("name")})}
            function |= {name: tool[name] for name in ("description",) if isinstance(tool.get(name), str)}
            free: JSON = {"type": "object", "properties": {INPUT: {"type": "string"}}, "required": [INPUT]}
            function["parameters"] = free if kind == "custom" else tool.get("parameters") or {"type": "object"}
            yield {"type": "function", "function": function}


def _names(tools: Any, kind: str, namespace: str = "") -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the full name of each tool of a kind, with its namespace and its name there."""
    for tool in objects(tools):
        if tool.get("type") == "namespace":
            yield from _names(tool.get("tools"), kind, text_field(tool, "name"))
        elif tool.get("type") == kind:
            name = text_field(tool, "name")
            yield _full_name({"namespace": namespace, "name": name}), (namespace, name)


class ResponsesAnswer(TranslatedAnswer):
    """The answer as a response, or as the events of one."""

    def __init__(self, agent: AgentConnection, key: str, fields: JSON) -> None:
        super().__init__(agent, key, fields)
        self._id = new_id("resp")
        self._created = int(time.time())
        self._number = 0
        self._output: list[JSON] = []
        self._open: tuple[str, JSON, list[str]] | None = None
        self._free = dict(_names(fields.get("tools"), "custom"))
        self._functions = dict(_names(fields.get("tools"), "function"))

    def too_long(self, text: str) -> JSON:
        return _error(text, "invalid_request_error", OVERFLOW)

    def error(self, status: int, text: str) -> JSON:
        return _error(text, "invalid_request_error" if status < 500 else "server_error")

    def body(self, reply: Reply) -> JSON:
        reasoning = [_reasoning(new_id("rs"), reply.reasoning)] if reply.reasoning else []
        message = [_message(new_id("msg"), reply.content)] if reply.content else []
        self._output = [*reasoning, *message, *map(self._call, reply.tool_calls)]
        return self._response(_status(reply), reply)

    def opening(self) -> Iterator[bytes]:
        for kind in ("response.created", "response.in_progress"):
            yield self._event(kind, response=self._response("in_progress", None))

    def keep_alive(self) -> Iterator[bytes]:
        yield self._event("response.in_progress", response=self._response("in_progress", None))

    def delta(self, kind: str, text: str) -> Iterator[bytes]:
        if self._open is None or self._open[0] != kind:
            yield from self._close()
            yield from self._begin(kind)
        assert self._open is not None
        _, item, pieces = self._open
        pieces.append(text)
        name = "response.reasoning_text.delta" if kind == "reasoning" else "response.output_text.delta"
        more: JSON = {} if kind == "reasoning" else {"logprobs": []}
        yield self._event(name, **self._place(item), content_index=0, delta=text, **more)

    def closing(self, reply: Reply | None) -> Iterator[bytes]:
        yield from self._close()
        if reply is None:
            failed = self._response("failed", None)
            failed["error"] = {"code": "server_error", "message": "the reply of the server could not be read"}
            yield self._event("response.failed", response=failed)
            return
        for call in reply.tool_calls:
            yield from self._call_events(self._call(call))
        status = _status(reply)
        yield self._event(f"response.{status}", response=self._response(status, reply))

    def _begin(self, kind: str) -> Iterator[bytes]:
        item = _reasoning(new_id("rs"), "") if kind == "reasoning" else _message(new_id("msg"), "")
        self._open = kind, item, []
        begun = item | {"content": []} | ({} if kind == "reasoning" else {"status": "in_progress"})
        yield self._event("response.output_item.added", output_index=len(self._output), item=begun)
        if kind == "content":
            part = item["content"][0]
            yield self._event("response.content_part.added", **self._place(item), content_index=0, part=part)

    def _close(self) -> Iterator[bytes]:
        """Yield the end of the item that is open, if one is."""
        if self._open is None:
            return
        kind, item, pieces = self._open
        place, text = self._place(item) | {"content_index": 0}, "".join(pieces)
        if kind == "reasoning":
            item = _reasoning(item["id"], text)
            yield self._event("response.reasoning_text.done", **place, text=text)
        else:
            item = _message(item["id"], text)
            yield self._event("response.output_text.done", **place, text=text, logprobs=[])
            yield self._event("response.content_part.done", **place, part=item["content"][0])
        yield self._done(item)
        self._open = None

    def _call_events(self, item: JSON) -> Iterator[bytes]:
        field, name = (
            ("input", "custom_tool_call_input") if "input" in item else ("arguments", "function_call_arguments")
        )
        place, text = self._place(item), item[field]
        begun = item | {"status": "in_progress", field: ""}
        yield self._event("response.output_item.added", output_index=len(self._output), item=begun)
        yield self._event(f"response.{name}.delta", **place, delta=text)
        yield self._event(f"response.{name}.done", **place, **{field: text})
        yield self._done(item)

    def _done(self, item: JSON) -> bytes:
        event = self._event("response.output_item.done", output_index=len(self._output), item=item)
        self._output.append(item)
        return event

    def _place(self, item: JSON) -> JSON:
        return {"item_id": item["id"], "output_index": len(self._output)}

    def _call(self, call: ToolCall) -> JSON:
        free = self._free.get(call.name)
        namespace, name = free or self._functions.get(call.name) or ("", call.name)
        own: JSON = {"call_id": call.id, "name": name} | ({"namespace": namespace} if namespace else {})
        if free:
            return {"type": "custom_tool_call", "id": new_id("ctc"), "status": "completed", **own, "input": _free(call)}
        return {"type": "function_call", "id": new_id("fc"), "status": "completed", **own, "arguments": call.arguments}

    def _event(self, kind: str, **fields: Any) -> bytes:
        payload = {"type": kind, "sequence_number": self._number, **fields}
        self._number += 1
        return b"event: %s\ndata: %s\n\n" % (kind.encode(), encoded_text(payload))

    def _response(self, status: str, reply: Reply | None) -> JSON:
        cut = {"reason": "max_output_tokens"} if status == "incomplete" else None
        return {
            "id": self._id,
            "object": "response",
            "created_at": self._created,
            "status": status,
            "error": None,
            "incomplete_details": cut,
            "instructions": None,
            "metadata": {},
            "model": self.fields.get("model"),
            "output": list(self._output),
            "parallel_tool_calls": True,
            "previous_response_id": None,
            "store": False,
            "tool_choice": "auto",
            "tools": [],
            "usage": None if reply is None else _usage(reply),
        }


def _error(text: str, kind: str, code: str | None = None) -> JSON:
    return {"error": {"message": text, "type": kind, "param": None, "code": code}}


def _status(reply: Reply) -> str:
    return "incomplete" if reply.cut else "completed"


def _free(call: ToolCall) -> str:
    try:
        value = json.loads(call.arguments)
    except (ValueError, RecursionError):
        return call.arguments
    text = value.get(INPUT) if isinstance(value, dict) else value
    return text if isinstance(text, str) else call.arguments


def _reasoning(identity: str, text: str) -> JSON:
    return {"type": "reasoning", "id": identity, "summary": [], "content": [{"type": "reasoning_text", "text": text}]}


def _message(identity: str, text: str) -> JSON:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "id": identity, "status": "completed", "role": "assistant", "content": [part]}


def _usage(reply: Reply) -> JSON:
    usage = reply.usage
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens or 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.total_tokens,
    }
