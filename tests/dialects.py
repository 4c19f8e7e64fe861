"""One assistant turn in the many forms in which servers tell it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

FULL_USAGE = {
    "prompt_tokens": 70,
    "completion_tokens": 30,
    "total_tokens": 100,
    "prompt_tokens_details": {"cached_tokens": 40},
    "total_time": 1.5,
}


@dataclass(frozen=True)
class Dialect:
    """A server's manners."""

    reasoning: str = "reasoning_content"
    """The field it uses, or `inline`, `unopened` (inline without the opening tag) or `unclosed`."""
    piece: int = 0
    """Characters of a delta; 0 tells each part whole in one delta."""
    usage: str = "chunk"
    """`chunk` (one of its own, without choices), `finish` (on the chunk that ends the reply) or `never`."""
    done: bool = True
    framing: str = "chunked"
    """`chunked`, `length` or `close` (HTTP/1.0: the end of the connection ends the body)."""
    prefix: str = "data: "
    newline: str = "\n"
    comments: bool = False
    null_content: bool = False
    indexed: bool = True
    cut: int = 0
    """Bytes written at a time, wherever that cuts a character; 0 writes all at once."""


PLAIN = Dialect()


@dataclass(frozen=True)
class Say:
    """An assistant turn; `calls` are (id, name, arguments), and `finish` is guessed where it is None."""

    content: str = ""
    reasoning: str = ""
    calls: Sequence[tuple[str, str, str]] = ()
    finish: str | None = None
    usage: dict[str, Any] | None = None
    dialect: Dialect = PLAIN
    measured: dict[str, Any] = field(default_factory=dict)
    """What the server reports beside the usage, such as llama.cpp's `timings`."""

    @property
    def finish_reason(self) -> str:
        return self.finish if self.finish is not None else ("tool_calls" if self.calls else "stop")

    @property
    def told_usage(self) -> dict[str, Any] | None:
        return None if self.dialect.usage == "never" else (self.usage or FULL_USAGE)


def render(say: Say, *, streamed: bool) -> tuple[tuple[bytes | float, ...], str]:
    """The bytes of the turn as HTTP, in writes, and whether the connection is kept."""
    kind = "text/event-stream" if streamed else "application/json"
    body = stream_body(say) if streamed else json.dumps(whole_body(say), ensure_ascii=False).encode()
    head = {
        "chunked": f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n",
        "length": f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n",
        "close": f"HTTP/1.0 200 OK\r\nContent-Type: {kind}\r\n\r\n",
    }[say.dialect.framing]
    writes = _cut(body, say.dialect.cut)
    if say.dialect.framing == "chunked":
        writes = [*(b"%x\r\n%b\r\n" % (len(part), part) for part in writes if part), b"0\r\n\r\n"]
    return (head.encode(), *writes), "close" if say.dialect.framing == "close" else "keep"


def whole_body(say: Say) -> dict[str, Any]:
    """The turn as the JSON of a whole body."""
    content, fields = _told(say)
    message: dict[str, Any] = {"role": "assistant", "content": content, **fields}
    if say.dialect.null_content and not content:
        message["content"] = None
    if say.calls:
        message["tool_calls"] = [
            {"id": i, "type": "function", "function": {"name": n, "arguments": a}} for i, n, a in say.calls
        ]
    body = {"choices": [{"index": 0, "message": message, "finish_reason": say.finish_reason}]}
    return body | ({"usage": say.told_usage} if say.told_usage else {}) | say.measured


def stream_body(say: Say) -> bytes:
    """The turn as the events of a stream."""
    newline = say.dialect.newline
    events = [say.dialect.prefix + json.dumps(chunk, ensure_ascii=False) for chunk in chunks(say)]
    if say.dialect.done:
        events.append(say.dialect.prefix + "[DONE]")
    if say.dialect.comments:
        events = [line for event in events for line in (": keep-alive", event)]
    return "".join(event + newline + newline for event in events).encode()


def chunks(say: Say) -> Iterator[dict[str, Any]]:
    """The turn as the objects of a stream."""
    yield _chunk({"role": "assistant", "content": None if say.dialect.null_content else ""})
    content, fields = _told(say)
    for name, text in [*fields.items(), ("content", content)]:
        yield from (_chunk({name: piece}) for piece in _pieces(text, say.dialect.piece))
    for index, call in enumerate(say.calls):
        yield from (_chunk({"tool_calls": [fragment]}) for fragment in _fragments(index, call, say.dialect))
    usage = say.told_usage
    last = _chunk({}, say.finish_reason)
    yield last | ({"usage": usage} if usage and say.dialect.usage == "finish" else {})
    if usage and say.dialect.usage == "chunk":
        yield {"choices": [], "usage": usage} | say.measured


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _fragments(index: int, call: tuple[str, str, str], dialect: Dialect) -> Iterator[dict[str, Any]]:
    identity, name, arguments = call
    place = {"index": index} if dialect.indexed else {}
    first, *rest = _pieces(arguments, dialect.piece) or [""]
    yield {**place, "id": identity, "type": "function", "function": {"name": name, "arguments": first}}
    yield from ({**place, "function": {"arguments": piece}} for piece in rest)


def _told(say: Say) -> tuple[str, dict[str, str]]:
    """The content as it is sent, and the field of the reasoning where the dialect has one."""
    if not say.reasoning:
        return say.content, {}
    inline = {
        "inline": f"<think>\n{say.reasoning}\n</think>\n\n{say.content}",
        "unopened": f"{say.reasoning}</think>{say.content}",
        "unclosed": f"{say.content}<think>{say.reasoning}",
    }
    form = say.dialect.reasoning
    return (inline[form], {}) if form in inline else (say.content, {form: say.reasoning})


def _pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)] if size else [text] * bool(text)


def _cut(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)] if size else [body]
