"""Objects of the spec as the code sees them: functions, fakes, iterators that live on the trusted side."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from .names import SPECIAL, named_type

Request = Callable[..., Any]


class SpecObject:
    """An object of the spec. The trusted side decides which of its attributes are there."""

    _split_number: int
    _split_request: Request

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_split"):
            raise AttributeError(name)
        return self._split_request("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in {"__wrapped__", "__dict__"}:
            object.__setattr__(self, name, value)
        else:
            self._split_request("set", self, name, value)

    def __repr__(self) -> str:
        return str(self._split_request("special", self, "__repr__", ()))


def _passing(name: str) -> Any:
    def passed_on(self: SpecObject, *arguments: Any, **named: Any) -> Any:
        if name == "__call__":
            return self._split_request("call", self, arguments, tuple(named), tuple(named.values()))
        return self._split_request("special", self, name, arguments)

    passed_on.__name__ = name
    return passed_on


class SpecObjects:
    """All objects of the spec that the code has got."""

    def __init__(self, request: Request, awaited: Callable[[Any], Any]) -> None:
        self._request = request
        self._awaited = awaited
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._kinds: dict[int, type] = {}

    def number_of(self, value: Any) -> int | None:
        """Return the number of an object of the spec; None for all others."""
        number = self._numbers.get(id(value))
        return number if number is not None and self._objects[number] is value else None

    def get(self, number: int) -> Any:
        """Return an object that is known."""
        return self._objects[number]

    def add(self, number: int, facts: dict[str, Any]) -> Any:
        """Make an object by its facts."""
        value = self._made(number, facts)
        self._objects[number] = value
        self._numbers[id(value)] = number
        return value

    def add_error(self, number: int, error: BaseException) -> BaseException:
        """Take an exception as that of the spec."""
        self._objects[number] = error
        self._numbers[id(error)] = number
        return error

    def error_kind(self, number: int, name: str, base: str) -> type[BaseException]:
        """Return the class that stands for a class of exceptions of the spec."""
        if number not in self._kinds:
            self._kinds[number] = type(name, (named_type(base),), {"__module__": "spec"})
        return self._kinds[number]

    def _made(self, number: int, facts: dict[str, Any]) -> Any:
        kind = facts["kind"]
        target = self._object(number, facts)
        if kind in {"function", "async"}:
            value = _async_function(target, self._awaited) if kind == "async" else _function(target)
            _name(value, facts)
            if facts.get("signature"):
                value.__dict__["__signature__"] = signature_of(facts["signature"])
            self._numbers[id(target)] = number
            value.__dict__["_split_target"] = target
            return value
        if kind == "generator":
            value = _generator(target)
            self._numbers[id(target)] = number
            return value
        if kind == "coroutine":
            return _coroutine(target, self._awaited)
        return target

    def _object(self, number: int, facts: dict[str, Any]) -> SpecObject:
        kind_number, name, special = facts["type"]
        kind = self._kinds.get(kind_number)
        if kind is None:
            space: dict[str, Any] = {one: _passing(one) for one in special if one in SPECIAL}
            if "__eq__" in special:
                space |= {"__eq__": _passing("__eq__"), "__hash__": _passing("__hash__")}
            kind = type(str(name), (SpecObject,), space)
            self._kinds[kind_number] = kind
        value = kind()
        object.__setattr__(value, "_split_number", number)
        object.__setattr__(value, "_split_request", self._request_for(number))
        for key in ("name", "qualname", "doc"):
            if facts["kind"] == "class" and facts.get(key):
                object.__setattr__(value, f"__{key}__", facts[key])
        return value  # type: ignore[no-any-return]

    def _request_for(self, number: int) -> Request:
        def ask(name: str, _: Any, *arguments: Any) -> Any:
            return self._request(name, number, *arguments)

        return ask


def signature_of(parts: list[list[Any]]) -> inspect.Signature:
    """Return a signature by the names and kinds of its parameters."""
    default = inspect.Parameter.empty
    return inspect.Signature(
        [
            inspect.Parameter(name, inspect._ParameterKind(kind), default=None if optional else default)
            for name, kind, optional in parts
        ]
    )


def _name(value: Any, facts: dict[str, Any]) -> None:
    value.__name__ = str(facts.get("name"))
    value.__qualname__ = str(facts.get("qualname"))
    value.__doc__ = facts.get("doc")
    value.__module__ = "spec"


def _function(target: Any) -> Any:
    def function(*arguments: Any, **named: Any) -> Any:
        return target._split_request("call", target, arguments, tuple(named), tuple(named.values()))

    return function


def _async_function(target: Any, awaited: Callable[[Any], Any]) -> Any:
    async def function(*arguments: Any, **named: Any) -> Any:
        called = target._split_request("call", target, arguments, tuple(named), tuple(named.values()))
        return await called if asyncio.iscoroutine(called) else await awaited(called)

    return function


def _generator(target: Any) -> Any:
    sent: Any = None
    try:
        while True:
            try:
                following = (
                    target._split_request("special", target, "__next__", ()) if sent is None else target.send(sent)
                )
            except StopIteration as end:
                return end.value
            sent = yield following
    except GeneratorExit:
        target.close()
        raise


async def _coroutine(target: Any, awaited: Callable[[Any], Any]) -> Any:
    return await awaited(target)
