"""The trusted side: it holds the spec, decodes by allowlist, and remembers its own failures."""

from __future__ import annotations

import asyncio
import sys
import types
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .callers import MOST_CALLERS, CodeThreads
from .classes import build_class
from .errors import blank_error, is_builtin_error, is_outcome, set_attributes, trace_text
from .frames import Channel
from .generators import WRAPPED, WRAPPERS
from .names import IMMUTABLE, named_type, place_of, type_name
from .notices import Notices
from .peer import Peer
from .proxies import LINK, RemoteClass
from .remotemodules import RemoteModule
from .served import Refused, Served
from .surroundings import Surroundings
from .values import ProtocolError

__tracebackhide__ = True  # pytest leaves these frames out

WORKERS = 64


class SpecSide(Peer):
    """The spec's end of the pipes."""

    def __init__(self, channel: Channel, root: str, code_root: str) -> None:
        super().__init__(channel, 0, root, code_root)
        self.root = root
        self.failures: list[str] = []
        """Assertions that failed inside calls from the code, since they were last taken."""
        self.traces: list[str] = []
        self._raised: dict[int, str] = {}
        self._served = Served(self.is_spec)
        self._surroundings = Surroundings(root, code_root)
        self._counts: dict[int, int] = {}
        self._alive: dict[int, weakref.ref[Any]] = {}
        self._kept: dict[int, Any] = {}
        self._classes: dict[int, type] = {}
        self._wrapped: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
        self._wholes: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self._places: dict[tuple[str, str], Any] = {}
        self._notices = Notices()
        self._workers: ThreadPoolExecutor | None = None
        self._threads = CodeThreads()
        self.in_test = False
        """True during the call phase of a test: only then may the code's SystemExit be one here."""
        self.key = 0
        LINK.request = self.ask

    def ask(self, name: str, *arguments: Any) -> Any:
        """Ask the code's process; inside a running event loop, in the one of that process."""
        if "asyncio" in sys.modules and asyncio._get_running_loop() is not None and name in {"call", "special"}:
            self._served.loop = asyncio.get_running_loop()
            name = f"loop:{name}"
        return self.request(name, *arguments)

    def is_spec(self, kind: type) -> bool:
        """Return True for classes that the spec's own files define."""
        module = sys.modules.get(kind.__module__)
        file = getattr(module, "__file__", None) if type(module) is types.ModuleType else None
        return file is not None and file.startswith(self.root + "/")

    # What travels with frames.

    def extras(self) -> dict[str, Any]:
        result: dict[str, Any] = {}
        if changes := self._surroundings.changes(self.encode):
            result["x"] = changes
        released, LINK.released = LINK.released, []
        gone = [[number, self._counts.pop(number)] for number in released if self._is_gone(number)]
        if gone:
            result["r"] = gone
        return result

    def _is_gone(self, number: int) -> bool:
        known = self._alive.get(number)
        if known is not None and known() is not None:
            return False
        self._alive.pop(number, None)
        return number in self._counts

    def accept(self, extras: dict[str, Any]) -> None:
        self._notices.take(extras, self.decode)

    def settle(self) -> None:
        self._notices.deliver()

    # Values.

    def encode_own(self, value: Any) -> Any:
        kind = type(value)
        if isinstance(kind, RemoteClass) or kind is RemoteModule:
            return ["h", object.__getattribute__(value, "_split_handle")]
        if kind is RemoteClass:
            return ["K", type.__getattribute__(value, "_split_number")]
        if kind in WRAPPED and value in self._wrapped:
            return self.encode_own(self._wrapped[value])
        if kind is types.TracebackType:
            return None
        if isinstance(value, type) and (name := type_name(value)):
            return ["g", name]
        place = place_of(value)
        if place:
            self._places[place] = value
            return ["G", *place]
        number, new = self._served.export(value)
        if isinstance(value, BaseException):
            return self._encode_error(value, number) if new else ["o", number]
        return ["o", number, self._served.facts(value)] if new else ["o", number]

    def _encode_error(self, error: BaseException, number: int) -> Any:
        kind = type(error)
        if is_builtin_error(kind):
            return ["e", number, 0, type_name(kind), "", self.encode(error.args)]
        base = next((type_name(one) for one in kind.__mro__ if type_name(one)), "builtins.Exception")
        return ["e", number, len(kind.__mro__) + id(kind), kind.__name__, base, self.encode(error.args)]

    def decode_own(self, tag: str, parts: list[Any]) -> Any:
        if tag == "h":
            return self._decode_object(*parts[1:])
        if tag == "o":
            return self._decode_spec_object(parts[1])
        if tag == "K":
            self._count(parts[1])
            return self._classes[parts[1]]
        if tag == "k":
            return self._decode_class(parts[1], parts[2])
        if tag == "g":
            return named_type(parts[1])
        if tag == "G":
            return self._places[parts[1], parts[2]]
        if tag == "e":
            return self._decode_error(parts[1], 0)
        if tag == "n":
            return self._decode_module(*parts[1:])
        raise ProtocolError("a tag is unknown")

    def _decode_spec_object(self, number: Any) -> Any:
        value = self._served.get(number)
        if isinstance(value, BaseException) and is_outcome(value):
            return RuntimeError(f"{type(value).__name__}: {value}")
        return value

    def _count(self, number: int) -> None:
        self._counts[number] = self._counts.get(number, 0) + 1

    def _decode_object(self, number: int, class_code: Any, plain: Any = None) -> Any:
        kind = self.decode(class_code)
        self._count(number)
        known = self._alive.get(number)
        value = known() if known is not None else self._kept.get(number)
        value = value if value is not None else self._made(number, kind, plain)
        wrap = WRAPPERS.get(kind.__name__) if kind.__module__ == "builtins" else None
        if wrap is None:
            return value
        whole = self._wholes.get(number)
        if whole is None:
            self._wholes[number] = whole = wrap(self, value)
            self._wrapped[whole] = value
        return whole

    def _made(self, number: int, kind: Any, plain: Any) -> Any:
        base = next((one for one in kind.__mro__ if one in IMMUTABLE.values()), None)
        if base is not None:
            content = self.decode(plain)
            if type(content) is not base:
                raise ProtocolError("a plain value has another type")
            value = base.__new__(kind, content)
        elif issubclass(kind, BaseException):
            value = kind.__new__(kind)
        else:
            value = object.__new__(kind)
        object.__setattr__(value, "_split_handle", number)
        self._remember(number, value)
        return value

    def _remember(self, number: int, value: Any) -> None:
        try:
            self._alive[number] = weakref.ref(value, lambda _: LINK.released.append(number))
        except TypeError:
            self._kept[number] = value

    def _decode_class(self, number: int, facts: dict[str, Any]) -> type:
        self._count(number)
        if number in self._classes:
            raise ProtocolError("a class is described twice")
        made = build_class(facts, [self.decode(base) for base in facts["bases"]])
        type.__setattr__(made, "_split_number", number)
        self._classes[number] = made
        return made

    def _decode_error(self, facts: dict[str, Any], depth: int) -> BaseException:
        kind = self.decode(facts["class"])
        number = facts["number"]
        self._count(number)
        arguments = self.decode(facts["args"])
        known = self._alive.get(number)
        error = known() if known is not None else None
        if error is None and self.in_test and _is_exit(kind):
            error = SystemExit(*arguments)
        if error is None:
            error = blank_error(kind, arguments) if is_builtin_error(kind) else kind.__new__(kind)
            if isinstance(kind, RemoteClass) and not isinstance(error, SystemExit):
                object.__setattr__(error, "_split_handle", number)
                object.__setattr__(error, "_split_text", str(facts["text"]))
                object.__setattr__(error, "_split_repr", str(facts["repr"]))
                error.args = arguments
                self._remember(number, error)
        if facts.get("notes"):
            object.__setattr__(error, "__notes__", [str(note) for note in facts["notes"]])
        if not isinstance(kind, RemoteClass):
            set_attributes(error, [(name, self.decode(value)) for name, value in facts.get("attributes", ())])
        for name in ("cause", "context"):
            if name in facts and depth < 8:
                code = facts[name]
                other = self.decode(code) if code[0] == "o" else self._decode_error(code[1], depth + 1)
                BaseException.__setattr__(error, f"__{name}__", other)
        BaseException.__setattr__(error, "__suppress_context__", bool(facts.get("suppress")))
        if facts.get("trace") and depth == 0:
            self.traces.append(trace_text(facts))
            del self.traces[:-4]
        return error

    def _decode_module(self, number: int, name: str) -> Any:
        self._count(number)
        known = self._kept.get(number)
        if known is None:
            known = RemoteModule(str(name), number)
            self._kept[number] = known
        return known

    # Requests of the code.

    def operate(self, name: str, arguments: list[Any]) -> Any:
        if not arguments or type(arguments[0]) is not int:
            raise Refused("a request names no object")
        return self._served.operate(name, arguments[0], arguments[1:])

    def caught(self, error: BaseException) -> BaseException:
        if isinstance(error, AssertionError) or is_outcome(error):
            self._raised[id(error)] = f"{type(error).__name__} in a call from the code: {error}"
            self._keep_alive = error
        if is_outcome(error):
            return AssertionError(str(error))
        return error

    def returned(self, error: BaseException) -> BaseException:
        self._raised.pop(id(error), None)  # it fails what the spec does with it
        return error

    def take_failures(self) -> list[str]:
        """Return and forget the failures of the spec that the code has swallowed."""
        result = [*self.failures, *self._raised.values()]
        self.failures, self._raised = [], {}
        return result

    # Threads of the code.

    def serve(self, sender: int, content: list[Any]) -> None:
        """Serve each thread that the code started in a thread here, so that its calls run side by side as there."""
        if sender >= 0:
            super().serve(sender, content)
            return
        if not self._threads.start(super().serve, sender, content):
            raise self.channel.fail(f"the code has more than {MOST_CALLERS} threads that call the spec at once")

    # Coroutines of the code.

    async def awaited(self, value: Any) -> Any:
        """Run an awaitable of the code to its end, without holding up the spec's event loop."""
        loop = asyncio.get_running_loop()
        self._served.loop = loop
        if self._workers is None:
            self._workers = ThreadPoolExecutor(WORKERS)
        future = loop.run_in_executor(self._workers, self.request, "await", value)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            if not future.done():
                await loop.run_in_executor(self._workers, self.request, "cancel", value)
            raise


def _is_exit(kind: type) -> bool:
    return kind.__name__ == "SystemExit" and kind.__module__ == "builtins"
