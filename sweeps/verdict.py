"""What is known of a contrast, and since when: in words, and as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sweeps.curtailment import Tally
from sweeps.design import Contrast, Levels
from sweeps.evidence import Evidence, Pair
from sweeps.schema import SweepConfig

CLOSE = 1 + 1e-9
"""What an e-process that reaches its bound exactly may lack by the rounding of logarithms."""


@dataclass(frozen=True)
class Verdict:
    """What is known of one contrast."""

    contrast: Contrast
    tallies: Sequence[Tally]
    significant: bool | None
    """None: it still depends on what comes."""
    blocks: int
    """Whole blocks by now, each a run of the baseline and one of the arm, added up over the strata."""
    reason: str = ""
    evidence: float | None = None
    """The e-process when it was decided; None where another rule decides."""

    @property
    def planned(self) -> int:
        """Blocks that were planned."""
        return sum(min(tally.planned) for tally in self.tallies)


def by_evidence(
    contrast: Contrast, tallies: Sequence[Tally], pairs: Sequence[tuple[Levels, Pair]], sweep: SweepConfig
) -> Verdict:
    """The verdict at the first block that decides; what came after it changes nothing."""
    evidence = {levels: Evidence(sweep.side) for levels in contrast.strata}
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
            return Verdict(contrast, tallies, True, block, f"its e-process reached {1 / sweep.alpha:g}", value)
        if most * CLOSE < 1 / sweep.alpha:
            short = "can no longer reach" if any(left.values()) else "has not reached"
            return Verdict(contrast, tallies, False, block, f"its e-process {short} {1 / sweep.alpha:g}", value)
    return Verdict(contrast, tallies, None, len(pairs), "", value)


def line(verdict: Verdict, sweep: SweepConfig, simulated: bool) -> str:
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


def plain(verdict: Verdict) -> dict[str, Any]:
    """A verdict as plain data. `stopped_after_block` counts whole blocks, over all strata."""
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
