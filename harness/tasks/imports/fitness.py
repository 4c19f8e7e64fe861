"""Check of a task that is being imported: without code it fails, with its solution it passes every time."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.config import ConfigError
from harness.gate.verdict import ProofKind, VerifierError
from harness.sandbox.base import SandboxError
from harness.tasks.catalogue import imported
from harness.tasks.check import GATES, TaskBench
from harness.tasks.entry import CATALOGUE, CatalogueEntry, describe, read_entries, write_entries
from harness.tasks.imports.bundle import TaskBundle, UnfitTask
from harness.tasks.notes import read_notes

ONCE = {"go test ./...": "go test -count=1 ./..."}
"""Commands that run each test once, by those that run them several times: some specs keep state between two runs."""

Source = Iterable[tuple[str, Callable[[], TaskBundle]]]
"""Names of tasks, each with the function that reads it, which raises UnfitTask."""


@dataclass(frozen=True)
class ImportedTask:
    """Result of one task's import."""

    name: str
    reason: str = ""
    """Why it is unfit, in one line; empty if it was imported."""
    remark: str = ""
    """Fact that a reader of results must know; empty for most."""


def import_all(source: Source, root: Path) -> Iterator[ImportedTask]:
    """Read, check and write each task below a folder; yield what came of each as soon as it is known.

    An unfit task is no reason to stop. The catalogue of the folder is written at the end; in it, entries of tasks that
    were not imported now stay as they are.
    """
    known = _entries(root)
    fresh: dict[str, CatalogueEntry] = {}
    try:
        for name, read in source:
            try:
                bundle = read()
                if bundle.name in fresh:
                    raise UnfitTask("another task of this import has the same name")
                _require_free(bundle, root)
                fit = _checked(bundle)
                fresh[fit.name] = describe(fit.write(root))
            except (UnfitTask, ConfigError, SandboxError, VerifierError, OSError) as error:
                yield ImportedTask(name, " ".join(str(error).split())[:300])
                continue
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                yield ImportedTask(name, f"a test file cannot be read: {error}")
                continue
            before = known.get(fit.name)
            changed = ["changed since the last import"] if before not in (None, fresh[fit.name]) else []
            yield ImportedTask(fit.name, remark="; ".join([*fit.notes.remarks, *changed]))
    finally:
        if fresh:
            kept = {name: entry for name, entry in known.items() if (root / name).is_dir()}
            write_entries(root, kept | fresh)


def _entries(root: Path) -> dict[str, CatalogueEntry]:
    return dict(read_entries(root)) if (root / CATALOGUE).exists() else {}


def _require_free(bundle: TaskBundle, root: Path) -> None:
    folder = root / bundle.name
    if not folder.exists():
        return
    notes = read_notes(folder)
    if notes is None or notes.source != bundle.notes.source:
        where = notes.source if notes else "somewhere else"
        raise UnfitTask(f"{folder} is there already, from {where}: choose another folder with --to")


def _checked(bundle: TaskBundle) -> TaskBundle:
    """Return the task with the command that it passes. Raises UnfitTask if there is none."""
    if not bundle.solution:
        raise UnfitTask("has no solution that proves it solvable")
    result = _tried(bundle)
    once = ONCE.get(bundle.notes.verify)
    if once and result.reason.startswith("its solution"):
        second = replace(bundle, notes=replace(bundle.notes, verify=once), prompt=_saying(bundle, once))
        again = _tried(second)
        if not again.reason:
            said = f"verified by {once}: with repeated runs its solution fails"
            return _remarked(second, [said, *again.remarks])
    if result.reason:
        raise UnfitTask(result.reason)
    return _remarked(bundle, result.remarks)


def _saying(bundle: TaskBundle, command: str) -> str:
    return bundle.prompt.replace(bundle.notes.verify, command)


def _remarked(bundle: TaskBundle, remarks: Sequence[str]) -> TaskBundle:
    return replace(bundle, notes=replace(bundle.notes, remarks=[*bundle.notes.remarks, *remarks]))


@dataclass(frozen=True)
class BundleTrial:
    """Result of the gate on a task, without and with its solution."""

    reason: str = ""
    """Why the task cannot be used as it is, in one line; empty if it can."""
    remarks: Sequence[str] = ()


def _tried(bundle: TaskBundle) -> BundleTrial:
    with tempfile.TemporaryDirectory(prefix="harness-import-") as work:
        root = Path(work, "tasks")
        bundle.write(root)
        task = imported(root, bundle.name)
        bench = TaskBench(task, Path(work, "bench"))
        if bench.gate().accepted:
            return BundleTrial("its tests pass without a solution")
        bench.lay_solution()
        for gate in range(1, GATES + 1):
            verdict = bench.gate()
            if not verdict.accepted:
                return BundleTrial(f"its solution is refused at gate {gate} of {GATES}: {verdict.feedback}")
        if bench.proof is not ProofKind.STATUS:
            return BundleTrial()
        why = bench.why_weaker() or f"nothing more is known of {task.verify}"
        return BundleTrial(remarks=[f"its proof is only the exit status: {why}"])
