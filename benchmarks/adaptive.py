"""What the adaptive sweepers save and what it costs: error rates and runs of the early stops, coverage of the floor.

    python benchmarks/adaptive.py [--searches 100] [--seed 1] [--docs]

Nothing is run: outcomes are drawn, or weighed, at true rates that are given, and decided upon by the code of the
sweepers. The figures of the contrasts are exact: every course that the outcomes can take is weighed with its chance.
Those of the floors are simulated, from a declared seed.
"""

import argparse
import copy
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sweeps.plan.power import power  # noqa: E402
from sweeps.schema import Side  # noqa: E402
from sweeps.strategies.curtailment import StratumCounts, certain_verdict  # noqa: E402 - after the path is set
from sweeps.strategies.decision import CLOSE  # noqa: E402
from sweeps.strategies.e_process import EProcess, Pair  # noqa: E402
from sweeps.strategies.posterior import Counts, ThresholdPosterior  # noqa: E402

PAGE = ROOT / "docs" / "sweeps.md"
BEGIN, END = "<!-- made by benchmarks/adaptive.py --docs -->", "<!-- end -->"

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


@dataclass(frozen=True)
class Compared:
    """One pair of true rates, and what each rule comes to."""

    n: int
    rates: Rates
    ways: Mapping[str, Course]

    def saved(self, rule: str) -> float:
        """The share of the planned runs that is not made."""
        return 1 - self.ways[rule].runs / (2 * self.n)


Found = tuple[bool, float, float]
"""Whether an interval holds the floor, its width, and how far off its middle is, in tokens."""

Ways = tuple[list[Found], list[Found]]
"""What searches found, and what ladders of as many runs."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--searches", type=int, default=100, help="searches simulated for each floor")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--docs", action="store_true", help="write the short table into docs/sweeps.md as well")
    parser.add_argument("--check", action="store_true", help="only check the short table in docs/sweeps.md")
    options = parser.parse_args()
    console = Console(width=120, quiet=options.check)
    compared = {side: compare(side) for side in (Side.two, Side.greater)}
    for side, rows in compared.items():
        console.print(contrasts(side, rows))
    table, every = floors(options.searches, options.seed)
    console.print(table)
    text = PAGE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    short = "\n".join(summary(compared[Side.two], every, options.searches, options.seed))
    page = f"{before}{begin}\n{short}\n{end}{after}"
    if options.check and page != text:
        sys.exit(f"{PAGE.name}: the table of runs saved is out of date: run python benchmarks/adaptive.py --docs")
    if options.docs:
        PAGE.write_text(page, encoding="utf-8")


def compare(side: Side) -> list[Compared]:
    """Every pair of true rates at every size, under every rule."""
    found = []
    for n in SIZES:
        rules = {"curtail": curtailed(n, side), "evalue": by_e_process(n, side)}
        for rates in (*NO_EFFECT, *EFFECTS):
            fixed = power([(n, n)], rates, ALPHA, side)
            assert fixed is not None
            ways = {"fixed": Course(fixed, 2 * n)} | {name: course(rule, n, rates) for name, rule in rules.items()}
            found.append(Compared(n, rates, ways))
    return found


def contrasts(side: Side, rows: Sequence[Compared]) -> Table:
    """One row for each pair of true rates and size of the arms."""
    table = Table(title=f"contrast, {side.value}, alpha {ALPHA}; rates true, figures exact")
    heads = ["n per arm", "rates", "fixed: finds", "curtail: finds", "runs", "saved", "evalue: finds", "runs", "saved"]
    for head in heads:
        table.add_column(head, justify="right")
    for row in rows:
        cells = [f"{row.ways['fixed'].rejects:.3f}"]
        for rule in ("curtail", "evalue"):
            cells += [f"{row.ways[rule].rejects:.3f}", f"{row.ways[rule].runs:.1f}", f"{row.saved(rule):.0%}"]
        last = row.rates == EFFECTS[-1]
        table.add_row(f"{row.n}", "{:g} {:g}".format(*row.rates), *cells, end_section=last)
    return table


def summary(rows: Sequence[Compared], every: Mapping[int, Ways], searches: int, seed: int) -> Iterator[str]:
    """The short tables of the documentation."""
    heads = ("runs an arm", "rule", "false alarms, at most", "saved without an effect")
    yield f"| {' | '.join(heads)} | finds .1 → .8 | saved | finds .1 → .5 | saved |"
    yield "|---|---|---|---|---|---|---|---|"
    for n in SIZES:
        of = {row.rates: row for row in rows if row.n == n}
        for rule in ("fixed", "curtail", "evalue"):
            spared = [of[rates].saved(rule) for rates in NO_EFFECT]
            alarms = max(of[rates].ways[rule].rejects for rates in NO_EFFECT)
            effects = [of[rates] for rates in ((0.1, 0.8), (0.1, 0.5))]
            least, most = (f"{share:.0%}" for share in (min(spared), max(spared)))
            cells = [f"{n}", rule, f"{alarms:.3f}", least if least == most else f"{least} to {most}"]
            cells += [cell for row in effects for cell in (f"{row.ways[rule].rejects:.2f}", f"{row.saved(rule):.0%}")]
            yield f"| {' | '.join(cells)} |"
    yield ""
    where = f"{len(FLOORS)} true floors, {searches} simulated searches each, seed {seed}"
    yield f"| runs | {where} | 95% interval covers | its width, tokens | error of its middle |"
    yield "|---|---|---|---|---|"
    for budget, (searched, laddered) in every.items():
        for name, found_ in (("search", searched), ("fixed ladder", laddered)):
            yield f"| {budget} | {name} | {' | '.join(told(found_))} |"


State = tuple[int, int, int, int]
"""Blocks so far in which neither run completed, only the arm's, only the baseline's, both."""

KINDS: Sequence[Pair] = [(False, False), (False, True), (True, False), (True, True)]

Rule = Callable[[State], bool | None]
"""The verdict after these blocks; None while it is open."""


def curtailed(n: int, side: Side) -> Rule:
    def rule(state: State) -> bool | None:
        done = sum(state)
        return certain_verdict(
            [StratumCounts((n, n), (done, done), (state[2] + state[3], state[1] + state[3]))], ALPHA, side
        )

    return remembering(rule)


def by_e_process(n: int, side: Side) -> Rule:
    known: dict[State, EProcess] = {(0, 0, 0, 0): EProcess(side)}

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


def floors(searches: int, seed: int) -> tuple[Table, dict[int, Ways]]:
    """One row for each true floor and number of runs: the search, and a ladder of as many runs spread evenly."""
    title = f"floor among {LIMITS[0]}–{LIMITS[-1]}, 95% intervals; {searches} simulated searches a row, seed {seed}"
    table = Table(title=title)
    for column in ("floor", "slope", "runs", "search: covers", "width", "error", "ladder: covers", "width", "error"):
        table.add_column(column, justify="right")
    curves = ThresholdPosterior(LIMITS)
    asked = Asked(curves)
    every: dict[int, Ways] = {budget: ([], []) for budget in BUDGETS}
    for floor, slope in FLOORS:
        random = Random(f"{seed} {floor} {slope}")
        of: dict[int, Ways] = {budget: ([], []) for budget in BUDGETS}
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
    return table, every


class Asked:
    """Where to go next, remembered: many searches begin alike."""

    def __init__(self, curves: ThresholdPosterior) -> None:
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


def found(curves: ThresholdPosterior, counts: Counts, floor: float) -> Found:
    interval = curves.interval(counts, 1 - ALPHA)
    return interval.low <= floor <= interval.high, interval.high - interval.low, abs(interval.middle - floor)


def told(found_: Sequence[Found]) -> Iterator[str]:
    covers, widths, errors = zip(*found_, strict=True)
    yield f"{mean(covers):.3f}"
    yield f"{mean(widths):,.0f}"
    yield f"{mean(errors):,.0f}"


if __name__ == "__main__":
    main()
