"""A contrast that stops early says what it would have said in the end."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.stats.arms import TwoArms
from analysis.stats.conditional import ConditionalDistribution
from sweeps.schema import Side
from sweeps.strategies.curtailment import StratumCounts, certain_verdict


@st.composite
def tallies(draw: st.DrawFn, largest: int) -> StratumCounts:
    """Any stratum under way."""
    planned, results, completed = [], [], []
    for _ in range(2):
        planned.append(draw(st.integers(1, largest)))
        results.append(draw(st.integers(0, planned[-1])))
        completed.append(draw(st.integers(0, results[-1])))
    return StratumCounts((planned[0], planned[1]), (results[0], results[1]), (completed[0], completed[1]))


def significant(strata: list[StratumCounts], added: tuple[int, ...], alpha: float, side: Side) -> bool:
    """What the analysis says of the planned runs, if so many more complete: of each stratum, baseline first."""
    more = [added[2 * place : 2 * place + 2] for place in range(len(strata))]
    tables = [
        TwoArms(one.completed[0] + a, one.planned[0], one.completed[1] + b, one.planned[1])
        for one, (a, b) in zip(strata, more, strict=True)
    ]
    if side is Side.less:
        tables = [table.swapped() for table in tables]
    p = ConditionalDistribution.of(tables).p_values()
    return (p.two_sided if side is Side.two else p.greater) <= alpha


@settings(max_examples=60)
@given(
    strata=st.one_of(st.lists(tallies(6), min_size=1, max_size=1), st.lists(tallies(2), min_size=2, max_size=2)),
    alpha=st.sampled_from([0.05, 0.11, 0.3]),
    side=st.sampled_from(Side),
)
def test_a_verdict_is_certain_if_every_remaining_outcome_leads_to_it(
    strata: list[StratumCounts], alpha: float, side: Side
) -> None:
    """Checked by going through all of them, each tested as the analysis does."""
    left = [range(runs + 1) for one in strata for runs in one.left]
    verdicts = {significant(strata, added, alpha, side) for added in product(*left)}
    assert (verdicts.pop() if len(verdicts) == 1 else None) is certain_verdict(strata, alpha, side)


@pytest.mark.parametrize(
    ("completed", "verdict"), [((0, 12), True), ((12, 12), False), ((3, 7), None), ((12, 0), False)]
)
def test_a_one_sided_verdict_comes_from_one_side(completed: tuple[int, int], verdict: bool | None) -> None:
    """An arm that completes less often is no candidate for more often."""
    assert verdict is certain_verdict([StratumCounts((15, 15), (12, 12), completed)], 0.05, Side.greater)


def test_what_takes_too_long_stays_open() -> None:
    """Too many tables to go through are no reason to stop."""
    many = [StratumCounts((60, 60), (30, 30), (0, 0))] * 4
    assert None is certain_verdict(many, 1e-30, Side.two)
