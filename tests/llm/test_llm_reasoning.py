"""Inline reasoning, told apart from content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.llm.forms import Tools, split_text
from harness.llm.reasoning import LiveSplitter

words = st.text("ab <>/", max_size=5).filter(lambda text: "think" not in text)

CASES = [
    ("plain", "plain", []),
    ("  untouched \n", "  untouched \n", []),
    ("<think>a</think>b", "b", ["a"]),
    ("\n<think>\na\n</think>\n\nb\n", "b", ["a"]),
    ("<think>cut off", "", ["cut off"]),
    ("a</think>b", "b", ["a"]),
    ("<think></think>b", "b", []),
    ("x<think>a</think>y<think>b</think>z", "xyz", ["a", "b"]),
    ("<think>a<think>b</think>c</think>d", "d", ["a<think>b", "c"]),
    ("</think>", "", []),
    ("<thinking>a</thinking>b", "b", ["a"]),
    ("[THINK]a[/THINK]b", "b", ["a"]),
    ("<|channel>thought\na<channel|>b", "b", ["a"]),
    ("<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b<|return|>", "b", ["a"]),
]


def split(told: str) -> tuple[str, list[str]]:
    parts = split_text(told, Tools([]))
    return parts.content, list(parts.thoughts)


@pytest.mark.parametrize(("told", "content", "thoughts"), CASES)
def test_reasoning_is_told_apart(told: str, content: str, thoughts: list[str]) -> None:
    """Whole, cut off, unopened or repeated blocks leave the content, and nothing else does."""
    assert (content, thoughts) == split(told)


@given(st.lists(st.tuples(words, words), min_size=1, max_size=6), words)
def test_any_number_of_blocks_is_told_apart(blocks: list[tuple[str, str]], last: str) -> None:
    """Content and reasoning may take turns: each comes out whole and in order."""
    told = "".join(f"{content}<think>{thought}</think>" for content, thought in blocks) + last
    content = "".join(content for content, _ in blocks) + last
    assert (content.strip(), [thought.strip() for _, thought in blocks if thought.strip()]) == split(told)


@given(
    st.lists(st.sampled_from(["<think>", "</think>", "<thinking>", "[/THINK]", "<", "a", " b ", "</thi"]), max_size=12),
    st.integers(1, 5),
)
def test_the_live_view_does_not_depend_on_the_pieces(parts: list[str], size: int) -> None:
    """The same text gives the same view, whole or in pieces of any size."""
    text = "".join(parts)
    assert view([text]) == view([text[at : at + size] for at in range(0, len(text), size)])


def view(pieces: list[str]) -> list[tuple[str, str]]:
    splitter = LiveSplitter()
    told = [each for piece in pieces for each in splitter.feed(piece)] + list(splitter.rest())
    return [(kind, character) for kind, text in told for character in text]
