"""What the adaptive sweepers save and what it costs: error rates and runs of the early stops, coverage of the floor.

    python benchmarks/adaptive.py [--searches 100] [--seed 1]

Nothing is run: outcomes are drawn, or weighed, at true rates that are given, and decided upon by the code of the
sweepers. The figures of the contrasts are exact: every course that the outcomes can take is weighed with its chance.
Those of the floors are simulated, from a declared seed.
"""

import argparse
import copy
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sweeps.curtailment import Tally, certain  # noqa: E402 - after the path is set
from sweeps.evidence import Evidence, Pair  # noqa: E402
from sweeps.exact import power  # noqa: E402
from sweeps.posterior import Counts, Curves  # noqa: E402
from sweeps.schema import Side  # noqa: E402
from sweeps.verdict import CLOSE  # noqa: E402

ALPHA = 0.05
SIZES = (10, 20, 40)
NO_EFFECT = [(0.0, 0.0), (0.1, 0.1), (0.3, 0.3), (0.5, 0.5), (0.9, 0.9), (1.0, 1.0)]
EFFECTS = [(0.0, 1.0), (0.1, 0.8), (0.1, 0.5), (0.3, 0.7), (0.4, 0.6)]

LIMITS = list(range(7000, 20000, 1000))
FLOORS = [(7500, 12.0), (9400, 6.0), (11000, 12.0), (11000, 24.0), (12600, 4.0), (15700, 48.0)]
"""True floors and slopes, in logarithms of the limit; some between the limits, and one near the edge."""
BUDGETS = (15, 30)

Rates = tuple[float, float]


@dataclass(frozen=True)
class Course:
    """What a rule comes to on average."""

    rejects: float
    """The chance to find a difference."""
    runs: float
    """Runs made, in both arms."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--searches", type=int, default=100, help="searches simulated for each floor")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    console = Console(width=120)
    for side in (Side.two, Side.greater):
        console.print(contrasts(side))
    console.print(floors(options.searches, options.seed))


def contrasts(side: Side) -> Table:
    """One row for each pair of true rates and size of the arms."""
    table = Table(title=f"contrast, {side.value}, alpha {ALPHA}; rates true, figures exact")
    for column in (
        "n per arm",
        "rates",
        "fixed: finds",
        "curtail: finds",
        "runs",
        "saved",
        "evalue: finds",
        "runs",
        "saved",
    ):
        table.add_column(column, justify="right")
    for n in SIZES:
        rules = (curtailed(n, side), by_evidence(n, side))
        means: dict[str, list[float]] = {}
        for rates in (*NO_EFFECT, *EFFECTS):
            fixed = power([(n, n)], rates, ALPHA, side)
            courses = [course(rule, n, rates) for rule in rules]
            cells = [cell for one in courses for cell in (f"{one.rejects:.3f}", f"{one.runs:.1f}", saved(one.runs, n))]
            table.add_row(str(n), f"{rates[0]:g} {rates[1]:g}", f"{fixed:.3f}", *cells)
            kind = "no effect" if rates in NO_EFFECT else "effects"
            means.setdefault(kind, []).extend(one.runs for one in courses)
        for kind, runs in means.items():
            made = [mean(runs[place::2]) for place in (0, 1)]
            cells = [cell for one in made for cell in ("", f"{one:.1f}", saved(one, n))]
            table.add_row(str(n), f"mean, {kind}", "", *cells)
        table.add_section()
    return table


def saved(runs: float, n: int) -> str:
    return f"{1 - runs / (2 * n):.0%}"


State = tuple[int, int, int, int]
"""Blocks so far in which neither run completed, only the arm's, only the baseline's, both."""

KINDS: Sequence[Pair] = [(False, False), (False, True), (True, False), (True, True)]

Rule = Callable[[State], bool | None]
"""The verdict after these blocks; None while it is open."""


def curtailed(n: int, side: Side) -> Rule:
    def rule(state: State) -> bool | None:
        done = sum(state)
        return certain([Tally((n, n), (done, done), (state[2] + state[3], state[1] + state[3]))], ALPHA, side)

    return remembering(rule)


def by_evidence(n: int, side: Side) -> Rule:
    known: dict[State, Evidence] = {(0, 0, 0, 0): Evidence(side)}

    def rule(state: State) -> bool | None:
        if state not in known:
            # Whatever the order of the blocks, the evidence is the same.
            kind = next(kind for kind in range(4) if less(state, kind) in known)
            known[state] = copy.copy(known[less(state, kind)])
            known[state].take(KINDS[kind])
        if known[state].value * CLOSE >= 1 / ALPHA:
            return True
        return None if known[state].best(n - sum(state)) * CLOSE >= 1 / ALPHA else False

    return remembering(rule)


def less(state: State, kind: int) -> State:
    a, b, c, d = (count - (place == kind) for place, count in enumerate(state))
    return a, b, c, d


def remembering(rule: Rule) -> Rule:
    known: dict[State, bool | None] = {}

    def remembered(state: State) -> bool | None:
        if state not in known:
            known[state] = rule(state)
        return known[state]

    return remembered


def course(rule: Rule, n: int, rates: Rates) -> Course:
    """Every course of up to n blocks, weighed."""
    a, b = rates
    chances = [(1 - a) * (1 - b), (1 - a) * b, a * (1 - b), a * b]
    now: dict[State, float] = {(0, 0, 0, 0): 1.0}
    rejects = runs = 0.0
    for block in range(n + 1):
        later: dict[State, float] = {}
        for state, weight in now.items():
            if (verdict := rule(state)) is not None:
                rejects += weight * verdict
                runs += weight * 2 * block
                continue
            for kind, chance in enumerate(chances):
                if chance > 0:
                    w, x, y, z = (count + (place == kind) for place, count in enumerate(state))
                    later[w, x, y, z] = later.get((w, x, y, z), 0.0) + weight * chance
        now = later
    return Course(rejects, runs)


def floors(searches: int, seed: int) -> Table:
    """One row for each true floor and number of runs: the search, and a ladder of as many runs spread evenly."""
    title = f"floor among {LIMITS[0]}–{LIMITS[-1]}, 95% intervals; {searches} simulated searches a row, seed {seed}"
    table = Table(title=title)
    for column in ("floor", "slope", "runs", "search: covers", "width", "error", "ladder: covers", "width", "error"):
        table.add_column(column, justify="right")
    curves = Curves(LIMITS)
    asked = Asked(curves)
    every: dict[int, tuple[list[Found], list[Found]]] = {budget: ([], []) for budget in BUDGETS}
    for floor, slope in FLOORS:
        random = Random(f"{seed} {floor} {slope}")
        of: dict[int, tuple[list[Found], list[Found]]] = {budget: ([], []) for budget in BUDGETS}
        for _ in range(searches):
            search = list(seen(floor, slope, random, max(BUDGETS), asked))
            for budget in BUDGETS:
                *_, ladder = seen(floor, slope, random, budget, along(budget))
                of[budget][0].append(found(curves, search[budget - 1], floor))
                of[budget][1].append(found(curves, ladder, floor))
        for budget, (searched, laddered) in of.items():
            table.add_row(f"{floor}", f"{slope:g}", f"{budget}", *told(searched), *told(laddered))
            every[budget][0].extend(searched)
            every[budget][1].extend(laddered)
    table.add_section()
    for budget, (searched, laddered) in every.items():
        table.add_row("all", "", f"{budget}", *told(searched), *told(laddered))
    return table


class Asked:
    """Where to go next, remembered: many searches begin alike."""

    def __init__(self, curves: Curves) -> None:
        self._curves = curves
        self._known: dict[tuple[tuple[int, tuple[int, int]], ...], int] = {}

    def __call__(self, counts: Counts) -> int:
        key = tuple(sorted(counts.items()))
        if key not in self._known:
            self._known[key] = self._curves.next(counts)
        return self._known[key]


def along(budget: int) -> Callable[[Counts], int]:
    """A ladder of so many runs: each limit as often as any other, what is left over spread evenly."""
    rungs = LIMITS * (budget // len(LIMITS))
    left = budget - len(rungs)
    rungs += [LIMITS[place * len(LIMITS) // left] for place in range(left)]
    return lambda counts: rungs[sum(runs for runs, _ in counts.values())]


def seen(floor: float, slope: float, random: Random, budget: int, where: Callable[[Counts], int]) -> Iterator[Counts]:
    """What was seen after each of so many runs."""
    counts = dict.fromkeys(LIMITS, (0, 0))
    for _ in range(budget):
        limit = where(counts)
        completed = random.random() < 1 / (1 + math.exp(-slope * math.log(limit / floor)))
        counts = counts | {limit: (counts[limit][0] + 1, counts[limit][1] + completed)}
        yield counts


Found = tuple[bool, float, float]
"""Whether the interval holds the floor, its width, and how far off its middle is, in tokens."""


def found(curves: Curves, counts: Counts, floor: float) -> Found:
    interval = curves.interval(counts, 1 - ALPHA)
    return interval.low <= floor <= interval.high, interval.high - interval.low, abs(interval.middle - floor)


def told(found_: Sequence[Found]) -> Iterator[str]:
    covers, widths, errors = zip(*found_, strict=True)
    yield f"{mean(covers):.3f}"
    yield f"{mean(widths):,.0f}"
    yield f"{mean(errors):,.0f}"


if __name__ == "__main__":
    main()
