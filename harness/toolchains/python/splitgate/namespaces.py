"""Namespaces of the classes that stand for those of the code: special methods, attributes, and facts."""

from __future__ import annotations

from typing import Any

from .names import COMPARING, DIFFERENCES, IMMUTABLE, SPECIAL
from .proxies import LINK, is_remote, plain_content_of
from .values import PLAIN

__tracebackhide__ = True  # pytest leaves these frames out


def special_method(name: str) -> Any:
    """Return the method that passes a special method on."""

    def passed_on(self: Any, *values: Any, **named: Any) -> Any:
        if name == "__call__":
            return LINK.request("call", self, values, tuple(named), tuple(named.values()))
        if name in COMPARING and not is_remote(values[0]):
            content = plain_content_of(self)
            return NotImplemented if content is NotImplemented else getattr(content, name)(values[0])
        if name in REDUCING and is_derived(self):
            raise TypeError(f"{name} of what {type(self).__name__} made of plain data of the spec proves nothing here")
        result = LINK.request("special", self, name, values)
        if name in DIFFERENCES and result is not NotImplemented:
            _note_derived(self, name, values[0], result)
        return result

    passed_on.__name__ = name
    passed_on.__qualname__ = name
    return passed_on


def _note_derived(one: Any, name: str, other: Any, result: Any) -> None:
    """Note that an object has seen plain data of the spec, which may be what it is compared with."""
    seen = not is_remote(other) or is_derived(one) or is_derived(other)
    if not seen:
        return
    if is_remote(result):
        object.__setattr__(result, "_split_derived", True)
    elif type(result) in PLAIN:
        raise TypeError(
            f"{type(one).__name__}.{name} with plain data of the spec gives plain data, which proves nothing"
        )


def is_derived(value: Any) -> bool:
    """Return True for an object of the code that was made of plain data of the spec by an operator."""
    if not is_remote(value):
        return False
    try:
        return bool(object.__getattribute__(value, "_split_derived"))
    except AttributeError:
        return False


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
    for name in SPECIAL.intersection(facts.get("special", ())):
        space[name] = special_method(name)
    space |= {name: getattr(plain, name) for name in kept if hasattr(plain, name)}
    for name in kept.difference(dir(plain)):
        space.pop(name, None)
    own = {name for name in facts.get("names", ()) if type(name) is str and not name.startswith(("__", "_split"))}
    # What plain data can do, plain data decides; a tuple has fields, which may be named as its methods are.
    for name in own if plain in {None, tuple} else own.difference(dir(plain)):
        space[name] = RemoteAttribute(name)
    if not facts.get("hashable", True) and not plain:
        space["__hash__"] = None
    if facts.get("module") == "builtins" or facts.get("function"):
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
REDUCING = frozenset(
    f"__{name}__"
    for name in (
        *("abs", "int", "float", "complex", "index", "round", "trunc", "floor", "ceil"),
        *("bool", "len", "iter", "contains", "lt", "le", "gt", "ge"),
    )
)
"""Special methods that make plain data of an object."""
