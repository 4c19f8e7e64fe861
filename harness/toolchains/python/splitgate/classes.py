"""Classes that stand for those of the code on the spec's side."""

from __future__ import annotations

import dataclasses
from typing import Any

from .errors import is_builtin_error
from .names import IMMUTABLE, INTERFACES, STOPPING
from .namespaces import class_space
from .proxies import RemoteClass, RemoteData, RemoteError, RemoteThing

__tracebackhide__ = True  # pytest leaves these frames out

STOPPING_NAMES = {"BaseException", *(kind.__name__ for kind in STOPPING)}


def build_class(facts: dict[str, Any], bases: list[type]) -> type:
    """Return the class for these facts of a class of the code and its bases.

    Only exceptions that may be raised here are taken as bases; all others of the language become plain exceptions.
    """
    name = str(facts["name"])
    ordered: list[type] = [base for base in bases if isinstance(base, RemoteClass)]
    errors = [base for base in bases if is_builtin_error(base)]
    is_error = bool(errors) or name in STOPPING_NAMES or any(issubclass(base, BaseException) for base in ordered)
    plain = IMMUTABLE.get(str(facts.get("plain")))
    if plain is not None:
        _require(ordered, RemoteData)
        ordered += [] if any(issubclass(one, plain) for one in ordered) else [plain]
    elif is_error:
        _require(ordered, RemoteError)
        ordered += errors or ([] if any(issubclass(one, Exception) for one in ordered) else [Exception])
    elif not ordered:
        ordered = [RemoteThing]
    try:
        made = RemoteClass(name, tuple(ordered), class_space(facts))
    except TypeError:  # bases that have no order here, for some were left out
        alone = (RemoteError, Exception) if is_error else (RemoteData, plain) if plain else (RemoteThing,)
        made = RemoteClass(name, alone, class_space(facts))
    if facts.get("fields"):
        type.__setattr__(made, "__dataclass_fields__", _fields(facts["fields"]))
    for interface in facts.get("interfaces", ()):
        if interface in INTERFACES and not issubclass(made, INTERFACES[interface]):
            INTERFACES[interface].register(made)
    return made


def _require(bases: list[type], root: type) -> None:
    if not any(issubclass(one, root) for one in bases):
        bases.insert(0, root)


def _fields(fields: list[list[Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, kind, init, shown, compared, keyword in fields:
        field: Any = dataclasses.field(init=bool(init), repr=bool(shown), compare=bool(compared))
        field.name, field.type, field.kw_only = str(name), str(kind), bool(keyword)
        field._field_type = dataclasses._FIELD  # type: ignore[attr-defined]
        made[str(name)] = field
    return made
