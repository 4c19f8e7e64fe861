"""Arms that stopped early are marked wherever their rate is shown."""

import json
from pathlib import Path
from typing import Any

import pytest
from declared_lines import Declare, entry, swept
from ledger_lines import Ask, WriteLedger

from analysis.render import show
from analysis.stats.arms import TwoArms
from analysis.stats.conditional import fisher
from analysis.stats.confidence_sequence import confidence_sequence
from analysis.stats.stopped_estimate import StoppingRule, adjusted_rates, stops_at


def stop(folder: Path, block: int, blocks: int, **given: Any) -> None:
    """What a sweep that stops by itself leaves beside its declaration."""
    one = {"factor": "memory", "baseline": "false", "level": "true", "significant": True, "reason": "r", "e": None}
    decision = {"sweep": "s", "contrasts": [one | {"stopped_after_block": block, "blocks": blocks} | given]}
    (folder / "sweeps" / "s.decided.json").write_text(json.dumps([decision]), encoding="utf-8")


@pytest.mark.parametrize(
    ("question", "table"),
    [
        (("rates", "--by", "memory"), "rates"),
        (("table",), "rates"),
        (("table",), "declared"),
        (("contrast", "memory"), "declared"),
        (("contrast", "memory"), "memory-false-true"),
        (("contrast", "memory", "--margin", "0.2"), "memory-false-true-equivalence"),
        (("pass-at-k",), "pass-at-k"),
        (("time",), "effort"),
        (("cost",), "cost"),
    ],
)
def test_every_table_of_rates_marks_them(
    write_ledger: WriteLedger, ask: Ask, declare: Declare, tmp_path: Path, question: tuple[str, ...], table: str
) -> None:
    """The row says how many of the planned runs were made; a note gives the decision, and that nothing is adjusted."""
    path = write_ledger(*swept(0, 5, False), *swept(5, 5, True))
    declare(entry(rule={"stop": "curtail"}, runs=20))
    stop(tmp_path, 5, 20)
    _, out, _ = ask(*question, "--runs", path, "--json")
    shown = json.loads(out)["tables"][table]
    assert any("memory true: 5 of 20 runs" in (row["stopped"] or "") for row in shown["rows"])
    assert any("sweep s, memory: stopped after block 5 of 20" in note for note in shown["notes"])
    assert any("not adjusted for the stop" in note and "inflated" in note for note in shown["notes"])


def test_the_ladder_marks_the_rung(write_ledger: WriteLedger, ask: Ask, declare: Declare, tmp_path: Path) -> None:
    """Only the budget at which the sweep stopped has the mark."""
    limits = [9000, 11000]
    lines = [*swept(0, 5, False, ctx_limit=9000), *swept(5, 5, True, ctx_limit=9000)]
    lines += [*swept(1, 20, False), *swept(19, 20, True)]
    declare(entry(rule={"stop": "curtail"}, runs=20, ctx_limits=limits))
    stop(tmp_path, 25, 40)
    _, out, _ = ask("ladder", "--runs", write_ledger(*lines), "--json")
    rows = [row for table in json.loads(out)["tables"].values() for row in table["rows"]]
    assert {("9000", True), ("11000", False)} == {(row["ctx_limit"], bool(row["stopped"])) for row in rows}


def test_figures_mark_them(write_ledger: WriteLedger, ask: Ask, declare: Declare, tmp_path: Path) -> None:
    """A dagger beside the counts, and its meaning below."""
    pytest.importorskip("matplotlib")
    declare(entry(rule={"stop": "curtail"}, runs=20))
    stop(tmp_path, 5, 20)
    path = write_ledger(*swept(0, 5, False), *swept(5, 5, True))
    ask("plots", "--runs", path, "--out", tmp_path / "figures")
    for name in ("rates", "contrasts"):
        (figure,) = (tmp_path / "figures").glob(f"{name}-*.svg")
        text = figure.read_text(encoding="utf-8")
        assert (True, True) == ("5/5†" in text or "0/5†" in text, "stopped early by its sweep" in text)


def test_a_sweep_that_ran_to_its_end_has_no_mark(
    write_ledger: WriteLedger, ask: Ask, declare: Declare, tmp_path: Path
) -> None:
    """Neither where every block was run, nor where the arm has all of its runs."""
    path = write_ledger(*swept(0, 4, False), *swept(4, 4, True))
    declare(entry(rule={"stop": "curtail"}))
    for block in (4, 3):
        stop(tmp_path, block, 4)
        _, out, _ = ask("rates", "--by", "memory", "--runs", path)
        assert "stopped early" not in out


@pytest.mark.parametrize(("side", "alpha"), [("two", 0.05), ("greater", 0.05), ("greater", 0.1)])
def test_a_confidence_sequence_stands_beside_the_e_process(
    write_ledger: WriteLedger, ask: Ask, declare: Declare, tmp_path: Path, side: str, alpha: float
) -> None:
    """On the declared side and level; with a block that misses a run there is none, and that is said."""
    declare(entry(rule={"stop": "evalue"}, runs=20, side=side, alpha=alpha))
    stop(tmp_path, 6, 20, e=40.0)
    whole = [*swept(0, 6, False), *swept(6, 6, True)]
    shown = []
    for lines in (whole, whole[:-1]):
        _, out, _ = ask("contrast", "memory", "--runs", write_ledger(*lines), "--json")
        shown.append(json.loads(out)["tables"]["declared"])
    expected = confidence_sequence([TwoArms(0, 6, 6, 6)], side, 1 - alpha)
    assert [[*expected], None] == [table["rows"][0]["confidence_sequence"] for table in shown]
    assert any("valid whenever the sweep stops" in note for note in shown[0]["notes"])
    assert any("no confidence sequence" in note for note in shown[1]["notes"])


@pytest.mark.parametrize(("rule", "e"), [("curtail", None), ("evalue", 30.0)])
def test_an_adjusted_estimate_stands_beside_an_early_stop(
    write_ledger: WriteLedger, ask: Ask, declare: Declare, tmp_path: Path, rule: str, e: float | None
) -> None:
    """Of both rates and their difference, by the declared rule; the arms' rates stay as they were observed."""
    decided = StoppingRule(rule, 10, "greater", 0.05)
    k, n = next((k, n) for n in range(1, 10) for k in range(2) if stops_at(decided, n)[k, n])
    arms = TwoArms(k, n, n, n)
    declare(entry(rule={"stop": rule}, runs=10))
    strata = [{"levels": {}, "runs": [n, n], "completed": [k, n]}]
    stop(tmp_path, n, 10, e=e, strata=strata)
    path = write_ledger(*swept(k, n, False), *swept(n, n, True))
    expected = adjusted_rates(decided, arms)
    assert expected is not None
    _, out, _ = ask("contrast", "memory", "--runs", path, "--json")
    declared = json.loads(out)["tables"]["declared"]
    assert declared["rows"][0]["difference_adjusted"] == pytest.approx(expected.difference)
    assert any("adjusted for the early stop, B−A is" in note for note in declared["notes"])
    _, out, _ = ask("rates", "--by", "memory", "--runs", path, "--json")
    rates = json.loads(out)["tables"]["rates"]
    shown = [f"memory {level}: {n} of 10 runs, adjusted {show(rate, 'rate')}" for level, rate in
             (("false", expected.a), ("true", expected.b))]  # fmt: skip
    assert shown == [row["stopped"] for row in rates["rows"]]
    assert any("without the bias of the stop" in note for note in rates["notes"])


def test_what_cannot_be_adjusted_is_called_inflated(
    write_ledger: WriteLedger, ask: Ask, declare: Declare, tmp_path: Path
) -> None:
    """Here a decision over two strata."""
    declare(entry(rule={"stop": "curtail"}, runs=20))
    one = {"levels": {}, "runs": [5, 5], "completed": [0, 5]}
    stop(tmp_path, 5, 20, strata=[one, one])
    path = write_ledger(*swept(0, 5, False), *swept(5, 5, True))
    _, out, _ = ask("contrast", "memory", "--runs", path, "--json")
    declared = json.loads(out)["tables"]["declared"]
    assert declared["rows"][0]["difference_adjusted"] is None
    assert any("not adjusted: on average such a difference is inflated" in note for note in declared["notes"])


def test_early_stops_inflate_what_is_seen() -> None:
    """The note is true: over 2,000 simulated sweeps that stop at p ≤ .05 after any block, the mean difference of those
    that stopped lies well above the true one."""
    import numpy as np  # noqa: PLC0415 - of this test alone

    rng = np.random.default_rng(1)
    table = {
        (n, a, b): fisher(TwoArms(a, n, b, n)).two_sided <= 0.05
        for n in range(3, 13)
        for a in range(n + 1)
        for b in range(n + 1)
    }
    seen = []
    for _ in range(2000):
        runs = np.cumsum(rng.random((12, 2)) < [0.3, 0.5], axis=0)
        for n in range(3, 13):
            a, b = (int(k) for k in runs[n - 1])
            if table[n, a, b]:
                seen.append((b - a) / n)
                break
    assert np.mean(seen) > 0.4
