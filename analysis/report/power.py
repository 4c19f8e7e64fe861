"""Power of a design, before its first run."""

import math
from collections.abc import Sequence

from analysis.errors import AnalysisError
from analysis.render import Column, CommandReport, Table
from analysis.stats.design import EXPERIMENTS, MOST_RUNS, Design, StratifiedPower, runs_needed, stratified_power
from harness.exact_test import smallest_p

LARGEST = MOST_RUNS

MOST_STRATA = 50

TARGET = 0.8
"""Power that is advised."""

COLUMNS = [
    Column("runs", "runs an arm"),
    Column("smallest_p", "least p", "p"),
    Column("power", "power", "rate"),
    Column("power_error", "standard error", "rate", data=True),
    Column("detectable", "detectable", "rate"),
    Column("hours", "hours", "number"),
]


def power_report(
    sizes: Sequence[int],
    bases: Sequence[float],
    rates: Sequence[float],
    *,
    alpha: float,
    minutes: float,
    strata: int,
) -> CommandReport:
    """One row a size of arm.

    One base and one rate are those of every stratum; several are those of one stratum each. Raises AnalysisError for
    sizes and rates that no design has.
    """
    pairs = _rates(bases, rates, alpha, strata)
    if not sizes or not all(1 <= size <= LARGEST for size in sizes):
        raise AnalysisError(f"--n {','.join(map(str, sizes))}: must be sizes of an arm, 1 to {LARGEST}")
    if not (math.isfinite(minutes) and minutes >= 0):
        raise AnalysisError(f"--minutes {minutes:g}: must be a number, 0 or more")
    powers = {size: stratified_power(size, pairs, alpha) for size in sizes}
    single = len(pairs) == 1
    rows = [
        {
            "runs": size,
            "smallest_p": smallest_p([(size, size)] * len(pairs)),
            "power": powers[size].power,
            "power_error": powers[size].error,
            "detectable": Design(size, size, alpha).detectable(pairs[0][0]) if single else None,
            "hours": 2 * size * len(pairs) * minutes / 60 if minutes else None,
        }
        for size in sizes
    ]
    columns = [column for column in COLUMNS if single or column.key != "detectable"]
    told_apart = "; ".join(f"{base:g} and {rate:g}" for base, rate in dict.fromkeys(pairs))
    test = "Fisher's" if single else "the exact Mantel–Haenszel"
    where = "one stratum" if single else f"{len(pairs)} strata, each with so many runs an arm,"
    notes = [f"power: that {test} two-sided test at {alpha:g} tells rates {told_apart} apart in {where}"]
    if any(one.error for one in powers.values()):
        largest = max(one.error for one in powers.values())
        notes.append(
            f"simulated where too large to enumerate: {EXPERIMENTS:,} experiments, standard error {largest:.3f}"
        )
    if single:
        notes.append(
            f"detectable: the least rate found with 80% power against a base of {pairs[0][0]:g}; – if even 1 is not"
        )
    notes.append(_advice(pairs, powers, alpha))
    if minutes:
        notes.append(f"hours: two arms, {len(pairs)} strata, {minutes:g} minutes a run, one after another")
    title = f"two arms, rates {told_apart}" + ("" if single else f", {len(pairs)} strata")
    return CommandReport([], [Table("power", title, columns, rows, notes)])


def _rates(bases: Sequence[float], rates: Sequence[float], alpha: float, strata: int) -> list[tuple[float, float]]:
    """The rates of A and of B in each stratum."""
    listed = ",".join(f"{base:g}" for base in bases), ",".join(f"{rate:g}" for rate in rates)
    said = f"--base {listed[0]} --rate {listed[1]}"
    if not all(0 <= chance <= 1 for chance in (*bases, *rates)) or not 0 < alpha < 1:
        raise AnalysisError(f"{said} --alpha {alpha:g}: must be probabilities")
    if not 1 <= strata <= MOST_STRATA:
        raise AnalysisError(f"--strata {strata}: must be 1 to {MOST_STRATA}")
    several = max(len(bases), len(rates))
    count = several if several > 1 else strata
    if {len(bases), len(rates)} - {1, several} or (several > 1 and strata not in (1, several)) or count > MOST_STRATA:
        raise AnalysisError(f"{said} --strata {strata}: must be one rate, or one for each stratum")
    wide = [list(values) * (count if len(values) == 1 else 1) for values in (bases, rates)]
    return list(zip(*wide, strict=True))


def _advice(pairs: Sequence[tuple[float, float]], powers: dict[int, StratifiedPower], alpha: float) -> str:
    """Runs for 80% power: enough at that size and at every larger one that was looked at."""
    if len(pairs) == 1:
        needed = runs_needed(*pairs[0], alpha=alpha) if pairs[0][0] != pairs[0][1] else None
        if needed is None:
            return f"for 80% power: more than {LARGEST} runs an arm"
        return f"for 80% power: {needed} runs an arm, and any larger number up to {LARGEST}"
    enough = None
    for size in sorted(powers, reverse=True):
        if powers[size].power < TARGET:
            break
        enough = size
    if enough is None:
        return "for 80% power: more runs an arm and stratum than are listed"
    return f"for 80% power: {enough} runs an arm and stratum, and any larger number listed"
