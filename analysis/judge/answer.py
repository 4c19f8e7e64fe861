"""The judge's reply, read strictly: all dimensions of both candidates, reason before number, and nothing else."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from analysis.judge.prompt import LETTERS
from analysis.judge.record import DimensionScore
from harness.llm.text import encodable
from harness.llm.types import Reply

Scores = dict[str, dict[str, DimensionScore]]
"""By letter, then by dimension."""

MOST_REPORTED = 4
"""Faults of one reply that are reported to the judge at once."""


class InvalidReply(ValueError):  # noqa: N818 - a fault of the judge's, sent back to it
    """A reply that is no answer; its text is one line, meant for the judge."""


def handed_in(reply: Reply, tool: str) -> dict[str, Any]:
    """The JSON object of a reply: what a call of the tool carries, else the longest in its text.

    Raises InvalidReply where there is none.
    """
    if reply.finish_reason == "length":
        raise InvalidReply("the reply was cut off at its limit of tokens: answer more briefly")
    calls = [call.arguments for call in reply.tool_calls if call.name == tool]
    if len(calls) > 1:
        raise InvalidReply(f"{tool} was called {len(calls)} times: call it once")
    objects = [_object(calls[0])] if calls else [*_objects(reply.content)]
    if not objects:
        raise InvalidReply("there is no JSON object in the reply" + (": it is empty" if not reply.content else ""))
    return max(objects, key=lambda one: len(json.dumps(one)))


def scores(answer: dict[str, Any], dimensions: Sequence[str]) -> Scores:
    """Return the scores of A and of B. Raises InvalidReply, which names what is missing, odd or too much."""
    faults = [*_keys("the answer", answer, LETTERS)]
    for letter in LETTERS:
        faults += _candidate_faults(letter, answer.get(letter), dimensions)
    if faults:
        more = f"; and {len(faults) - MOST_REPORTED} more" if len(faults) > MOST_REPORTED else ""
        raise InvalidReply("; ".join(faults[:MOST_REPORTED]) + more)
    return {
        letter: {
            name: DimensionScore(
                float(answer[letter][name]["score"]), encodable(answer[letter][name]["reason"].strip())
            )
            for name in dimensions
        }
        for letter in LETTERS
    }


def _candidate_faults(letter: str, scores: object, dimensions: Sequence[str]) -> Iterator[str]:
    if scores is None:
        return  # reported as a missing key
    if not isinstance(scores, dict):
        yield f"{letter} must be an object"
        return
    yield from _keys(letter, scores, dimensions)
    for name in dimensions:
        if name in scores:
            yield from _verdict_faults(f"{letter}.{name}", scores[name])


def _verdict_faults(where: str, verdict: object) -> Iterator[str]:
    if not isinstance(verdict, dict):
        yield f"{where} must be an object with reason and score"
        return
    yield from _keys(where, verdict, ("reason", "score"))
    reason, score = verdict.get("reason", "."), verdict.get("score", 0)
    if not isinstance(reason, str) or not reason.strip():
        yield f"{where}.reason must be a text that is not empty"
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        yield f"{where}.score must be a number from 0 to 1, not {json.dumps(score)[:40]}"
    if [*verdict] == ["score", "reason"]:
        yield f"{where}: the reason must come before the score"


def _keys(where: str, values: dict[str, Any], required: Sequence[str]) -> Iterator[str]:
    yield from (f"{where} lacks {name}" for name in required if values.get(name) is None)
    yield from (f"{where} must not hold {name[:40]!r}" for name in values if name not in required)


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        if isinstance(error, InvalidReply):
            raise
        raise InvalidReply(f"the arguments are not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidReply("the arguments must be one JSON object")
    return value


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Every JSON object in a text, none inside another."""
    decoder = json.JSONDecoder(object_pairs_hook=_once)
    place = text.find("{")
    while place >= 0:
        try:
            value, end = decoder.raw_decode(text, place)
        except InvalidReply:
            raise
        except (ValueError, RecursionError):
            end = place + 1
        else:
            yield value
        place = text.find("{", end)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        raise InvalidReply(f"{next(name for name in names if names.count(name) > 1)[:40]!r} is given twice")
    return value
