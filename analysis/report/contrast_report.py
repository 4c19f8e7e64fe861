"""Reports of `contrast` and `table`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.contrasts.confounding import followers, unknown
from analysis.contrasts.contrast import Contrast, TestResult, contrasts, result
from analysis.contrasts.declared import DeclaredTests
from analysis.contrasts.stopped import StoppedArms
from analysis.errors import AnalysisError
from analysis.records.cells import Level, PooledCell
from analysis.records.columns import HASHES, SUBJECT
from analysis.records.groups import levels_of, varying, with_results
from analysis.records.pool import RunPool
from analysis.render import Column, CommandReport, Table, level_columns, show
from analysis.report.contrast_rows import (
    BESIDE,
    CONFOUNDED,
    HOUSE,
    confounded_lines,
    name_of,
    row_name,
    row_of,
    strata_keys,
    title,
)
from analysis.report.declared_report import declared_table, objections, standing, strata_in_line
from analysis.report.equivalence import declared_equivalence, equivalence_table, margin_is_declared
from analysis.report.missing import missing_columns, missing_notes
from analysis.report.rates import left_out, rates_table, report_of, subject_line
from analysis.report.stopped import marked
from analysis.stats.arms import TwoArms
from analysis.stats.curtailed import sided
from analysis.stats.homogeneity import DRAWS
from analysis.stats.multiplicity import benjamini_hochberg

APPROXIMATE = "counts beyond exact arithmetic: some values of p are normal approximations"

LEGEND = [
    "p: Fisher exact, two-sided (over several strata the exact Mantel–Haenszel test); p (B>A): one-sided.",
    "B−A: difference of rates, with Miettinen and Nurminen's interval (Mantel–Haenszel weights over strata).",
]

EXPLORED = [LEGEND[0], "p, BH: adjusted over the rows of this table (Benjamini–Hochberg)."]

BESIDE_LEGEND = [
    "p, BH: p adjusted over the strata of this report, for exploration (Benjamini–Hochberg).",
    "Boschloo: tables ordered by Fisher's two-sided value; SciPy's: twice the smaller one-sided test.",
    "P(B>A), posterior 95% of B−A: both rates with the Jeffreys prior Beta(½, ½), independently.",
    "smallest margin: the rates are shown to lie closer together than this, at .05 (two one-sided tests).",
    "least p: the smallest that arms of these sizes can reach.",
]

HOMOGENEITY = {
    "exact": "exact (Zelen)",
    "drawn": f"Zelen's test, {DRAWS:,} tables drawn",
    "normal": "by normal approximation (Breslow–Day–Tarone)",
}


def contrast_report(
    pool: RunPool,
    paths: Sequence[Path],
    factor: str,
    *,
    levels: tuple[Level, Level] | None = None,
    within: Sequence[str] | None = None,
    margin: float | None = None,
) -> CommandReport:
    """Every pair of levels of one factor, by stratum and over all of them, with the tests beside the house test.

    With a margin, tests of equivalence too. Raises AnalysisError for one that is not between 0 and 1.
    """
    if margin is not None and not 0 < margin < 1:
        raise AnalysisError(f"--margin {margin:g}: must be a difference of rates between 0 and 1")
    cells = pool.cells()
    declared = DeclaredTests(pool, paths)
    chosen_contrasts = contrasts(cells, factor, levels=levels, within=within, baseline=declared.baseline(factor))
    results = [(contrast, [result([arms]) for arms in contrast.tables]) for contrast in chosen_contrasts]
    adjusted = iter(benjamini_hochberg([one.p.two_sided for _, singles in results for one in singles]))
    tested = [*declared_table(declared, [factor]), *declared_equivalence(declared, [factor])]
    report = CommandReport([*subject_line(cells), *standing(declared, factor)], tested)
    for contrast, singles in results:
        rows = [
            row_of(contrast, [stratum], stratum.levels, one) | {"p_adjusted": next(adjusted)}
            for stratum, one in zip(contrast.strata, singles, strict=True)
        ]
        whole = result(contrast.tables)
        if len(rows) > 1:
            rows.append(row_of(contrast, contrast.strata, {}, whole))
        shown = _strata_columns(contrast)
        report.head += confounded_lines(contrast)
        notes = [
            *_homogeneity(whole),
            *_notes(contrast),
            *missing_notes([(row_name(contrast, row), row) for row in rows]),
        ]
        columns = [*shown, *HOUSE, *missing_columns(rows), CONFOUNDED]
        report.tables.append(Table(name_of(contrast), title(contrast), columns, rows, notes=notes))
        if not all(row["exact"] for row in rows):
            report.tables[-1].notes = [*report.tables[-1].notes, APPROXIMATE]
        # Rates, and with them marks of arms that were stopped early, stand in the table above.
        beside = [row | {"cells": ()} for row in rows]
        report.tables.append(Table(f"{name_of(contrast)}-beside", "beside the house test", shown + BESIDE, beside))
        if margin is not None:
            named = f"{name_of(contrast)}-equivalence"
            before = margin_is_declared(declared, contrast, margin)
            report.tables.append(equivalence_table(named, shown, rows, _strata_of(contrast), margin, declared=before))
    report.tables = marked(report.tables, StoppedArms.of(pool, paths))
    report.notes = _within_blocks(pool, chosen_contrasts) + LEGEND + BESIDE_LEGEND + left_out(pool)
    return report


def table_report(pool: RunPool, paths: Sequence[Path], by: Sequence[str], factors: Sequence[str]) -> CommandReport:
    """The end of a sweep: rates by what was swept, then the exact test of each factor, over all the rest.

    Without `factors`, of every factor that has two levels.
    """
    cells = pool.cells()
    tables, notes = contrasts_tables(cells, factors, DeclaredTests(pool, paths))
    report = report_of(pool, paths, [rates_table(cells, by, exact=False), *tables], notes)
    report.head += confounded_tests(tables)
    return report


def contrasts_tables(
    cells: Sequence[PooledCell], factors: Sequence[str], declared: DeclaredTests
) -> tuple[list[Table], list[str]]:
    """Return the declared tests, then the exploratory ones: one row a pair of levels and subject, strata together.

    Beside them what could not be compared, and why.
    """
    rows: list[dict[str, Any]] = []
    tested = factors or two_levels(cells)
    notes = objections(declared, tested)
    shown: dict[str, Column] = {}
    disagreements: list[str] = []
    for factor in tested:
        try:
            all_contrasts = contrasts(cells, factor)
        except AnalysisError as nothing:
            notes.append(f"not compared: {nothing}")
            continue
        for contrast in (one for one in all_contrasts if declared.test_of(one) is None):
            shown |= {name: Column(name, name, "level") for name in contrast.subject}
            strata = f"over {len(contrast.strata)} strata" if len(contrast.strata) > 1 else ""
            tested_strata = result(contrast.tables, extras=False)
            disagreements += _disagreement(contrast, tested_strata)
            rows.append(
                row_of(contrast, contrast.strata, contrast.subject, tested_strata)
                | {"contrast": f"{factor}: {show(contrast.b)} vs {show(contrast.a)}", "strata": strata}
            )
    for row, adjusted in zip(rows, benjamini_hochberg([row["p"] for row in rows]), strict=True):
        row["p_adjusted"] = adjusted
    first, last = Column("contrast", "contrast (B vs A)", "text"), Column("strata", "", "text")
    beside = [BESIDE[0], Column("homogeneity", "homogeneity", "p"), CONFOUNDED, last]
    columns = [*shown.values(), first, *HOUSE, *missing_columns(rows), *beside]
    if all(row["homogeneity"] is None for row in rows):
        columns = [column for column in columns if column.key != "homogeneity"]
    notes_of_tests = [*disagreements, *missing_notes([(row["contrast"], row) for row in rows]), *EXPLORED]
    explored = [Table("contrasts", "exact tests (exploratory)", columns, rows, notes_of_tests)] if rows else []
    return [*declared_table(declared, factors), *declared_equivalence(declared, factors), *explored], notes


def confounded_tests(tables: Sequence[Table]) -> list[str]:
    """Return what differs between the arms of exploratory tests beside their factor, a line each."""
    rows = [row for table in tables for row in table.rows if row.get("confounded")]
    return [f"exploratory: {row['contrast']}: CONFOUNDED with {row['confounded']}" for row in rows]


def _within_blocks(pool: RunPool, chosen_contrasts: Sequence[Contrast]) -> list[str]:
    """The permutation test that the order of a sweep gives, where runs were recorded in blocks.

    Labels shuffled within blocks leave each block's completions as they are: just the exact stratified test, with
    blocks for strata.
    """
    tables = [
        (one, pool.blocks(one.factor, (one.a, one.b), one.subject, list(one.strata[0].levels)))
        for one in chosen_contrasts
    ]
    return [
        f"within blocks: {title(one)}: p {show(sided(blocks, 'two'), 'p')} over {len(blocks)} blocks (permutation)"
        for one, blocks in tables
        if blocks
    ]


def two_levels(cells: Sequence[PooledCell]) -> list[str]:
    """Factors that were swept over two levels; one at which nothing came to a result is none."""
    fixed = (*SUBJECT, *HASHES)
    cells = with_results(cells)
    named = {name: set(levels_of(cells, name)) - {None} for name in varying(cells) if name not in fixed}
    return [name for name, levels in named.items() if len(levels) == 2]


def _homogeneity(tested: TestResult) -> list[str]:
    """Return whether the strata may share one odds ratio."""
    if tested.disagreement is not None:
        return [f"{tested.disagreement}; {HOMOGENEITY[_method(tested)]}: read the strata"]
    if tested.homogeneity is not None:
        return [f"homogeneity of the strata: p {show(tested.homogeneity.p, 'p')}, {HOMOGENEITY[_method(tested)]}"]
    return []


def _disagreement(contrast: Contrast, tested: TestResult) -> list[str]:
    """Return the strata of a contrast, where they disagree."""
    if tested.disagreement is None:
        return []
    keys = strata_keys(contrast)
    strata = [
        (", ".join(f"{name} {show(stratum.levels[name])}" for name in keys), stratum.arms)
        for stratum in contrast.strata
    ]
    return [f"{title(contrast)}: {tested.disagreement}: {strata_in_line(strata)}"]


def _method(tested: TestResult) -> str:
    return tested.homogeneity.method if tested.homogeneity else ""


def _strata_of(contrast: Contrast) -> list[list[TwoArms]]:
    """Return the tables behind each row: of one stratum each, and of all of them."""
    return [*([arms] for arms in contrast.tables), *([contrast.tables] if len(contrast.tables) > 1 else [])]


def _strata_columns(contrast: Contrast) -> list[Column]:
    return level_columns(strata_keys(contrast))


def _notes(contrast: Contrast) -> list[str]:
    """Return what was pooled over and left out."""
    confounded = contrast.differences
    over = {
        name: levels
        for stratum in contrast.strata
        for name, levels in stratum.pooled_over.items()
        if name not in (*followers(contrast.factor), *confounded)
    }
    notes = [f"pooled over: {name} {', '.join(map(show, levels))}" for name, levels in over.items()]
    if contrast.alone:
        one = len(contrast.alone) == 1
        notes.append(f"left out: {len(contrast.alone)} {'stratum' if one else 'strata'} with runs of one level only")
    gone, cells = unknown(contrast.cells)
    if gone:
        notes.append(f"not compared: what only configs hold of {gone} of {cells} cells, whose run folders are gone")
    return notes
