"""The side of the code: it holds the workspace's modules and does what the spec asks of them.

Nothing here is trusted. The code may change all of it, and then gains what it could have returned anyway: a value.
"""

from __future__ import annotations

import contextvars
import copy
import importlib
import inspect
import sys
import types
from collections.abc import Callable
from typing import Any

from .describe import describe, plain_content, plain_value
from .frames import Channel
from .names import named_type, type_name
from .peer import Peer
from .specobjects import SpecObject, SpecObjects
from .streams import Outside
from .tasks import Loop

MOST_FRAMES = 12
NEVER = -1

_partner: contextvars.ContextVar[int] = contextvars.ContextVar("partner", default=NEVER)


class CodeSide(Peer):
    """Carry out the requests of the trusted side."""

    def __init__(self, channel: Channel, root: str, spec_root: str, outside: Outside) -> None:
        super().__init__(channel, 1, root, spec_root)
        self._root = root
        self._outside = outside
        self._handles: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._counts: dict[int, int] = {}
        self._next = 0
        self._classes: dict[type, int] = {}
        self._class_of: dict[int, type] = {}
        self._loop = Loop(self)
        self._specs = SpecObjects(self.request, self._loop.await_spec)
        self._places: dict[int, Any] = {}
        """Functions and classes of the standard library that came from the spec, with their names."""
        self._active = [0]

    def new_key(self) -> int:
        return -super().new_key()

    @property
    def partner(self) -> int:
        """Threads of the code's own ask the thread of the spec that called last."""
        here = getattr(self._local, "partner", None)
        if here is not None:
            return int(here)
        known = _partner.get()
        return known if known != NEVER else self._active[-1]

    @partner.setter
    def partner(self, value: int) -> None:
        self._local.partner = value
        _partner.set(value)
        self._active[-1] = value

    def work(self, key: int) -> None:
        """Serve one thread of the spec for ever."""
        self.key = key
        while True:
            _, sender, _, _, content = self.channel.receive(key)
            self.serve(sender, content)

    # What travels with frames.

    def extras(self) -> dict[str, Any]:
        return self._outside.collected(self.encode)

    def accept(self, extras: dict[str, Any]) -> None:
        for number, count in extras.get("r", ()):
            self._release(number, count)
        if "x" in extras:
            self._outside.follow(extras["x"], self.decode)

    def _release(self, number: int, count: int) -> None:
        left = self._counts.get(number, 0) - count
        self._counts[number] = left
        if left <= 0:
            value = self._handles.pop(number, None)
            self._counts.pop(number, None)
            self._numbers.pop(id(value), None)

    # Values.

    def encode_own(self, value: Any) -> Any:
        if id(value) in self._places:
            return ["G", *self._places[id(value)][1]]
        spec = value._split_number if isinstance(value, SpecObject) else self._specs.number_of(value)
        if spec is not None:
            return ["o", spec]
        if isinstance(value, type):
            return self.encode_class(value)
        if isinstance(value, BaseException):
            return self._encode_error(value)
        if isinstance(value, types.ModuleType):
            return ["n", self._handle(value), value.__name__]
        kind = type(value)
        if kind is types.TracebackType:
            return None
        facts = self._facts_code(kind)
        number = self._handle(value)
        for base in kind.__mro__:
            if base.__name__ in ("int", "float", "complex", "str", "bytes", "tuple", "frozenset") and (
                base.__module__ == "builtins"
            ):
                return ["h", number, facts, self.encode(plain_value(value, base.__name__))]
        return ["h", number, facts]

    def encode_class(self, kind: type) -> Any:
        """Return the name of a type that both sides have, or what the other side must know of it."""
        name = type_name(kind)
        return ["g", name] if name else self._facts_code(kind)

    def _facts_code(self, kind: type) -> Any:
        number = self._classes.get(kind)
        if number is not None:
            return ["K", number]
        number = self._handle(kind)
        self._classes[kind] = number
        facts = describe(kind)
        bases = [self.encode_class(base) for base in kind.__bases__]
        return ["k", number, {"bases": bases, **facts}]

    def _handle(self, value: Any) -> int:
        number = self._numbers.get(id(value))
        if number is None:
            self._next += 1
            number = self._next
            self._handles[number] = value
            self._numbers[id(value)] = number
        self._counts[number] = self._counts.get(number, 0) + 1
        return number

    def _encode_error(self, error: BaseException, depth: int = 0) -> Any:
        kind = type(error)
        facts: dict[str, Any] = {
            "class": self.encode_class(kind),
            "number": self._handle(error),
            "text": _text_of(error),
            "repr": _repr_of(error),
            "args": self.encode(error.args if type(error.args) is tuple else ()),
            "trace": self._trace(error),
        }
        if notes := getattr(error, "__notes__", None):
            facts["notes"] = [str(note) for note in notes]
        if depth < 5:
            for name in ("cause", "context"):
                other = getattr(error, f"__{name}__")
                if other is not None and other is not error:
                    spec = self._specs.number_of(other)
                    facts[name] = ["o", spec] if spec is not None else self._encode_error(other, depth + 1)
            facts["suppress"] = bool(error.__suppress_context__)
        attributes = {**getattr(error, "__dict__", {})}
        attributes.pop("__notes__", None)
        if isinstance(error, OSError):
            attributes |= {"filename": error.filename, "filename2": error.filename2}
        if isinstance(error, (ImportError, AttributeError, NameError)):
            attributes["name"] = getattr(error, "name", None)
        if attributes and type_name(kind):
            facts["attributes"] = [[str(name), self.encode(value)] for name, value in attributes.items()]
        return ["e", facts]

    def _trace(self, error: BaseException) -> list[list[Any]]:
        frames: list[list[Any]] = []
        trace = error.__traceback__
        while trace is not None and len(frames) < MOST_FRAMES:
            code = trace.tb_frame.f_code
            if code.co_filename.startswith(self._root):
                frames.append([code.co_filename[len(self._root) + 1 :], trace.tb_lineno, code.co_name])
            trace = trace.tb_next
        return frames

    def decode_own(self, tag: str, parts: list[Any]) -> Any:
        if tag in {"h", "K"}:
            return self._handles[parts[1]]
        if tag == "o":
            return self._specs.add(parts[1], parts[2]) if len(parts) > 2 else self._specs.get(parts[1])
        if tag == "e":
            return self._spec_error(*parts[1:])
        if tag == "g":
            return named_type(parts[1])
        result: Any = importlib.import_module(parts[1])
        for part in parts[2].split("."):
            result = getattr(result, part)
        self._places[id(result)] = (result, parts[1:3])
        return result

    def _spec_error(self, number: int, kind: int, name: str, base: str, arguments: Any) -> BaseException:
        cls = named_type(name) if kind == 0 else self._specs.error_kind(-kind, name, base)
        values = self.decode(arguments)
        try:
            error = cls(*values)
        except Exception:
            error = cls.__new__(cls, *values)
            error.args = values
        return self._specs.add_error(number, error)

    # Requests.

    def operate(self, name: str, arguments: list[Any]) -> Any:
        if name.startswith("loop:"):
            return self._loop.run_inside(self._operations()[name[5:]], arguments)
        return self._operations()[name](*arguments)

    def _operations(self) -> dict[str, Callable[..., Any]]:
        return {
            "import": self._import,
            "get": getattr,
            "set": setattr,
            "del": delattr,
            "call": lambda target, values, names, named: target(*values, **dict(zip(names, named))),  # noqa: B905
            "method": lambda target, name, values, names, named: getattr(target, name)(
                *values,
                **dict(zip(names, named)),  # noqa: B905
            ),
            "special": self._special,
            "do": lambda name, *values: DOING[name](*values),
            "signature": _signature,
            "await": self._loop.wait_for,
            "cancel": self._loop.cancel,
            "start": lambda: None,
        }

    def _import(self, name: str, paths: list[str]) -> Any:
        for path in reversed(paths):
            if path not in sys.path:
                sys.path.insert(0, path)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    def _special(self, target: Any, name: str, values: tuple[Any, ...]) -> Any:
        return getattr(type(target), name)(target, *values)


def _signature(target: Any) -> list[Any]:
    result = inspect.signature(target)
    empty = inspect.Parameter.empty
    return [(one.name, int(one.kind), one.default is not empty) for one in result.parameters.values()]


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "<no text>"


def _repr_of(error: BaseException) -> str:
    try:
        return repr(error)
    except Exception:
        return f"<{type(error).__name__}>"


def _names_of(module: Any) -> list[str]:
    names = getattr(module, "__all__", None)
    return list(names) if names is not None else [name for name in vars(module) if not name.startswith("_")]


DOING: dict[str, Callable[..., Any]] = {
    "repr": repr,
    "str": str,
    "hash": hash,
    "dir": lambda value: list(dir(value)),
    "vars": lambda value: dict(vars(value)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "content": plain_content,
    "names": _names_of,
    "iter": iter,
    "len": len,
    "getitem": lambda value, key: value[key],
    "contains": lambda value, item: item in value,
    "next": next,
    "send": lambda value, item: value.send(item),
    "throw": lambda value, error: value.throw(error),
    "close": lambda value: value.close(),
    "anext": lambda value, item: value.asend(item),
    "or": lambda one, other: one | other,
}
