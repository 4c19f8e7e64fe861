"""The tests of a spec, listed by pytest itself without any code of the workspace.

Every module that is not there is a blank: it has every attribute, and every call gives another blank. So ids are those
of the real thing unless they are made from values of the code.
"""

from __future__ import annotations

import importlib.machinery
import io
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest


class BlankClass(type):
    """Classes of the code: their attributes, such as the members of an enumeration, are blanks too."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return made(name)

    def __iter__(cls) -> Iterator[Any]:
        USED.append("iteration")
        return iter(())

    def __len__(cls) -> int:
        return 0

    def __getitem__(cls, key: Any) -> Any:
        return _Instance() if isinstance(key, str) else cls


class Blank(Exception, metaclass=BlankClass):  # noqa: N818 - it may be raised, caught, derived from and decorated with
    """Stands for anything of the code."""

    def __init__(self, name: str = "blank") -> None:
        super().__init__()
        self.__dict__["__name__"] = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return made(name)

    def __call__(self, *values: Any, **named: Any) -> Any:
        if len(values) == 1 and not named and isinstance(values[0], types.FunctionType):
            return values[0]
        return _Instance()

    def __iter__(self) -> Iterator[Any]:
        USED.append("iteration")
        return iter(())

    def __getitem__(self, key: Any) -> Any:
        return _Instance()

    def __len__(self) -> int:
        return 0

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        USED.append("base")
        return (Blank,)


class _Instance(Blank):
    def __init__(self) -> None:
        super().__init__()
        del self.__dict__["__name__"]


def _operator(self: Any, *values: Any) -> Any:  # noqa: ARG001
    return _Instance()


for _name in [
    "add",
    "radd",
    "sub",
    "rsub",
    "mul",
    "rmul",
    "truediv",
    "rtruediv",
    "floordiv",
    "mod",
    "pow",
    "or",
    "ror",
    "and",
    "xor",
    "neg",
    "pos",
    "invert",
    "matmul",
]:
    setattr(Blank, f"__{_name}__", _operator)

USED: list[str] = []
"""Ways in which a spec used blanks that make its tests depend on the code."""


def made(name: str) -> Any:
    """Return a blank with a name: a class where the name is written like one, for it may be raised or caught."""
    if name[:1].isupper() and not name.isupper():
        return BlankClass(name, (Blank,), {"__module__": "blank", "__init__": _take})
    return Blank(name)


def _take(self: Any, *values: Any, **named: Any) -> None:  # noqa: ARG001
    Exception.__init__(self)


class BlankModule(types.ModuleType):
    """A module of the code."""

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            USED.append("star")
            return []
        if name.startswith("__"):
            raise AttributeError(name)
        return made(name)


class BlankFinder:
    """Find a blank where there is no module."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:  # noqa: ARG002
        """Return the spec of a blank module."""
        return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> Any:
        """Return a blank."""
        return BlankModule(spec.name)

    def exec_module(self, module: Any) -> None:
        """Nothing runs."""


class CollectedSpec:
    """The plugin that lists tests."""

    def __init__(self) -> None:
        self.tests: list[list[Any]] = []
        self.errors: list[list[str]] = []

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Note every test, whether it skips by its marks, and whether its id is made from blanks."""
        from _pytest.skipping import evaluate_skip_marks  # noqa: PLC0415

        for item in items:
            try:
                skips = evaluate_skip_marks(item) is not None
            except Exception:
                skips = False
            values = getattr(getattr(item, "callspec", None), "params", {}).values()
            self.tests.append([item.nodeid, skips, any(map(_holds_blank, values))])

    def pytest_collectreport(self, report: Any) -> None:
        """Note files that cannot be collected."""
        if report.failed:
            self.errors.append([report.nodeid, str(report.longrepr)[-2000:]])


def _holds_blank(value: Any) -> bool:
    if isinstance(value, (list, tuple, set)):
        return any(map(_holds_blank, value))
    if isinstance(value, dict):
        return any(map(_holds_blank, value.values()))
    return isinstance(value, Blank) or (isinstance(value, type) and issubclass(value, Blank))


def listed(root: str, arguments: list[str]) -> dict[str, Any]:  # noqa: ARG001
    """Return the tests of the spec, and why some of it cannot be read."""
    sys.meta_path.append(BlankFinder())
    listing = CollectedSpec()
    output = io.StringIO()
    sys.stdout = sys.stderr = output
    failed = ""
    try:
        code = int(pytest.main([*arguments, "--collect-only"], plugins=[listing]))
    except BaseException as error:
        code, failed = -1, f"{type(error).__name__}: {error}"
    return {
        "tests": listing.tests,
        "errors": listing.errors,
        "code": code,
        "used": sorted(set(USED)),
        "output": output.getvalue()[-4000:] + failed,
    }
