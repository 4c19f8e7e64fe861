"""The decision on a contrast, as a line for the screen and as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sweeps.plan.design import Levels, PlannedContrast
from sweeps.schema import SweepConfig
from sweeps.strategies.curtailment import StratumCounts
from sweeps.strategies.e_process import EProcess, Pair

CLOSE = 1 + 1e-9
"""Relative tolerance for an e-process that reaches its bound exactly, for the rounding of logarithms."""


@dataclass(frozen=True)
class ContrastDecision:
    """The verdict on one contrast so far."""

    contrast: PlannedContrast
    tallies: Sequence[StratumCounts]
    significant: bool | None
    """None while it is undecided."""
    blocks: int
    """Whole blocks so far, each a run of the baseline and one of the arm, summed over the strata."""
    reason: str = ""
    evidence: float | None = None
    """The e-value at the decision; None under another stopping rule."""

    @property
    def planned(self) -> int:
        """Number of planned blocks."""
        return sum(min(tally.planned) for tally in self.tallies)


def decide_by_e_process(
    contrast: PlannedContrast,
    tallies: Sequence[StratumCounts],
    pairs: Sequence[tuple[Levels, Pair]],
    sweep: SweepConfig,
) -> ContrastDecision:
    """Return the verdict at the first block that decides; later blocks change nothing."""
    evidence = {levels: EProcess(sweep.side) for levels in contrast.strata}
    left = {levels: min(size) for levels, size in contrast.strata.items()}
    value = most = 1.0
    for block, (levels, pair) in enumerate(pairs, start=1):
        evidence[levels].take(pair)
        left[levels] -= 1
        value = most = 1.0
        for stratum, one in evidence.items():
            value *= one.value
            most *= one.best(left[stratum])
        if value * CLOSE >= 1 / sweep.alpha:
            return ContrastDecision(contrast, tallies, True, block, f"its e-process reached {1 / sweep.alpha:g}", value)
        if most * CLOSE < 1 / sweep.alpha:
            short = "can no longer reach" if any(left.values()) else "has not reached"
            return ContrastDecision(
                contrast, tallies, False, block, f"its e-process {short} {1 / sweep.alpha:g}", value
            )
    return ContrastDecision(contrast, tallies, None, len(pairs), "", value)


def line(verdict: ContrastDecision, sweep: SweepConfig, simulated: bool) -> str:
    contrast = verdict.contrast
    done, of = (
        [sum(getattr(tally, what)[arm] for tally in verdict.tallies) for arm in (1, 0)]
        for what in ("completed", "results")
    )
    return (
        f"{contrast.factor}: {contrast.level} against {contrast.baseline}{' (simulated)' if simulated else ''}: "
        f"{'' if verdict.significant else 'not '}significant at {sweep.alpha:g}, {verdict.reason}; "
        f"{done[0]}/{of[0]} against {done[1]}/{of[1]} completed, {verdict.blocks} of {verdict.planned} blocks"
    )


def as_plain(verdict: ContrastDecision) -> dict[str, Any]:
    """Return a decision as plain data. `stopped_after_block` counts whole blocks over all strata."""
    contrast = verdict.contrast
    return {
        "factor": contrast.factor,
        "baseline": contrast.baseline,
        "level": contrast.level,
        "significant": verdict.significant,
        "reason": verdict.reason,
        "stopped_after_block": verdict.blocks,
        "blocks": verdict.planned,
        "e": verdict.evidence,
        "strata": [
            {"levels": dict(levels), "runs": list(tally.results), "completed": list(tally.completed)}
            for levels, tally in zip(contrast.strata, verdict.tallies, strict=True)
        ],
    }
