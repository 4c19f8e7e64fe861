"""Tool calls from fragments, however they are numbered."""

import re
from typing import Any

from harness.llm.draft import Calls, calls_made
from harness.llm.types import ToolCall, generated_id, sendable_id


def joined(*fragments: Any, first: int = 0) -> tuple[ToolCall, ...]:
    calls = Calls()
    for fragment in fragments:
        calls.add(fragment)
    return calls.joined(first)


def part(arguments: object = None, *, name: str | None = None, **fields: object) -> dict[str, object]:
    return {**fields, "function": {"name": name, "arguments": arguments}}


def test_fragments_are_joined_by_index() -> None:
    """Interleaved fragments find their call, and the calls come in the order of their index."""
    told = joined(
        part('{"b"', index=1, id="y", name="two"),
        part('{"a"', index=0, id="x", name="one"),
        part(":2}", index=1),
        part(":1}", index=0),
    )
    assert (ToolCall("x", "one", '{"a":1}'), ToolCall("y", "two", '{"b":2}')) == told


def test_a_negative_index_is_ignored() -> None:
    """A fragment below zero belongs to no call."""
    told = joined(part("{}", index=-1, id="no", name="no"), part("{}", index=0, id="x", name="one"))
    assert (ToolCall("x", "one", "{}"),) == told


def test_a_huge_index_costs_nothing() -> None:
    """An index is a key and not a length."""
    told = joined(part("{}", index=10**30, id="far", name="far"), part("{}", index=0, id="x", name="one"))
    assert ["x", "far"] == [call.id for call in told]


def test_fragments_without_an_index_follow_the_last_call() -> None:
    """Where the index is missing, an id or a name begins a call, and what has neither continues it."""
    told = joined(part("{", id="x", name="one"), part("}"), part("{", name="two"), part("}"), part(" ", id="x"))
    assert (ToolCall("x", "one", "{} "), ToolCall("call00000", "two", "{}")) == told


def test_calls_that_all_claim_index_zero_stay_apart() -> None:
    """Another id and another name at an index in use are another call, not more arguments."""
    told = joined(part('{"a":1}', index=0, id="x", name="one"), part('{"b":2}', index=0, id="y", name="two"))
    assert (ToolCall("x", "one", '{"a":1}'), ToolCall("y", "two", '{"b":2}')) == told


def test_an_id_that_changes_with_each_fragment_is_one_call() -> None:
    """Servers that make up an id for every fragment send the name once; the first id holds."""
    told = joined(part("{", index=0, id="x", name="one"), part("}", index=0, id="y"))
    assert (ToolCall("x", "one", "{}"),) == told


def test_missing_and_repeated_ids_are_made_up_and_unique() -> None:
    """Generated ids go on where the history stands, and never meet one that the server gave."""
    told = joined(
        part("{}", index=0, name="a"),
        part("{}", index=1, id="call00003", name="b"),
        part("{}", index=2, id="call00003", name="c"),
        first=2,
    )
    assert ["call00002", "call00003", "call00004"] == [call.id for call in told]


def test_generated_ids_suit_every_chat_template() -> None:
    """A generated id has exactly nine letters and digits, and differs from call to call."""
    generated = [generated_id(number) for number in (0, 1, 9, 10, 99_999)]
    assert all(re.fullmatch(r"[A-Za-z0-9]{9}", identity) for identity in generated)
    assert len(generated) == len(set(generated))
    assert generated == [sendable_id(identity) for identity in generated]


def test_calls_of_the_history_are_counted() -> None:
    """The next generated id follows all calls already made, whoever named them."""
    turn = {"role": "assistant", "content": "", "tool_calls": [{}, {}]}
    assert 4 == calls_made([{"role": "user", "content": ""}, turn, {"role": "tool"}, turn])


def test_garbage_makes_no_call() -> None:
    """Fragments that are no objects, or name nothing, never crash and never count."""
    assert () == joined(None, 3, "x", [], {}, {"index": 0}, {"function": 7}, part(None, index=0, id="only-an-id"))


def test_arguments_may_come_as_an_object() -> None:
    """An object in place of its text becomes that text; an id that is a number becomes its digits."""
    told = joined(part({"path": "ä"}, index=True, id=5, name="read_file"))
    assert (ToolCall("5", "read_file", '{"path": "ä"}'),) == told
