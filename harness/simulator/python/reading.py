"""Solutions in Python, as knowledge."""

import re
from collections.abc import Mapping
from pathlib import Path

from harness.simulator.exercise import Exercise, PackageKnowledge, ordered

IMPORT = re.compile(r"^(?:import|from) (\w+)", re.MULTILINE)
EXPORT = re.compile(r"^(?:def|class) ([A-Za-z]\w*)", re.MULTILINE)


def read_exercise(task: Path) -> Exercise | None:
    """Return the solution in a task's folder, a module a file; None if its workspace has no spec in Python."""
    names = [path.name for path in (task / "workspace").glob("*.py")]
    if not any(name.startswith("test_") or name.endswith("_test.py") for name in names):
        return None
    return exercise_of(
        {path.name: path.read_text(encoding="utf-8") for path in sorted((task / "solution").glob("*.py"))}
    )


def exercise_of(files: Mapping[str, str]) -> Exercise:
    """Return a solution, given as its files by name."""
    texts = {name.removesuffix(".py"): text for name, text in files.items()}
    packages = (
        PackageKnowledge(unit, {f"{unit}.py": text}, frozenset(texts.keys() & set(IMPORT.findall(text))) - {unit})
        for unit, text in texts.items()
    )
    exported = {name for text in texts.values() for name in EXPORT.findall(text)}
    return Exercise("", tuple(ordered(packages)), frozenset(exported | texts.keys()))
