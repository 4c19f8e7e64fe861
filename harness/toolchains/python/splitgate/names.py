"""Names that both sides know: types that cross as themselves, and special methods that are passed on."""

from __future__ import annotations

import builtins
import collections
import collections.abc
import datetime
import decimal
import enum
import fractions
import importlib
import pathlib
import sys
import types
import uuid
from typing import Any

STOPPING = (SystemExit, KeyboardInterrupt, GeneratorExit)
"""Exceptions that end a program; from the code they arrive as others."""

ERRORS: dict[str, type[BaseException]] = {
    f"builtins.{name}": kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and kind.__name__ == name
}
_DATA = (
    *(bool, int, float, complex, str, bytes, bytearray, tuple, list, dict, set, frozenset),
    *(object, slice, range, type(None)),
    *(collections.deque, collections.defaultdict, collections.OrderedDict, collections.Counter),
    *(datetime.datetime, datetime.date, datetime.time, datetime.timedelta, datetime.timezone),
    *(decimal.Decimal, fractions.Fraction, uuid.UUID, pathlib.Path, pathlib.PurePosixPath, type(pathlib.Path())),
)
TYPES: dict[str, Any] = {
    **ERRORS,
    **{f"{kind.__module__}.{kind.__qualname__}": kind for kind in _DATA},
}
"""Types that cross as themselves, by name."""
TYPE_NAMES = {kind: name for name, kind in TYPES.items()}

LIBRARY_ERRORS = {
    "argparse": "ArgumentError ArgumentTypeError",
    "asyncio.exceptions": "CancelledError InvalidStateError IncompleteReadError LimitOverrunError BrokenBarrierError",
    "asyncio.queues": "QueueEmpty QueueFull",
    "binascii": "Error Incomplete",
    "concurrent.futures._base": "CancelledError TimeoutError InvalidStateError BrokenExecutor",
    "configparser": "Error NoSectionError DuplicateSectionError NoOptionError ParsingError MissingSectionHeaderError",
    "copy": "Error",
    "_csv": "Error",
    "dataclasses": "FrozenInstanceError",
    "decimal": "DecimalException InvalidOperation DivisionByZero Overflow Inexact Rounded ConversionSyntax",
    "graphlib": "CycleError",
    "io": "UnsupportedOperation",
    "json.decoder": "JSONDecodeError",
    "_queue": "Empty",
    "queue": "Empty Full",
    "re": "error",
    "shutil": "Error SameFileError",
    "sqlite3": "Error DatabaseError IntegrityError OperationalError ProgrammingError",
    "statistics": "StatisticsError",
    "struct": "error",
    "subprocess": "CalledProcessError TimeoutExpired SubprocessError",
    "threading": "BrokenBarrierError",
    "tomllib": "TOMLDecodeError",
    "urllib.error": "URLError HTTPError",
    "xml.etree.ElementTree": "ParseError",
    "zipfile": "BadZipFile LargeZipFile",
    "zlib": "error",
    "zoneinfo._common": "ZoneInfoNotFoundError",
}
"""Exceptions of the standard library that cross as themselves, by the module that names them."""


def library_error(name: str) -> Any:
    """Return an exception class of the list, by its full name; None for all other names."""
    module, _, last = name.rpartition(".")
    if last not in LIBRARY_ERRORS.get(module, "").split():
        return None
    try:
        result = getattr(importlib.import_module(module), last)
    except (ImportError, AttributeError):
        return None
    return result if isinstance(result, type) and issubclass(result, BaseException) else None


def type_name(kind: type) -> str:
    """Return the full name of a type that crosses as itself; empty for all others."""
    known = TYPE_NAMES.get(kind)
    if known:
        return known
    name = f"{kind.__module__}.{kind.__qualname__}"
    return name if kind.__module__ in LIBRARY_ERRORS and library_error(name) is kind else ""


def named_type(name: Any) -> Any:
    """Return the type that crosses under this full name. Raises KeyError for what is not on the lists."""
    known = TYPES.get(name)
    known = library_error(name) if known is None and type(name) is str else known
    if known is None:
        raise KeyError(name)
    return known


IMMUTABLE: dict[str, Any] = {kind.__name__: kind for kind in (int, float, complex, str, bytes, tuple, frozenset)}
"""Plain types whose subclasses carry their plain value with them."""
MUTABLE: dict[str, Any] = {kind.__name__: kind for kind in (list, dict, set, bytearray, collections.deque)}

INTERFACES: dict[str, Any] = {
    name: getattr(collections.abc, name)
    for name in collections.abc.__all__
    if isinstance(getattr(collections.abc, name), type) and name not in {"Hashable", "ByteString", "Buffer"}
}
"""Abstract base classes that a class may declare itself to be; none of numbers, which would be trusted to calculate."""

COMPARING = ("__lt__", "__le__", "__gt__", "__ge__")
_OPERATORS = [
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and",
    "or",
    "xor",
    "lshift",
    "rshift",
    "divmod",
]
ARITHMETIC = frozenset(f"__{mark}{name}__" for name in _OPERATORS for mark in ("", "r", "i"))
_DIFFERENCES = ["sub", "truediv", "floordiv", "mod", "divmod", "xor", "and", "or"]
DIFFERENCES = frozenset(f"__{mark}{name}__" for name in _DIFFERENCES for mark in ("", "r", "i"))
"""Operators by which a result is held against what is expected, as in `abs(result - 5)`."""
SPECIAL = frozenset(
    (
        *ARITHMETIC,
        *COMPARING,
        *[
            "__len__",
            "__iter__",
            "__next__",
            "__reversed__",
            "__contains__",
            "__getitem__",
            "__setitem__",
            "__delitem__",
            "__call__",
            "__enter__",
            "__exit__",
            "__bool__",
            "__int__",
            "__float__",
            "__complex__",
            "__index__",
            "__round__",
            "__trunc__",
            "__floor__",
            "__ceil__",
            "__abs__",
            "__neg__",
            "__pos__",
            "__invert__",
            "__bytes__",
            "__format__",
            "__fspath__",
            "__await__",
            "__aiter__",
            "__anext__",
            "__aenter__",
            "__aexit__",
            "__length_hint__",
            "__str__",
            "__repr__",
        ],
    )
)
"""Special methods that are passed on where a class has them."""


def is_enum(kind: type) -> bool:
    """Return True for a class of constants."""
    return issubclass(kind, enum.Enum)


def place_of(value: Any) -> tuple[str, str] | None:
    """Return module and name of a function or class of the standard library."""
    if isinstance(value, (types.MethodDescriptorType, types.WrapperDescriptorType)):
        owner = value.__objclass__
        return (owner.__module__, f"{owner.__qualname__}.{value.__name__}") if owner in TYPE_NAMES else None
    if not isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
        return None
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
    if type(module) is not str or module.split(".")[0] not in sys.stdlib_module_names:
        return None
    if module.startswith(("unittest", "__main__")):
        return None
    return (module, name) if getattr(sys.modules.get(module), name, None) is value else None
