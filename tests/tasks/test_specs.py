"""The specs: their sizes, which set the floor of a task, and what they may rest on."""

import re
from pathlib import Path

import pytest

from harness.tasks.catalogue import Task, load
from harness.toolchains.go.toolchain import spec_files, spec_functions

MODULES = {
    "reverse": "example/reverse",
    "calc": "example/calc",
    "todo": "example/todo",
    "graphkit": "graphkit",
    "apikit": "apikit",
    "datakit": "datakit",
    "pipeline": "example/pipeline",
    "stuck": "example/stuck",
}

SPECS = {
    "reverse": {"stringutil": (374, 1)},
    "calc": {"calc": (979, 2)},
    "todo": {".": (8000, 11)},
    "graphkit": {
        "graph": (2901, 6),
        "traverse": (1676, 3),
        "paths": (2849, 6),
        "toposort": (1398, 3),
        "components": (1454, 4),
        "spanning": (2929, 5),
    },
    "apikit": {
        "health": (936, 2),
        "users": (4745, 9),
        "tasks": (3693, 6),
        "notes": (3725, 6),
        "api": (2040, 4),
    },
    "datakit": {
        "stack": (2763, 5),
        "queue": (2208, 4),
        "set": (2730, 7),
        "heap": (2570, 4),
        "ring": (2133, 5),
    },
    "pipeline": {"pipeline": (6429, 6)},
    "stuck": {"check": (444, 1)},
}
"""Bytes of each package's spec and its test functions, as in the study that is asked again."""

PROMPTS = {"graphkit": 6282, "apikit": 4720, "datakit": 3293}
"""Bytes of the prompts whose sizes are known."""

HTMX = 48_000
"""Bytes, roughly, of the library that no reader of `todo` needs to open."""

SAME = 0.1
"""Share by which a size may differ and still make the same task."""

every_task = pytest.mark.parametrize("name", sorted(SPECS))


def spec_of(task: Task, folder: str) -> Path:
    """The test file of a package."""
    return next(path for path in spec_files(task.seed) if path.parent == task.seed / folder)


@every_task
def test_sizes(name: str) -> None:
    """Each spec has the size, and the number of test functions, that make the published floors comparable."""
    task = load(name)
    counts = {folder: len(functions) for folder, functions in spec_functions(task.seed).items()}
    assert counts == {folder: count for folder, (_, count) in SPECS[name].items()}
    for folder, (size, _) in SPECS[name].items():
        assert spec_of(task, folder).stat().st_size == pytest.approx(size, rel=SAME), folder


@pytest.mark.parametrize("name", sorted(PROMPTS))
def test_prompt_sizes(name: str) -> None:
    """A prompt is read in every pass: its size is part of the floor too."""
    assert load(name).prompt.stat().st_size == pytest.approx(PROMPTS[name], rel=SAME)


def test_vendored_library_is_a_trap() -> None:
    """The library beside todo's spec is whole, and comes with its licence."""
    static = load("todo").seed / "static"
    assert (static / "htmx.min.js").stat().st_size == pytest.approx(HTMX, rel=0.01)
    assert "Permission to use" in (static / "htmx.LICENSE.txt").read_text(encoding="utf-8")


@every_task
def test_seed_holds_no_implementation(name: str) -> None:
    """A seed is a module file, one spec a package named after it, and what the task gives beside them."""
    task = load(name)
    files = {path.relative_to(task.seed).as_posix() for path in task.seed.rglob("*") if path.is_file()}
    specs = {"main_test.go" if folder == "." else f"{folder}/{folder}_test.go" for folder in SPECS[name]}
    given = {file for file in files if file.startswith("static/")} if name == "todo" else set()
    assert files == {"go.mod"} | specs | given
    assert (task.seed / "go.mod").read_text() == f"module {MODULES[name]}\n\ngo 1.26\n"


@every_task
def test_solution_writes_no_given_file(name: str) -> None:
    """A solution is implementation only: it replaces nothing of the seed, and brings no tests of its own."""
    task = load(name)
    assert task.solution is not None
    files = [path for path in task.solution.rglob("*") if path.is_file()]
    assert [path for path in files if (task.seed / path.relative_to(task.solution)).exists()] == []
    assert [path for path in files if path.name.lower().endswith("_test.go")] == []


@every_task
def test_spec_rests_on_the_standard_library(name: str) -> None:
    """A spec imports the standard library and the packages of its own module, nothing else."""
    task = load(name)
    imported = {path for spec in spec_files(task.seed) for path in imports_of(spec)}
    outside = {path for path in imported if "." in path.partition("/")[0]}
    assert outside == set()


@every_task
def test_spec_hangs_on_no_chance(name: str) -> None:
    """No spec asks the clock, a generator of random numbers or the environment; only stuck asks the year."""
    uses = re.compile(r"time\.(?:Now|Since|Sleep|After|Tick)\b|\brand\b|os\.(?:Getenv|LookupEnv|Environ)")
    found = {use for spec in spec_files(load(name).seed) for use in uses.findall(spec.read_text())}
    assert found == ({"time.Now"} if name == "stuck" else set())


@every_task
def test_prompt_names_what_the_spec_calls(name: str) -> None:
    """Every package, function and type that a spec uses is promised in the prompt, by its name."""
    task = load(name)
    prompt = task.prompt.read_text(encoding="utf-8")
    for folder in SPECS[name].keys() - {"."}:  # nothing is called through the name of package main
        text = spec_of(task, folder).read_text()
        asked = set(re.findall(rf"\b{re.escape(folder)}\.([A-Z]\w*)", text)) | {folder}
        assert {symbol for symbol in asked if not re.search(rf"\b{symbol}\b", prompt)} == set(), folder


@pytest.mark.parametrize(
    ("name", "composers", "imported"),
    [
        ("graphkit", {"traverse", "paths", "toposort", "components", "spanning"}, {"graph"}),
        ("apikit", {"api"}, {"health", "users", "tasks", "notes"}),
        ("datakit", set(), set()),
    ],
)
def test_shape(name: str, composers: set[str], imported: set[str]) -> None:
    """Who imports whom is the point of a kit: a core and five users, four features and a composer, or nobody."""
    task = load(name)
    assert task.solution is not None
    for folder in SPECS[name]:
        used = imports_of(task.solution / folder / f"{folder}.go")
        siblings = {path.removeprefix(f"{name}/") for path in used if path.startswith(f"{name}/")}
        assert siblings == (imported if folder in composers else set())


def imports_of(file: Path) -> list[str]:
    """The paths that a Go file imports."""
    return re.findall(r'^(?:import |\t)"([^"]+)"$', file.read_text(), re.MULTILINE)
