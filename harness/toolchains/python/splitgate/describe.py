"""Descriptions of classes of the code, from which the trusted side makes their proxies."""

from __future__ import annotations

import dataclasses
import types
from typing import Any

from .names import IMMUTABLE, INTERFACES, MUTABLE, SPECIAL, is_enum

FUNCTIONS = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodWrapperType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
)


def describe(kind: type, interfaces: bool = True) -> dict[str, Any]:
    """Return the facts of a class; what is a class in them is under `bases`."""
    mro = type.mro(kind) if type(kind) is not type else kind.__mro__
    plain = next((base.__name__ for base in mro if base in IMMUTABLE.values()), None)
    is_error = issubclass(kind, BaseException)
    own = [base for base in mro if base.__module__ != "builtins"]
    sources = own if plain or is_error else [base for base in mro if base is not object]
    facts: dict[str, Any] = {
        "name": kind.__name__,
        "qualname": kind.__qualname__,
        "module": str(kind.__module__),
        "special": sorted({name for base in sources for name in vars(base) if name in SPECIAL}),
        "hashable": getattr(kind, "__hash__", None) is not None,
        "enum": is_enum(kind),
    }
    if isinstance(doc := kind.__dict__.get("__doc__"), str):
        facts["doc"] = doc
    if plain:
        facts["plain"] = plain
    else:
        mutable = next((base.__name__ for base in mro if base in MUTABLE.values()), None)
        facts |= {"content": mutable} if mutable else {}
    if plain or is_error:
        facts["names"] = sorted({name for base in own for name in vars(base) if not name.startswith("__")})
    if interfaces and kind.__module__ != "builtins":
        facts["interfaces"] = sorted(name for name, abstract in INTERFACES.items() if _is_one(kind, abstract))
    if dataclasses.is_dataclass(kind):
        facts["fields"] = [
            (one.name, str(one.type), one.init, one.repr, one.compare, bool(one.kw_only))
            for one in dataclasses.fields(kind)
        ]
    if issubclass(kind, FUNCTIONS):
        facts["function"] = True
    return facts


def plain_value(value: Any, name: str) -> Any:
    """Return the plain value of an instance of a subclass, by methods that the subclass cannot change."""
    kind = IMMUTABLE[name]
    if kind in {int, float, complex}:
        return kind.__pos__(value)
    if kind is str:
        return str.__str__(value)
    if kind is bytes:
        return bytes.__getitem__(value, slice(None))
    return kind(kind.__iter__(value))


def plain_content(value: Any) -> Any:
    """Return a plain copy of an instance of a subclass of a mutable type."""
    for kind in MUTABLE.values():
        if isinstance(value, kind):
            return dict(dict.items(value)) if kind is dict else kind(kind.__iter__(value))
    return NotImplemented


def _is_one(kind: type, abstract: Any) -> bool:
    try:
        return issubclass(kind, abstract)
    except Exception:
        return False
