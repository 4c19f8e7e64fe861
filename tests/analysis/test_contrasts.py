"""Contrasts: strata, pairs of levels, and what may not be compared."""

import json
from typing import Any

import pytest
from ledger_lines import Ask, WriteLedger, line

from analysis.contrasts.contrast import contrasts
from analysis.errors import AnalysisError
from analysis.records.pool import RunPool
from analysis.report.contrast_report import two_levels
from analysis.stats.arms import TwoArms
from analysis.stats.conditional import ConditionalDistribution, fisher
from analysis.stats.equivalence import equivalence, smallest_margin


def arm(prefix: str, completed: int, runs: int, **given: Any) -> list[dict[str, Any]]:
    """Runs of one arm, the first of them completed."""
    return [line(f"{prefix}{n}", outcome="completed" if n < completed else "stagnated", **given) for n in range(runs)]


def test_one_stratum_is_fishers_test(write_ledger: WriteLedger, ask: Ask) -> None:
    """4/7 with elision against 0/10 without: the published contrast, two-sided and one-sided."""
    path = write_ledger(*arm("a", 0, 10, elide_passing=False), *arm("b", 4, 7, elide_passing=True))
    _, out, _ = ask("contrast", "elide_passing", "--runs", path, "--json")
    (row,) = json.loads(out)["tables"]["elide_passing-false-true"]["rows"]
    expected = fisher(TwoArms(0, 10, 4, 7))
    assert ("0/10", "4/7") == (row["a"], row["b"])
    assert (expected.two_sided, expected.greater) == (row["p"], row["p_greater"])


def test_other_factors_make_strata_and_all_strata_are_tested_together(write_ledger: WriteLedger, ask: Ask) -> None:
    """Each budget is a stratum; the last row is the exact stratified test, not Fisher's of the sums."""
    path = write_ledger(
        *arm("a", 0, 5, memory=False),
        *arm("b", 3, 5),
        *arm("c", 2, 4, memory=False, ctx_limit=13000),
        *arm("d", 4, 4, ctx_limit=13000),
    )
    _, out, _ = ask("contrast", "memory", "--runs", path, "--json")
    found = json.loads(out)["tables"]["memory-false-true"]["rows"]
    assert [11000, 13000, "all strata"] == [row["ctx_limit"] for row in found]
    assert ["0/5", "2/4", "2/9"] == [row["a"] for row in found]
    stratified = ConditionalDistribution.of([TwoArms(0, 5, 3, 5), TwoArms(2, 4, 4, 4)]).p_values()
    assert stratified.two_sided == found[-1]["p"]


def test_subjects_are_never_tested_together(write_ledger: WriteLedger) -> None:
    """Simulated and real runs, and two models, are contrasts of their own; tasks are strata of one."""
    lines = [
        one
        for simulated in (True, False)
        for task in ("apikit", "calc")
        for memory in (True, False)
        for one in arm(
            f"{simulated}{task}{memory}", 1, 2, simulated=simulated, task=f"examples/{task}/PROMPT.md", memory=memory
        )
    ]
    found = contrasts(RunPool.read([write_ledger(*lines)]).cells(), "memory")
    assert [({"simulated": False}, 2), ({"simulated": True}, 2)] == [(one.subject, len(one.strata)) for one in found]


def test_more_levels_are_compared_pair_by_pair(write_ledger: WriteLedger) -> None:
    """Three budgets make three pairs, the larger always B; a chosen pair is the only one."""
    cells = RunPool.read([write_ledger(*(line(str(n), ctx_limit=n) for n in (9000, 13000, 11000)))]).cells()
    expected = [(9000, 11000), (9000, 13000), (11000, 13000)]
    assert expected == [(one.a, one.b) for one in contrasts(cells, "ctx_limit")]
    assert [(13000, 9000)] == [(one.a, one.b) for one in contrasts(cells, "ctx_limit", levels=(13000, 9000))]


def test_strata_with_one_arm_say_nothing(write_ledger: WriteLedger, ask: Ask) -> None:
    """A budget at which only one level was run is left out, and that is said."""
    path = write_ledger(*arm("a", 0, 2, memory=False), *arm("b", 1, 2), *arm("c", 2, 2, ctx_limit=13000))
    _, out, _ = ask("contrast", "memory", "--runs", path)
    assert "left out: 1 stratum with runs of one level only" in out


def test_a_seed_that_changed_with_the_factor_spoils_the_contrast(write_ledger: WriteLedger) -> None:
    """Arms that were run on different seeds are not compared."""
    path = write_ledger(*arm("a", 0, 2, memory=False, seed_sha256="1"), *arm("b", 2, 2, seed_sha256="2"))
    with pytest.raises(AnalysisError, match="seed_sha256"):
        contrasts(RunPool.read([path]).cells(), "memory")


def test_a_system_prompt_that_follows_the_factor_does_not(write_ledger: WriteLedger) -> None:
    """Memory and levers act through the system prompt: that it changes along with them is what is tested."""
    for factor, a, b in (("memory", False, True), ("lever", "none", "hint")):
        arms = [
            *arm("a", 0, 2, system_sha256="1", **{factor: a}),
            *arm("b", 2, 2, system_sha256="2", **{factor: b}),
        ]
        assert [TwoArms(0, 2, 2, 2)] == contrasts(RunPool.read([write_ledger(*arms)]).cells(), factor)[0].tables


def test_strata_that_were_not_asked_for_are_pooled_and_said(write_ledger: WriteLedger, ask: Ask) -> None:
    """--within names the strata; what then varies inside is stated, and unequal mixes are called confounded."""
    path = write_ledger(
        *arm("a", 0, 2, memory=False), *arm("b", 1, 2), *arm("c", 1, 1, max_iters=300), *arm("d", 0, 1, ctx_limit=9000)
    )
    _, out, _ = ask("contrast", "memory", "--runs", path, "--within", "ctx_limit")
    assert "CONFOUNDED with max_iters: A has 25, B has 25, 300" in out


def test_faults_are_in_no_arm(write_ledger: WriteLedger) -> None:
    """Only results are counted on either side."""
    path = write_ledger(*arm("a", 1, 3, memory=False), *arm("b", 2, 3), line("x", outcome="fault"))
    assert [TwoArms(1, 3, 2, 3)] == contrasts(RunPool.read([path]).cells(), "memory")[0].tables


def test_the_table_of_a_sweep(write_ledger: WriteLedger, ask: Ask) -> None:
    """Rates by what was swept and the exact test of memory over budgets, in 100 columns, the subject named first."""
    lines = [
        line(f"{ctx}{memory}", ctx_limit=ctx, memory=memory, simulated=True, outcome=outcome)
        for ctx, outcome in ((9000, "stagnated"), (11000, "stagnated"), (13000, "completed"))
        for memory in (True, False)
    ]
    _, out, _ = ask("table", "--runs", write_ledger(*lines), "--by", "ctx_limit,memory", "--contrast", "memory")
    said = out.splitlines()
    assert said[0].startswith("SIMULATED SUBJECT")
    assert max(map(len, said)) <= 100
    assert any(one.startswith("13000      true") and "1     1  1.00  [0.21, 1.00]" in one for one in said)
    assert any(one.startswith("memory: true vs false  1/3  1/3") and "over 3 strata" in one for one in said)


def test_the_table_of_a_sweep_with_nothing_to_compare(write_ledger: WriteLedger, ask: Ask) -> None:
    """A factor with one level is said not to be compared; the rates are there all the same."""
    code, out, _ = ask("table", "--runs", write_ledger(line("a")), "--contrast", "memory")
    assert (0, True) == (code, "not compared: memory has no two levels" in out)


def test_what_is_not_declared_is_exploratory(write_ledger: WriteLedger, ask: Ask) -> None:
    """Every contrast that no sweep declared is labelled so."""
    path = write_ledger(*arm("a", 0, 2, memory=False), *arm("b", 1, 2))
    assert "exploratory" in ask("contrast", "memory", "--runs", path)[1]
    assert "exploratory" in ask("table", "--runs", path)[1]


def test_recorded_blocks_give_a_permutation_test(write_ledger: WriteLedger, ask: Ask) -> None:
    """Within blocks of one run an arm, only blocks that split count: three against none is p = 2/8."""
    lines = [
        line(
            f"{block}{memory}",
            block=block,
            sweep="s",
            memory=memory,
            system_sha256=str(memory),
            outcome="completed" if done else "stagnated",
        )
        for block, outcomes in enumerate([(True, False)] * 3 + [(True, True), (False, False)])
        for memory, done in zip((True, False), outcomes, strict=True)
    ]
    told = "within blocks: memory: B = true against A = false: p {} over {} blocks (permutation)"
    _, out, _ = ask("contrast", "memory", "--runs", write_ledger(*lines))
    assert told.format("0.250", 5) in out
    _, out, _ = ask("contrast", "memory", "--runs", write_ledger(*lines), "--where", "block=0,1")
    assert told.format("0.500", 2) in out
    _, out, _ = ask("contrast", "memory", "--runs", write_ledger(*arm("a", 0, 2, memory=False), *arm("b", 1, 2)))
    assert "within blocks" not in out


def test_what_was_not_recorded_is_no_level(write_ledger: WriteLedger, ask: Ask) -> None:
    """An unknown budget is compared with none, and a level at which nothing came to a result is none either."""
    path = write_ledger(line("a"), line("b", ctx_limit=None), line("c", ctx_limit=9000, outcome="fault"))
    code, _, err = ask("contrast", "ctx_limit", "--runs", path)
    said = "it is always 11000 in results; without any result: 9000"
    assert (2, f"error: ctx_limit has no two levels to compare: {said}\n") == (code, err)
    assert [] == two_levels(RunPool.read([path]).cells())


def contradicting(n: int = 8) -> list[dict[str, Any]]:
    """Memory completes everything at one limit and nothing at the other, and none of it the other way round."""
    return [
        line(f"{limit}-{memory}-{i}", ctx_limit=limit, memory=memory, outcome="completed" if done else "stagnated")
        for limit, memory, done in ((9000, False, 0), (9000, True, 1), (11000, False, 1), (11000, True, 0))
        for i in range(n)
    ]


def test_strata_that_disagree_are_named(write_ledger: WriteLedger, ask: Ask) -> None:
    """All strata together say 0.00 and p 1: contrast and table warn, with the strata and their counts."""
    path = write_ledger(*contradicting())
    _, out, _ = ask("contrast", "memory", "--runs", path)
    assert "STRATA DISAGREE (homogeneity p <.0001)" in out
    _, out, _ = ask("table", "--contrast", "memory", "--runs", path, "--json")
    found = json.loads(out)["tables"]["contrasts"]
    assert (pytest.approx(1.0), True) == (found["rows"][0]["p"], found["rows"][0]["homogeneity"] < 1e-6)
    assert "ctx_limit 9000 0/8 → 8/8; ctx_limit 11000 8/8 → 0/8" in found["notes"][0]


def test_strata_that_agree_are_said_to(write_ledger: WriteLedger, ask: Ask) -> None:
    """Without a warning the value stands beside the stratified test."""
    lines = [
        line(f"{limit}-{memory}-{i}", ctx_limit=limit, memory=memory, outcome="completed" if i < k else "stagnated")
        for limit, memory, k in ((9000, False, 1), (9000, True, 3), (11000, False, 2), (11000, True, 5))
        for i in range(6)
    ]
    _, out, _ = ask("contrast", "memory", "--runs", write_ledger(*lines))
    assert "homogeneity of the strata: p " in out
    assert "STRATA DISAGREE" not in out


def test_a_margin_gives_tests_of_equivalence(write_ledger: WriteLedger, ask: Ask) -> None:
    """One row a stratum and one for all, exploratory; the smallest margin stands beside every contrast."""
    lines = [
        line(f"{m}-{i}", memory=m, outcome="completed" if i < 18 else "stagnated")
        for m in (True, False)
        for i in range(20)
    ]
    _, out, _ = ask("contrast", "memory", "--margin", "0.25", "--runs", write_ledger(*lines), "--json")
    tables = json.loads(out)["tables"]
    (row,) = tables["memory-false-true-equivalence"]["rows"]
    expected = equivalence([TwoArms(18, 20, 18, 20)], 0.25)
    assert (expected.p, expected.p_non_inferior, True) == (row["p_equivalent"], row["p_non_inferior"], row["exact"])
    assert any("exploratory" in note for note in tables["memory-false-true-equivalence"]["notes"])
    (beside,) = tables["memory-false-true-beside"]["rows"]
    assert beside["smallest_margin"] == smallest_margin([TwoArms(18, 20, 18, 20)])
