"""Operations that the code may request on objects of the spec: a fixed set, and never an attribute by any name.

Functions can be called, iterators iterated. Attributes are there for instances of classes that the spec itself defines
(public names of their own classes and of the instance), and by list for a few types of the standard library. Frames,
modules, globals, types and the test framework cannot be reached.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import io
import queue
import random
import sys
import threading
import types
import unittest
from collections.abc import Callable
from typing import Any
from unittest import mock

from .names import SPECIAL

__tracebackhide__ = True  # pytest leaves these frames out

ITERATORS = ("__iter__", "__next__", "__len__", "__contains__", "__reversed__", "__getitem__")
_FILE = (
    "read readline readlines write writelines seek tell getvalue getbuffer close flush closed name mode encoding "
    "truncate"
)
LISTED: dict[type, frozenset[str]] = {
    io.StringIO: frozenset(_FILE.split()),
    io.BytesIO: frozenset(_FILE.split()),
    io.TextIOWrapper: frozenset(_FILE.split()),
    io.BufferedReader: frozenset(_FILE.split()),
    io.BufferedWriter: frozenset(_FILE.split()),
    random.Random: frozenset(
        [
            "random",
            "randint",
            "randrange",
            "choice",
            "choices",
            "sample",
            "shuffle",
            "uniform",
            "gauss",
            "getrandbits",
            "seed",
            "betavariate",
            "expovariate",
            "triangular",
            "normalvariate",
        ]
    ),
    threading.Event: frozenset(["set", "clear", "is_set", "wait"]),
    type(threading.Lock()): frozenset(["acquire", "release", "locked"]),
    type(threading.RLock()): frozenset(["acquire", "release"]),
    threading.Condition: frozenset(["acquire", "release", "wait", "wait_for", "notify", "notify_all"]),
    threading.Semaphore: frozenset(["acquire", "release"]),
    queue.Queue: frozenset(["put", "get", "put_nowait", "get_nowait", "qsize", "empty", "full", "task_done", "join"]),
    types.GeneratorType: frozenset(("send", "throw", "close")),
    functools.partial: frozenset(("args", "keywords")),
}
"""Attributes of types of the standard library."""
CALLED_TYPES = (
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    types.MethodWrapperType,
    functools.partial,
)
NEVER_CALLED = (types.ModuleType, types.FrameType, types.CodeType)


class Refused(AttributeError):  # noqa: N818 - its name is seen by the code only
    """The code may not have this."""


def own_classes(kind: type, is_spec: Callable[[type], bool]) -> list[type]:
    """Return the classes in the order of a class's bases that the spec defines."""
    return [base for base in kind.__mro__ if is_spec(base)]


class Served:
    """The objects of the spec that the code has got, by number."""

    def __init__(self, is_spec: Callable[[type], bool]) -> None:
        self._is_spec = is_spec
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._kinds: dict[type, int] = {}
        self.loop: asyncio.AbstractEventLoop | None = None
        """The event loop in which a coroutine of the code is awaited."""

    def export(self, value: Any) -> tuple[int, bool]:
        """Return the number of an object, and whether it is new."""
        number = self._numbers.get(id(value))
        if number is not None:
            return number, False
        number = len(self._objects) + 1
        self._objects[number] = value
        self._numbers[id(value)] = number
        return number, True

    def get(self, number: Any) -> Any:
        """Return an object that was handed out. Raises KeyError."""
        return self._objects[number]

    def facts(self, value: Any) -> dict[str, Any]:
        """Return what the code is told of an object."""
        kind = type(value)
        known = self._kinds.setdefault(kind, len(self._kinds) + 1)
        special = sorted(name for name in SPECIAL | {"__eq__"} if self._serves(kind, name))
        facts: dict[str, Any] = {"kind": "object", "type": [known, kind.__name__, special]}
        if isinstance(value, (types.FunctionType, types.MethodType)):
            facts["kind"] = "async" if inspect.iscoroutinefunction(value) else "function"
            facts["signature"] = _signature(value)
        elif isinstance(value, type):
            facts["kind"] = "class"
        elif isinstance(value, types.GeneratorType):
            facts["kind"] = "generator"
        elif isinstance(value, types.CoroutineType):
            facts["kind"] = "coroutine"
        if facts["kind"] in {"function", "async", "class"}:
            facts |= {"name": value.__name__, "qualname": value.__qualname__, "doc": value.__doc__}
        return facts

    def operate(self, name: str, number: Any, arguments: list[Any]) -> Any:
        """Carry out one of the operations. Raises Refused for everything else."""
        target = self._objects[number]
        if name == "call":
            values, names, named = arguments
            self._check_call(target)
            return target(*values, **dict(zip(names, named)))  # noqa: B905
        if name == "special":
            return self._special(target, *arguments)
        if name == "get":
            return self._get(target, *arguments)
        if name == "set":
            return self._set(target, *arguments)
        if name == "await":
            return self._await(target)
        raise Refused(f"no operation {name}")

    def _serves(self, kind: type, name: str) -> bool:
        if name == "__repr__":
            return False
        if name == "__call__":
            return issubclass(kind, (*CALLED_TYPES, mock.NonCallableMock, type)) or self._defines(kind, name)
        if kind in LISTED and name in {"__iter__", "__next__", "__enter__", "__exit__"}:
            return hasattr(kind, name)
        if hasattr(kind, "__next__") and not self._is_spec(kind):
            return name in ITERATORS and hasattr(kind, name)
        if kind.__module__ == "builtins" and kind.__name__ in {
            "dict_keys",
            "dict_values",
            "dict_items",
            "mappingproxy",
        }:
            return name in ITERATORS and hasattr(kind, name)
        return self._defines(kind, name)

    def _defines(self, kind: type, name: str) -> bool:
        if name in {"__eq__", "__hash__"} and getattr(kind, "__hash__", None) is None:
            return False
        return any(name in vars(base) for base in own_classes(kind, self._is_spec))

    def _check_call(self, target: Any) -> None:
        if isinstance(target, type):
            if not self._is_spec(target):
                raise Refused("this class is not called for the code")
        elif not self._serves(type(target), "__call__"):
            raise TypeError(f"'{type(target).__name__}' object is not callable")

    def _special(self, target: Any, name: Any, values: Any) -> Any:
        kind = type(target)
        if name == "__repr__":
            return repr(target)
        if name == "__hash__" and self._defines(kind, "__hash__"):
            return hash(target)
        if name not in SPECIAL | {"__eq__"} or not self._serves(kind, name):
            raise Refused(f"'{kind.__name__}' object has no {name}")
        return getattr(kind, name)(target, *values)

    def _get(self, target: Any, name: Any) -> Any:
        if not self._shows(target, name):
            raise AttributeError(f"{type(target).__name__!r} object has no attribute {name!r}")
        value = getattr(target, name)
        if isinstance(value, (*NEVER_CALLED, type(sys))):
            raise Refused(f"{name} is not for the code")
        return value

    def _shows(self, target: Any, name: Any) -> bool:
        kind = type(target)
        if type(name) is not str or name.startswith("_"):
            return False
        for listed, names in LISTED.items():
            if kind is listed:
                return name in names
        if kind is types.SimpleNamespace:
            return True
        if isinstance(target, mock.NonCallableMock):
            return not hasattr(mock.MagicMock, name) and not name.startswith(("assert", "mock_", "method_calls"))
        if isinstance(target, type):
            return self._is_spec(target) and any(name in vars(base) for base in own_classes(target, self._is_spec))
        own = own_classes(kind, self._is_spec)
        if not own:
            return False
        return (
            any(name in vars(base) for base in own)
            or name in getattr(target, "__dict__", {})
            or any("__getattr__" in vars(base) or name in vars(base).get("__slots__", ()) for base in own)
        )

    def _set(self, target: Any, name: Any, value: Any) -> None:
        kind = type(target)
        own = own_classes(kind, self._is_spec)
        is_test = issubclass(kind, unittest.TestCase) or kind.__name__.startswith("Test")
        if type(name) is not str or name.startswith("_") or is_test or not (own or kind is types.SimpleNamespace):
            raise Refused(f"{kind.__name__!r} object does not let {name!r} be set")
        over = next((vars(base)[name] for base in own if name in vars(base)), None)
        if callable(over) or isinstance(over, (classmethod, staticmethod)):
            raise Refused(f"{name} is a method of the spec")
        setattr(target, name, value)

    def _await(self, target: Any) -> Any:
        if not inspect.isawaitable(target):
            raise Refused("this cannot be awaited")
        loop = self.loop
        if loop is None or not loop.is_running():
            return asyncio.run(_awaited(target))
        return asyncio.run_coroutine_threadsafe(_awaited(target), loop).result()


async def _awaited(target: Any) -> Any:
    return await target


def _signature(value: Any) -> list[list[Any]] | None:
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return None
    return [[one.name, int(one.kind), one.default is not one.empty] for one in parameters]
