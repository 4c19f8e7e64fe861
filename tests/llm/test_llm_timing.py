"""How long calls took: what servers report, what the clock sees, and what stays unknown."""

import json
from typing import Any

import pytest
from asking import PROMPT, Open

from harness.llm.types import CallTiming, Reply
from harness.llm.usage import ReplyClock

from scripted import DONE, Raw, answer, delta, frame, stream

USAGE = {"prompt_tokens": 70, "completion_tokens": 30, "total_tokens": 100}
LLAMA_CPP = {
    "cache_n": 36,
    "prompt_n": 34,
    "prompt_ms": 839.5,
    "predicted_n": 30,
    "predicted_ms": 1500.0,
    "draft_n": 20,
    "draft_n_accepted": 15,
}
OLLAMA = {
    "total_duration": 5_000_000_000,
    "prompt_eval_count": 34,
    "prompt_eval_duration": 839_500_000,
    "eval_count": 30,
    "eval_duration": 1_500_000_000,
}
OMLX = {"prompt_eval_duration": 0.8395, "generation_duration": 1.5, "cached_tokens": 36, "total_time": 2.5}
HOSTED = {"prompt_time": 0.8395, "completion_time": 1.5, "prompt_tokens_details": {"cached_tokens": 36}}
HALVES = CallTiming(None, 34, 0.8395, 30, 1.5, timed_by="server")


def replies(opened: Open, body: dict[str, Any]) -> list[Reply]:
    """The reply to the same figures, in one body and in the last frame of a stream."""
    whole = {"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]} | body
    streamed = stream(delta(content="hi"), delta("stop"), frame({"choices": []} | body), DONE)
    found = []
    for reply, streaming in ((answer(whole), False), (streamed, True)):
        model, _ = opened(reply, stream=streaming)
        found.append(model.complete(PROMPT, [], seed=None))
    return found


@pytest.mark.parametrize(
    ("body", "more", "cached", "server_sec"),
    [
        ({"usage": USAGE, "timings": LLAMA_CPP}, {"drafted_tokens": 20, "accepted_tokens": 15}, 36, 2.3395),
        ({"usage": USAGE} | OLLAMA, {}, None, 5.0),
        ({"usage": USAGE | OMLX}, {}, 36, 2.5),
        ({"usage": USAGE | HOSTED}, {}, 36, None),
    ],
    ids=["llama.cpp", "ollama", "omlx", "hosted"],
)
def test_what_a_server_reports_is_taken_streamed_or_not(
    opened: Open, body: dict[str, Any], more: dict[str, int], cached: int | None, server_sec: float | None
) -> None:
    """Seconds and tokens of both halves in the units of each engine, and the cache where it is told."""
    for reply in replies(opened, body):
        expected = HALVES.as_dict() | more
        assert expected == reply.timing.as_dict() | {"first_token_sec": None}
        assert (cached, server_sec) == (reply.usage.cached_tokens, reply.usage.server_time_sec)


@pytest.mark.parametrize(("rate", "tokens"), [(29 / 1.5, 29), (20.0, 30), (0.0, 30), (1e9, 30), ("fast", 30)])
def test_the_speed_of_decoding_is_the_one_that_llama_cpp_prints(opened: Open, rate: object, tokens: int) -> None:
    """Newer servers time all tokens but the first, which came with the prompt; their rate tells."""
    for reply in replies(opened, {"usage": USAGE, "timings": LLAMA_CPP | {"predicted_per_second": rate}}):
        assert tokens == reply.timing.decode_tokens


@pytest.mark.parametrize(
    "timings", [None, {}, [], "fast", {"prompt_ms": -1, "prompt_n": True}, {"predicted_ms": "1", "predicted_n": "x"}]
)
def test_what_makes_no_sense_is_unknown(opened: Open, timings: object) -> None:
    """No figure, and no zero in its place; nor is there one where nothing is streamed and nothing told."""
    whole, _ = replies(opened, {"usage": USAGE, "timings": timings})
    assert CallTiming().as_dict() == whole.timing.as_dict()
    assert (None, None) == (whole.usage.cached_tokens, whole.usage.server_time_sec)


class Ticking:
    """A clock that shows the given seconds, one after another."""

    def __init__(self, *seconds: float) -> None:
        self._seconds = iter(seconds)

    def __call__(self) -> float:
        return next(self._seconds)


def test_a_stream_is_timed_by_the_clock() -> None:
    """The first piece ends the prompt; the tokens after it are those that the time after it is about."""
    clock = ReplyClock(Ticking(10.0, 12.0, 13.0, 14.0))
    for size in (2, 4, 4):
        clock.piece(size)
    assert CallTiming(2.0, 34, 2.0, 8, 2.0, timed_by="clock") == clock.timing(34, 10)


@pytest.mark.parametrize(
    ("moments", "sizes"),
    [
        ([12.0], [40]),
        ([12.0, 12.0001, 12.0002], [2, 20, 20]),
        ([12.0, 13.0], [400, 2]),
        ([], []),
    ],
    ids=["whole", "burst", "held back", "nothing"],
)
def test_what_was_held_back_has_no_time_by_the_clock(moments: list[float], sizes: list[int]) -> None:
    """A tool call that arrives whole shows neither when its first token came nor how fast it was generated."""
    clock = ReplyClock(Ticking(10.0, *moments))
    for size in sizes:
        clock.piece(size)
    assert CallTiming() == clock.timing(34, 10)


def slow(*frames: bytes) -> Raw:
    """A stream whose frames come one after another."""
    return stream(*(part for piece in frames for part in (0.05, piece)))


def test_a_slow_stream_is_timed_over_real_http(opened: Open) -> None:
    """The seconds are those of the call that was answered; cached tokens are none that were read."""
    usage = USAGE | {"prompt_tokens_details": {"cached_tokens": 20}}
    texts = [delta(content=f"word{n} ") for n in range(6)]
    model, _ = opened(
        answer(b"busy", status=500), slow(*texts, delta("stop"), frame({"usage": usage}), DONE), stream=True
    )
    timing = model.complete(PROMPT, [], seed=None).timing
    assert ("clock", 50, 25) == (timing.timed_by, timing.prefill_tokens, timing.decode_tokens)
    assert timing.first_token_sec is not None
    assert timing.decode_sec is not None
    assert 0.05 <= timing.first_token_sec < 5
    assert 0.25 <= timing.decode_sec < 10


def test_without_word_of_the_cache_no_speed_of_reading_is_known(opened: Open) -> None:
    """Most of a prompt may have come from it; and tokens that were estimated make no speed at all."""
    texts = [delta(content=f"word{n} ") for n in range(6)]
    for told, expected in ((USAGE, (None, 25)), (None, (None, None))):
        model, _ = opened(slow(*texts, delta("stop"), frame({"usage": told}), DONE), stream=True)
        timing = model.complete(PROMPT, [], seed=None).timing
        assert expected == (timing.prefill_tokens, timing.decode_tokens)
        assert timing.prefill_sec is not None


def test_the_fields_of_a_timing_are_those_of_the_transcript() -> None:
    """They are plain data."""
    assert json.loads(json.dumps(HALVES.as_dict())) == HALVES.as_dict()
