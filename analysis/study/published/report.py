"""Report of `published`: printed values against recomputed ones, then the rules' findings."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from analysis.render import Column, CommandReport, Table
from analysis.stats.proportion import wilson
from analysis.study.published.flag import Flag
from analysis.study.published.judged import differences, not_printed
from analysis.study.published.ledger import PublishedArm, PublishedResults
from analysis.study.published.printed import FigureCheck, checks, coverage
from analysis.study.published.prose import sentences, shortened
from analysis.study.published.recompute import RecomputedTest, recompute
from analysis.study.published.rules import Findings, findings
from analysis.study.published.trial import Tried, text_flags, told, trial

TESTS = [
    Column("id", "comparison", "text"),
    Column("tried", "tried", "text"),
    Column("against", "against", "text"),
    Column("p_printed", "printed", "p"),
    Column("side", "which is", "text"),
    Column("two_sided", "two-sided", "p"),
    Column("one_sided", "one-sided", "p"),
    Column("boschloo", "Boschloo", "p"),
    Column("interval", "difference 95%", "rate"),
    Column("arm_tried", "arm tried", "text", data=True),
    Column("arm_against", "arm against", "text", data=True),
]

ARMS = [
    Column("id", "arm", "text"),
    Column("task", "task", "text"),
    Column("model", "model", "text"),
    Column("ctx_limit", "ctx_limit", "text"),
    Column("lever", "lever", "text"),
    Column("completed", "completed"),
    Column("n", "runs"),
    Column("wilson", "Wilson 95%", "rate"),
    Column("status", "status", "text"),
    Column("run_ids", "printed runs", "text", data=True),
]

JUDGMENTS = [
    Column("id", "judgment", "text"),
    Column("candidate", "candidate", "text"),
    Column("judge", "judge", "text"),
    Column("rubric", "rubric", "text"),
    Column("score", "score", "text"),
    Column("bar", "bar", "text"),
    Column("bar_score", "bar's score", "text"),
    Column("gap_printed", "gap, printed", "text"),
    Column("gap", "recomputed", "text"),
    Column("offset_printed", "offset, printed", "text"),
    Column("offset", "recomputed", "text"),
    Column("verdict", "scores give", "text"),
]

CHECKS = [
    Column("about", "about", "text"),
    Column("figure", "figure", "text"),
    Column("printed", "printed", "text"),
    Column("value", "recomputed", "text"),
    Column("agrees", "agrees", "flag"),
    Column("source", "from", "text"),
]

COVERAGE = [
    Column("figure", "figure of an arm", "text"),
    Column("printed", "printed"),
    Column("recomputed", "recomputed"),
    Column("left", "left"),
]

RULES = [Column("purpose", "the rule looks for", "text"), Column("found", "findings")]

TRIAL = [
    Column("part", "part", "text"),
    Column("kind", "slip", "text"),
    Column("planted", "planted"),
    Column("found", "found"),
    Column("otherwise", "found as another"),
    Column("missed", "missed"),
]

TEXTS = [
    Column("kind", "kind", "text"),
    Column("sentence", "sentence", "text"),
    Column("text", "finding", "text"),
]

FLAGS = [Column("kind", "kind", "text"), Column("about", "about", "text"), Column("text", "finding", "text")]


def published_report(texts: Sequence[Path] = ()) -> CommandReport:
    """Every published comparison and arm, recomputed, and every flag, also of texts that quote published figures.

    Raises AnalysisError where a text cannot be read.
    """
    published = PublishedResults()
    results = recompute(published)
    if texts:
        return CommandReport(tables=[_texts_table(path, published, results) for path in texts])
    found = findings(published, results)
    return CommandReport(
        ["published figures of the original study, real models; recomputed from the printed counts"],
        [
            tests_table(results),
            arms_table(published),
            checks_table(checks(published)),
            coverage_table(published),
            judgments_table(published),
            flags_table(found.flags),
            rules_table(found),
            trial_table(trial()),
        ],
    )


def tests_table(results: Sequence[RecomputedTest]) -> Table:
    """Printed against recomputed."""
    rows = [_test(result) for result in results]
    notes = ["B−A is tried less against; its interval is Miettinen and Nurminen's"]
    return Table("tests", "comparisons", TESTS, rows, notes)


def arms_table(published: PublishedResults) -> Table:
    """Arms with a printed count of runs and completions."""
    rows = [
        _arm(arm) | {"run_ids": [run["run_id"] for run in published.runs_of.get(arm.id, [])]}
        for arm in published.arms.values()
        if arm.n and arm.completed is not None
    ]
    return Table("arms", "arms", ARMS, rows, ["arms overlap: they must not be added up (see overlap below)"])


def judgments_table(published: PublishedResults) -> Table:
    """Scores against their bars, and against those of another judge; differences of rounded scores are rounded too."""
    by_id: dict[str, dict[str, str]] = {}
    for one in differences(published):
        name = one.column.removesuffix("_printed")
        own = by_id.setdefault(one.row["id"], {})
        own[name] = f"{one.value:+.3g}"
        own["verdict"] = "; ".join(filter(None, (own.get("verdict"), f"{name} {one.verdict}")))
    rows: list[dict[str, Any]] = [
        {name: text or None for name, text in row.items()} | by_id.get(row["id"], {}) for row in published.judgments
    ]
    lost = not_printed(published)
    notes = [f"not printed, and so not computed again: {', '.join(lost)}"] if lost else []
    return Table("judgments", "judgments", JUDGMENTS, rows, notes)


def checks_table(figure_checks: Sequence[FigureCheck]) -> Table:
    """Figures that follow from others, printed against recomputed."""
    rows = [vars(check) for check in figure_checks]
    return Table("figures", "printed figures that follow from others", CHECKS, rows)


def coverage_table(published: PublishedResults) -> Table:
    """Return the share of the printed figures of arms that can be computed again."""
    notes = ["left: arms that are no sum of others, and whose runs were not printed one by one, or not in numbers"]
    return Table("coverage", "what can be computed again", COVERAGE, coverage(published, checks(published)), notes)


def flags_table(all_flags: Sequence[Flag]) -> Table:
    """Return the findings of the rules."""
    rows = [{"kind": flag.kind, "about": flag.about, "text": flag.text} for flag in all_flags]
    return Table("flags", f"{len(rows)} findings, by rule", FLAGS, rows)


def rules_table(found: Findings) -> Table:
    """Return every rule with the number of its findings."""
    rows = [{"purpose": rule.purpose, "found": len(raised)} for rule, raised in found.by_rule]
    return Table("rules", "rules", RULES, rows)


def trial_table(tried: Sequence[Tried]) -> Table:
    """Return how many planted slips of each kind were found; the notes hold the rest of the trial."""
    rows, planted = [], [one for one in tried if one.planted.kind]
    for part, kind in dict.fromkeys((one.planted.part, one.planted.kind) for one in planted):
        some = [one for one in planted if (one.planted.part, one.planted.kind) == (part, kind)]
        found, otherwise = (sum(values) for values in ((one.found for one in some), (one.otherwise for one in some)))
        counts = {"planted": len(some), "found": found, "otherwise": otherwise, "missed": len(some) - found - otherwise}
        rows.append({"part": part, "kind": kind} | counts)
    notes = told(tried).replace("- ", "", 1).split("\n- ")
    return Table("trial", "planted slips", TRIAL, rows, notes)


def _texts_table(path: Path, published: PublishedResults, results: Sequence[RecomputedTest]) -> Table:
    """Return the sentences of one text whose figures contradict each other, or the published tables."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AnalysisError(f"{path}: cannot be read as text: {error}") from error
    rows = []
    all_sentences = [*sentences(text)]
    for sentence in all_sentences:
        for flag in text_flags(sentence, str(path), published, results):
            rows.append({"kind": flag.kind, "sentence": shortened(sentence), "text": flag.text})
    notes = [f"{len(all_sentences)} sentences, {len(rows)} findings"]
    return Table("text", f"findings in {path}", TEXTS, rows, notes)


def _test(result: RecomputedTest) -> dict[str, Any]:
    test = result.test
    return {
        "id": test.id,
        "tried": f"{test.k_a}/{test.n_a}",
        "against": f"{test.k_b}/{test.n_b}",
        "p_printed": test.p_printed,
        "side": result.side,
        "two_sided": result.two_sided,
        "one_sided": result.one_sided,
        "boschloo": result.boschloo,
        "interval": result.interval,
        "arm_tried": test.row["arm_a"],
        "arm_against": test.row["arm_b"],
    }


def _arm(arm: PublishedArm) -> dict[str, Any]:
    shown = {name: arm.row[name] for name in ("task", "model", "ctx_limit", "lever", "status")}
    counts = {"completed": arm.completed, "n": arm.n, "wilson": wilson(arm.completed or 0, arm.n or 0)}
    return {"id": arm.id} | shown | counts
