"""Output is cut between characters and within bounds, however it arrives."""

from hypothesis import given
from hypothesis import strategies as st

from harness.sandbox.output import Clip, LineReader

chunks = st.lists(st.binary(max_size=50), max_size=30)


@given(st.text(max_size=400), st.integers(1, 200), st.integers(1, 60))
def test_valid_text_stays_valid(text: str, limit: int, step: int) -> None:
    """Text is kept whole if it fits, and otherwise cut so that no character is broken and both ends are true."""
    data = text.encode()
    clip = Clip(limit)
    for at in range(0, len(data), step):
        clip.feed(data[at : at + step])
    kept = clip.text()
    if len(data) <= 2 * (limit // 2 or 1):
        assert kept == text
    else:
        head, _, rest = kept.partition("\n[... ")
        tail = rest.partition(" bytes left out ...]\n")[2]
        assert (text.startswith(head), text.endswith(tail)) == (True, True)
        assert len(head.encode()) + len(tail.encode()) <= max(limit, 2)


@given(chunks)
def test_lines_do_not_depend_on_the_chunks(parts: list[bytes]) -> None:
    """However the stream is cut, the handler gets the same lines."""
    seen: list[bytes] = []
    lines = LineReader(seen.append)
    for part in parts:
        lines.feed(part)
    lines.close()
    whole = b"".join(parts)
    expected = whole.split(b"\n")
    assert seen == (expected if expected[-1] else expected[:-1])
