"""Classes and objects of the code as the spec sees them.

Each class of the code has a class here, with the same name, bases and special methods, so that `isinstance`, `except`
and operators work as usual. What decides a comparison stays on this side:

- An object of the code equals plain data only if its class derives from a plain type; then its plain value decides.
- Two objects of the code are compared by the code. A class whose `__eq__` lies can therefore pass a test that compares
  two of its own objects, as it can in one process.
- Order against plain data, and numbers that come from arithmetic with a number of the spec, are refused: either would
  let an object adapt to what the spec expects.
"""

from __future__ import annotations

import decimal
import fractions
from collections.abc import Callable
from typing import Any

from .names import ARITHMETIC, COMPARING, IMMUTABLE
from .values import PLAIN

__tracebackhide__ = True  # pytest leaves these frames out

NUMBERS = (int, float, complex, decimal.Decimal, fractions.Fraction)
Request = Callable[..., Any]


class CannotSplitError(Exception):
    """The spec does something that cannot work across processes."""


class _Connection:
    """The way to the code; one for the process."""

    request: Request

    def __init__(self) -> None:
        self.released: list[int] = []


LINK = _Connection()


def do(name: str, *values: Any) -> Any:
    """Do one of a few fixed things in the code's process."""
    return LINK.request("do", name, *values)


class RemoteClass(type):
    """A class of the code."""

    def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> RemoteClass:
        if space.pop("_split_made", None) is None:
            raise CannotSplitError(f"class {name} derives from a class of the code, which cannot be split")
        return super().__new__(cls, name, bases, space)

    def __init__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> None:
        super().__init__(name, bases, space)

    def __call__(cls, *values: Any, **named: Any) -> Any:
        return LINK.request("call", cls, values, tuple(named), tuple(named.values()))

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_split") or name in {"__set_name__", "__isabstractmethod__"}:
            raise AttributeError(name)
        return LINK.request("get", cls, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        if name in {"__abstractmethods__", "_abc_impl"}:
            super().__setattr__(name, value)
        else:
            LINK.request("set", cls, name, value)

    def __delattr__(cls, name: str) -> None:
        LINK.request("del", cls, name)

    @property  # type: ignore[misc]
    def __dict__(cls) -> dict[str, Any]:  # type: ignore[override]
        return dict(do("vars", cls))

    def __dir__(cls) -> list[str]:
        return list(do("dir", cls))

    def __iter__(cls) -> Any:
        return iter(do("iter", cls))

    def __len__(cls) -> int:
        return int(do("len", cls))

    def __getitem__(cls, key: Any) -> Any:
        return do("getitem", cls, key)

    def __contains__(cls, item: Any) -> bool:
        return bool(do("contains", cls, item))

    def __repr__(cls) -> str:
        return f"<class '{cls.__module__}.{cls.__qualname__}'>"


class RemoteObject:
    """An object of the code."""

    _split_handle: int

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_split") or name in UNTOUCHED:
            raise AttributeError(name)
        return LINK.request("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in KEPT:
            object.__setattr__(self, name, value)
        else:
            LINK.request("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        LINK.request("del", self, name)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return dict(do("vars", self))

    def __dir__(self) -> list[str]:
        return list(do("dir", self))

    def __copy__(self) -> Any:
        return do("copy", self)

    def __deepcopy__(self, memo: Any) -> Any:
        return do("deepcopy", self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise CannotSplitError("an object of the code is pickled, which cannot be split")


class RemoteThing(RemoteObject):
    """An object of the code that is neither an exception nor a subclass of a plain type."""

    def __repr__(self) -> str:
        return str(do("repr", self))

    def __str__(self) -> str:
        return str(do("str", self))

    def __hash__(self) -> int:
        return int(do("hash", self))

    def __eq__(self, other: object) -> Any:
        return equal(self, other, "__eq__")

    def __ne__(self, other: object) -> Any:
        return equal(self, other, "__ne__")


class RemoteData(RemoteObject):
    """An instance of a subclass of a plain type. It is compared as the plain value that came with it."""


class RemoteError(RemoteThing):
    """An exception of a class of the code."""

    _split_text = ""
    _split_repr = ""

    def __str__(self) -> str:
        return self._split_text

    def __repr__(self) -> str:
        return self._split_repr


UNTOUCHED = frozenset(
    ("__array_interface__", "__array_struct__", "__array__", "__array_priority__", "__tracebackhide__")
)
KEPT = frozenset(
    ("_split_handle", "_split_text", "_split_repr", "_split_trace", "__cause__", "__context__", "__traceback__")
) | {"__suppress_context__", "__notes__", "args", "__class__"}
MADE = {"_split_made": True}


def is_remote(value: Any) -> bool:
    """Return True for an object of the code, an exception or subclass of a plain type included."""
    return isinstance(type(value), RemoteClass)


def equal(one: Any, other: Any, name: str) -> Any:
    """Compare an object of the code for equality. See above for the rule."""
    if is_remote(other):
        plain = _plain_of(one), _plain_of(other)
        if plain != (NotImplemented, NotImplemented) and NotImplemented not in map(type, plain):
            return (plain[0] == plain[1]) is (name == "__eq__")
        return LINK.request("special", one, name, (other,))
    kind = type(other)
    if kind in PLAIN:
        content = _plain_of(one)
        same = content is not NotImplemented and bool(content == other)
        return same is (name == "__eq__")
    return NotImplemented


def _plain_of(value: Any) -> Any:
    """Return the plain content of an object whose class derives from a mutable plain type."""
    if type(value)._split_content:
        return do("content", value)
    return NotImplemented


def special_method(name: str) -> Any:
    """Return the method that passes a special method on."""

    def passed_on(self: Any, *values: Any, **named: Any) -> Any:
        if name == "__call__":
            return LINK.request("call", self, values, tuple(named), tuple(named.values()))
        if name in COMPARING and not is_remote(values[0]):
            content = _plain_of(self)
            return NotImplemented if content is NotImplemented else getattr(content, name)(values[0])
        result = LINK.request("special", self, name, values)
        if name in ARITHMETIC and isinstance(values[0], NUMBERS) and isinstance(result, NUMBERS):
            raise TypeError(
                f"{type(self).__name__}.{name} with a number of the spec gives a number, which proves nothing here"
            )
        return result

    passed_on.__name__ = name
    passed_on.__qualname__ = name
    return passed_on


class RemoteAttribute:
    """An attribute that a class of the code defines over one of a type that both sides have."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return LINK.request("get", kind if owner is None else owner, self._name)

    def __set__(self, owner: Any, value: Any) -> None:
        LINK.request("set", owner, self._name, value)

    def __delete__(self, owner: Any) -> None:
        LINK.request("del", owner, self._name)


def class_space(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the namespace of the class that stands for one of the code."""
    plain = IMMUTABLE.get(str(facts.get("plain")))
    space: dict[str, Any] = {
        "_split_made": True,
        "__module__": str(facts.get("module")),
        "__qualname__": str(facts.get("qualname")),
        "_split_content": facts.get("content") or "",
        "_split_fields": facts.get("fields"),
    }
    if "doc" in facts:
        space["__doc__"] = str(facts["doc"])
    kept = {"__eq__", "__ne__", "__hash__", *COMPARING, *NEVER_OF_DATA} if plain else set()
    for name in facts.get("special", ()):
        space[str(name)] = special_method(str(name))
    space |= {name: getattr(plain, name) for name in kept if hasattr(plain, name)}
    for name in kept.difference(dir(plain)):
        space.pop(name, None)
    for name in facts.get("names", ()):
        space[str(name)] = RemoteAttribute(str(name))
    if not facts.get("hashable", True) and not plain:
        space["__hash__"] = None
    if facts.get("function"):
        space["__doc__"] = RemoteAttribute("__doc__")
    return space


NEVER_OF_DATA = frozenset(
    [
        "__len__",
        "__iter__",
        "__next__",
        "__contains__",
        "__getitem__",
        "__bool__",
        "__int__",
        "__float__",
        "__complex__",
        "__index__",
        "__bytes__",
        "__reversed__",
        "__abs__",
    ]
)
"""Special methods by which plain data is compared: those of the plain type count."""
