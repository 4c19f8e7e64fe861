"""Rates after an early stop: unbiased over every outcome, under the rules by which sweeps really stop."""

import math
import random
from collections import defaultdict
from itertools import product

import pytest

from analysis.stats.arms import TwoArms
from analysis.stats.stopped_estimate import MOST_BLOCKS, StoppingRule, adjusted_rates, stops_at
from sweeps.schema import Side
from sweeps.strategies.curtailment import StratumCounts, certain_verdict
from sweeps.strategies.decision import CLOSE
from sweeps.strategies.e_process import EProcess, Pair

RULES = [
    StoppingRule("curtail", 7, "two", 0.05),
    StoppingRule("curtail", 8, "greater", 0.1),
    StoppingRule("curtail", 8, "less", 0.05),
    StoppingRule("evalue", 10, "two", 0.05),
    StoppingRule("evalue", 9, "greater", 0.1),
    StoppingRule("evalue", 9, "less", 0.1),
]
RATES = [(0.3, 0.7), (0.5, 0.5), (0.05, 0.95), (0.0, 1.0), (0.0, 0.0), (0.8, 0.2)]


def stopped_by_the_sweep(rule: StoppingRule, block: int, a: int, b: int) -> bool:
    """Whether the sweep's own rule has decided after a block."""
    side = Side(rule.side)
    if rule.stop == "curtail":
        counts = StratumCounts((rule.blocks, rule.blocks), (block, block), (a, b))
        return certain_verdict([counts], rule.alpha, side) is not None
    evidence = EProcess(side)
    for place in range(block):
        evidence.take((place < a, place < b))
    reached = evidence.value * CLOSE >= 1 / rule.alpha
    return reached or evidence.best(rule.blocks - block) * CLOSE < 1 / rule.alpha


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_the_rules_are_those_of_the_sweeps(rule: StoppingRule) -> None:
    """At every pair of counts, after every block."""
    for block in range(1, rule.blocks):
        flags = stops_at(rule, block)
        for a, b in product(range(block + 1), repeat=2):
            assert stopped_by_the_sweep(rule, block, a, b) == flags[a, b], (block, a, b)


def stops(rule: StoppingRule, p_a: float, p_b: float) -> dict[tuple[int, int, int], float]:
    """The chance of each stop (block, completions of A and of B) by going through all outcomes of each block."""
    open_states: dict[tuple[int, int], float] = {(0, 0): 1.0}
    ends: dict[tuple[int, int, int], float] = defaultdict(float)
    for block in range(1, rule.blocks + 1):
        after: dict[tuple[int, int], float] = defaultdict(float)
        for (a, b), chance in open_states.items():
            for i, j in product((0, 1), repeat=2):
                after[a + i, b + j] += chance * (p_a if i else 1 - p_a) * (p_b if j else 1 - p_b)
        open_states = {}
        for (a, b), chance in after.items():
            if block == rule.blocks or stopped_by_the_sweep(rule, block, a, b):
                ends[block, a, b] += chance
            else:
                open_states[a, b] = chance
    return ends


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("rates", RATES)
def test_the_adjusted_rates_are_unbiased(rule: StoppingRule, rates: tuple[float, float]) -> None:
    """Their mean over all stops is the true rate, in both arms; each is a rate."""
    means = [0.0, 0.0]
    ends = stops(rule, *rates)
    assert math.isclose(1.0, sum(ends.values()))
    for (block, a, b), chance in ends.items():
        adjusted = adjusted_rates(rule, TwoArms(a, block, b, block))
        assert adjusted is not None
        assert 0 <= adjusted.a <= 1
        assert 0 <= adjusted.b <= 1
        means = [mean + chance * value for mean, value in zip(means, adjusted, strict=True)]
    assert rates == pytest.approx(tuple(means))


def test_observed_differences_are_inflated_and_adjusted_ones_are_not() -> None:
    """Over 4,000 simulated sweeps of the real e-process; the adjusted mean lies within four standard errors."""
    rule, draw = StoppingRule("evalue", 20, "two", 0.05), random.Random(7)
    observed, adjusted = [], []
    for _ in range(4000):
        evidence, done = EProcess(Side.two), [0, 0]
        for block in range(1, rule.blocks + 1):
            pair: Pair = (draw.random() < 0.3, draw.random() < 0.7)
            evidence.take(pair)
            done = [count + got for count, got in zip(done, pair, strict=True)]
            over = evidence.value * CLOSE >= 20 or evidence.best(rule.blocks - block) * CLOSE < 20
            if over or block == rule.blocks:
                rates = adjusted_rates(rule, TwoArms(done[0], block, done[1], block))
                assert rates is not None
                observed.append((done[1] - done[0]) / block)
                adjusted.append(rates.difference)
                break
    mean = sum(adjusted) / len(adjusted)
    error = math.sqrt(sum((one - mean) ** 2 for one in adjusted) / len(adjusted) / (len(adjusted) - 1))
    assert abs(mean - 0.4) < 4 * error
    assert sum(observed) / len(observed) > 0.4 + 4 * error


@pytest.mark.parametrize(
    ("rule", "arms"),
    [
        (RULES[0], TwoArms(3, 6, 3, 5)),
        (RULES[0], TwoArms(0, 0, 0, 0)),
        (RULES[0], TwoArms(0, 1, 1, 1)),
        (StoppingRule("another", 7, "two", 0.05), TwoArms(0, 7, 7, 7)),
        (StoppingRule("curtail", MOST_BLOCKS + 1, "two", 0.05), TwoArms(0, 20, 20, 20)),
    ],
)
def test_what_cannot_be_adjusted_is_unknown(rule: StoppingRule, arms: TwoArms) -> None:
    """Unequal or empty arms, counts at which the rule goes on, an unknown rule, and a design too large to enumerate."""
    assert adjusted_rates(rule, arms) is None
