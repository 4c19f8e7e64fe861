"""The most that missing runs could change: what a test would give if they had failed or completed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.stats.arms import TwoArms
from analysis.stats.curtailed import Left, largest_p, sided


@dataclass(frozen=True)
class Sensitivity:
    """Values of p under assumptions on the missing runs."""

    all_failed: float
    all_completed: float
    worst: float
    """The largest that any outcomes of them can lead to; over many, the largest where each arm has one outcome."""


def sensitivity(strata: Sequence[TwoArms], missing: Sequence[Left], side: str = "two") -> Sensitivity | None:
    """Return what missing runs of A and B could change, stratum by stratum; None if none is missing."""
    if not any(a or b for a, b in missing):
        return None
    filled = corners(strata, missing)
    p = {corner: sided(tables, side) for corner, tables in filled.items()}
    worst = largest_p(strata, missing, side)
    if worst is None:
        # Where a corner turns the difference around, something between shows none.
        turned = {_sign(tables) for tables in filled.values()} != {_sign(strata)}
        worst = 1.0 if turned else max(p.values())
    return Sensitivity(p[0, 0], p[1, 1], worst)


def monotone_sensitivity(
    strata: Sequence[TwoArms], missing: Sequence[Left], p_of: Callable[[Sequence[TwoArms]], float]
) -> Sensitivity | None:
    """Return the same for a test whose p rises or falls with each completion, as that of a margin does."""
    if not any(a or b for a, b in missing):
        return None
    p = {corner: p_of(tables) for corner, tables in corners(strata, missing).items()}
    return Sensitivity(p[0, 0], p[1, 1], max(p.values()))


def corners(strata: Sequence[TwoArms], missing: Sequence[Left]) -> dict[tuple[int, int], list[TwoArms]]:
    """Return the strata with all missing runs of an arm failed (0) or completed (1), by A's and B's."""
    return {
        (in_a, in_b): [_filled(*one, in_a, in_b) for one in zip(strata, missing, strict=True)]
        for in_a in (0, 1)
        for in_b in (0, 1)
    }


def _filled(arms: TwoArms, missing: Left, completed_a: int, completed_b: int) -> TwoArms:
    a, b = missing
    return TwoArms(arms.k_a + a * completed_a, arms.n_a + a, arms.k_b + b * completed_b, arms.n_b + b)


def _sign(strata: Sequence[TwoArms]) -> int:
    """The sign of the difference that the stratified test weighs."""
    shift = sum(
        (arms.k_b * arms.n_a - arms.k_a * arms.n_b) / (arms.n_a + arms.n_b) for arms in strata if arms.n_a + arms.n_b
    )
    return (shift > 0) - (shift < 0)
