"""Tool calls that a model wrote as text, because its server did not parse them."""

import json
from dataclasses import replace

from harness.llm.text import encodable
from harness.llm.types import Reply, ToolCall

OPEN = "<tool_call>"
CLOSE = "</tool_call>"


def with_text_calls(reply: Reply, first: int) -> Reply:
    """The reply with calls found in its content, else in its reasoning; the same reply where it needs none.

    A call is `<tool_call>{"name": …, "arguments": {…}}</tool_call>`, whose closing tag may be missing at the end. Its
    text leaves the content, as it would have with a server that parses it. Ids are `call_<n>` from `first`.
    """
    if reply.tool_calls:
        return reply
    content, calls = _cut_out(reply.content)
    if not calls:
        content, calls = reply.content, _cut_out(reply.reasoning)[1]
    if not calls:
        return reply
    numbered = (ToolCall(f"call_{first + place}", *call) for place, call in enumerate(calls))
    return replace(reply, content=content, tool_calls=tuple(numbered))


def _cut_out(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text without the calls in it, and the calls as pairs of name and arguments."""
    head, *rest = text.split(OPEN)
    kept, calls = [head], []
    for block in rest:
        inner, _, after = block.partition(CLOSE)
        call = _call(inner)
        if call is None:
            kept.append(OPEN + block)
        else:
            calls.append(call)
            kept.append(after)
    return "".join(kept).strip(), calls


def _call(inner: str) -> tuple[str, str] | None:
    try:
        value = json.loads(inner)
        if not isinstance(value, dict) or not isinstance(value.get("name"), str):
            return None
        arguments = value.get("arguments", value.get("parameters", {}))
        text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
    return encodable(value["name"]), encodable(text)
