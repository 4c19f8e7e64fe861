"""Descriptions of dataclass fields: the string literals under them."""

import ast
import inspect
from itertools import pairwise
from typing import Any


def meanings(schema: type[Any]) -> dict[str, str]:
    """Map each field, or member of an enumeration, to the string under it, on one line."""
    [body] = [node.body for node in ast.parse(inspect.getsource(schema)).body if isinstance(node, ast.ClassDef)]
    meanings_by_name: dict[str, str] = {}
    for entry, text in pairwise(body):
        names = [entry.target] if isinstance(entry, ast.AnnAssign) else getattr(entry, "targets", [])
        match text:
            case ast.Expr(value=ast.Constant(value=str(words))):
                meanings_by_name |= {name.id: " ".join(words.split()) for name in names if isinstance(name, ast.Name)}
    return meanings_by_name
