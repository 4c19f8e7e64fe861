"""Twins: tasks in Python that ask the same as a task in Go."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_specs import PROMPTS, SAME, SPECS, imports_of

from harness.tasks.catalogue import Task, load
from harness.tasks.check import TaskBench

TWINS = ("apikit", "calc", "datakit", "graphkit", "pipeline", "reverse")
RENAMED = {name: f"{name}s" for name in ("stack", "queue", "set", "heap", "ring")}
"""Modules with other names than the packages: a file `queue.py` would hide a module of the standard library."""

every_twin = pytest.mark.parametrize("name", TWINS)


def spec_of(task: Task, package: str) -> Path:
    """The test file that stands for a Go package."""
    return task.seed / f"test_{RENAMED.get(package, package)}.py"


@every_twin
def test_sizes(name: str) -> None:
    """Each spec has the bytes of its Go twin, within a tenth, and as many test functions."""
    twin = load(f"{name}_py")
    counts = {path: len(tests) for path, tests in twin.toolchain.expected_tests(twin.seed).items()}
    assert counts == {spec_of(twin, package).name: count for package, (_, count) in SPECS[name].items()}
    for package, (size, _) in SPECS[name].items():
        assert spec_of(twin, package).stat().st_size == pytest.approx(size, rel=SAME), package


@every_twin
def test_prompt_sizes(name: str) -> None:
    """A prompt is as long as that of the twin, within a tenth."""
    size = PROMPTS.get(name, load(name).prompt.stat().st_size)
    assert load(f"{name}_py").prompt.stat().st_size == pytest.approx(size, rel=2 * SAME if name == "pipeline" else SAME)


@every_twin
def test_seed_holds_specs_alone(name: str) -> None:
    """A seed holds a spec a module and nothing else, and a solution holds those modules and nothing else."""
    twin = load(f"{name}_py")
    assert twin.solution is not None
    specs = {spec_of(twin, package).name for package in SPECS[name]}
    assert {path.name for path in twin.seed.iterdir()} == specs
    assert {f"test_{path.name}" for path in twin.solution.iterdir()} == specs


@every_twin
def test_specs_rest_on_the_standard_library(name: str) -> None:
    """A spec imports the standard library, pytest and modules of its task; it asks no clock and draws no numbers."""
    twin = load(f"{name}_py")
    own = {path.stem.removeprefix("test_") for path in twin.seed.iterdir()}
    for spec in twin.seed.iterdir():
        text = spec.read_text(encoding="utf-8")
        assert modules_of(text) <= own | {"pytest"} | sys.stdlib_module_names
        assert not re.search(r"\btime\.|\brandom\b|\benviron\[|\bsleep\b|\bmock\b|\bmonkeypatch\b", text)


@every_twin
def test_no_module_hides_the_standard_library(name: str) -> None:
    """No module has the name of one of the standard library, which pytest itself may import."""
    solution = load(f"{name}_py").solution
    assert solution is not None
    assert {path.stem for path in solution.iterdir()}.isdisjoint(sys.stdlib_module_names)


@every_twin
def test_prompt_names_what_the_spec_imports(name: str) -> None:
    """Every module, and every name that a spec takes from one, is promised in the prompt."""
    twin = load(f"{name}_py")
    prompt = twin.prompt.read_text(encoding="utf-8")
    own = {path.stem.removeprefix("test_") for path in twin.seed.iterdir()}
    for spec in twin.seed.iterdir():
        text = spec.read_text(encoding="utf-8")
        taken = {name for module in own for name in re.findall(rf"(?<![\w/]){module}\.([a-z]\w*)\(", text)}
        assert [word for word in taken | imported_names(text, own) if not re.search(rf"\b{word}\b", prompt)] == []


@pytest.mark.parametrize("name", ["apikit", "datakit", "graphkit"])
def test_shape(name: str) -> None:
    """Modules import each other as the packages do."""
    go, twin = load(name).solution, load(f"{name}_py").solution
    assert go is not None
    assert twin is not None
    for package in SPECS[name]:
        siblings = {path.removeprefix(f"{name}/") for path in imports_of(go / package / f"{package}.go")} & SPECS[
            name
        ].keys()
        module = twin / f"{RENAMED.get(package, package)}.py"
        assert modules_of(module.read_text(encoding="utf-8")) & {path.stem for path in twin.iterdir()} == siblings


def test_a_missing_module_fails_its_own_spec_alone(tmp_path: Path) -> None:
    """The other specs are run and pass, as the other packages in Go."""
    twin = load("apikit_py")
    bench = TaskBench(twin, tmp_path)
    bench.lay_solution()
    (bench.root / "api.py").unlink()
    verdict = bench.gate()
    assert not verdict.accepted
    assert verdict.green == twin.toolchain.expected_tests(twin.seed).keys() - {"test_api.py"}


def test_a_sequential_pipeline_fails_in_time(tmp_path: Path) -> None:
    """Calls that come one by one fail the spec within its own limits, and do not hang."""
    twin = load("pipeline_py")
    shutil.copytree(twin.seed, tmp_path, dirs_exist_ok=True)
    (tmp_path / "pipeline.py").write_text(SEQUENTIAL, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert "4 failed, 8 passed" in done.stdout


SEQUENTIAL = """\
class Cancelled(Exception):
    pass


def pipeline(numbers, workers, fn, cancel):
    if workers < 1:
        raise ValueError
    results = []
    for number in numbers:
        if cancel.is_set():
            raise Cancelled
        results.append(fn(number))
    if cancel.is_set():
        raise Cancelled
    return results
"""


def modules_of(text: str) -> set[str]:
    """The top-level modules that a Python file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found - {"__future__"}


def imported_names(text: str, own: set[str]) -> set[str]:
    """What a Python file takes from modules of its task, and their names."""
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom) and node.module in own]
    return {alias.name for node in nodes for alias in node.names} | (modules_of(text) & own)
