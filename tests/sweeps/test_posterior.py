"""What is known of a floor follows from what was seen, and the next run is made where it tells most."""

import math

import numpy as np
import pytest
from scipy.special import entr, expit, logit, xlogy

from sweeps.strategies.posterior import CURVES, FLOORS, ThresholdPosterior

LIMITS = [7000, 9000, 11000, 13000, 15000]

SEEN = [
    {},
    {11000: (1, 1)},
    {9000: (2, 0), 11000: (3, 1), 13000: (1, 1)},
    {7000: (4, 0), 9000: (6, 1), 11000: (8, 7), 15000: (2, 2)},
    {7000: (3, 3)},
]


def grid() -> tuple[np.ndarray, np.ndarray]:
    """Floors, as logarithms, and the chance to complete: by floor, curve and limit."""
    low, high = math.log(LIMITS[0]), math.log(LIMITS[-1])
    floors = np.linspace(low - (high - low) / 2, high + (high - low) / 2, FLOORS)
    slope, lower, lapses = (np.array([getattr(c, key) for c in CURVES]) for key in ("slope", "lower", "lapses"))
    span = 1 - lower - lapses
    middle = -logit((0.5 - lower) / span) / slope
    distance = np.log(LIMITS) - floors[:, None, None]
    rates = expit(slope[None, :, None] * (distance - middle[None, :, None]))
    return floors, lower[None, :, None] + span[None, :, None] * rates


def weighed(counts: dict[int, tuple[int, int]]) -> np.ndarray:
    """The posterior, by numpy."""
    _, chances = grid()
    runs, completed = (np.array([counts.get(limit, (0, 0))[part] for limit in LIMITS]) for part in (0, 1))
    logs = (xlogy(completed, chances) + xlogy(runs - completed, 1 - chances)).sum(axis=2)
    raw: np.ndarray = np.exp(logs - logs.max())
    return raw / raw.sum()


@pytest.mark.parametrize("counts", SEEN)
def test_curves_are_weighed_by_what_was_seen(counts: dict[int, tuple[int, int]]) -> None:
    """Each by its likelihood, from none that is preferred."""
    assert weighed(counts) == pytest.approx(np.array(ThresholdPosterior(LIMITS).weights(counts)), abs=1e-12)


@pytest.mark.parametrize("counts", SEEN)
def test_the_interval_holds_the_floor_with_its_probability(counts: dict[int, tuple[int, int]]) -> None:
    """Half of the rest on either side of it, half of all on either side of its middle; to within a step of the grid."""
    floors, _ = grid()
    masses = weighed(counts).sum(axis=1)
    interval = ThresholdPosterior(LIMITS).interval(counts, 0.9)
    for tokens, below in ((interval.low, 0.05), (interval.middle, 0.5), (interval.high, 0.95)):
        under = masses[floors < math.log(tokens)].sum()
        step = masses[np.abs(floors - math.log(tokens)) <= floors[1] - floors[0]].max()
        assert abs(under - below) <= step


@pytest.mark.parametrize("counts", SEEN)
def test_the_next_limit_is_the_one_that_tells_most(counts: dict[int, tuple[int, int]]) -> None:
    """It is expected to leave least entropy of the floor: worked out by adding each outcome to what was seen."""

    def entropy(seen: dict[int, tuple[int, int]]) -> float:
        return float(entr(weighed(seen).sum(axis=1)).sum())

    _, chances = grid()
    expected = []
    for place, limit in enumerate(LIMITS):
        runs, completed = counts.get(limit, (0, 0))
        yes = float((weighed(counts) * chances[:, :, place]).sum())
        outcomes = [counts | {limit: (runs + 1, completed + done)} for done in (1, 0)]
        expected.append(yes * entropy(outcomes[0]) + (1 - yes) * entropy(outcomes[1]))
    assert LIMITS[int(np.argmin(expected))] == ThresholdPosterior(LIMITS).next(counts)


def test_the_first_run_is_made_in_the_middle() -> None:
    """Nothing is known, and nothing is preferred."""
    assert 11000 == ThresholdPosterior(LIMITS[::-1]).next({})


def test_of_a_limit_the_chance_to_complete_rises_with_it() -> None:
    """Whatever was seen: more room was never worse by the curves that are weighed."""
    for counts in SEEN:
        chances = [chance for _, chance in ThresholdPosterior(LIMITS).expected(counts)]
        assert sorted(chances) == chances


def test_a_curve_crosses_one_half_at_its_threshold() -> None:
    """Whatever its slope and asymptotes, which it nears far from there; limits far apart overflow nothing."""
    for curve in CURVES:
        assert 0.5 == pytest.approx(curve.rate(0.0))
        far = curve.rate(-100.0), curve.rate(100.0)
        assert (curve.lower, 1 - curve.lapses) == pytest.approx(far, abs=1e-6)


def test_a_flat_or_partial_rise_is_not_taken_for_a_steep_one() -> None:
    """Counts of a step from .3 to .6 leave most limits possible; those of a step from 0 to 1 leave little."""
    limits = list(range(7000, 20000, 1000))
    partial = {limit: (10, 3 if limit <= 11000 else 6) for limit in limits}
    full = {limit: (10, 0 if limit <= 11000 else 10) for limit in limits}
    posterior = ThresholdPosterior(limits)
    wide, narrow = (posterior.interval(counts, 0.95) for counts in (partial, full))
    assert wide.low < 11500 < wide.high
    assert narrow.high - narrow.low < (wide.high - wide.low) / 3


def test_a_width_is_judged_at_a_tenth_of_alpha() -> None:
    """Never narrower than the interval that is reported, whatever was seen."""
    posterior = ThresholdPosterior(LIMITS)
    for seen in SEEN:
        counts = dict.fromkeys(LIMITS, (0, 0)) | seen
        reported, strict = posterior.interval(counts, 0.95), posterior.interval(counts, 0.995)
        assert strict.high - strict.low == pytest.approx(posterior.width(counts, 0.95))
        assert strict.high - strict.low >= reported.high - reported.low
