"""Reasons why a spec cannot run apart from the code, found in its source. Nothing is run."""

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

PATCHED = frozenset(("patch", "object", "multiple", "setattr", "delattr", "setitem"))
"""Last part of the functions that patch something."""
STARTING = frozenset(
    ("subprocess", "multiprocessing", "pty", "runpy", "pytester", "testdir", "concurrent.futures.process")
)
FOLLOWED = frozenset(("sys.stdin", "sys.argv", "sys.stdout", "sys.stderr"))
"""Patches of the spec that the code's side follows."""
PICKLING = frozenset(("pickle", "shelve", "marshal", "dill"))
FLAGS = frozenset(("-q", "-qq", "-v", "-vv", "-x", "-s", "-l", "--quiet", "--verbose", "--exitfirst", "--showlocals"))
VALUED = ("-k", "-m", "-r", "-W", "--tb", "--maxfail", "--color", "--durations")
"""Flags of pytest that choose no other files and load no code."""


def why_not_by_arguments(arguments: Sequence[str]) -> list[str]:
    """Return why pytest cannot be run apart from the code with these arguments."""
    reasons = []
    rest = iter(arguments)
    for argument in rest:
        if argument in VALUED:
            next(rest, "")
        elif argument.startswith("-") and argument not in FLAGS and not argument.startswith(VALUED):
            reasons.append(f"the argument {argument} of pytest may load or run code of the workspace")
    return reasons


def splittable(files: Mapping[str, bytes]) -> list[str]:
    """Return why these spec files, by path, cannot be verified by proof `split`; nothing if they can.

    A file with a syntax error is passed over: reading the spec names it.
    """
    local = {PurePosixPath(path).stem for path in files if path.endswith(".py")}
    reasons: list[str] = []
    for path, content in sorted(files.items()):
        if path.endswith(".py"):
            try:
                tree = ast.parse(content)
            except (SyntaxError, ValueError):
                continue
            reasons += [f"{path}:{line}: {reason}" for line, reason in _Spec(tree, local).reasons()]
    return reasons


class _Spec:
    """One file of a spec, with the names that stand for modules and classes of the code in it."""

    def __init__(self, tree: ast.Module, local: set[str]) -> None:
        self._tree = tree
        self._imported: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for one in node.names:
                    self._imported[one.asname or one.name.split(".")[0]] = one.name
            elif isinstance(node, ast.ImportFrom):
                for one in node.names:
                    self._imported[one.asname or one.name] = f"{'.' * node.level}{node.module or ''}.{one.name}"
        self._local = local

    def reasons(self) -> Iterator[tuple[int, str]]:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.ClassDef):
                yield from ((node.lineno, why) for base in node.bases if (why := self._derived(base)))
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names = [one.name for one in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                yield from ((node.lineno, why) for name in names if (why := _imports(name)))
            elif isinstance(node, ast.Call) and (why := self._patches(node)):
                yield node.lineno, why

    def _of_code(self, node: ast.expr) -> bool:
        """Return True if an expression begins with a name that is imported from the code."""
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        top = self._imported.get(node.id, "").lstrip(".").split(".")[0] if isinstance(node, ast.Name) else ""
        return bool(top) and not _is_foreign(top) and top not in self._local

    def _derived(self, base: ast.expr) -> str:
        return f"a class derives from {ast.unparse(base)}, a class of the code" if self._of_code(base) else ""

    def _patches(self, node: ast.Call) -> str:
        """Return what a call patches on this side alone: a target that is not the code's."""
        name = ast.unparse(node.func).split(".")[-1]
        whole = ast.unparse(node.func)
        patching = whole.endswith("patch") or (name in PATCHED and "patch" in whole)
        if not patching or not node.args or whole.endswith("patch.dict"):
            return ""
        target = node.args[0]
        if isinstance(target, ast.Constant) and isinstance(target.value, str):
            shown, place = target.value, target.value
        else:
            shown = ast.unparse(target)
            attribute = str(node.args[1].value) if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) else ""
            place = f"{self._imported.get(shown.split('.')[0], '')}.{attribute}"
        if place in FOLLOWED or not _is_foreign(place.split(".")[0]):
            return ""
        return f"{shown} is patched, which the code does not see"


def _imports(name: str) -> str:
    first = name.split(".", maxsplit=1)[0]
    if first in PICKLING:
        return f"{first} would store objects of the code, which exist in its own process"
    return f"{first} starts processes outside the one of the code" if first in STARTING else ""


def _is_foreign(name: str) -> bool:
    """Return True for the standard library and the test framework."""
    return name in sys.stdlib_module_names or name in ("pytest", "_pytest", "hypothesis", "__future__")
