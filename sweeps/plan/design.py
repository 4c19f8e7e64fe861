"""The declared contrasts of a sweep, with their power."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from harness.config import ConfigError
from harness.exact_test import Stratum, smallest_p
from sweeps.plan.power import power
from sweeps.plan.run import PlannedRun, as_written
from sweeps.schema import Side, SweepConfig

Levels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PlannedContrast:
    """One level of the declared factor against the baseline, in every stratum that has both."""

    factor: str
    baseline: str
    level: str
    strata: dict[Levels, Stratum]
    """Runs of the baseline and of the level, by the levels of all other factors."""

    def smallest_p(self, sweep: SweepConfig) -> float:
        """Return the smallest p that its test can reach."""
        return smallest_p(list(self.strata.values()), two_sided=sweep.side is Side.two)

    def power(self, sweep: SweepConfig) -> float | None:
        """Return the power at the declared rates; None if it takes too long to compute."""
        return power(list(self.strata.values()), (sweep.base_rate, sweep.rate), sweep.alpha, sweep.side)


def contrasts(runs: Sequence[PlannedRun], sweep: SweepConfig) -> list[PlannedContrast]:
    """Return the declared contrasts. Raises ConfigError for a factor or baseline that the sweep does not have."""
    if not sweep.contrast:
        if sweep.margin is not None:
            raise ConfigError(f"sweep.margin={sweep.margin:g}: needs sweep.contrast, the factor that it is about")
        return []
    factors = sorted({factor for run in runs for factor in run.levels})
    if sweep.contrast not in factors:
        allowed = f"a factor of the sweep: {', '.join(factors)}" if factors else "empty: the sweep has no factor"
        raise ConfigError(f"sweep.contrast={sweep.contrast}: must be {allowed}")
    levels = sorted({run.levels[sweep.contrast] for run in runs})
    baseline = as_written(sweep.baseline)
    if baseline not in levels:
        raise ConfigError(f"sweep.baseline={sweep.baseline}: must be one of {', '.join(levels)}")
    counts = Counter((stratum_of(run, sweep.contrast), run.levels[sweep.contrast]) for run in runs)
    rests = list(dict.fromkeys(levels for levels, _ in counts))
    return [
        PlannedContrast(sweep.contrast, baseline, level, _strata(counts, rests, baseline, level))
        for level in levels
        if level != baseline
    ]


def _strata(
    counts: Counter[tuple[Levels, str]], rests: Sequence[Levels], baseline: str, level: str
) -> dict[Levels, Stratum]:
    sizes = {levels: (counts[levels, baseline], counts[levels, level]) for levels in rests}
    return {levels: size for levels, size in sizes.items() if all(size)}


def stratum_of(run: PlannedRun, factor: str) -> Levels:
    """Return the stratum of a run: its levels of all other factors."""
    return tuple((key, level) for key, level in sorted(run.levels.items()) if key != factor)
