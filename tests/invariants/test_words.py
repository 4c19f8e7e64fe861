"""Names and docstrings are plain: one class for each name, and first lines that begin with a noun or a verb."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("harness", "sweeps", "analysis", "hydra_plugins")
INVERTED = re.compile(r"(Of|By what|What|Whether|Where|Which|Whose|Who|How)\b")


def parsed(room: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def docstrings(module: ast.Module) -> Iterator[ast.Constant]:
    """Docstrings of modules, classes and functions, and those under fields and constants."""
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for statement in node.body:
                value = statement.value if isinstance(statement, ast.Expr) else None
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value


def test_a_class_name_is_used_once() -> None:
    """No two classes of the project share a name, so that a name alone says which is meant."""
    places: dict[str, list[str]] = defaultdict(list)
    for room in ROOMS:
        for path, module in parsed(room):
            for node in ast.walk(module):
                if isinstance(node, ast.ClassDef):
                    places[node.name].append(str(path))
    assert len(places) > 100
    assert {} == {name: paths for name, paths in places.items() if len(paths) > 1}


@pytest.mark.parametrize("room", ROOMS)
def test_a_docstring_begins_with_a_noun_or_a_verb(room: str) -> None:
    """None begins with a question word or with "Of", which make a reader turn the sentence around."""
    lines = [(path, value) for path, module in parsed(room) for value in docstrings(module)]
    assert lines
    assert [] == [f"{path}:{value.lineno}" for path, value in lines if INVERTED.match(str(value.value).strip())]
