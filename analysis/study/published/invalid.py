"""Arms that were declared invalid, wherever they are counted: in pools, by their sums, and in comparisons."""

from collections.abc import Iterator

from analysis.study.published.flag import Flag
from analysis.study.published.ledger import PublishedArm, PublishedResults


def invalid_flags(published: PublishedResults) -> Iterator[Flag]:
    """Pools and comparisons that count an arm whose runs were declared invalid, by its name or by their sums."""
    for arm in published.arms.values():
        yield from _named(published, arm)
        yield from _summed(published, arm)
    for test in published.tests:
        for name in ("arm_a", "arm_b"):
            tested = published.arms.get(test.row[name])
            if tested and _invalid(tested):
                yield Flag("invalid", test.id, f"compares {tested.id}, which was declared invalid")


def _named(published: PublishedResults, arm: PublishedArm) -> Iterator[Flag]:
    """Pools that name an invalid arm among their parts."""
    parts = [leaf for leaf in published.leaves(arm.id) if leaf != arm.id]
    invalid = [leaf for leaf in parts if _invalid(published.arms[leaf])]
    if invalid:
        yield Flag("invalid", arm.id, f"pools {len(parts)} arms, of which invalid: {', '.join(invalid)}")


def _summed(published: PublishedResults, arm: PublishedArm) -> Iterator[Flag]:
    """Pools that name no invalid arm, but count as many runs and completions more than their parts as one has."""
    parts = published.parts(arm)
    if not parts or arm.n is None or arm.completed is None:
        return
    runs = arm.n - sum(part.n or 0 for part in parts)
    completed = arm.completed - sum(part.completed or 0 for part in parts)
    for other in published.arms.values():
        if _invalid(other) and other.cell == arm.cell and (other.n, other.completed) == (runs, completed):
            text = f"counts {completed}/{runs} more than its parts, as many as {other.id}, which is invalid"
            yield Flag("invalid", arm.id, text)


def _invalid(arm: PublishedArm) -> bool:
    return arm.row["status"] == "invalid"
