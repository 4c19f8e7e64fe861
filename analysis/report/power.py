"""Power of a design, before its first run."""

from collections.abc import Sequence

from analysis.errors import AnalysisError
from analysis.render import Column, CommandReport, Table
from analysis.stats.design import Design, runs_needed
from harness.exact_test import smallest_p

LARGEST = 400

COLUMNS = [
    Column("runs", "runs an arm"),
    Column("smallest_p", "least p", "p"),
    Column("power", "power", "rate"),
    Column("detectable", "detectable", "rate"),
    Column("hours", "hours", "number"),
]


def power_report(
    sizes: Sequence[int], base: float, rate: float, *, alpha: float, minutes: float, strata: int
) -> CommandReport:
    """One row a size of arm. Raises AnalysisError for sizes and rates that no design has."""
    if not all(0 <= chance <= 1 for chance in (base, rate)) or not 0 < alpha < 1:
        raise AnalysisError(f"--base {base:g} --rate {rate:g} --alpha {alpha:g}: must be probabilities")
    if not sizes or not all(1 <= size <= LARGEST for size in sizes):
        raise AnalysisError(f"--n {','.join(map(str, sizes))}: must be sizes of an arm, 1 to {LARGEST}")
    rows = [
        {
            "runs": size,
            "smallest_p": smallest_p([(size, size)]),
            "power": Design(size, size, alpha).power(base, rate),
            "detectable": Design(size, size, alpha).detectable(base),
            "hours": 2 * size * strata * minutes / 60 if minutes else None,
        }
        for size in sizes
    ]
    needed = runs_needed(base, rate, alpha=alpha) if base != rate else None
    notes = [
        f"power: that Fisher's two-sided test at {alpha:g} tells rates {base:g} and {rate:g} apart in one stratum",
        f"detectable: the least rate found with 80% power against a base of {base:g}; – if even 1 is not",
        f"for 80% power: {needed} runs an arm" if needed else f"for 80% power: more than {LARGEST} runs an arm",
    ]
    if minutes:
        notes.append(f"hours: two arms, {strata} strata, {minutes:g} minutes a run, one after another")
    return CommandReport([], [Table("power", f"two arms, rates {base:g} and {rate:g}", COLUMNS, rows, notes)])
