"""The shape of the code, and the page that lists the invariants."""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("harness", "sweeps", "analysis", "hydra_plugins", "benchmarks", "tests")


def _tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_the_rooms_depend_on_each_other_as_declared() -> None:
    """The contracts of pyproject.toml hold."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stdout if done.returncode else "")


def test_no_file_is_too_long() -> None:
    """A file holds one noun, and at most 300 lines."""
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    long = {str(path.relative_to(ROOT)) for path in files if len(path.read_text().splitlines()) > 300}
    assert set() == long


def test_this_list_and_the_tests_match() -> None:
    """Every test that INVARIANTS.md names exists, and every invariant's test is named there."""
    named = {
        tuple(name.split("::")) for name in re.findall(r"`(tests/\S+::\w+)`", (ROOT / "INVARIANTS.md").read_text())
    }
    missing = {f"{file}::{name}" for file, name in named if name not in _tests(ROOT / file)}
    assert set() == missing
    here = {
        (f"tests/invariants/{path.name}", name)
        for path in Path(__file__).parent.glob("test_*.py")
        for name in _tests(path)
    }
    assert set() == here - named
