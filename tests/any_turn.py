"""Any assistant turn, in any dialect, for hypothesis."""

from hypothesis import strategies as st

from dialects import Dialect, Say

texts = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(str.strip).filter(lambda text: "<" not in text)
)
words = st.text("abcdefghijklmnop_", min_size=1, max_size=12)


@st.composite
def turns(draw: st.DrawFn) -> Say:
    """A turn and the dialect that it is told in."""
    dialect = Dialect(
        reasoning=draw(st.sampled_from(["reasoning_content", "reasoning", "inline", "unopened"])),
        piece=draw(st.sampled_from([0, 1, 3])),
        usage=draw(st.sampled_from(["chunk", "finish", "never"])),
        done=draw(st.booleans()),
        framing=draw(st.sampled_from(["chunked", "length", "close"])),
        prefix=draw(st.sampled_from(["data: ", "data:"])),
        newline=draw(st.sampled_from(["\n", "\r\n"])),
        comments=draw(st.booleans()),
        null_content=draw(st.booleans()),
        indexed=draw(st.booleans()),
        cut=draw(st.sampled_from([0, 1, 7])),
    )
    names = draw(st.lists(words, max_size=3))
    calls = [(f"id{place}", name, draw(texts)) for place, name in enumerate(names)]
    return Say(draw(texts), draw(texts), calls, dialect=dialect)
