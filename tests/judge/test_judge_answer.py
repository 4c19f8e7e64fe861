"""The judge's reply is read strictly: what is missing, odd or too much is told, and nothing is guessed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.judge.answer import InvalidReply, handed_in, scores
from analysis.judge.prompt import TOOL
from harness.llm.types import Reply, ToolCall

NAMES = ("one", "two")


def whole() -> dict[str, Any]:
    return {letter: {name: {"reason": "so", "score": 0.5} for name in NAMES} for letter in "AB"}


def backwards() -> dict[str, Any]:
    return {letter: {name: {"score": 0.5, "reason": "so"} for name in NAMES} for letter in "AB"}


def called(*arguments: str) -> Reply:
    return Reply(tool_calls=tuple(ToolCall(f"call_{place}", TOOL, text) for place, text in enumerate(arguments)))


def spoilt(letter: str, name: str, **fields: Any) -> dict[str, Any]:
    answer = whole()
    answer[letter][name] |= fields
    return answer


def without(*path: str) -> dict[str, Any]:
    answer = inner = whole()
    for key in path[:-1]:
        inner = inner[key]
    inner.pop(path[-1])
    return answer


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (without("B"), "the answer lacks B"),
        (whole() | {"C": 1}, "the answer must not hold 'C'"),
        (whole() | {"A": 0.5}, "A must be an object"),
        (without("A", "two"), "A lacks two"),
        (without("B", "one", "reason"), "B.one lacks reason"),
        (without("B", "one", "score"), "B.one lacks score"),
        (spoilt("A", "one", charm=1), "A.one must not hold 'charm'"),
        (spoilt("A", "one", score=1.01), "A.one.score must be a number from 0 to 1, not 1.01"),
        (spoilt("A", "one", score=-0.1), "A.one.score must be"),
        (spoilt("A", "one", score=True), "A.one.score must be"),
        (spoilt("A", "one", score="0.5"), "A.one.score must be"),
        (spoilt("A", "one", score=float("nan")), "A.one.score must be"),
        (spoilt("B", "two", reason="  "), "B.two.reason must be a text that is not empty"),
        (
            whole() | {"A": {"one": {"score": 1, "reason": "so"}, "two": {"reason": "so", "score": 1}}},
            "reason must come",
        ),
    ],
)
def test_what_is_wrong_is_told(answer: dict[str, Any], told: str) -> None:
    """One line names the place and what is allowed there."""
    with pytest.raises(InvalidReply) as refused:
        scores(answer, NAMES)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_whole_answer_is_taken_as_it_is() -> None:
    """Every score and every reason, by letter and dimension."""
    found = scores(whole(), NAMES)
    assert {("A", "one", 0.5, "so"), ("A", "two", 0.5, "so"), ("B", "one", 0.5, "so"), ("B", "two", 0.5, "so")} == {
        (letter, name, verdict.score, verdict.why) for letter, some in found.items() for name, verdict in some.items()
    }


@pytest.mark.parametrize(
    "reply",
    [
        called(json.dumps(whole())),
        Reply(content=json.dumps(whole())),
        Reply(content=f"A has {{}} and B `{{x}}`.\n```json\n{json.dumps(whole(), indent=1)}\n```\nDone {{}}."),
    ],
)
def test_the_answer_is_found(reply: Reply) -> None:
    """In a call of the tool, as the whole text, or as the longest object between other words."""
    assert whole() == handed_in(reply, TOOL)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(content="I cannot rate this."), "no JSON object in the reply"),
        (Reply(empty=True), "it is empty"),
        (called('{"A": '), "not valid JSON"),
        (called("[1]"), "must be one JSON object"),
        (called("{}", "{}"), "was called 2 times"),
        (Reply(content='{"A": 1, "A": 2}'), "'A' is given twice"),
        (Reply(content="{" * 5000), "no JSON object"),
        (called('{"A": ' * 5000), "not valid JSON"),
        (Reply(content=json.dumps(whole()), finish_reason="length"), "cut off at its limit of tokens"),
    ],
)
def test_a_reply_without_an_answer_is_refused(reply: Reply, told: str) -> None:
    """Half an answer is none."""
    with pytest.raises(InvalidReply, match=told):
        handed_in(reply, TOOL)


PLACES = [("A",), ("B", "one"), ("A", "two", "reason"), ("B", "two", "score"), ("A", "one", "more")]
VALUES = (
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.lists(st.text()) | st.just({"one": {}})
)


@given(st.sampled_from(PLACES), VALUES, st.sampled_from(["", "Well: ", "```json\n", "{"]), st.booleans())
def test_any_reply_is_taken_whole_or_refused(place: tuple[str, ...], value: object, before: str, call: bool) -> None:
    """Whatever stands in the place of anything, a reply is refused, or taken with every score within its bounds."""
    answer = inner = whole()
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    text = json.dumps(answer)
    try:
        found = scores(handed_in(called(text) if call else Reply(content=before + text), TOOL), NAMES)
    except InvalidReply:
        return
    assert place[-1] in ("reason", "score")
    assert {True} == {0 <= verdict.score <= 1 for some in found.values() for verdict in some.values()}


def test_half_a_character_in_a_reason_can_be_written_down() -> None:
    """JSON may escape what no file can hold."""
    found = scores(json.loads(json.dumps(spoilt("A", "one", reason="\ud800 so"))), NAMES)
    assert "\ufffd so" == found["A"]["one"].why
