"""Check of a task that is being imported: without code it fails, with its solution it passes every time."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from harness.config import ConfigError
from harness.gate.verdict import VerifierError
from harness.sandbox.base import SandboxError
from harness.tasks.catalogue import imported, survey
from harness.tasks.check import GATES, TaskBench
from harness.tasks.entry import write_entries
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

    An unfit task is no reason to stop. The catalogue of the folder is written at the end.
    """
    taken: set[str] = set()
    try:
        for name, read in source:
            try:
                bundle = read()
                if bundle.name in taken:
                    raise UnfitTask("another task of this import has the same name")
                taken.add(bundle.name)
                _require_free(bundle, root)
                fit = _checked(bundle)
            except (UnfitTask, ConfigError, SandboxError, VerifierError, OSError) as error:
                yield ImportedTask(name, " ".join(str(error).split())[:300])
                continue
            fit.write(root)
            yield ImportedTask(fit.name, remark="; ".join(fit.notes.remarks))
    finally:
        if root.is_dir() and any(root.iterdir()):
            write_entries(root, survey(root))


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
    reason = _why_unfit(bundle)
    once = ONCE.get(bundle.notes.verify)
    if reason and once and reason.startswith("its solution"):
        remark = f"verified by {once}: with repeated runs its solution fails"
        notes = replace(bundle.notes, verify=once, remarks=[*bundle.notes.remarks, remark])
        second = replace(bundle, notes=notes, prompt=bundle.prompt.replace(bundle.notes.verify, once))
        if not _why_unfit(second):
            return second
    if reason:
        raise UnfitTask(reason)
    return bundle


def _why_unfit(bundle: TaskBundle) -> str:
    """Return why the task cannot be used as it is, in one line; empty if it can."""
    with tempfile.TemporaryDirectory(prefix="harness-import-") as work:
        root = Path(work, "tasks")
        bundle.write(root)
        task = imported(root, bundle.name)
        bench = TaskBench(task, Path(work, "bench"))
        if bench.gate().accepted:
            return "its tests pass without a solution"
        bench.lay_solution()
        for gate in range(1, GATES + 1):
            verdict = bench.gate()
            if not verdict.accepted:
                return f"its solution is refused at gate {gate} of {GATES}: {verdict.feedback}"
    return ""
