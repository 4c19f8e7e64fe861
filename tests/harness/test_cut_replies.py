"""Replies that were cut, as real servers send them: the end of the pass is the same with each of them.

The bodies and streams have the form in which these engines write them, field by field; ids and dates are made up.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from harness.config import ModelConfig
from harness.outcome import Outcome
from harness.record import RunRecord

from lab import DONE, SOLVE, STOP, Lab, turn, use
from scripted import Raw, answer, frame, stream

pytestmark = pytest.mark.go

PROSE = "First I look at the spec, then I"
BROKEN = '{"path": "stringutil/stringutil.go", "content": "package strin'
CALL = {"id": "qW3eRt5yU", "type": "function", "function": {"name": "write_file", "arguments": BROKEN}}

Wire = Callable[[bool, bool, int, int], Raw]
"""The answer of an engine, by whether it streams, whether a call was under way, and the tokens of prompt and reply."""


def usage(prompt: int, completion: int) -> dict[str, int]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def llama_server(streamed: bool, call: bool, prompt: int, completion: int) -> Raw:
    """llama.cpp's llama-server: the call that was under way comes with its arguments broken off."""
    about = {"created": 1764000000, "model": "qwen", "system_fingerprint": "b10434", "id": "chatcmpl-9xYz"}
    timings = {"cache_n": 0, "prompt_n": prompt, "predicted_n": completion, "prompt_ms": 21.5, "predicted_ms": 333.0}
    message = {"role": "assistant", "content": None if call else PROSE} | ({"tool_calls": [CALL]} if call else {})
    if not streamed:
        choice = {"finish_reason": "length", "index": 0, "message": message}
        body = {"choices": [choice], **about, "object": "chat.completion", "usage": usage(prompt, completion)}
        return answer(body | {"timings": timings})

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"finish_reason": finish, "index": 0, "delta": delta}
        return frame({"choices": [choice], **about, "object": "chat.completion.chunk"})

    head = chunk({"role": "assistant", "content": None})
    begun = {**CALL, "function": {"name": "write_file", "arguments": BROKEN[:9]}, "index": 0}
    parts = [{"tool_calls": [begun]}, {"tool_calls": [{"index": 0, "function": {"arguments": BROKEN[9:]}}]}]
    deltas = parts if call else [{"content": PROSE[:9]}, {"content": PROSE[9:]}]
    last = {"choices": [], **about, "object": "chat.completion.chunk", "usage": usage(prompt, completion)}
    end = [chunk({}, "length"), frame(last | {"timings": timings}), b"data: [DONE]\n\n"]
    return stream(head, *map(chunk, deltas), *end)


def mlx_lm(streamed: bool, call: bool, prompt: int, completion: int) -> Raw:
    """mlx_lm.server: nothing is left of a call that was under way, and each chunk is a message of its own."""
    about = {"id": "chatcmpl-77", "system_fingerprint": "0.32.0-mlx-cpu", "model": "qwen", "created": 1764000000}
    text = "" if call else PROSE
    if not streamed:
        message = {"role": "assistant", "content": text, "reasoning": "", "tool_calls": []}
        choice = {"index": 0, "finish_reason": "length", "logprobs": {"token_logprobs": []}, "message": message}
        return answer({**about, "object": "chat.completion", "choices": [choice], "usage": usage(prompt, completion)})

    def chunk(content: str, finish: str | None = None) -> bytes:
        delta = {"role": "assistant", "content": content}
        choice = {"index": 0, "finish_reason": finish, "delta": delta}
        return frame({**about, "object": "chat.completion.chunk", "choices": [choice]})

    last = {**about, "object": "chat.completion", "choices": [], "usage": usage(prompt, completion)}
    pieces = [] if call else [b": keepalive 1/1\n\n", chunk(PROSE[:9]), chunk(PROSE[9:])]
    return stream(*pieces, chunk("", "length"), frame(last), b"data: [DONE]\n\n")


def transformers_serve(streamed: bool, call: bool, prompt: int, completion: int) -> Raw:
    """`transformers serve`: as mlx_lm.server, with null for all that there is not."""
    about = {"id": "req_0", "created": 1764000000, "model": "qwen@main", "system_fingerprint": "", "service_tier": None}
    text = "" if call else PROSE
    if not streamed:
        message = {"content": text, "refusal": None, "role": "assistant", "audio": None, "tool_calls": None}
        choice = {"finish_reason": "length", "index": 0, "logprobs": None, "message": message}
        return answer({**about, "object": "chat.completion", "choices": [choice], "usage": usage(prompt, completion)})

    def chunk(told: dict[str, object] | None, finish: str | None = None) -> bytes:
        delta = {"content": None, "function_call": None, "refusal": None, "role": None, "tool_calls": None}
        choice = {"delta": delta | (told or {}), "finish_reason": finish, "index": 0, "logprobs": None}
        spent = usage(prompt, completion) if finish else None
        return frame({**about, "object": "chat.completion.chunk", "choices": [choice], "usage": spent})

    pieces = [
        chunk({"role": "assistant"}),
        *([] if call else [chunk({"content": PROSE[:9]}), chunk({"content": PROSE[9:]})]),
    ]
    return stream(*pieces, chunk(None, "length"))


def llama_cpp_server(streamed: bool, call: bool, prompt: int, completion: int) -> Raw:
    """llama-cpp-python's llama_cpp.server: calls are text to it, and its stream counts no tokens."""
    about = {"id": "chatcmpl-5e0c", "created": 1764000000, "model": "qwen.gguf"}
    text = f'<tool_call>\n{{"name": "write_file", "arguments": {BROKEN}' if call else PROSE
    if not streamed:
        message = {"content": text, "role": "assistant"}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "length"}
        return answer({**about, "object": "chat.completion", "choices": [choice], "usage": usage(prompt, completion)})

    def chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return frame({**about, "object": "chat.completion.chunk", "choices": [choice]})

    pieces = [chunk({"role": "assistant"}), chunk({"content": text[:9]}), chunk({"content": text[9:]})]
    return stream(*pieces, chunk({}, "length"), b"data: [DONE]\n\n")


WIRES = [llama_server, mlx_lm, transformers_serve, llama_cpp_server]


def ends(record: RunRecord) -> tuple[Outcome, list[str], int]:
    return record.outcome, record.pass_reasons, record.metrics.cut_replies


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("call", [False, True], ids=["prose", "a call under way"])
@pytest.mark.parametrize("streamed", [False, True])
def test_a_reply_that_was_cut_ends_its_pass_in_one_way(lab: Lab, wire: Wire, call: bool, streamed: bool) -> None:
    """`length`, counted, with no call carried out and nothing of it sent back; the next pass goes on."""
    record = lab.run([wire(streamed, call, 40, 60), SOLVE, DONE], stream=streamed, ctx_limit=9000)
    assert (Outcome.COMPLETED, ["length", "completed"], 1) == ends(record)
    assert (2, 0) == (record.metrics.tool_calls, record.per_pass[0].acts)
    assert 2 == len(lab.asked[1]["messages"])


@pytest.mark.parametrize("wire", WIRES[:3])
@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("call", [False, True], ids=["prose", "a call under way"])
def test_a_reply_that_was_cut_at_the_limit_is_a_context_at_its_end(
    lab: Lab, wire: Wire, call: bool, streamed: bool
) -> None:
    """Total and limit decide, and whether a call was under way does not."""
    for total, reason in ((499, "length"), (500, "context")):
        record = lab.run([wire(streamed, call, 400, total - 400), SOLVE, DONE], stream=streamed, ctx_limit=500)
        assert (Outcome.COMPLETED, [reason, "completed"], 1) == ends(record)


@pytest.mark.parametrize("wire", WIRES[:3])
@pytest.mark.parametrize("streamed", [False, True])
def test_a_reply_that_filled_the_window_is_a_context_at_its_end(lab: Lab, wire: Wire, streamed: bool) -> None:
    """The window that the server declares is a limit as good as one's own."""
    models = {"data": [{"id": "scripted", "max_model_len": 4096}]}
    for total, reason in ((3000, "length"), (4096, "context"), (4095, "context")):
        script = [wire(streamed, False, 2000, total - 2000), SOLVE, DONE]
        record = lab.run(script, stream=streamed, ctx_limit=0, models=models)
        assert (Outcome.COMPLETED, [reason, "completed"], 1) == ends(record)


def test_whole_calls_of_a_reply_that_was_cut_are_not_carried_out_either(lab: Lab) -> None:
    """A server that drops the call under way, and one that keeps it, leave the same workspace."""
    whole = {
        "id": "a",
        "type": "function",
        "function": {"name": "write_file", "arguments": '{"path":"a","content":""}'},
    }
    choice = {"message": {"content": "", "tool_calls": [whole]}, "finish_reason": "length"}
    record = lab.run([answer({"choices": [choice]}), STOP], max_iters=1)
    assert (["length"], 0, False) == (record.pass_reasons, record.metrics.tool_calls, record.per_pass[0].changed)


OVERFLOW = {
    "error": {
        "message": "This model's maximum context length is 512 tokens. However, you requested 700 tokens (668 in the "
        "messages, 32 in the completion). Please reduce the length of the messages or completion.",
        "type": "invalid_request_error",
        "param": "messages",
        "code": "context_length_exceeded",
    }
}


@pytest.mark.parametrize("pings", [[], [b": ping - 2026-01-01 00:00:00+00:00\r\n\r\n"]], ids=["nothing", "a ping"])
@pytest.mark.parametrize("then", ["close", "cut"])
def test_a_stream_that_ends_without_a_word_over_the_window_is_a_context(
    lab: Lab, pings: list[bytes], then: str
) -> None:
    """llama_cpp.server streams nothing where the prompt is too long, and says so where it does not stream."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
    end = b"0\r\n\r\n" if then == "close" else b""
    nothing = Raw((head, *(b"%x\r\n%b\r\n" % (len(ping), ping) for ping in pings), end), "close")

    def refuse(request: Any) -> Raw | None:
        if len(json.dumps(request["messages"])) < 6000:
            return None
        return nothing if request["stream"] else answer(OVERFLOW, status=400)

    read = turn(use("read_file", path="stringutil/stringutil_test.go"))
    looked = [read] * 40
    record = lab.run([*looked, STOP], stream=True, refuse=refuse, max_iters=1)
    assert (["context"], Outcome.BUDGET) == (record.pass_reasons, record.outcome)


def test_a_stream_that_ends_in_the_middle_at_the_window_was_cut(lab: Lab) -> None:
    """One that ends there each time was ended by the window; far from it, by a server that failed."""
    told = frame({"choices": [{"index": 0, "delta": {"content": "x" * 4000}}]})
    for window, reason in ((1200, "context"), (100_000, "error")):
        models = {"data": [{"id": "scripted", "max_model_len": window}]}
        record = lab.run([stream(told)] * 3 + [SOLVE, DONE], stream=True, ctx_limit=0, models=models)
        assert (Outcome.COMPLETED, [reason, "completed"]) == ends(record)[:2]


def test_a_cut_call_over_which_a_server_breaks_is_no_fault_of_the_server(lab: Lab) -> None:
    """transformers serve raises while it parses a whole reply whose call was cut; as a stream the same reply comes."""
    broken = answer(b"Internal Server Error", status=500, headers={"Content-Type": "text/plain; charset=utf-8"})
    record = lab.run([broken, broken, broken, transformers_serve(True, True, 40, 60), SOLVE, DONE], ctx_limit=9000)
    assert (Outcome.COMPLETED, ["length", "completed"], 1) == ends(record)
    assert [False, False, False, True, False, False] == [bool(request["stream"]) for request in lab.asked]


def test_a_server_that_breaks_over_every_request_is_at_fault(lab: Lab) -> None:
    """Also where it is asked for a stream: nothing is known about the model then."""
    broken = answer(b"Internal Server Error", status=500, headers={"Content-Type": "text/plain; charset=utf-8"})
    record = lab.run([broken] * 12, max_iters=3, max_stale=0)
    assert (Outcome.FAULT, ["error"] * 3) == (record.outcome, record.pass_reasons)


def test_salvage_takes_no_call_out_of_a_reply_that_was_cut(lab: Lab) -> None:
    """A call as text may lack its closing tag; one that was cut may look whole."""
    text = '<tool_call>{"name": "write_file", "arguments": {"path": "a", "content": ""}}'
    body = {"choices": [{"message": {"content": text}, "finish_reason": "length"}]}
    for salvage in (True, False):
        model = ModelConfig(name="scripted", salvage=salvage)
        assert ["length"] == lab.run([answer(body)], max_iters=1, model=model).pass_reasons
