"""Trees of page elements: written as HTML here, or as JSON for the browser, which builds them without parsing HTML."""

from collections.abc import Iterable, Iterator
from typing import Any

from markupsafe import Markup, escape

from analysis.render import printable

Node = str | list[Any]
"""A text, or a list of a tag, its attributes and its children."""

FOLD_LINES = 12
"""Lines of a text that are shown before it folds."""
FOLD_CHARACTERS = 1600
"""Characters of a text that are shown before it folds."""

VOID = frozenset({"br", "hr"})


def element(tag: str, *children: Node | None, **attributes: object) -> Node:
    """Return an element. A final underscore of an attribute's name is dropped, other underscores are hyphens.

    None is left out, as a child and as the value of an attribute.
    """
    named = {name.rstrip("_").replace("_", "-"): str(value) for name, value in attributes.items() if value is not None}
    return [tag, named, *(child for child in children if child is not None)]


def html(node: Node) -> Markup:
    """Return the tree as HTML, every text and every value escaped."""
    return Markup("").join(_html(node))


def _html(node: Node) -> Iterator[Markup]:
    if isinstance(node, str):
        yield escape(node)
        return
    tag, attributes, *children = node
    named = Markup("").join(Markup(' {}="{}"').format(Markup(name), value) for name, value in attributes.items())
    yield Markup("<{}{}>").format(Markup(tag), named)
    if tag not in VOID:
        for child in children:
            yield from _html(child)
        yield Markup("</{}>").format(Markup(tag))


def passage(value: object, *, style: str = "") -> Node | None:
    """Return a text as it came, control characters made visible; a long one folds. None if there is none."""
    whole = "" if value is None else str(value)
    if not whole.strip():
        return None
    lines = shown(whole).split("\n")
    joined = "\n".join(lines)
    if len(lines) <= FOLD_LINES and len(joined) <= FOLD_CHARACTERS:
        return element("pre", joined, class_=style or None)
    preview = "\n".join(lines[: FOLD_LINES - 4])[: FOLD_CHARACTERS // 2]
    more = f"Show all {len(lines):,} lines" if len(lines) > FOLD_LINES else f"Show all {len(joined):,} characters"
    folded = element(
        "summary", element("pre", preview, class_=f"preview {style}".rstrip()), element("span", more, class_="more")
    )
    return element("details", folded, element("pre", joined, class_=style or None), class_="fold")


def shown(whole: str) -> str:
    """Return a text with its line breaks and tabs, all other control characters escaped."""
    return "\n".join(printable(line, tabs=True) for line in whole.replace("\r\n", "\n").split("\n"))


def pairs(rows: Iterable[tuple[str, Node | None]]) -> Node:
    """Return a list of names and values, without those that are empty."""
    filled = [(name, value) for name, value in rows if value]
    return element(
        "dl", *(part for name, value in filled for part in (element("dt", name), element("dd", value))), class_="facts"
    )
