"""Servers that answer 200 with anything at all: an error in one line, in bounded memory and time."""

import gzip
import subprocess
import sys
import time

import pytest
from asking import PROMPT, Open, Slept

from harness.config import ModelConfig
from harness.llm.errors import ModelError, Stalled

from dialects import Say, stream_body, whole_body
from scripted import JSON_TYPE, SSE_TYPE, Raw, ScriptedServer, answer, stream
from serving import Serving

HTML = {"Content-Type": "text/html; charset=utf-8"}
PAGE = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body>It works.</body></html>"
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT, PLAIN = b"text/event-stream", b"application/json"

NO_REPLY = {
    "a page": answer(PAGE, headers=HTML),
    "a page as JSON": answer(PAGE),
    "a page as a stream": answer(PAGE, headers=SSE_TYPE),
    "nothing": answer(b""),
    "nothing as a stream": answer(b"", headers=SSE_TYPE),
    "nothing of no type": answer(b"", headers={}),
    "blanks": answer(b" \r\n" * 1000),
    "a list": answer([{"choices": []}]),
    "a number": answer(b"7"),
    "a text": answer(b'"choices"'),
    "null": answer(b"null"),
    "another object": answer({"detail": "Not Found"}),
    "a list of models": answer({"object": "list", "data": [{"id": "m"}]}),
    "lists without end": answer(b"[" * 100_000),
    "objects without end": answer(b'{"choices":' * 100_000),
    "a deep list as choices": answer(b'{"choices":' + b"[" * 90_000 + b"]" * 90_000 + b"}"),
    "a long number": answer(b'{"choices": ' + b"9" * 100_000 + b"}"),
    "bytes that are no text": answer(bytes(range(128, 256)) * 100),
    "bytes that are no text as a stream": stream(b"data: " + bytes(range(128, 256)) * 100 + b"\n\n"),
    "an image": answer(b"\x89PNG\r\n\x1a\n" + bytes(1000), headers={"Content-Type": "image/png"}),
    "no chunks": Raw((CHUNKED % PLAIN, b"this is no chunk\r\n\r\n")),
    "no chunks in a stream": Raw((CHUNKED % EVENT, b"zz\r\ndata: {}\r\n")),
    "a chunk that is too short": Raw((CHUNKED % PLAIN, b"ffff\r\n{}")),
    "a negative length": Raw((b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}",)),
    "no HTTP": Raw((b"SSH-2.0-OpenSSH_9.6\r\n",)),
    "a head without end": Raw((b"HTTP/1.1 200 OK\r\n", *[b"X-Filler: " + b"x" * 1000 + b"\r\n"] * 500)),
    "no gzip": answer(b"this is no gzip", headers={**JSON_TYPE, "Content-Encoding": "gzip"}),
    "frames that are no JSON": stream(*[b"data: <p>\n\n"] * 100),
}


@pytest.mark.parametrize("name", NO_REPLY)
@pytest.mark.parametrize("streamed", [False, True])
def test_what_is_no_reply_is_an_error_in_one_line(opened: Open, slept: Slept, name: str, streamed: bool) -> None:
    """Never a reply, never another exception, and soon."""
    model, _ = opened(*[NO_REPLY[name]] * 12, stream=streamed)
    begun = time.monotonic()
    with pytest.raises(ModelError) as caught:
        model.complete(PROMPT, [], seed=None)
    assert time.monotonic() - begun < 10
    assert ("\n" in str(caught.value), len(str(caught.value)) < 800) == (False, True)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("kind", [{}, HTML, JSON_TYPE, {"Content-Type": "application/octet-stream"}])
def test_a_reply_is_read_one_byte_at_a_time(opened: Open, streamed: bool, kind: dict[str, str]) -> None:
    """Slow and of a wrong type, it is a reply all the same."""
    body = stream_body(Say("hi")) if streamed else None
    if body is None:
        said = answer(whole_body(Say("hi")), headers=kind, then="close")
    elif kind == JSON_TYPE:
        said = stream(body, headers=SSE_TYPE)
    else:
        said = stream(body, headers=kind)
    data = b"".join(part for part in said.parts if isinstance(part, bytes))
    model, _ = opened(Raw(tuple(bytes([byte]) for byte in data)), stream=streamed)
    assert "hi" == model.complete(PROMPT, [], seed=None).content


@pytest.mark.parametrize("streamed", [False, True])
def test_bytes_that_drip_without_end_meet_the_limit_of_the_call(opened: Open, streamed: bool) -> None:
    """A byte now and then is no progress."""
    drip: list[bytes | float] = [b" ", 0.02] * 500
    model, _ = opened(stream(*drip, headers=JSON_TYPE), stream=streamed, config=ModelConfig(name="m", call_timeout=0.5))
    begun = time.monotonic()
    with pytest.raises(Stalled, match=r"model\.call_timeout"):
        model.complete(PROMPT, [], seed=None)
    assert time.monotonic() - begun < 5


MEASURED = """
import resource, sys
from pathlib import Path
from harness.config import ModelConfig
from harness.llm.client import OpenAIChat
from harness.llm.errors import ModelError


def peak():
    status = Path("/proc/self/status")
    if status.exists():  # on Linux the other figure begins with the parent's
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) >> 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20

with OpenAIChat(ModelConfig(name="m"), sys.argv[1], stream=sys.argv[2] == "True") as model:
    before = peak()
    try:
        model.server
        model.complete([{"role": "user", "content": "hello"}], [], seed=None)
        print(peak() - before, "a reply")
    except ModelError as error:
        print(peak() - before, error)
"""

MB = 1 << 20
HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: %b\r\n\r\n"
CHOICE = b'data: {"choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'
LARGE = {
    "blanks": (HEAD % PLAIN, *[b" " * MB] * 100),
    "a text": (HEAD % PLAIN, b'{"choices":[{"message":{"content":"', *[b"x" * MB] * 100, b'"}}]}'),
    "lists": (HEAD % PLAIN, b'{"choices":[', *[b"[]," * (MB // 3)] * 100, b"[]]}"),
    "lists that are just short enough": (HEAD % PLAIN, b'{"choices":[', *[b"[]," * (MB // 3)] * 7, b"[]]}"),
    "a page": (HEAD % b"text/html", *[b"<p>" * (MB // 3)] * 100),
    "a line of a stream": (HEAD % EVENT, b"data: ", *[b"x" * MB] * 100),
    "comments": (HEAD % EVENT, *[b": ping\n\n" * (MB // 8)] * 100),
    "words": (HEAD % EVENT, *[CHOICE * (MB // len(CHOICE))] * 100),
    "what unpacks": (
        b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n",
        gzip.compress(b" " * (100 * MB)),
    ),
}


SLOW = ("comments", "words")


@pytest.mark.parametrize(
    ("name", "streamed"),
    [(name, streamed) for name in LARGE for streamed in (True, False) if streamed or name not in SLOW],
)
def test_a_hundred_megabytes_cost_bounded_memory(name: str, streamed: bool) -> None:
    """Measured in a process of its own: the reply and the list of models are given up, whatever they hold."""
    large = Raw(LARGE[name])
    with ScriptedServer([large] * 12, models=large) as server:
        took, told = measured(server, streamed)
    assert took < 320
    assert ("just short enough" in name) == ("a reply" == told)


def measured(server: Serving, streamed: bool) -> tuple[int, str]:
    """MiB by which the client's memory grew at most, and what it said."""
    command = [sys.executable, "-c", MEASURED, server.endpoint, str(streamed)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True).stdout
    grown, _, told = said.strip().partition(" ")
    return int(grown), told
