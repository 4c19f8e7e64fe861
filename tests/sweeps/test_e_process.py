"""Evidence that is looked at after every block deceives no more often than it was declared to."""

import math
from collections.abc import Sequence
from itertools import product

import pytest

from sweeps.schema import Side
from sweeps.strategies.e_process import EProcess, Pair

KINDS: list[Pair] = list(product((False, True), repeat=2))
NO_EFFECT = [(rate, rate) for rate in (0.0, 0.03, 0.25, 0.5, 0.8, 1.0)]
WRONG_WAY = [(0.5, 0.3), (0.9, 0.0), (1.0, 0.95)]
"""No effect either, where what is tested is that the arm completes more often."""

CASES = [(side, rates) for side in Side for rates in NO_EFFECT] + [(Side.greater, rates) for rates in WRONG_WAY]


def after(blocks: Sequence[Pair], side: Side) -> EProcess:
    evidence = EProcess(side)
    for pair in blocks:
        evidence.take(pair)
    return evidence


def chance(blocks: Sequence[Pair], rates: tuple[float, float]) -> float:
    """How likely these blocks are."""
    each = (rate if done else 1 - rate for pair in blocks for done, rate in zip(pair, rates, strict=True))
    return math.prod(each)


@pytest.mark.parametrize(("side", "rates"), CASES)
def test_without_an_effect_nothing_is_expected_of_it(side: Side, rates: tuple[float, float]) -> None:
    """Over all courses of up to three blocks its mean is at most 1, whatever the common rate."""
    for length in range(4):
        courses = [blocks for blocks in product(KINDS, repeat=length) if chance(blocks, rates) > 0]
        mean = math.fsum(chance(blocks, rates) * after(blocks, side).value for blocks in courses)
        assert mean <= 1 + 1e-9


@pytest.mark.parametrize(("side", "rates"), CASES)
def test_looking_after_every_block_costs_nothing(side: Side, rates: tuple[float, float]) -> None:
    """The chance that it reaches a bound at any of eight looks, each course weighed, is at most one over the bound."""
    bound = 5.0
    now, reached = {(): 1.0}, 0.0
    for _ in range(8):
        later: dict[tuple[Pair, ...], float] = {}
        for blocks, weight in now.items():
            for pair in KINDS:
                # Its value does not depend on the order, so that courses with the same blocks are one.
                whole = tuple(sorted((*blocks, pair)))
                later[whole] = later.get(whole, 0.0) + weight * chance([pair], rates)
        over = {blocks for blocks, weight in later.items() if weight > 0 and after(blocks, side).value >= bound}
        reached += math.fsum(later[blocks] for blocks in over)
        now = {blocks: weight for blocks, weight in later.items() if weight > 0 and blocks not in over}
    assert reached <= 1 / bound


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("blocks", [[], [KINDS[1]], [KINDS[2], KINDS[0]], [KINDS[1], KINDS[1], KINDS[3], KINDS[2]]])
@pytest.mark.parametrize("left", range(5))
def test_the_most_that_it_can_become_is_known(side: Side, blocks: list[Pair], left: int) -> None:
    """Checked by going through all that may follow."""
    ends = [after([*blocks, *rest], side).value for rest in product(KINDS, repeat=left)]
    assert max(*ends, after(blocks, side).value) == pytest.approx(after(blocks, side).best(left))


def test_less_is_greater_the_other_way_round() -> None:
    """The arms are told apart by their names alone."""
    blocks = [KINDS[1], KINDS[1], KINDS[3], KINDS[2]]
    mirrored = [(b, a) for a, b in blocks]
    assert after(blocks, Side.greater).value == pytest.approx(after(mirrored, Side.less).value)


def test_a_thousand_blocks_are_no_overflow() -> None:
    """Evidence beyond all bounds is still a number."""
    assert after([KINDS[1]] * 1000, Side.two).value > 1e200
