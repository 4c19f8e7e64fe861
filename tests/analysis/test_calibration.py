"""Simulated runs against published ones: what is compared with what, what is expected, and what the page says."""

import json
import re
from collections import Counter
from importlib.resources import files
from itertools import product
from math import comb, exp, log, pi, sin
from pathlib import Path
from typing import Any

import pytest
from ledger_lines import Ask, WriteLedger, line

from analysis.study.calibration import predict, score
from analysis.study.calibration.arms import FITTED, PREDICTED, calibration_arms, settings
from analysis.study.calibration.compare import FEWEST, compare
from analysis.study.calibration.fit import fits, in_force, refits_table
from analysis.study.calibration.report import page
from analysis.study.calibration.runs import KEPT, bundled
from analysis.study.calibration.tables import misses_table, tasks_table, versions_table
from analysis.study.published.ledger import PublishedResults
from harness.simulator.profiles import PROFILES

ROOT = Path(__file__).resolve().parents[2]


def simulated(run_id: str, outcome: str, **given: Any) -> dict[str, Any]:
    """One simulated run with the setting of p04-A."""
    setting = {"model": "sim-resweep", "elide_passing": False, "max_iters": 300, "max_steps": 60}
    return line(run_id, simulated=True, outcome=outcome, duration_sec=1.0, **(setting | given))


def test_the_page_in_the_repository_is_the_generated_one(ask: Ask) -> None:
    """docs/simulator.md holds just what the bundled runs and the code give."""
    assert (0, "", "") == ask("simulator", "--check", ROOT / "docs" / "simulator.md")


def test_no_number_of_the_page_is_typed() -> None:
    """Outside placeholders, code and the commands at its end, the text that the page is made of holds no digit."""
    template = (files("analysis.study.calibration") / "simulator.md").read_text(encoding="utf-8")
    prose = re.sub(r"\{[^}]*\}|`[^`]*`|^    .*$", "", template, flags=re.MULTILINE)
    assert [] == re.findall(r".*\d.*", prose)


@pytest.mark.parametrize("subject", ["resweep", "selective"])
def test_the_parameters_that_the_page_names_are_in_force(subject: str) -> None:
    """What the last fit in force wrote down is what the subject is served with, by the policies of that version."""
    named = in_force(subject)["chosen"]
    assert named == {name: getattr(PROFILES[subject].parameters, name) for name in named}
    assert in_force(subject)["fingerprint"] == PROFILES[subject].fingerprint


def test_no_arm_is_fitted_and_predicted() -> None:
    """The arms that decided parameters are none of those that test them, nor are they the same runs."""
    assert set() == {*FITTED} & {*PREDICTED}
    published = PublishedResults()
    leaves = [{leaf for name in names for leaf in published.leaves(name)} for names in (FITTED, PREDICTED)]
    assert set() == leaves[0] & leaves[1]


def test_what_a_row_says_decides_how_it_is_asked() -> None:
    """So does the limit of passes, where it is noted; else it is the most passes seen of that model."""
    by_id = {one.arm.id: one.setting for one in calibration_arms()}
    assert ("resweep", "apikit", 11000, False, False, 300) == tuple(vars(by_id["rd-apikit-11k-mem-off"]).values())
    assert ("selective", "apikit", 11000, True, True, 20) == tuple(vars(by_id["p10-g-apikit-11k-B"]).values())
    assert 34 == by_id["p10-g-graphkit-6k"].max_iters


def test_a_setting_is_run_once_however_many_arms_it_serves() -> None:
    """Arms with the same setting share their runs."""
    assert len(set(settings())) == len(settings()) < len(calibration_arms())


def law_by_grid(k: int, n: int, published: int) -> list[float]:
    """Chances of each count of completions, by integrating over a fine grid of rates under the Jeffreys prior."""
    # Under that prior the angle whose squared sine is the rate is equally likely everywhere.
    rates = [sin((i + 0.5) / 4000 * pi / 2) ** 2 for i in range(4000)]
    weights = [p**k * (1 - p) ** (n - k) for p in rates]
    return [
        sum(w * comb(published, i) * p**i * (1 - p) ** (published - i) for p, w in zip(rates, weights, strict=True))
        / sum(weights)
        for i in range(published + 1)
    ]


@pytest.mark.parametrize(("k", "n", "published"), [(0, 20, 3), (20, 20, 6), (7, 20, 8), (1, 2, 1)])
def test_completions_are_expected_as_by_brute_force(k: int, n: int, published: int) -> None:
    """The beta-binomial law, by integrating over a fine grid of rates."""
    law = law_by_grid(k, n, published)
    below = [sum(law[: i + 1]) for i in range(published + 1)]
    low = next(i for i, share in enumerate(below) if share >= 0.025)
    high = next(i for i, share in enumerate(below) if share >= 0.975)
    assert (low, high) == predict.completions(k, n, published)


@pytest.mark.parametrize("runs", [1, 4, 8])
def test_the_references_are_scored_as_by_enumeration(runs: int) -> None:
    """A coin by all the ways in which so many runs can go; even counts by the number of counts."""
    ways = Counter(map(sum, product((0, 1), repeat=runs)))
    assert [log(ways[count] / 2**runs) for count in range(runs + 1)] == pytest.approx(
        [score.coin(count, runs) for count in range(runs + 1)]
    )
    assert log(1 / len(ways)) == pytest.approx(score.even(runs))


@pytest.mark.parametrize(("k", "n", "published"), [(0, 20, 6), (13, 40, 6), (7, 20, 8), (1, 1, 1)])
def test_a_log_score_is_that_of_the_law_by_brute_force(k: int, n: int, published: int) -> None:
    """The logarithm of the beta-binomial chance, by integrating over rates; the chances add up to one."""
    law = law_by_grid(k, n, published)
    chances = [exp(predict.log_chance(k, n, count, published)) for count in range(published + 1)]
    assert law == pytest.approx(chances, abs=1e-9)
    assert 1 == pytest.approx(sum(chances))


def scored(arm: str, k: int, n: int) -> score.Scored:
    (one,) = score.scored_counts({arm: (k, n)})
    return one


def test_a_wide_interval_does_not_help_a_score() -> None:
    """Of two subjects with the published count inside, the one that is surer of it scores higher."""
    sure, vague = scored("p06-B", 38, 40), scored("p06-B", 4, 8)
    assert (True, True) == (sure.inside, vague.inside)
    assert len(sure.held) < len(vague.held)
    assert sure.score > vague.even > vague.coin


def test_a_coin_is_inside_as_often_as_enumeration_says() -> None:
    """Of all the ways in which the published runs could go by a coin, the share whose count the interval holds."""
    one = scored("p08-6k-A", 0, 20)
    ways = [sum(way) for way in product((0, 1), repeat=one.published[1])]
    assert sum(count in one.held for count in ways) / len(ways) == pytest.approx(one.coin_inside)
    assert (range(2), 2 / 7, False) == (one.held, one.even_inside, one.inside)


def test_scores_add_up_and_name_what_they_beat() -> None:
    """One arm that was hit costs little, one that was missed much; their sum is better than neither reference."""
    hit, missed = scored("p06-B", 38, 40), scored("p08-6k-A", 0, 40)
    assert hit.cost < 0 < missed.cost
    assert "a coin and all counts equally likely" == score.total([hit]).beaten
    both = score.total([hit, missed])
    assert ("neither", hit.score + missed.score, 1) == (both.beaten, both.score, both.inside)


def test_every_fit_has_its_score() -> None:
    """The page lists each fit that was made, with the score of the arms that it did not see, once rehearsed."""
    rows = refits_table().rows
    rehearsed = [row for row in rows if "score" in row]
    assert [fit["loss"] for some in fits().values() for fit in some] == [row["loss"] for row in rows]
    predicted = Counter(f"`sim_{one.setting.model}`" for one in calibration_arms() if not one.fitted)
    assert predicted == {row["subject"]: int(row["inside"].split()[-1]) for row in rehearsed}
    assert all(row["score"] < 0 for row in rehearsed)


def test_scores_by_task_add_up_to_the_whole() -> None:
    """Each predicted arm is in one row."""
    compared = compare(bundled("rehearsed"))
    rows, whole = tasks_table(compared).rows, score.total(score.predicted(score.scored(compared)))
    assert (whole.arms, pytest.approx(whole.score)) == (sum(r["arms"] for r in rows), sum(r["score"] for r in rows))


def test_misses_are_counted_by_side() -> None:
    """Of each kind of figure, those of predicted arms inside, simulated too high and too low: none is lost."""
    compared = compare(bundled("rehearsed"))
    rows = misses_table(compared).rows
    figures = [one for arm in compared if not arm.target.fitted for one in arm.measures]
    assert len(figures) == sum(row["arms"] for row in rows)
    assert all(row["arms"] == row["inside"] + row["above"] + row["below"] for row in rows)
    assert sum(bool(one.inside) for one in figures) == sum(row["inside"] for row in rows)


def test_runs_of_several_versions_are_told_apart() -> None:
    """A version that was not noted is unknown, and one that is not the last fit's is called so."""
    noted = {"behaviour": 3, "fingerprint": "0a1b"}
    made = {"here": [simulated("a", "completed", **noted), simulated("b", "completed"), simulated("c", "stagnated")]}
    rows = versions_table(made).rows
    assert {("3", "no", 1), ("not noted", "unknown", 2)} == {
        (str(row["behaviour"]), row["current"], row["runs"]) for row in rows
    }


def test_a_figure_is_expected_among_all_that_could_be_drawn() -> None:
    """Of two runs with one value each, the mean of two drawn ones lies where the four equally likely pairs put it."""
    records = [{"value": 1.0}, {"value": 3.0}]
    means = {(a["value"] + b["value"]) / 2 for a, b in product(records, records)}
    expected = predict.statistic(records, 2, lambda some: sum(one["value"] for one in some) / len(some))
    assert (min(means), max(means)) == expected


def test_only_runs_of_its_setting_count_for_an_arm() -> None:
    """Another budget, subject or limit of passes is another setting."""
    others = [{"ctx_limit": 9000}, {"model": "sim-selective"}, {"max_iters": 25}, {"elide_passing": True}]
    records = [simulated(f"x{i}", "completed", **other) for i, other in enumerate(others)]
    found = {one.target.arm.id: one for one in compare([*records, simulated("a", "stagnated")])}
    assert (0, 1) == found["p04-A"].simulated


def test_of_an_arm_with_few_runs_nothing_is_expected() -> None:
    """Its runs are shown, but nearly anything would lie within what they let one expect."""
    few, enough = ([simulated(f"a{i}", "stagnated") for i in range(runs)] for runs in (FEWEST - 1, FEWEST))
    assert (None, None) == (compare(few)[0].expected, compare(few)[0].measures[0].inside)
    assert None is not compare(enough)[0].expected


def test_an_arm_without_runs_is_shown_and_not_counted(ask: Ask, write_ledger: WriteLedger) -> None:
    """Nothing is hidden: every arm has its row, those short of runs are named, and none of them is called inside."""
    ledger = write_ledger(*[simulated(f"a{i}", "stagnated") for i in range(FEWEST)])
    code, out, _ = ask("calibration", "--runs", ledger, "--json")
    told = json.loads(out)
    rows = {row["arm"]: row for row in told["tables"]["arms"]["rows"]}
    assert (0, {*FITTED, *PREDICTED}) == (code, {*rows})
    assert (f"0/{FEWEST}", True) == (rows["p04-A"]["simulated"], rows["p04-A"]["inside"])
    assert ("0/0", None) == (rows["p06-B"]["simulated"], rows["p06-B"]["inside"])
    assert "predicted arms inside: 0 of 0; other figures of theirs: 0 of 0" in told["notes"]
    assert any(note.startswith("fewer than 20") and "p06-B 0" in note for note in told["notes"])


def test_runs_of_a_model_or_with_a_fault_are_left_out(ask: Ask, write_ledger: WriteLedger, tmp_path: Path) -> None:
    """What is kept of a ledger are the results of simulated runs, in the fields compared."""
    fault, real = simulated("b", "fault"), simulated("c", "completed") | {"simulated": False}
    kept = tmp_path / "kept.jsonl"
    ledger = write_ledger(simulated("a", "completed"), fault, real)
    assert 0 == ask("calibration", "--runs", ledger, "--keep", kept)[0]
    records = [json.loads(text) for text in kept.read_text().splitlines()]
    assert (["a"], [*KEPT]) == ([record["run_id"] for record in records], [*records[0]])


def test_the_version_of_a_subject_is_kept_where_it_was_noted(
    ask: Ask, write_ledger: WriteLedger, tmp_path: Path
) -> None:
    """What its endpoint told; an older line tells none, and that is unknown."""
    told = simulated("a", "completed", server={"model": {"meta": {"fingerprint": "0a1b"}}}, behaviour=3)
    kept = tmp_path / "kept.jsonl"
    assert 0 == ask("calibration", "--runs", write_ledger(told, simulated("b", "completed")), "--keep", kept)[0]
    records = [json.loads(text) for text in kept.read_text().splitlines()]
    assert [("0a1b", 3), (None, None)] == [(one["fingerprint"], one["behaviour"]) for one in records]


def test_a_ledger_that_is_not_there_is_told_in_one_line(ask: Ask, tmp_path: Path) -> None:
    """With the option that makes one."""
    code, out, err = ask("calibration", "--runs", tmp_path / "none.jsonl")
    assert (2, "", 1) == (code, out, len(err.splitlines()))


def test_a_run_is_held_against_its_own_rehearsal_only() -> None:
    """Of the same cell, number and subject; where there is none, the page says so."""
    runs = [one | {"duration_sec": 1.0} for one in bundled("rehearsed")]
    others = [one | {"cell": "another"} for one in runs], [one | {"fingerprint": "another"} for one in runs]
    assert f"Of {len(runs)} made both ways with the same seed, {len(runs)} ended alike" in page(runs, runs)
    assert all("No run was made both ways with the same seed" in page(runs, other) for other in others)


@pytest.mark.parametrize("name", ["runs", "rehearsed"])
def test_no_arm_is_compared_with_runs_of_several_versions(name: str) -> None:
    """The runs of a setting share their cell, the harness's behaviour and the subject's fingerprint."""
    records = bundled(name)
    for setting in settings():
        runs = [one for one in records if setting.holds(one)]
        assert 1 == len({(one["cell"], one.get("behaviour"), one.get("fingerprint")) for one in runs}), setting


def test_every_bundled_run_is_simulated_and_serves_an_arm() -> None:
    """The runs that the page is made of are the ones that it speaks of."""
    wanted = settings()
    assert all(record["simulated"] and any(one.holds(record) for one in wanted) for record in bundled())
