"""Published judgments: recomputed, and questioned by rules that know none of them by name."""

import json
from collections.abc import Callable

import pytest
from ledger_lines import Ask

from analysis.study.published.flag import Flag
from analysis.study.published.judged import AS_PRINTED, OTHERWISE, ROUNDED, differences
from analysis.study.published.ledger import PublishedResults, Row, read
from analysis.study.published.recompute import recompute
from analysis.study.published.rules import findings

Change = Callable[[list[Row]], None]


def published(*changes: Change) -> PublishedResults:
    """The tables, after changes to the judgments."""

    def changed(name: str) -> list[Row]:
        rows = read(name)
        for change in changes if name == "judgments" else ():
            change(rows)
        return rows

    return PublishedResults(changed)


def set_to(row_id: str, **values: str) -> Change:
    """A change of one row."""

    def change(rows: list[Row]) -> None:
        next(row for row in rows if row["id"] == row_id).update(values)

    return change


def each(**values: str) -> Change:
    """A change of every row."""

    def change(rows: list[Row]) -> None:
        for row in rows:
            row.update(values)

    return change


def flags(*changes: Change) -> list[Flag]:
    tables = published(*changes)
    return findings(tables, recompute(tables)).flags


def found(*changes: Change) -> set[tuple[str, str]]:
    return {(flag.kind, flag.about) for flag in flags(*changes)}


def verdicts(*changes: Change) -> dict[tuple[str, str], str]:
    return {(one.row["id"], one.column): one.verdict for one in differences(published(*changes))}


def test_every_printed_difference_is_recomputed() -> None:
    """All gaps and offsets, each with what its scores give; what was not printed is named."""
    told = verdicts()
    rows = read("judgments")
    printed = [(row["id"], column) for row in rows for column in ("gap_printed", "offset_printed") if row[column]]
    assert sorted(printed) == sorted(told)
    assert {AS_PRINTED: 12, ROUNDED: 4, OTHERWISE: 2} == {
        verdict: [*told.values()].count(verdict) for verdict in (AS_PRINTED, ROUNDED, OTHERWISE)
    }
    assert [OTHERWISE] * 2 == [told["rd-pipe-27b", "gap_printed"], told["p12-sonnet-bar", "offset_printed"]]


def test_rounding_is_allowed_for_and_no_more() -> None:
    """Three rounded numbers can be off by half a unit each: 0.65 − 0.70 may be −0.06, and not −0.07."""
    assert ROUNDED == verdicts()["p11-elide-2", "gap_printed"]
    assert ROUNDED == verdicts(set_to("p11-elide-2", gap_printed="-0.04"))["p11-elide-2", "gap_printed"]
    assert OTHERWISE == verdicts(set_to("p11-elide-2", gap_printed="-0.07"))["p11-elide-2", "gap_printed"]
    assert ("arithmetic", "p11-elide-2") in found(set_to("p11-elide-2", gap_printed="-0.07")) - found()


def test_a_difference_from_several_scores_tells_which_middle_it_is_of() -> None:
    """One offset is of a bar that was scored four times: its text gives the median, the mean and the mid-range."""
    (flag,) = [one for one in flags() if one.about == "p12-sonnet-bar"]
    assert "0.53 less 4 scores is -0.180 to their median, -0.195 to their mean, -0.210 to their mid-range" in flag.text


def test_judges_and_rubrics_in_one_table_are_found() -> None:
    """A table of one judge is let pass; another judge, rubric, or the difference of two judges is not."""
    flagged = found()
    assert {("mixture", "part-12"), ("mixture", "all judgments")} <= flagged
    assert ("mixture", "part-11") not in flagged
    assert ("mixture", "part-11") in found(set_to("p11-elide-1", rubric="judge/v2"))
    assert ("mixture", "part-11") in found(set_to("p11-elide-1", judge="Fable (claude-fable-5)"))
    assert not {one for one in found(each(rubric="judge/v1", judge="J (judge-1)")) if one[0] == "mixture"}


def test_shared_bars_and_repeated_code_are_found() -> None:
    """Gaps with one score of their bar hang together, and a piece of code counts once, whoever judged it."""
    flagged = found()
    assert {("overlap", "rd-pipe-27b, rd-pipe-35b"), ("overlap", "p11-elide-1, p12-elide-1")} <= flagged
    apart = [set_to("rd-pipe-27b", bar_score="0.9"), set_to("p11-elide-1", candidate="elide-9")]
    assert not {("overlap", "rd-pipe-27b, rd-pipe-35b"), ("overlap", "p11-elide-1, p12-elide-1")} & found(*apart)


def test_judges_of_their_own_work_are_found() -> None:
    """By name, however its weights are stored; a bar of the judge's own family is told too."""
    own = set_to("p12-opus-bar", judge="Opus (Claude-Opus-4-8:latest)")
    assert ("author", "p12-opus-bar") in found(own) - found()
    assert ("author", "p11-elide-1, …, p11-pre-2 (6)") in found()
    assert not {one for one in found(each(judge="Other (other-1)")) if one[0] == "author"}


@pytest.mark.parametrize(
    ("kind", "about", "change"),
    [
        ("order", "all gaps", each(order="both")),
        ("mixture", "rd-pipe-27b, rd-pipe-35b, rd-pipe-sonnet", each(judge="Opus (claude-opus-4-8)")),
        ("noise", "p11-elide-1", set_to("p11-elide-1", gap_printed="-0.5")),
    ],
)
def test_what_is_put_right_is_flagged_no_more(kind: str, about: str, change: Change) -> None:
    """Each of these goes away with its cause."""
    assert (kind, about) in found()
    assert (kind, about) not in found(change)


def test_gaps_that_were_repeated_are_not_called_single() -> None:
    """A second judgment of the same pair by the same judge is told from a first."""

    def again(rows: list[Row]) -> None:
        rows.extend(dict(row, id=f"{row['id']}-again") for row in list(rows))

    assert ("single", "all gaps") in found()
    assert not {one for one in found(again) if one[0] == "single"}


def test_the_report_names_what_was_not_printed(ask: Ask) -> None:
    """Nobody takes a missing figure for one that was checked."""
    code, out, _ = ask("published", "--json")
    table = json.loads(out)["tables"]["judgments"]
    assert (0, len(read("judgments"))) == (code, len(table["rows"]))
    assert "counts of modernizer findings (modernize_findings)" in table["notes"][0]
