"""Streams as servers really send them."""

import time

import pytest
from asking import PROMPT, Open, Slept

from harness.llm import sse
from harness.llm.errors import ModelError
from harness.llm.types import Reply, ToolCall, Usage

from dialects import Say
from scripted import DONE, SSE_TYPE, answer, delta, frame, stream

FINISHED = delta("stop", content="hi")
USAGE = frame({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}})


def ask(opened: Open, *parts: bytes | float) -> Reply:
    model, _ = opened(stream(*parts), stream=True)
    return model.complete(PROMPT, [], seed=None)


def test_a_stream_that_ends_before_any_finish_is_truncated(opened: Open, slept: Slept) -> None:
    """A clean end of the connection is no end of a reply: it is asked again, and the second reply counts."""
    model, server = opened(stream(delta(content="ha")), Say("whole"), stream=True)
    assert "whole" == model.complete(PROMPT, [], seed=None).content
    assert (2, [0.2]) == (len(server.asked), slept)


@pytest.mark.parametrize("then", ["close", "reset"])
def test_a_stream_that_reached_its_finish_is_whole(opened: Open, slept: Slept, then: str) -> None:
    """Once the finish reason came, a lost `[DONE]` or a cut connection costs nothing."""
    model, server = opened(stream(FINISHED, USAGE, 0.3, then=then), stream=True)
    assert Reply("hi", finish_reason="stop", usage=Usage(3, 4, 7)) == model.complete(PROMPT, [], seed=None)
    assert (1, []) == (len(server.asked), slept)


def test_a_cut_connection_in_mid_stream_is_repeated(opened: Open, slept: Slept) -> None:
    """A server that was killed while it generated loses one attempt, not the run."""
    cut = stream(delta(content="ha"), 0.05, then="reset")
    model, _ = opened(cut, Say("whole"), stream=True)
    assert "whole" == model.complete(PROMPT, [], seed=None).content
    assert [0.2] == slept


def test_a_stream_that_is_done_without_a_finish_reason_is_whole(opened: Open) -> None:
    """`[DONE]` alone ends a reply as well."""
    assert Reply("ha", usage=Usage(3, 4, 7)) == ask(opened, delta(content="ha"), USAGE, DONE)


def test_nothing_is_awaited_after_done(opened: Open) -> None:
    """A server that keeps the connection open after `[DONE]` does not hold up the run."""
    chatter: list[bytes | float] = [b": ping\n\n", 0.05]
    for parts in ([30.0], chatter * 600):
        model, _ = opened(stream(FINISHED, USAGE, DONE, *parts), stream=True)
        begun = time.monotonic()
        assert "hi" == model.complete(PROMPT, [], seed=None).content
        assert time.monotonic() - begun < 10


def test_a_stream_without_choices_is_an_empty_reply(opened: Open) -> None:
    """No choices at all is told as such, and is not an empty text."""
    assert Reply(empty=True, usage=Usage(3, 4, 7)) == ask(opened, USAGE, DONE)


def test_events_may_be_written_in_any_manner(opened: Open) -> None:
    """Comments, other fields, several data lines, no blank line between events and a byte order mark are all read."""
    said = ask(
        opened,
        b"\xef\xbb\xbf: welcome\r\n\r\nid: 7\r\nretry: 10\r\nevent: message\r\n",
        b'data: {"choices":\r\ndata: [{"delta": {"content": "a"}}]}\r\n\r\n: ping\r\n\r\n',
        delta(content="b").strip() + b"\n" + delta("stop", content="c").strip() + b"\n",
        b"data:[DONE]",
    )
    assert ("abc", "stop") == (said.content, said.finish_reason)


def test_a_malformed_frame_is_passed_over(opened: Open) -> None:
    """One broken frame, or one that is no object, does not lose the reply."""
    broken = [b'data: {"choices": [{"de\n\n', b"data: 7\n\n", b"data\n\n", b"data: " + b"[" * 5000 + b"\n\n"]
    odd = [frame({"choices": None}), frame({"choices": [None, 3]}), frame({"choices": [{"index": 0, "delta": []}]})]
    assert "hi" == ask(opened, *broken, *odd, FINISHED, DONE).content


def test_other_choices_are_not_mixed_in(opened: Open) -> None:
    """Only the first choice is the reply."""
    other = frame({"choices": [{"index": 1, "delta": {"content": "not me"}, "finish_reason": "length"}]})
    assert Reply("hi", finish_reason="stop", usage=Usage(3, 4, 7)) == ask(opened, other, FINISHED, other, USAGE, DONE)


def test_characters_survive_wherever_they_are_cut(opened: Open) -> None:
    """UTF-8 cut between writes and surrogate pairs cut between deltas come out whole; lone halves are replaced."""
    euro = delta(content="€").replace(b"\\u20ac", "€".encode())
    halves = [delta(content="\ud83d"), delta(content="\ude00"), delta("stop", content="\ud83d!")]
    cut = euro.index("€".encode()) + 1
    assert "€😀\ufffd!" == ask(opened, euro[:cut], 0.02, euro[cut:], *halves, DONE).content


@pytest.mark.parametrize(
    "error",
    [
        frame({"error": {"message": "out of memory", "type": "server_error", "code": 500}}),
        frame({"error": "out of memory"}),
        frame({"object": "error", "message": "out of memory", "code": "503"}),
        b'event: error\ndata: {"message": "out of memory"}\n\n',
        b"event: error\ndata: out of memory\n\n",
        b'error: {"message": "out of memory"}\n\n',
    ],
)
def test_an_error_inside_a_stream_is_an_error(opened: Open, slept: Slept, error: bytes) -> None:
    """Status 200 does not hide a fault of the server: it is repeated, and told with its text if it stays."""
    model, server = opened(*[stream(delta(content="ha"), error, DONE)] * 3, stream=True)
    with pytest.raises(ModelError, match=r"gave up after 3 attempts: error in the reply: .*out of memory"):
        model.complete(PROMPT, [], seed=None)
    assert (3, [0.2, 0.4]) == (len(server.asked), slept)


def test_an_error_event_without_data_is_an_error(opened: Open) -> None:
    """An event named error needs no words to be one."""
    model, _ = opened(*[stream(b"event: error\n\n", DONE)] * 3, stream=True)
    with pytest.raises(ModelError, match="error in the reply"):
        model.complete(PROMPT, [], seed=None)


@pytest.mark.parametrize("error", [{"message": "no", "code": 400}, {"message": "no", "type": "invalid_request_error"}])
def test_an_error_that_blames_the_request_is_not_repeated(opened: Open, slept: Slept, error: object) -> None:
    """What the request itself got wrong would go wrong again, streamed or not."""
    for streamed, reply in ((True, stream(frame({"error": error}))), (False, answer({"error": error}))):
        model, server = opened(reply, stream=streamed)
        with pytest.raises(ModelError, match="error in the reply"):
            model.complete(PROMPT, [], seed=None)
        assert (1, []) == (len(server.asked), slept)


def test_lines_are_bounded(opened: Open) -> None:
    """A line without end is given up once it exceeds the bound, not read until memory runs out."""
    with pytest.raises(ModelError, match=f"a line of the stream exceeds {sse.MAX_LINE} bytes"):
        ask(opened, b"data: ", *[b"x" * (1 << 20)] * 6)


def test_what_came_decides_how_it_is_read(opened: Open) -> None:
    """A server that answers with one body where a stream was asked for, or the other way round, is understood."""
    model, _ = opened(answer({"choices": [{"message": {"content": "one body"}}]}), stream=True)
    assert "one body" == model.complete(PROMPT, [], seed=None).content
    model, _ = opened(stream(FINISHED, DONE), stream=False)
    assert "hi" == model.complete(PROMPT, [], seed=None).content
    model, _ = opened(stream(FINISHED, DONE, headers={}), stream=True)
    assert "hi" == model.complete(PROMPT, [], seed=None).content
    model, _ = opened(answer(FINISHED, headers=SSE_TYPE), stream=True)
    assert "hi" == model.complete(PROMPT, [], seed=None).content


def test_the_onlooker_sees_reasoning_and_content_apart(opened: Open) -> None:
    """Pieces are shown as they come, tags never, even where one was cut in two."""
    seen: list[tuple[str, str]] = []
    texts = ["<th", "ink>pon", "der</", "think>a < b", " <thi"]
    parts = [delta(reasoning="first"), *(delta(content=text) for text in texts), delta("stop"), DONE]
    model, _ = opened(stream(*parts), stream=True, on_delta=lambda kind, text: seen.append((kind, text)))
    reply = model.complete(PROMPT, [], seed=None)
    shown = {kind: "".join(text for each, text in seen if each == kind) for kind in ("reasoning", "content")}
    assert {"reasoning": "firstponder", "content": "a < b <thi"} == shown
    assert ("first\nponder", "a < b <thi") == (reply.reasoning, reply.content)


def test_a_tool_call_in_one_delta_needs_no_index(opened: Open) -> None:
    """Whole calls, each in a delta of its own and without an index, are as many calls."""
    calls = [{"id": name, "function": {"name": name, "arguments": "{}"}} for name in ("one", "two")]
    parts = [delta(tool_calls=[call]) for call in calls]
    said = ask(opened, *parts, delta("tool_calls"), DONE)
    assert (ToolCall("one", "one", "{}"), ToolCall("two", "two", "{}")) == said.tool_calls
