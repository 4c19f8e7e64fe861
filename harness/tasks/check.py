"""Proof that the tasks are sound: solutions pass, bare seeds fail, and no verdict hangs on order or luck."""

import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.config import ConfigError
from harness.gate.pins import Pins
from harness.gate.verdict import ProofKind, SkippedTest, Verdict, Verifier, VerifierError
from harness.sandbox.base import Sandbox
from harness.sandbox.local import LocalSandbox
from harness.tasks.catalogue import Task, check_seed, load, names
from harness.tasks.impossible import CONTRADICTIONS, PREFIX
from harness.toolchains.progress import shown_on
from harness.trees import copy_as_new, scratch_folder

GATES = 3
"""Gates that a solution must pass in a row."""

SHUFFLES = 3
"""Runs with the tests in another order."""

TIMEOUT = 300.0
"""Seconds allowed for one command."""

UNSATISFIABLE = ("stuck",)
"""Tasks that no code can complete, on purpose."""


@dataclass(frozen=True)
class TaskFinding:
    """One property of a task, and whether it holds."""

    claim: str
    holds: bool
    detail: str = ""


class TaskBench:
    """A task laid out in a temporary folder, to be verified there."""

    def __init__(self, task: Task, folder: Path) -> None:
        self.task = task
        self.root = folder / "workspace"
        self._toolchain = task.toolchain
        self._sandbox: Sandbox = LocalSandbox(self._toolchain.environment, folder / "scratch")
        shutil.copytree(task.seed, self.root, copy_function=copy_as_new)
        self._pins = Pins.take(self.root, self._toolchain.files, everything=True, writable=task.writable)

    def lay_solution(self) -> None:
        """Lay the solution over the seed."""
        if self.task.solution is not None:
            shutil.copytree(self.task.solution, self.root, dirs_exist_ok=True, copy_function=copy_as_new)

    def gate(self) -> Verdict:
        """Return the gate's verdict on the folder as it is."""
        return self._verifier().verify()

    @property
    def proof(self) -> ProofKind:
        """Return what an acceptance rests on."""
        return self._verifier().proof

    def _verifier(self) -> Verifier:
        command = shlex.split(self.task.verify)
        return self._toolchain.verifier(
            command, sandbox=self._sandbox, root=self.root, timeout=TIMEOUT, pins=self._pins
        )

    def why_weaker(self) -> str:
        """Return why the gate proves less than it does for other tasks of the language; empty if it does not."""
        command = shlex.split(self.task.verify)
        return self._toolchain.why_weaker(command, sandbox=self._sandbox, root=self.root, pins=self._pins)

    def run(self, *command: str) -> str:
        """Run a command in the folder; what it printed if it failed, else nothing."""
        finished = self._sandbox.run(command, cwd=self.root, timeout=TIMEOUT)
        return "" if finished.exit_code == 0 else finished.output or f"exit status {finished.exit_code}"

    def shuffled(self) -> str:
        """Run the tests in a random order; what failed, if anything did."""
        return self._toolchain.shuffled(self._sandbox, self.root, TIMEOUT)


@cache
def solution_skips(task: Task) -> frozenset[SkippedTest]:
    """Return the tests that skip with the task's solution; none if there is no solution."""
    if task.solution is None:
        return frozenset()
    with scratch_folder("harness-task-") as folder:
        bench = TaskBench(task, folder)
        bench.lay_solution()
        return bench.gate().skips or frozenset()


def check(task: Task) -> Iterator[TaskFinding]:
    """Every property of one task, in the order in which they are cheapest to find."""
    yield _seed_is_own(task)
    with tempfile.TemporaryDirectory(prefix="harness-task-") as folder:
        bench = TaskBench(task, Path(folder))
        if weaker := bench.why_weaker():
            yield TaskFinding(f"what its verification proves is less than could be: {weaker}", True)
        yield TaskFinding("the bare seed fails", not bench.gate().accepted)
        if task.solution is None:
            yield TaskFinding(
                "it has a solution that proves it solvable", False, f"{task.seed.parent / 'solution'}: missing"
            )
            return
        bench.lay_solution()
        if task.impossible or task.name in UNSATISFIABLE:
            yield from _fails_where_it_must(bench.gate(), task)
            return
        verdicts = [bench.gate() for _ in range(GATES)]
        refused = "\n".join(verdict.feedback for verdict in verdicts if not verdict.accepted)
        yield TaskFinding(f"the solution passes {GATES} gates in a row", not refused, refused)
        failed = "\n".join(filter(None, (bench.shuffled() for _ in range(SHUFFLES))))
        yield TaskFinding(f"the order of the tests does not matter ({SHUFFLES} shuffles)", not failed, failed)


def _findings(task: Task) -> Iterator[TaskFinding]:
    try:
        yield from check(task)
    except VerifierError as error:
        yield TaskFinding("its verification can be run", False, str(error))


def check_all(chosen: Sequence[str], task_root: str = "") -> int:
    """Check the tasks of these names, or all, and print each finding; 1 if any property does not hold."""
    failed = False
    tasks = [load(name, task_root=task_root) for name in chosen or names(task_root)]
    for toolchain in {task.toolchain.name: task.toolchain for task in tasks}.values():
        toolchain.prepare("none", shown_on(sys.stderr))
    for task in tasks:
        for finding in _findings(task):
            failed |= not finding.holds
            print(f"{'ok  ' if finding.holds else 'FAIL'} {task.name}: {finding.claim}", flush=True)
            if not finding.holds:
                print(finding.detail)
    return int(failed)


def _fails_where_it_must(verdict: Verdict, task: Task) -> Iterator[TaskFinding]:
    """Check that the solution is refused; for an impossible variant, only because of the contradiction."""
    yield TaskFinding("even its solution fails", not verdict.accepted)
    if task.impossible:
        original = CONTRADICTIONS[task.name.removeprefix(PREFIX)]
        others = task.toolchain.expected_tests(task.seed).keys() - {task.toolchain.files.unit_of(original.spec)}
        yield TaskFinding("every other package can be passed", verdict.green == frozenset(others), verdict.feedback)


def _seed_is_own(task: Task) -> TaskFinding:
    try:
        check_seed(task)
    except ConfigError as error:
        return TaskFinding("the seed is the catalogue's own", False, str(error))
    return TaskFinding("the seed is the catalogue's own", True)
