"""Reports of `contrast` and `table`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.contrasts.contrast import Contrast, Stratum, TestResult, contrasts, result
from analysis.contrasts.declared import DeclaredTests
from analysis.contrasts.stopped import StoppedArms
from analysis.errors import AnalysisError
from analysis.records.cells import Level, PooledCell
from analysis.records.columns import HASHES, SUBJECT
from analysis.records.groups import levels_of, varying, with_results
from analysis.records.pool import RunPool
from analysis.render import Column, CommandReport, Table, interval_columns, level_columns, show
from analysis.report.declared_report import COMPARISON, declared_table, objections, standing, strata_in_line
from analysis.report.equivalence import equivalence_table
from analysis.report.rates import left_out, rates_table, report_of, subject_line
from analysis.report.stopped import marked
from analysis.stats.arms import TwoArms
from analysis.stats.curtailed import sided
from analysis.stats.homogeneity import DRAWS
from analysis.stats.multiplicity import benjamini_hochberg

APPROXIMATE = "counts beyond exact arithmetic: some values of p are normal approximations"

HOUSE = [*COMPARISON, Column("p_greater", "p (B>A)", "p")]

BESIDE = [
    Column("p_adjusted", "p, BH", "p"),
    Column("p_mid", "mid-p", "p"),
    Column("boschloo", "Boschloo", "p"),
    Column("boschloo_doubled", "Boschloo, SciPy's", "p"),
    *interval_columns("odds_ratio", "odds ratio", "ratio"),
    Column("superiority", "P(B>A)", "rate"),
    Column("posterior_interval", "posterior 95%", "rate"),
    Column("smallest_margin", "smallest margin", "rate"),
    Column("smallest_p", "least p", "p"),
]

LEGEND = [
    "p: Fisher exact, two-sided (over several strata the exact Mantel–Haenszel test); p (B>A): one-sided.",
    "B−A: difference of rates, with Miettinen and Nurminen's interval (Mantel–Haenszel weights over strata).",
]

EXPLORED = [LEGEND[0], "p, BH: adjusted over the rows of this table (Benjamini–Hochberg)."]

BESIDE_LEGEND = [
    "p, BH: p adjusted over the strata of this report, for exploration (Benjamini–Hochberg).",
    "Boschloo: tables ordered by Fisher's two-sided value; SciPy's: twice the smaller one-sided test.",
    "P(B>A), posterior 95% of B−A: both rates with the Jeffreys prior Beta(½, ½), independently.",
    "smallest margin: by less than it the rates are shown to differ, at .05 (two one-sided tests).",
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
    report = CommandReport([*subject_line(cells), *standing(declared, factor)], declared_table(declared, [factor]))
    for contrast, singles in results:
        rows = [
            _row(contrast, stratum.levels, one) | {"p_adjusted": next(adjusted), "cells": stratum.cells}
            for stratum, one in zip(contrast.strata, singles, strict=True)
        ]
        whole = result(contrast.tables)
        if len(rows) > 1:
            rows.append(_row(contrast, {}, whole) | {"cells": contrast.cells})
        shown = _strata_columns(contrast)
        notes = [*_homogeneity(whole), *_notes(contrast)]
        report.tables.append(Table(_name(contrast), _title(contrast), shown + HOUSE, rows, notes=notes))
        if not all(row["exact"] for row in rows):
            report.tables[-1].notes = [*report.tables[-1].notes, APPROXIMATE]
        # Rates, and with them marks of arms that were stopped early, stand in the table above.
        beside = [row | {"cells": ()} for row in rows]
        report.tables.append(Table(f"{_name(contrast)}-beside", "beside the house test", shown + BESIDE, beside))
        if margin is not None:
            named = f"{_name(contrast)}-equivalence"
            report.tables.append(equivalence_table(named, shown, rows, _strata_of(contrast), margin))
    report.tables = marked(report.tables, StoppedArms.of(pool, paths))
    report.notes = _within_blocks(pool, chosen_contrasts) + LEGEND + BESIDE_LEGEND + left_out(pool, paths)
    return report


def table_report(pool: RunPool, paths: Sequence[Path], by: Sequence[str], factors: Sequence[str]) -> CommandReport:
    """The end of a sweep: rates by what was swept, then the exact test of each factor, over all the rest.

    Without `factors`, of every factor that has two levels.
    """
    cells = pool.cells()
    tables, notes = contrasts_tables(cells, factors, DeclaredTests(pool, paths))
    return report_of(pool, paths, [rates_table(cells, by, exact=False), *tables], notes)


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
                _row(contrast, contrast.subject, tested_strata)
                | {
                    "contrast": f"{factor}: {show(contrast.b)} vs {show(contrast.a)}",
                    "strata": strata,
                    "cells": contrast.cells,
                }
            )
    for row, adjusted in zip(rows, benjamini_hochberg([row["p"] for row in rows]), strict=True):
        row["p_adjusted"] = adjusted
    first, last = Column("contrast", "contrast (B vs A)", "text"), Column("strata", "", "text")
    columns = [*shown.values(), first, *HOUSE, BESIDE[0], Column("homogeneity", "homogeneity", "p"), last]
    if all(row["homogeneity"] is None for row in rows):
        columns = [column for column in columns if column.key != "homogeneity"]
    notes_of_tests = [*disagreements, *EXPLORED]
    explored = [Table("contrasts", "exact tests (exploratory)", columns, rows, notes_of_tests)] if rows else []
    return declared_table(declared, factors) + explored, notes


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
        f"within blocks: {_title(one)}: p {show(sided(blocks, 'two'), 'p')} over {len(blocks)} blocks (permutation)"
        for one, blocks in tables
        if blocks
    ]


def two_levels(cells: Sequence[PooledCell]) -> list[str]:
    """Factors that were swept over two levels; one at which nothing came to a result is none."""
    fixed = (*SUBJECT, *HASHES)
    cells = with_results(cells)
    named = {name: set(levels_of(cells, name)) - {None} for name in varying(cells) if name not in fixed}
    return [name for name, levels in named.items() if len(levels) == 2]


def _row(contrast: Contrast, levels: dict[str, Level], tested: TestResult) -> dict[str, Any]:
    arms = tested.arms
    first = next(iter(_strata_keys(contrast)), None)
    label: dict[str, Any] = dict(levels) if levels or first is None else contrast.subject | {first: "all strata"}
    return label | {
        "a": f"{arms.k_a}/{arms.n_a}",
        "b": f"{arms.k_b}/{arms.n_b}",
        "difference": tested.difference,
        "difference_interval": tested.difference_interval,
        "p": tested.p.two_sided,
        "p_greater": tested.p.greater,
        "p_mid": tested.p.mid,
        "exact": tested.exact,
        "boschloo": tested.boschloo,
        "boschloo_doubled": tested.boschloo_doubled,
        "posterior_interval": tested.posterior_interval,
        "smallest_margin": tested.smallest_margin,
        "homogeneity": tested.homogeneity.p if tested.homogeneity else None,
        "odds_ratio": tested.odds_ratio,
        "odds_ratio_interval": tested.odds_ratio_interval,
        "superiority": tested.superiority,
        "smallest_p": tested.smallest_p,
    }


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
    keys = _strata_keys(contrast)
    strata = [
        (", ".join(f"{name} {show(stratum.levels[name])}" for name in keys), stratum.arms)
        for stratum in contrast.strata
    ]
    return [f"{_title(contrast)}: {tested.disagreement}: {strata_in_line(strata)}"]


def _method(tested: TestResult) -> str:
    return tested.homogeneity.method if tested.homogeneity else ""


def _strata_of(contrast: Contrast) -> list[list[TwoArms]]:
    """Return the tables behind each row: of one stratum each, and of all of them."""
    return [*([arms] for arms in contrast.tables), *([contrast.tables] if len(contrast.tables) > 1 else [])]


def _strata_keys(contrast: Contrast) -> list[str]:
    """Return the factors that separate strata, without the subject, which the title names."""
    return [name for name in contrast.strata[0].levels if name not in contrast.subject]


def _strata_columns(contrast: Contrast) -> list[Column]:
    return level_columns(_strata_keys(contrast))


def _name(contrast: Contrast) -> str:
    subject = "".join(f"-{name}={show(level)}" for name, level in contrast.subject.items())
    return f"{contrast.factor}-{show(contrast.a)}-{show(contrast.b)}{subject}"


def _title(contrast: Contrast) -> str:
    subject = "".join(f", {name} {show(level)}" for name, level in contrast.subject.items())
    return f"{contrast.factor}: B = {show(contrast.b)} against A = {show(contrast.a)}{subject}"


def _notes(contrast: Contrast) -> list[str]:
    notes = [note for stratum in contrast.strata for note in _differing(stratum)]
    if contrast.alone:
        one = len(contrast.alone) == 1
        notes.append(f"left out: {len(contrast.alone)} {'stratum' if one else 'strata'} with runs of one level only")
    return list(dict.fromkeys(notes))


def _differing(stratum: Stratum) -> list[str]:
    notes = []
    for name, (in_a, in_b) in stratum.differing.items():
        levels = [", ".join(map(show, levels)) for levels in (in_a, in_b)]
        if levels[0] == levels[1]:
            notes.append(f"pooled over: {name} {levels[0]}")
        else:
            notes.append(f"CONFOUNDED with {name}: A has {levels[0]}, B has {levels[1]}")
    return notes
