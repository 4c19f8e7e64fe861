"""`judge table`: gaps by arm, from judgments made by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
from judgment_lines import judgment, write
from ledger_lines import Ask, WriteLedger, line

from analysis.judge.record import SCHEMA, PresentationOrder
from analysis.judge.signals import SIZES


def tables(ask: Ask, ledger: Path, *options: str, command: str = "table") -> dict[str, Any]:
    """The whole answer, as JSON."""
    code, out, err = ask("judge", command, "--runs", ledger, "--json", *options)
    assert (0, "") == (code, err)
    answer: dict[str, Any] = json.loads(out)
    return answer


def rows(answer: dict[str, Any], name: str = "gaps") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer["tables"][name]["rows"]
    return found


def test_gaps_are_medians_of_pairs_and_then_of_arms(write_ledger: WriteLedger, ask: Ask) -> None:
    """A pair counts once, with the median over sessions and orders; an arm is the median over its pairs."""
    ledger = write_ledger(line("a"), line("b"), line("c"))
    write(
        ledger.parent / "judgments.jsonl",
        # Of the pair a: +0.1, −0.1, −0.1, −0.3, so −0.1; one wild judgment moves nothing.
        judgment(0.6, 0.5, pair_id="a"),
        judgment(0.4, 0.5, pair_id="a", order=PresentationOrder.BA),
        judgment(0.4, 0.5, pair_id="a", session=1),
        judgment(0.2, 0.5, pair_id="a", session=1, order=PresentationOrder.BA),
        judgment(0.5, 0.5, pair_id="b"),
        judgment(0.5, 0.5, pair_id="b", order=PresentationOrder.BA),
        judgment({"simplicity": 0.9, "security": 0.1}, 0.5, pair_id="c"),
    )
    answer = tables(ask, ledger)
    (found,) = rows(answer)
    assert ("apikit", "small-model", "large-model") == (found["task"], found["subject"], found["baseline"])
    assert (3, 7, pytest.approx(0.0)) == (found["pairs"], found["judgments"], found["gap"])
    assert (["a", "b", "c"], ["a", "b", "c"]) == (found["pair_ids"], found["run_ids"])
    assert [pytest.approx(-0.1), pytest.approx(0.75 * 0.4 - 0.25 * 0.4)] == found["range"]
    assert (1, 1, 1, None, None) == tuple(found[name] for name in ("above", "below", "tied", "p", "quartiles"))
    by_dimension = {row["dimension"]: row["range"][1] for row in rows(answer, "dimensions")}
    assert {"simplicity": pytest.approx(0.4), "security": pytest.approx(0.0)} == by_dimension
    assert (
        "1 of 3 pairs were not judged in both orders: the order may have made their gap"
        in (answer["tables"]["gaps"]["notes"])
    )


@pytest.mark.parametrize(
    "other",
    [
        {"judge_model": "another"},
        {"rubric_version": "judge/v2"},
        {"rubric_sha256": "other words"},
        {"judge_sampling": {"temperature": 1.0}},
        {"simulated_parts": ["judge"]},
        {"blind_to_tests": False},
    ],
    ids=lambda other: next(iter(other)),
)
@pytest.mark.parametrize("command", ["table", "agreement"])
def test_judgments_of_different_kinds_never_pool(
    write_ledger: WriteLedger, ask: Ask, other: dict[str, Any], command: str
) -> None:
    """Another judge, rubric, wording or sampling, or a simulated part: tables of their own, each with its title."""
    ledger = write_ledger(line("a"))
    write(ledger.parent / "judgments.jsonl", judgment(0.9, 0.5), judgment(0.1, 0.5, judgment_id="b", **other))
    answer = tables(ask, ledger, command=command)
    titles = [table["title"] for name, table in answer["tables"].items() if name.startswith(("gaps", "agreement"))]
    assert 2 == len(set(titles))
    assert any("never pool" in said for said in answer["head"])
    if command == "table":
        found = [*rows(answer, "gaps_1"), *rows(answer, "gaps_2")]
        assert sorted([pytest.approx(-0.4), pytest.approx(0.4)], key=lambda one: one.expected) == sorted(
            row["gap"] for row in found
        )


def test_what_is_simulated_is_said_first(write_ledger: WriteLedger, ask: Ask) -> None:
    """In every form that people read, before any number, and in the title of the table."""
    ledger = write_ledger(line("a", simulated=True))
    write(ledger.parent / "judgments.jsonl", judgment(0.9, 0.5, simulated_parts=["judge", "subject"]))
    for form in ([], ["--markdown"]):
        _, out, _ = ask("judge", "table", "--runs", ledger, *form)
        first, *rest = out.splitlines()
        assert "all of these judgments have a SIMULATED judge, subject or baseline" in first
        assert any("SIMULATED: judge, subject" in said for said in rest)


def test_faults_are_counted_and_never_scored(write_ledger: WriteLedger, ask: Ask) -> None:
    """A judgment that did not come to be is told with its reason; one that was made later is not."""
    ledger = write_ledger(line("a"))
    write(
        ledger.parent / "judgments.jsonl",
        judgment(None, None, session=1),
        judgment(None, None, session=2),
        judgment(None, None, session=3),
        judgment(0.5, 0.6, session=3),
    )
    answer = tables(ask, ledger)
    assert 1 == rows(answer)[0]["judgments"]
    assert ["faults, scored nowhere: 2 × no JSON in three replies"] == [
        note for note in answer["notes"] if "fault" in note
    ]


def test_gaps_by_what_the_run_was(write_ledger: WriteLedger, ask: Ask) -> None:
    """Passes and factors come from the run; without its ledger they are unknown, and what varies is told."""
    ledger = write_ledger(line("a", passes=1, ctx_limit=9000), line("b", passes=8), line("c", passes=8))
    pairs = [judgment(gap, 0.5, pair_id=name) for name, gap in (("a", 0.6), ("b", 0.4), ("c", 0.2), ("lost", 0.9))]
    write(ledger.parent / "judgments.jsonl", *pairs)
    answer = tables(ask, ledger, "--by", "passes")
    found = [(row["passes"], row["pairs"], pytest.approx(row["gap"])) for row in rows(answer)]
    assert [(1, 1, 0.1), (8, 2, -0.2), (None, 1, 0.4)] == found
    assert "1 pair without a run in these ledgers: passes and factors unknown" in answer["notes"]
    filtered = tables(ask, ledger, "--where", "ctx_limit=11000")
    assert [2] == [row["pairs"] for row in rows(filtered)]
    assert "left out: 2 pairs by --where, or without a run in these ledgers" in filtered["notes"]
    both = tables(ask, ledger, "--where", "ctx_limit=9000,11000")
    assert "pooled over: ctx_limit 9000, 11000" in both["tables"]["gaps"]["notes"]


def test_baselines_of_different_code_are_kept_apart(write_ledger: WriteLedger, ask: Ask) -> None:
    """Two baselines of one author are two bars."""
    ledger = write_ledger(line("a"), line("b"))
    other = judgment(0.5, 0.7, pair_id="b")
    other[1]["candidate_sha256"] = "rewritten"
    write(ledger.parent / "judgments.jsonl", judgment(0.5, 0.6, pair_id="a"), other)
    assert {"baseline/prompt", "rewritte/prompt"} == {row["baseline_code"] for row in rows(tables(ask, ledger))}


def test_flags_are_shown_and_change_nothing(write_ledger: WriteLedger, ask: Ask) -> None:
    """Code that speaks to the judge is told, pair by pair, beside the score that it was given."""
    ledger = write_ledger(line("a"))
    flag = "addresses_judge: api.go:12 (claims a score)"
    write(ledger.parent / "judgments.jsonl", judgment(1.0, 0.5, pair_id="a", flags=[flag]))
    answer = tables(ask, ledger, "--each")
    assert (1, pytest.approx(0.5)) == (rows(answer)[0]["flagged"], rows(answer)[0]["gap"])
    assert [flag] == [row["flags"] for row in rows(answer, "pairs")]


def test_lines_that_are_no_judgments_are_left_out(write_ledger: WriteLedger, ask: Ask) -> None:
    """Torn, newer, unscored, lonely, repeated and contradicting lines are each counted, and none is believed."""
    ledger = write_ledger(line("pair"))
    path = write(
        ledger.parent / "judgments.jsonl",
        judgment(0.5, 0.6),
        judgment(0.5, 0.6),
        judgment(0.5, 0.6, session=1)[:1],
        judgment(0.5, 0.6, session=2),
        judgment(0.9, 0.6, session=2),
        judgment(0.5, 1.5, session=3),
        judgment(0.5, 0.6, session=4, schema=SCHEMA + 1),
    )
    path.write_text(path.read_text() + '{"pair_id": "torn')
    answer = tables(ask, ledger)
    assert 1 == rows(answer)[0]["judgments"]
    assert {
        "excluded: 1 line torn",
        "excluded: 2 lines repeated, by judgment_id",
        "excluded: 2 lines without the line of the other candidate",
        "excluded: 4 lines of a judgment that other lines contradict",
        "excluded: 1 line without scores from 0 to 1",
        f"excluded: 2 lines of a newer schema than {SCHEMA}",
    } == set(answer["notes"])


def test_lines_of_the_original_are_read(write_ledger: WriteLedger, ask: Ask) -> None:
    """Without order, session or run, but with a pair, a role and dimensions: one judgment a pair."""
    ledger = write_ledger(line("a"))
    ours = judgment(0.5, 0.6)
    later = ("judgment_id", "session", "order", "outcome", "schema", "simulated_parts", "flags", "run_id")
    theirs = [{name: value for name, value in one.items() if name not in later} for one in ours]
    write(ledger.parent / "judgments.jsonl", theirs)
    assert [pytest.approx(-0.1)] == [row["gap"] for row in rows(tables(ask, ledger))]


def test_a_score_is_the_mean_of_its_dimensions(write_ledger: WriteLedger, ask: Ask) -> None:
    """Whatever is written of it; that it was written otherwise is told."""
    ledger = write_ledger(line("a"))
    write(ledger.parent / "judgments.jsonl", judgment(0.5, 0.6, score=0.9))
    answer = tables(ask, ledger)
    assert pytest.approx(-0.1) == rows(answer)[0]["gap"]
    assert "2 written scores are not the mean of their dimensions; the mean is used" in answer["notes"]


def test_the_sign_test_speaks_from_six_pairs_on(write_ledger: WriteLedger, ask: Ask) -> None:
    """Six pairs below the bar: two tails of one in 64; quartiles are medians of halves."""
    ledger = write_ledger(*(line(str(number)) for number in range(6)))
    gaps = [judgment(0.5 - number / 20, 0.6, pair_id=str(number)) for number in range(6)]
    write(ledger.parent / "judgments.jsonl", *gaps)
    (found,) = rows(tables(ask, ledger))
    assert (0, 6, 2 / 64) == (found["above"], found["below"], found["p"])
    assert [pytest.approx(-0.30), pytest.approx(-0.15)] == found["quartiles"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["table", "--judgments", "nowhere.jsonl"], "nowhere.jsonl: no judgments"),
        (["table", "--by", "colour"], "--by colour: no such factor"),
        (["table", "--where", "ctx_limit=9"], "no judgment to show"),
        (["agreement", "--where", "ctx_limit=9"], "no judgment to compare"),
        (["plots", "--where", "ctx_limit=9"], "no judgment to draw"),
        (["signals", "no-such-folder"], "no-such-folder: no such folder"),
        (["signals"], "no workspace to look at"),
    ],
)
def test_what_cannot_be_answered_is_one_line(write_ledger: WriteLedger, ask: Ask, options: list[str], why: str) -> None:
    """What, where and what is allowed; code 2."""
    ledger = write_ledger(line("a"))
    write(ledger.parent / "judgments.jsonl", judgment(0.5, 0.6, pair_id="a"))
    code, out, err = ask("judge", *options, "--runs", ledger)
    assert (2, "", 1) == (code, out, len(err.splitlines()))
    assert why in err


def test_signals_stand_beside_the_scores(write_ledger: WriteLedger, ask: Ask) -> None:
    """Medians of what tools told of both sides' code; what is unknown is left out, and never counts 0."""

    def told(modernize: int | None) -> dict[str, Any]:
        count = {"count": modernize, "unknown": None if modernize is not None else "it does not build"}
        size = dict.fromkeys(SIZES, 40) | {"unknown": None}
        return {"gofmt": count, "vet": count, "modernize": count, "size": size}

    ledger = write_ledger(*(line(name) for name in "abc"))
    pairs = [judgment(0.5, 0.6, pair_id=name) for name in "abc"]
    for pair, count in zip(pairs, (4, None, 6), strict=True):
        pair[0]["signals"], pair[1]["signals"] = told(count), told(None)
    write(ledger.parent / "judgments.jsonl", *pairs)
    (found,) = rows(tables(ask, ledger), "signals")
    assert (3, 5, None, 40) == tuple(found[name] for name in ("pairs", "modernize", "modernize_bar", "code_lines"))
