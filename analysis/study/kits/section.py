"""Section of the study's page on generated kits: predicted and simulated floors, and what a composer changes."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from analysis.render import Column, Table, markdown_table, show
from analysis.stats.arms import TwoArms
from analysis.stats.curtailed import sided
from analysis.stats.ordered import LadderRung, floor
from analysis.study.kits.grid import SUBJECT, KitCount, KitRehearsal, KitSize, rehearsed

COLUMNS = [
    Column("packages", "kit.packages"),
    Column("composer", "kit.composer", "flag"),
    Column("elided", "elide_passing", "flag"),
    Column("step_bytes", "costliest step, bytes"),
    Column("all_bytes", "all files, bytes"),
    Column("by_step", "predicted by step"),
    Column("by_all", "predicted by all"),
    Column("floor", "simulated floor", "text"),
    Column("interval", "95%", "text"),
]

TEXT = """\
## Generated kits

The study's claim is tried on tasks that are made by rule (`task=kit`, [Tasks](tasks.md#generated-tasks)), so that the
size of a step is a factor. **The subject is simulated**: `sim-{subject}`, a scripted policy and no language model, so
the findings are about that policy. The grid is declared as `sweep=kit_floor`. It was rehearsed with {runs} runs an arm,
{total} in all: without a server, and with each package verified against right code of the packages that it imports.

The *working set* of a package is its spec, its solution and the solutions of all that it imports. The package with the
largest working set is the *costliest step*. A predicted floor is the tokens that a pass begins with, and the bytes at
{bytes_per_token} a token: of the costliest step, or of all specs and the whole solution. Reasoning, replies and the
output of tests are not counted, so both predictions are too low by that much. The simulated floor is the least limit of
the grid at which the isotonic rate reaches one half, with its interval, as `harness analysis ladder` has them.

{table}

{findings}
"""


@dataclass(frozen=True)
class KitLadder:
    """Completions of one kit over the limits, with specs read in full or elided."""

    size: KitSize
    elided: bool
    counts: Sequence[KitCount]
    bytes_per_token: float

    @property
    def rungs(self) -> list[LadderRung]:
        return [LadderRung(one.arm.ctx_limit, one.completed, one.runs) for one in self.counts]

    @property
    def floor(self) -> tuple[float | None, tuple[float, float]]:
        """The simulated floor and its interval, in tokens."""
        return floor(self.rungs)

    @property
    def by_step(self) -> float:
        """Predicted floor by the costliest step, in tokens."""
        return self._predicted(self.size.working_set)

    @property
    def by_all(self) -> float:
        """Predicted floor by all files, in tokens."""
        return self._predicted(self.size.specs + self.size.solution)

    def holds(self, prediction: float) -> bool:
        """Return whether a prediction lies inside the interval of the simulated floor."""
        low, high = self.floor[1]
        return low < prediction <= high

    def _predicted(self, size: int) -> float:
        return self.size.opening + size / self.bytes_per_token


def kit_section() -> tuple[str, Table]:
    """Return the section as Markdown, and its table."""
    data = rehearsed()
    ladders = list(ladders_of(data))
    table = floors_table(ladders)
    runs = sorted({one.runs for one in data.counts})
    text = TEXT.format(
        subject=SUBJECT,
        runs=" or ".join(map(str, runs)),
        total=show(sum(one.runs for one in data.counts), "count"),
        bytes_per_token=show(data.bytes_per_token, "ratio"),
        table=markdown_table(table),
        findings="\n".join(f"- {line}" for line in findings(ladders)),
    )
    return text.rstrip(), table


def ladders_of(data: KitRehearsal) -> Iterator[KitLadder]:
    """Yield a ladder for each kit, with specs read in full and elided."""
    sizes = {(one.packages, one.composer): one for one in data.sizes}

    def kit(count: KitCount) -> tuple[int, bool, bool]:
        return count.arm.packages, count.arm.composer, count.arm.elide_passing

    for (packages, composer, elided), counts in groupby(sorted(data.counts, key=kit), key=kit):
        ordered = sorted(counts, key=lambda one: one.arm.ctx_limit)
        yield KitLadder(sizes[packages, composer], elided, ordered, data.bytes_per_token)


def floors_table(ladders: Sequence[KitLadder]) -> Table:
    """One ladder a row, in the order of the costliest step."""
    limits = [one.arm.ctx_limit for one in ladders[0].counts]
    counts = [Column(f"at_{limit}", f"at {show(limit, 'count')}", "text") for limit in limits]
    ordered = sorted(ladders, key=lambda one: (one.size.working_set, one.size.packages, one.elided))
    notes = ["simulated; at each limit the completed runs of all, and limits in tokens"]
    return Table("kits", "floors of generated kits", [*COLUMNS, *counts], [_row(one) for one in ordered], notes)


def findings(ladders: Sequence[KitLadder]) -> Iterator[str]:
    """Yield what the ladders show, each sentence worded from its condition."""
    step, whole = (sum(one.holds(value(one)) for one in ladders) for value in (_by_step, _by_all))
    yield (
        f"The prediction by the costliest step lies inside the interval in {step} of {len(ladders)} ladders, and the "
        f"one by all files in {whole}."
    )
    for elided in (False, True):
        yield _flat([one for one in ladders if not one.size.composer and one.elided is elided])
    yield _composed(ladders)
    several = [one.counts[-1] for one in ladders if one.size.composer and one.size.packages > 1]
    rates = sorted(one.completed / one.runs for one in several)
    yield (
        f"At the largest limit, kits with a composer over several packages complete {show(rates[0], 'rate')} to "
        f"{show(rates[-1], 'rate')} of their runs. By its parameters the policy errs more often in a package that "
        "builds on several others, at any limit."
    )


def _by_step(ladder: KitLadder) -> float:
    return ladder.by_step


def _by_all(ladder: KitLadder) -> float:
    return ladder.by_all


def _flat(ladders: Sequence[KitLadder]) -> str:
    """Say whether the floor moves with the number of packages while the costliest step stays as it is."""
    floors = [one.floor[0] for one in ladders]
    rises = floors[0] is not None and (floors[-1] is None or floors[-1] > floors[0])
    same = len({one.size.working_set for one in ladders}) == 1
    listed = ", ".join(f"{_floor(value)} at {one.size.packages}" for one, value in zip(ladders, floors, strict=True))
    alone = " The costliest step alone does not set it." if rises and same else ""
    return (
        f"Without a composer the costliest step has {'the same' if same else 'not the same'} size at every number of "
        f"packages. With `elide_passing={str(ladders[0].elided).lower()}` the simulated floor "
        f"{'rises' if rises else 'does not rise'} with that number: {listed}.{alone}"
    )


def _composed(ladders: Sequence[KitLadder]) -> str:
    """Say what a composer changes, by the declared test."""
    strata = list(_composer_strata(ladders))
    k_a, n_a, k_b, n_b = (sum(counts) for counts in zip(*strata, strict=True))
    return (
        f"With a composer {k_b} of {n_b} runs completed, without one {k_a} of {n_a}: p "
        f"{show(sided(strata, 'less'), 'p')} (exact test over the strata of packages, elision and limit, one-sided as "
        "declared). A kit with a composer has one more package, so the test is of the composer and its size together."
    )


def _composer_strata(ladders: Sequence[KitLadder]) -> Iterator[TwoArms]:
    by_arm = {one.arm: one for ladder in ladders for one in ladder.counts}
    for arm, plain in by_arm.items():
        if not arm.composer:
            twin = next(
                one
                for other, one in by_arm.items()
                if other.composer
                and (other.packages, other.elide_passing, other.ctx_limit)
                == (arm.packages, arm.elide_passing, arm.ctx_limit)
            )
            yield TwoArms(plain.completed, plain.runs, twin.completed, twin.runs)


def _row(ladder: KitLadder) -> dict[str, Any]:
    estimate, (low, high) = ladder.floor
    above = f"above {show(int(low), 'count')}" if low else "not bounded from below"
    below = f"at most {show(int(high), 'count')}" if not math.isinf(high) else "not bounded from above"
    counts = {f"at_{one.arm.ctx_limit}": f"{one.completed}/{one.runs}" for one in ladder.counts}
    return {
        "packages": ladder.size.packages,
        "composer": ladder.size.composer,
        "elided": ladder.elided,
        "step_bytes": ladder.size.working_set,
        "all_bytes": ladder.size.specs + ladder.size.solution,
        "by_step": round(ladder.by_step),
        "by_all": round(ladder.by_all),
        "floor": _floor(estimate),
        "interval": f"{above}, {below}",
        **counts,
    }


def _floor(estimate: float | None) -> str:
    return show(int(estimate), "count") if estimate is not None else "above the grid"
