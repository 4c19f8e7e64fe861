"""What the adaptive sweepers save and what it costs: error rates and runs of the early stops, coverage of the floor.

    python benchmarks/adaptive.py [--searches 40] [--seed 1] [--docs]

Nothing is run: outcomes are drawn, or weighed, at true rates that are given, and decided upon by the code of the
sweepers. The figures of the contrasts are exact: every course that the outcomes can take is weighed with its chance.
Those of the floors are simulated, from a declared seed.
"""

import argparse
import copy
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from floor_coverage import Estimates, TrueCurve, coverage_lines, floors, floors_table  # noqa: E402

from sweeps.plan.power import power  # noqa: E402
from sweeps.schema import Side  # noqa: E402
from sweeps.strategies.curtailment import StratumCounts, certain_verdict  # noqa: E402 - after the path is set
from sweeps.strategies.decision import CLOSE  # noqa: E402
from sweeps.strategies.e_process import EProcess, Pair  # noqa: E402

PAGE = ROOT / "docs" / "sweeps.md"
BEGIN, END = "<!-- made by benchmarks/adaptive.py --docs -->", "<!-- end -->"

ALPHA = 0.05
SIZES = (10, 20, 40)
NO_EFFECT = [(0.0, 0.0), (0.1, 0.1), (0.3, 0.3), (0.5, 0.5), (0.9, 0.9), (1.0, 1.0)]
EFFECTS = [(0.0, 1.0), (0.1, 0.8), (0.1, 0.5), (0.3, 0.7), (0.4, 0.6)]

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--searches", type=int, default=40, help="searches simulated at each true curve and floor")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--docs", action="store_true", help="write the short table into docs/sweeps.md as well")
    parser.add_argument("--check", action="store_true", help="only check the short table in docs/sweeps.md")
    options = parser.parse_args()
    console = Console(width=120, quiet=options.check)
    compared = {side: compare(side) for side in (Side.two, Side.greater)}
    for side, rows in compared.items():
        console.print(contrasts(side, rows))
    estimates = floors(options.searches, options.seed)
    console.print(floors_table(estimates, options.searches, options.seed))
    text = PAGE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    short = "\n".join(summary(compared[Side.two], estimates, options.searches, options.seed))
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


def summary(
    rows: Sequence[Compared], estimates: Mapping[TrueCurve, Estimates], searches: int, seed: int
) -> Iterator[str]:
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
    yield from coverage_lines(estimates, searches, seed)


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


if __name__ == "__main__":
    main()
