"""Classes and objects of the code as the spec sees them.

Each class of the code has a class here, with the same name, bases and special methods, so that `isinstance`, `except`
and operators work as usual. What decides a comparison stays on this side:

- An object of the code equals plain data only if its class derives from a plain type; then its plain value decides.
- Two objects of the code are compared by the code. A class whose `__eq__` lies can therefore pass a test that compares
  two of its own objects, as it can in one process.
- Order against plain data is refused, as is plain data that an object makes of plain data by an operator that
  differences are taken with (`r - 5`, or `abs(r - 5)`): either would let an object adapt to what the spec expects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .names import SPECIAL
from .values import PLAIN

__tracebackhide__ = True  # pytest leaves these frames out

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


class RemoteNamespace(Mapping[str, Any]):
    """The namespace of a class of the code. Special methods are looked up here, by which abstract base classes ask."""

    def __init__(self, kind: RemoteClass) -> None:
        self._kind = kind

    def _whole(self) -> dict[str, Any]:
        return dict(do("vars", self._kind))

    def __getitem__(self, name: str) -> Any:
        here = type.__dict__["__dict__"].__get__(self._kind)
        if name in here and name.startswith("__"):
            return here[name]
        if name in SPECIAL:
            raise KeyError(name)
        return self._whole()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())


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
    def __dict__(cls) -> RemoteNamespace:  # type: ignore[override]
        return RemoteNamespace(cls)

    def __dir__(cls) -> list[str]:
        return list(do("dir", cls))

    def __bool__(cls) -> bool:
        return True

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
        plain = plain_content_of(one), plain_content_of(other)
        if plain != (NotImplemented, NotImplemented) and NotImplemented not in map(type, plain):
            return (plain[0] == plain[1]) is (name == "__eq__")
        return LINK.request("special", one, name, (other,))
    kind = type(other)
    if kind in PLAIN:
        content = plain_content_of(one)
        same = content is not NotImplemented and bool(content == other)
        return same is (name == "__eq__")
    return NotImplemented


def plain_content_of(value: Any) -> Any:
    """Return the plain content of an object whose class derives from a mutable plain type."""
    if type(value)._split_content:
        content = do("content", value)
        return content if type(content) in PLAIN else NotImplemented
    return NotImplemented
