"""The published figures: recomputed, and questioned by rules that know none of them by name."""

import json
from collections.abc import Callable
from math import comb

import pytest
from ledger_lines import Ask

from analysis.study.published.ledger import PublishedResults, Row, agrees, read
from analysis.study.published.recompute import recompute
from analysis.study.published.rules import findings


def found(change: Callable[[str, list[Row]], None] = lambda _name, _rows: None) -> set[tuple[str, str]]:
    """Kind and subject of every flag, after a change to the tables."""

    def changed(name: str) -> list[Row]:
        rows = read(name)
        change(name, rows)
        return rows

    published = PublishedResults(changed)
    return {(flag.kind, flag.about) for flag in findings(published, recompute(published)).flags}


def set_to(table: str, row_id: str, **values: str) -> Callable[[str, list[Row]], None]:
    """A change of one row of one table."""

    def change(name: str, rows: list[Row]) -> None:
        for row in rows:
            if name == table and row["run_id" if name == "runs" else "id"] == row_id:
                row.update(values)

    return change


def test_every_comparison_is_recomputed() -> None:
    """4/7 against 0/10 is 35/2380 on either side; 4/7 against 0/7 was printed one-sided."""
    results = {result.test.id: result for result in recompute(PublishedResults())}
    assert len(read("tests")) == len(results)
    pooled, interleaved = results["t05-elide-apikit-pooled"], results["t06-elide-apikit-interleaved"]
    assert ("either", comb(7, 4) / comb(17, 4)) == (pooled.side, pytest.approx(pooled.one_sided))
    assert ("one-sided", 2 * comb(7, 4) / comb(14, 4)) == (interleaved.side, pytest.approx(interleaved.two_sided))


def test_printed_figures_are_compared_in_their_own_digits() -> None:
    """A value agrees if it rounds to what was printed."""
    assert agrees(0.05, 0.0515, "0.05")
    assert not agrees(0.05, 0.0962, "0.05 (if read literally)")
    assert agrees(0.5, 0.486, "0.5")
    assert not agrees(0.0011, 0.0022, "0.0011")


def test_an_uncalled_one_sided_value_is_flagged_wherever_it_stands() -> None:
    """A value that is one-sided only is flagged until the text calls it so; calling another two-sided flags that."""
    assert ("sidedness", "t13-datakit-8k") in found()
    assert ("sidedness", "t13-datakit-8k") not in found(set_to("tests", "t13-datakit-8k", sided_claimed="one-tailed"))
    uncalled = set_to("tests", "t11-elide-graphkit", sided_claimed="not stated")
    assert {("sidedness", "t11-elide-graphkit")} == found(uncalled) - found()


def test_values_that_do_not_follow_are_flagged() -> None:
    """A literal reading that its counts do not give is found, and so is any value planted."""
    assert ("arithmetic", "t07b-elide-apikit-flip-interleaved") in found()
    planted = set_to("tests", "t17-L2-9k", p_printed="0.2")
    assert ("arithmetic", "t17-L2-9k") in found(planted) - found()


def test_relative_changes_are_checked() -> None:
    """No published change is wrong beyond rounding; a wrong one would be found."""
    planted = set_to("tests", "t16-L2-11k", delta_printed="-42%")
    assert {("arithmetic", "t16-L2-11k")} == found(planted) - found()


def test_sums_of_arms_are_checked() -> None:
    """Outcomes, parts, means over printed runs and ratios that do not add up are found; those that do are not."""
    arithmetic = {about for kind, about in found() if kind == "arithmetic"}
    assert {"p10-qwen-graphkit-11k-ledger", "p05-first-A", "p03-A", "rd-pipe-27b"} <= arithmetic
    assert not {"p04-A", "p05-A-pooled", "p05-off-ledger", "p11-apikit-9k-pooled", "p01-apikit-11k-log"} & arithmetic
    for change, arm in (
        (set_to("arms", "p06-A", outcome_other="stagnated=5"), "p06-A"),
        (set_to("arms", "p05-A-pooled", completed="1", outcome_other=""), "p05-A-pooled"),
        (set_to("arms", "p04-A", read_bytes_per_pass="25111"), "p04-A"),
        (set_to("arms", "p04-A", load_act_ratio="15.0"), "p04-A"),
    ):
        assert ("arithmetic", arm) in found(change) - found()


@pytest.mark.parametrize(
    ("change", "about"),
    [
        (set_to("arms", "p04-A", passes_max="5"), "p04-A"),
        (set_to("arms", "p05-first-B", elided_reads_min="4"), "p05-first-B"),
        (set_to("arms", "p11-elide", passes_list="2,4,9"), "p11-elide"),
        (set_to("arms", "rd-apikit-11k-mem-on", note="mean 3.5"), "rd-apikit-11k-mem-on"),
        (set_to("arms", "p04-A", note="(11.8/10.0/13.3)"), "p04-A"),
        (set_to("arms", "p05-off-ledger-18", note="8 + 9"), "p05-off-ledger-18"),
        (set_to("arms", "p05-off-ledger", overlaps="8 (memory)+6 (p03)+3 (p04)+5 (p05-A)"), "p05-off-ledger"),
        (
            set_to("arms", "rd-graphkit-11k-reads-mem-on", note="reads per pass 8.2,8.4,9.4"),
            "rd-graphkit-11k-reads-mem-on",
        ),
        (set_to("runs", "p04-2", read_bytes_per_pass="23041.0"), "p04-2"),
        (set_to("runs", "rd-mem-on-2", packages_reached="4"), "t01-memory"),
        (set_to("tests", "t11-elide-graphkit", k_a="5"), "t11-elide-graphkit"),
        (set_to("tests", "t12-elide-graphkit-flip", k_a="6"), "t12-elide-graphkit-flip"),
        (set_to("tests", "t13-datakit-8k", delta_of="read_bytes/pass 13.5k -> 10.5k"), "t13-datakit-8k"),
    ],
)
def test_a_figure_that_others_contradict_is_found(change: Callable[[str, list[Row]], None], about: str) -> None:
    """Extremes, lists and means of runs, counts of arms, and the terms of a change: none goes unlooked at."""
    assert ("arithmetic", about) in found(change) - found()


def test_what_cannot_be_computed_again_is_counted(ask: Ask) -> None:
    """Of each kind of figure, those printed are those computed again and those left."""
    _, out, _ = ask("published", "--json")
    tables = json.loads(out)["tables"]
    rows = tables["coverage"]["rows"]
    assert [row["printed"] for row in rows] == [row["recomputed"] + row["left"] for row in rows]
    assert {"passes": 0, "times that the lever fired": 2}.items() <= {r["figure"]: r["left"] for r in rows}.items()
    differing = {row["about"] for row in tables["figures"]["rows"] if not row["agrees"]}
    assert {"p10-qwen-graphkit-11k-ledger", "p03-A", "p03-B", "p05-first-A"} == differing


def test_overlap_and_mixture_are_found() -> None:
    """Arms that share runs, pools of unlike arms, and arms that were not run together are told."""
    flagged = found()
    assert {("overlap", "p05-B"), ("overlap", "p05-off-ledger"), ("confounding", "t18-session")} <= flagged
    alike = set_to("arms", "p09-9k-B", lever="elide")
    assert ("overlap", "p11-apikit-9k-pooled") not in found(alike)
    apart = set_to("arms", "p06-A", date="2026-06-01")
    assert ("confounding", "t11-elide-graphkit") in found(apart) - flagged
    unlike = set_to("arms", "p06-A", memory="false")
    assert ("confounding", "t11-elide-graphkit") in found(unlike) - flagged


def test_an_invalid_arm_inside_a_pool_is_found() -> None:
    """A pool that counts an arm declared invalid is flagged; none of the published pools does."""
    assert [] == [about for kind, about in found() if kind == "invalid"]
    planted = set_to("arms", "p09-11k-A", status="invalid")
    assert ("invalid", "p11-apikit-11k-clean-pooled") in found(planted)


def test_looks_and_claims_of_nothing_are_found() -> None:
    """A continued experiment was looked at before; a null from three runs an arm could not have been otherwise."""
    flagged = found()
    assert {("multiplicity", "t05-elide-apikit-pooled"), ("power", "t04-digest")} <= flagged
    assert ("power", "t04-digest") not in found(set_to("tests", "t04-digest", claim="described"))


def test_gaps_within_the_wandering_of_the_bar_are_found() -> None:
    """A gap is flagged as long as the same bar, under the same judge, wandered further."""
    steady = set_to("judgments", "p11-26k-one-shot", gap_printed="0.28", score="0.99")
    assert ("noise", "p11-26k-one-shot") in found()
    assert ("noise", "p11-26k-one-shot") not in found(steady)


def test_the_report_of_published_figures(ask: Ask) -> None:
    """All tables are there, with every comparison and every flag."""
    code, out, _ = ask("published", "--json")
    tables = json.loads(out)["tables"]
    assert (0, len(read("tests"))) == (code, len(tables["tests"]["rows"]))
    kinds = {"sidedness", "arithmetic", "overlap", "confounding", "multiplicity", "power"}
    kinds |= {"noise", "mixture", "author", "order", "single", "sequence", "cause", "support"}
    assert kinds == {row["kind"] for row in tables["flags"]["rows"]}
