"""Completion rates by group."""

from collections.abc import Sequence
from pathlib import Path

from analysis.contrasts.stopped import StoppedArms
from analysis.records.cells import PooledCell
from analysis.records.differences import describe
from analysis.records.groups import RunGroup, group, varying, with_results
from analysis.records.pool import RunPool
from analysis.records.task_sets import SEEN_IN_TRAINING
from analysis.render import Column, CommandReport, Table, level_columns, show
from analysis.report.stopped import marked
from analysis.stats.proportion import clopper_pearson, jeffreys, wilson
from harness.outcome import Outcome

SIMULATED = "SIMULATED SUBJECT: these rates describe a scripted policy, not a language model"
SOME_SIMULATED = "some groups are of a SIMULATED SUBJECT: they describe a scripted policy, not a language model"

RATE = [
    Column("completed", "completed"),
    Column("runs", "runs"),
    Column("rate", "rate", "rate"),
    Column("wilson", "Wilson 95%", "rate"),
]
"""Columns of every completion rate."""

COUNTS = [
    *RATE,
    Column("clopper_pearson", "exact 95%", "rate"),
    Column("jeffreys", "Jeffreys 95%", "rate"),
    Column("fault", "fault"),
    Column("interrupted", "interrupted"),
]


def rates_table(cells: Sequence[PooledCell], by: Sequence[str], *, exact: bool = True) -> Table:
    """One row a group; without `by`, everything that varies is shown and nothing is pooled."""
    groups = group(cells, by or varying(cells))
    shown = list(groups[0].levels) if groups else []
    rows = [arm.levels | _counts(arm, exact) | {"cells": arm.cells} for arm in groups]
    dropped = {name for name in ("fault", "interrupted") if not any(row[name] for row in rows)}
    dropped |= set() if exact else {"clopper_pearson", "jeffreys"}
    columns = level_columns(shown) + [c for c in COUNTS if c.key not in dropped]
    return Table("rates", "completion rates", columns, rows, notes=pooling_notes(groups))


def subject_line(cells: Sequence[PooledCell]) -> list[str]:
    """Return the warnings that a subject is simulated or a set public, if any is, and what the acceptances rest on."""
    kinds = {cell.levels["simulated"] for cell in cells}
    simulated = [SIMULATED] if kinds == {True} else [SOME_SIMULATED] if True in kinds else []
    return [*simulated, *public_line(cells), *_proof_line(cells)]


def public_line(cells: Sequence[PooledCell]) -> list[str]:
    """Return the warning that models know the tasks of a public set; none where no set is public."""
    public = [cell for cell in cells if True in cell.environment.get("task_public", ())]
    sets = sorted({str(cell.levels["task_set"]) for cell in public})
    return [f"PUBLIC SET: {', '.join(sets)}: {SEEN_IN_TRAINING}"] if sets else []


def _proof_line(cells: Sequence[PooledCell]) -> list[str]:
    """Return a line on the kinds of proof; none where all lines are older than the field."""
    # A run that ended before its proof was settled is no older line.
    proofs = {cell.levels["proof"] for cell in with_results(cells) or cells}
    known = ", ".join(sorted(str(proof) for proof in proofs if proof is not None))
    older = "; unknown for older lines" if None in proofs else ""
    return [f"proof: {known}{older} (docs/gate.md)"] if known else []


def left_out(pool: RunPool) -> list[str]:
    """Lines that were excluded, and runs that were started and left no record."""
    notes = [f"excluded: {count} {'line' if count == 1 else 'lines'} {why}" for why, count in pool.excluded.items()]
    notes += pool.warnings
    lost = [run.run_id for run in pool.unfinished]
    if lost:
        few = ", ".join(lost[:3]) + (", …" if len(lost) > 3 else "")
        notes.append(
            f"started and unfinished: {len(lost)} {'run' if len(lost) == 1 else 'runs'} ({few}), counted in no rate"
        )
    return notes


def rates_report(pool: RunPool, paths: Sequence[Path], by: Sequence[str]) -> CommandReport:
    """Return the report of `rates`."""
    return report_of(pool, paths, [rates_table(pool.cells(), by)])


def report_of(pool: RunPool, paths: Sequence[Path], tables: list[Table], notes: Sequence[str] = ()) -> CommandReport:
    """Tables, below what kind of subject they are of, and above what was left out of them."""
    shown = marked(tables, StoppedArms.of(pool, paths))
    return CommandReport(subject_line(pool.cells()), shown, [*notes, *left_out(pool)])


def _counts(group: RunGroup, exact: bool) -> dict[str, object]:
    completed, runs, outcomes = group.completed, group.runs, group.outcomes
    return {
        "completed": completed,
        "runs": runs,
        "rate": completed / runs if runs else None,
        "wilson": wilson(completed, runs) if runs else None,
        "clopper_pearson": clopper_pearson(completed, runs) if runs and exact else None,
        "jeffreys": jeffreys(completed, runs) if runs and exact else None,
        "fault": outcomes[Outcome.FAULT],
        "interrupted": outcomes[Outcome.INTERRUPTED],
    }


def pooling_notes(groups: Sequence[RunGroup]) -> list[str]:
    """Return notes on what differs between runs counted together, each once for all groups."""
    over: dict[str, set[str]] = {}
    for arm in groups:
        for name, levels in arm.pooled_over.items():
            over.setdefault(name, set()).update(show(level) for level in levels)
    notes = [f"pooled over: {name} {', '.join(sorted(levels, key=_by_number))}" for name, levels in over.items()]
    facts = describe(groups)
    return [*notes, facts] if facts else notes


def _by_number(text: str) -> tuple[float, str]:
    digits = text.replace(".", "", 1)
    return (float(text), "") if digits.isdigit() else (float("inf"), text)
