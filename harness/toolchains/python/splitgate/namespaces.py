"""Namespaces of the classes that stand for those of the code: special methods, attributes, and facts."""

from __future__ import annotations

from typing import Any

from .names import ARITHMETIC, COMPARING, IMMUTABLE
from .proxies import LINK, NUMBERS, is_remote, plain_content_of

__tracebackhide__ = True  # pytest leaves these frames out


def special_method(name: str) -> Any:
    """Return the method that passes a special method on."""

    def passed_on(self: Any, *values: Any, **named: Any) -> Any:
        if name == "__call__":
            return LINK.request("call", self, values, tuple(named), tuple(named.values()))
        if name in COMPARING and not is_remote(values[0]):
            content = plain_content_of(self)
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
