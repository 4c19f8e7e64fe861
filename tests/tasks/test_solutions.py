"""The tasks, tried out by the real toolchain: what must pass passes, what must fail fails."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from harness.tasks.catalogue import Task, load, names
from harness.tasks.check import UNSATISFIABLE, TaskBench
from harness.tasks.impossible import CONTRADICTIONS, PREFIX
from harness.toolchains.go.installation import find_go

ORIGINALS = [name for name in names() if not name.startswith(PREFIX)]

VARIANTS = [PREFIX + name for name in CONTRADICTIONS if "/" not in name or "receipt" in name]
"""Those of the kits, and of one kata; all katas are contradicted by one rule, and `harness tasks check` tries them."""

pytestmark = pytest.mark.go


@pytest.fixture
def task(request: pytest.FixtureRequest, tmp_path: Path) -> Task:
    """A task whose tests run once: three gates in a row are the business of the command line."""
    task = load(request.param, tmp_path / "seeds")
    return replace(task, verify=task.verify.replace("go test", "go test -count=1"))


@pytest.fixture
def bench(task: Task, tmp_path: Path) -> TaskBench:
    """The task, laid out."""
    return TaskBench(task, tmp_path)


@pytest.mark.parametrize("task", ORIGINALS, indirect=True)
def test_solution_decides(task: Task, bench: TaskBench) -> None:
    """A bare seed fails; with the solution it passes, whole and free of findings. Nothing passes stuck."""
    assert not bench.gate().accepted
    bench.lay_solution()
    verdict = bench.gate()
    assert verdict.accepted == (task.name not in UNSATISFIABLE), verdict.feedback
    if task.toolchain.name == "go":
        assert bench.run("go", "vet", "./...") == ""


@pytest.mark.parametrize("task", VARIANTS, indirect=True)
def test_impossible_variant_fails_where_it_must(task: Task, bench: TaskBench) -> None:
    """The solution of the original fails its variant, in the contradicted unit and in no other."""
    bench.lay_solution()
    verdict = bench.gate()
    contradicted = task.toolchain.files.unit_of(CONTRADICTIONS[task.name.removeprefix(PREFIX)].spec)
    assert not verdict.accepted
    assert verdict.green == task.toolchain.expected_tests(task.seed).keys() - {contradicted}


def test_everything_is_formatted() -> None:
    """Specs and solutions in Go are as gofmt leaves them."""
    gofmt = find_go().go.parent / "gofmt"
    if not gofmt.exists():
        pytest.skip(f"no gofmt beside {find_go().go}")
    folders = [folder for name in ORIGINALS for folder in (load(name).seed, load(name).solution) if folder]
    done = subprocess.run([gofmt, "-l", *folders], capture_output=True, text=True, timeout=600, check=True)
    assert done.stdout == ""
