"""A margin that a sweep declared before its first run: its test of equivalence is declared, any other exploratory."""

from itertools import product
from typing import Any

import pytest
from declared_lines import AFTER, BEFORE, Declare, Told, entry, swept

from analysis.contrasts.sensitivity import corners, monotone_sensitivity
from analysis.report.equivalence import p_of_claim
from analysis.stats.arms import TwoArms
from analysis.stats.equivalence import equivalence

ARMS = [*swept(18, 20, memory=False), *swept(18, 20, memory=True)]


def declared(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of the declared margins."""
    rows: list[dict[str, Any]] = report["tables"].get("declared-equivalence", {"rows": []})["rows"]
    return rows


@pytest.mark.parametrize(
    ("side", "claim", "p"),
    [("two", "equivalent", "p"), ("greater", "not worse", "p_non_inferior"), ("less", "not better", "p_non_superior")],
)
def test_a_declared_margin_is_tested_on_its_side(told: Told, declare: Declare, side: str, claim: str, p: str) -> None:
    """Without being asked for, over the whole sweep; the side says which claim."""
    declare(entry(runs=20, side=side, margin=0.25))
    (row,) = declared(told(*ARMS))
    tested = equivalence([TwoArms(18, 20, 18, 20)], 0.25)
    assert (claim, 0.25, pytest.approx(getattr(tested, p))) == (row["claim"], row["margin"], row["p"])
    assert (row["p"], row["p"] <= 0.05) == (row["p_adjusted"], row["rejects"])


@pytest.mark.parametrize(("margin", "is_declared"), [("0.25", True), ("0.3", False)])
def test_a_margin_of_the_command_line_is_exploratory_unless_it_was_declared(
    told: Told, declare: Declare, margin: str, is_declared: bool
) -> None:
    """The declared one counts as declared; another, however close, does not."""
    declare(entry(runs=20, side="two", margin=0.25))
    notes = told(*ARMS, more=("--margin", margin))["tables"]["memory-false-true-equivalence"]["notes"]
    assert is_declared == any("that its sweep declared" in note for note in notes)
    assert is_declared != any("so that it is exploratory" in note for note in notes)


def test_a_margin_that_was_declared_after_the_first_run_is_exploratory(told: Told, declare: Declare) -> None:
    """The test of the difference stays declared, and the change is named."""
    declare(entry(runs=20, side="two"), entry(runs=20, side="two", margin=0.25, time=AFTER))
    report = told(*ARMS, more=("--margin", "0.25"))
    assert 1 == len(report["tables"]["declared"]["rows"])
    assert [] == declared(report)
    assert any(
        "after its first run: the first declaration counts" in note for note in report["tables"]["declared"]["notes"]
    )
    notes = report["tables"]["memory-false-true-equivalence"]["notes"]
    assert any("so that it is exploratory" in note for note in notes)


def test_declared_margins_are_corrected_over_their_family(told: Told, declare: Declare) -> None:
    """A second one without runs yet counts with p 1."""
    declare(
        entry(runs=20, side="two", margin=0.25, family="f"),
        entry("t", runs=20, side="two", margin=0.25, family="f", time=BEFORE),
    )
    (row,) = declared(told(*ARMS))
    assert row["p_adjusted"] == pytest.approx(min(1.0, 2 * row["p"]))


def test_missing_runs_bound_a_declared_margin(told: Told, declare: Declare) -> None:
    """By the worst of the corners; equivalence that they could take away is marked."""
    declare(entry(runs=22, side="two", margin=0.3))
    lost = [ARMS[0] | {"run_id": f"lost-{n}", "outcome": "fault", "replicate": 90 + n} for n in range(2)]
    report = told(*ARMS, *lost)
    (row,) = declared(report)
    tables = corners([TwoArms(18, 20, 18, 20)], [(2, 0)]).values()
    expected = max(equivalence(table, 0.3).p for table in tables)
    assert (2, pytest.approx(expected)) == (row["missing_a"], row["p_worst"])
    assert (row["p_worst"] <= 0.05) is row["robust"]


@pytest.mark.parametrize("side", ["two", "greater", "less"])
@pytest.mark.parametrize("missing", [[(2, 3)], [(2, 0), (1, 2)]])
def test_the_worst_case_of_a_margin_is_a_corner(side: str, missing: list[tuple[int, int]]) -> None:
    """No outcome of the missing runs leads to a larger p: all of them are tried."""
    strata = [TwoArms(6, 8, 7, 9), TwoArms(2, 3, 3, 3)][: len(missing)]
    bounds = monotone_sensitivity(strata, missing, lambda tables: p_of_claim(tables, 0.3, side))
    cases = [
        [
            TwoArms(t.k_a + done[2 * n], t.n_a + missing[n][0], t.k_b + done[2 * n + 1], t.n_b + missing[n][1])
            for n, t in enumerate(strata)
        ]
        for done in product(*(range(count + 1) for pair in missing for count in pair))
    ]
    worst = max(p_of_claim(tables, 0.3, side) for tables in cases)
    assert bounds is not None
    assert bounds.worst == pytest.approx(worst)


@pytest.mark.parametrize("arms", [TwoArms(0, 6, 0, 6), TwoArms(6, 6, 6, 6), TwoArms(0, 6, 6, 6), TwoArms(6, 6, 0, 6)])
def test_zero_and_full_cells_are_tested(told: Told, declare: Declare, arms: TwoArms) -> None:
    """As by `equivalence`, which is checked by brute force; one empty arm leaves nothing to test."""
    declare(entry(runs=6, side="two", margin=0.5))
    without, with_memory = swept(arms.k_a, 6, memory=False), swept(arms.k_b, 6, memory=True)
    (row,) = declared(told(*without, *with_memory))
    assert equivalence([arms], 0.5).p == pytest.approx(row["p"])
