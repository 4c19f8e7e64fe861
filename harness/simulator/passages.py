"""The one passage in which two texts differ, as an edit wants it."""


def difference(old: str, new: str) -> tuple[str, str] | None:
    """The lines to replace and those to put there, with as many around them as make the old ones unique.

    None where the texts are the same, or where no part of the old one less than all of it will do.
    """
    if old == new:
        return None
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    while head > 0 or tail > 0:
        passage, text = "".join(before[head : len(before) - tail]), "".join(after[head : len(after) - tail])
        # Counted alone, a passage that overlaps with itself would seem to occur once.
        if passage and old.count(passage) == 1 and old.replace(passage, text) == new:
            return passage, text
        head, tail = max(head - 1, 0), max(tail - 1, 0)
    return None


def _common(one: list[str], other: list[str]) -> int:
    """Number of lines that both begin with."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
