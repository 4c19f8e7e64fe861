"""Agreement of a judge with itself, and its favour for a position."""

import json
from collections import Counter
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from judgment_lines import judgment, write
from ledger_lines import Ask, WriteLedger, line
from scipy.stats import binomtest

from analysis.judge.record import PresentationOrder
from analysis.stats.agreement import LEAST_CLUSTERS, alpha, alpha_interval
from analysis.stats.signs import LEAST, signs

# Four observers, twelve units (Krippendorff 2011, part C); his alphas are .815 (ordinal) and .849 (interval).
OBSERVERS = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
KRIPPENDORFF = [[float(code) for code in unit if code != "."] for unit in zip(*OBSERVERS, strict=True)]


def by_definition(units: list[list[float]], *, ordinal: bool) -> float | None:
    """Alpha from the matrix of coincidences, as the paper writes it."""
    coincidences: Counter[tuple[float, float]] = Counter()
    for unit in (one for one in units if len(one) > 1):
        for a, b in permutations(unit, 2):
            coincidences[a, b] += 1 / (len(unit) - 1)  # type: ignore[assignment]
    margins: Counter[float] = Counter()
    for (a, _), weight in coincidences.items():
        margins[a] += weight

    def distance(a: float, b: float) -> float:
        low, high = min(a, b), max(a, b)
        between = sum(count for value, count in margins.items() if low <= value <= high)
        return (between - (margins[low] + margins[high]) / 2) ** 2 if ordinal else (a - b) ** 2

    n = sum(margins.values())
    observed = sum(weight * distance(a, b) for (a, b), weight in coincidences.items())
    expected = sum(margins[a] * margins[b] * distance(a, b) for a in margins for b in margins) / (n - 1) if n else 0
    return 1 - observed / expected if expected > 1e-9 else None


def test_alpha_of_the_published_example() -> None:
    """Krippendorff's own data give his own figures."""
    assert (0.815, 0.849) == tuple(round(alpha(KRIPPENDORFF, ordinal=kind) or 0, 3) for kind in (True, False))


@given(st.lists(st.lists(st.integers(0, 10).map(lambda tenth: tenth / 10), max_size=4), max_size=6), st.booleans())
def test_alpha_is_what_its_definition_gives(units: list[list[float]], ordinal: bool) -> None:
    """For any units, missing values and ties, both metrics; no alpha where the definition has none."""
    expected = by_definition(units, ordinal=ordinal)
    found = alpha(units, ordinal=ordinal)
    assert (expected is None) == (found is None)
    assert found == pytest.approx(expected, abs=1e-9)


def test_the_interval_is_repeatable_and_needs_pairs() -> None:
    """The same seed gives the same bounds, around the estimate; few clusters, or one value only, give none."""
    clusters = [[[number / 10, number / 5], [0.9, 0.7]] for number in range(LEAST_CLUSTERS)]
    found = alpha_interval(clusters, ordinal=True, seed=1)
    assert found == alpha_interval(clusters, ordinal=True, seed=1)
    estimate = alpha([unit for cluster in clusters for unit in cluster], ordinal=True)
    assert found is not None
    assert estimate is not None
    assert found.low < estimate < found.high
    assert alpha_interval(clusters[1:], ordinal=True, seed=1) is None
    assert alpha_interval([[[0.5, 0.5]]] * LEAST_CLUSTERS, ordinal=False, seed=1) is None


@example(1400, 1300, 0)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 3))
def test_the_sign_test_is_the_exact_binomial(above: int, below: int, tied: int) -> None:
    """Ties count for neither side; below six untied differences nothing is tested."""
    found = signs([0.1] * above + [-0.2] * below + [0.0] * tied)
    assert (above, below, tied) == found
    expected = binomtest(above, above + below).pvalue if above + below >= LEAST else None
    assert found.p == (None if expected is None else pytest.approx(expected))


def tables(ask: Ask, ledger: Path) -> dict[str, Any]:
    code, out, _ = ask("judge", "agreement", "--runs", ledger, "--json")
    assert 0 == code
    found: dict[str, Any] = json.loads(out)["tables"]
    return found


def in_both_orders(bonus: float, quality: dict[str, float], sessions: int = 2) -> list[list[dict[str, Any]]]:
    """A judge without noise that gives whoever is A a bonus; the baseline's quality is 0.5."""
    return [
        judgment(
            own + bonus * (order is PresentationOrder.AB),
            0.5 + bonus * (order is PresentationOrder.BA),
            **where,
            order=order,
        )
        for pair_id, own in quality.items()
        for session in range(sessions)
        for order in PresentationOrder
        for where in [{"pair_id": pair_id, "session": session}]
    ]


def test_a_favour_for_a_position_is_measured(write_ledger: WriteLedger, ask: Ask) -> None:
    """A bonus of 0.1 for A shows as just that; close winners flip with the order, and clear ones do not.

    However often a pair is judged, it is one pair to the sign test.
    """
    quality = {"close": 0.55, "level": 0.5, "clear": 0.8, "better": 0.75, "poor": 0.2, "worst": 0.1}
    ledger = write_ledger(*(line(name) for name in quality))
    write(ledger.parent / "judgments.jsonl", *in_both_orders(0.1, quality))
    found = {row["dimension"]: row for row in tables(ask, ledger)["position"]["rows"]}["score"]
    assert (6, 12, pytest.approx(0.1)) == (found["pairs"], found["sessions"], found["shift"])
    assert (6, 0, 0, 2 / 2**6) == (found["first"], found["second"], found["neither"], found["p"])
    # Both sessions of "close" and of "level" are won by whoever is A.
    assert (4, 12) == (found["flipped"], found["decided"])


def test_a_judge_without_favour_shows_none(write_ledger: WriteLedger, ask: Ask) -> None:
    """No shift, no flip; and one that repeats itself agrees with itself perfectly, in every order."""
    quality = {str(number): 0.3 + number / 10 for number in range(7)}
    ledger = write_ledger(*(line(name) for name in quality))
    write(ledger.parent / "judgments.jsonl", *in_both_orders(0.0, quality))
    found = tables(ask, ledger)
    score = {row["dimension"]: row for row in found["position"]["rows"]}["score"]
    assert (0, 0, 7, None, 0) == tuple(score[name] for name in ("first", "second", "neither", "p", "flipped"))
    alphas = [(row["ordinal"], row["interval"]) for row in found["agreement"]["rows"]]
    assert [(pytest.approx(1.0), pytest.approx(1.0))] * 6 == alphas


def test_the_order_costs_agreement_only_where_orders_are_taken_together(write_ledger: WriteLedger, ask: Ask) -> None:
    """A judge that repeats itself but favours A agrees over sessions, and not over orders."""
    quality = {str(number): 0.3 + number / 20 for number in range(7)}
    ledger = write_ledger(*(line(name) for name in quality))
    write(ledger.parent / "judgments.jsonl", *in_both_orders(0.1, quality))
    sessions, orders = tables(ask, ledger)["agreement"]["rows"][:2]
    assert (pytest.approx(1.0), 28, 14) == (sessions["ordinal"], sessions["units"], orders["units"])
    assert orders["ordinal"] < 0.9
    assert orders["ordinal_interval"] is not None


def test_one_order_says_nothing_of_positions(write_ledger: WriteLedger, ask: Ask) -> None:
    """Without a pair judged in both orders there is no table of positions, and that is said."""
    ledger = write_ledger(line("a"))
    write(ledger.parent / "judgments.jsonl", judgment(0.5, 0.6), judgment(0.5, 0.6, session=1))
    found = tables(ask, ledger)
    assert ["agreement"] == list(found)
    assert "no pair was judged in both orders: of positions nothing is known" in found["agreement"]["notes"]
