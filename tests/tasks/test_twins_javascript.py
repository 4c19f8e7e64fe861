"""Twins: tasks in JavaScript that ask the same as a task in Go."""

import re

import pytest
from test_specs import PROMPTS, SAME, SPECS
from test_twins import RENAMED

from harness.tasks.catalogue import load

every_twin = pytest.mark.parametrize("name", ("calc", "datakit", "reverse"))


@every_twin
def test_sizes_in_javascript(name: str) -> None:
    """Each spec has the bytes of its Go twin, within a tenth, and as many tests; so has the prompt."""
    twin = load(f"{name}_js")
    files = {package: f"{RENAMED.get(package, package)}.test.js" for package in SPECS[name]}
    counts = {path: len(tests) for path, tests in twin.toolchain.expected_tests(twin.seed).items()}
    assert {files[package]: count for package, (_, count) in SPECS[name].items()} == counts
    for package, (size, _) in SPECS[name].items():
        assert pytest.approx(size, rel=SAME) == (twin.seed / files[package]).stat().st_size, package
    size = PROMPTS.get(name, load(name).prompt.stat().st_size)
    assert pytest.approx(size, rel=SAME) == twin.prompt.stat().st_size


@every_twin
def test_seed_and_solution_in_javascript(name: str) -> None:
    """A seed holds specs and package.json alone, a solution the modules that they test."""
    twin = load(f"{name}_js")
    assert twin.solution is not None
    modules = {f"{RENAMED.get(package, package)}.js" for package in SPECS[name]}
    assert modules == {path.name for path in twin.solution.iterdir()}
    specs = {module.replace(".js", ".test.js") for module in modules}
    assert {"package.json", *specs} == {path.name for path in twin.seed.iterdir()}


@every_twin
def test_specs_in_javascript_rest_on_node(name: str) -> None:
    """A spec imports assert, the test runner and its module; it asks no clock, and the prompt names what it takes."""
    twin = load(f"{name}_js")
    prompt = twin.prompt.read_text(encoding="utf-8")
    for spec in twin.seed.glob("*.test.js"):
        text = spec.read_text(encoding="utf-8")
        module = f"./{spec.name.removesuffix('.test.js')}.js"
        assert {"node:assert/strict", "node:test", module} == set(re.findall(r"from '([^']+)'", text))
        assert not re.search(r"\bDate\b|\brandom\b|\bsetTimeout\b|\bprocess\b", text)
        taken = re.findall(rf"import {{ (\w+) }} from '{re.escape(module)}'", text)
        assert taken and all(re.search(rf"\b{name}\b", prompt) for name in taken)
