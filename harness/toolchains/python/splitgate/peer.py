"""Requests and answers between the two sides.

Either side asks while it serves: a call of the spec may call a function of the spec back. An answer goes to the thread
that asked, and a request that is part of serving another goes to the thread that waits for that answer.
"""

from __future__ import annotations

import itertools
import threading
from typing import Any

from .frames import Channel, ChannelError, Frame
from .values import Codec, ProtocolError

__tracebackhide__ = True  # pytest leaves these frames out

QUESTION, ANSWER, ERROR = "q", "a", "e"


class Peer(Codec):
    """One side of the conversation."""

    def __init__(self, channel: Channel, first: int, here: str, there: str) -> None:
        super().__init__(first, here, there)
        self.channel = channel
        self._tables = threading.RLock()
        self._local = threading.local()
        self._keys = itertools.count(1)
        self._seen: list[int] = []
        """Drops of the other side that it has not been told of as seen."""

    def operate(self, name: str, arguments: list[Any]) -> Any:
        """Carry out an operation that the other side asked for."""
        raise NotImplementedError

    def new_key(self) -> int:
        """Return a number for a thread of this side."""
        return next(self._keys)

    def extras(self) -> dict[str, Any]:
        """Return what else travels with a frame of this side."""
        return {}

    def accept(self, extras: dict[str, Any]) -> None:
        """Take what else travelled with a frame of the other side, in the order of the frames."""

    def settle(self) -> None:
        """Do what `accept` left to the thread that a frame is for."""

    @property
    def key(self) -> int:
        """Return the number of this thread."""
        try:
            return int(self._local.key)
        except AttributeError:
            self._local.key = self.new_key()
            return int(self._local.key)

    @key.setter
    def key(self, value: int) -> None:
        self._local.key = value

    @property
    def partner(self) -> int:
        """Return the number of the other side's thread that requests of this thread go to."""
        return int(getattr(self._local, "partner", self.key))

    @partner.setter
    def partner(self, value: int) -> None:
        self._local.partner = value

    def request(self, name: str, *arguments: Any) -> Any:
        """Ask the other side to do something, and serve it until it has. Raises what the other side raises."""
        key = self.key
        self.send(self.partner, QUESTION, [name, arguments])
        while True:
            _, sender, kind, _, content = self.channel.receive(key)
            self.settle()
            if kind == ANSWER:
                return content
            if kind == ERROR:
                raise self.returned(content)
            self.serve(sender, content)

    def serve(self, sender: int, content: list[Any]) -> None:
        """Carry out one request, and answer it."""
        before = self.partner
        self.partner = sender
        kind = ANSWER
        try:
            result = self.operate(content[0], list(content[1]))
        except ChannelError:
            raise
        except BaseException as error:
            kind, result = ERROR, self.caught(error)
        finally:
            self.partner = before
        try:
            self.send(sender, kind, result)
        except (ValueError, RecursionError, TypeError) as error:
            self.send(sender, ERROR, error)

    def caught(self, error: BaseException) -> BaseException:
        """Look at an error that leaves this side; return what leaves."""
        return error

    def returned(self, error: BaseException) -> BaseException:
        """Look at an error that the other side raised; return what is raised here."""
        return error

    def send(self, to: int, kind: str, content: Any) -> None:
        """Encode and write one frame."""
        with self.channel.sending:
            with self._tables:
                extras = self.extras()
                if changes := self.encode_changes():
                    extras["s"] = changes
                if self._seen:
                    extras["k"], self._seen = self._seen, []
                code = self.encode(content) if kind != QUESTION else [content[0], *map(self.encode, content[1])]
            self.channel.send([to, self.key, kind, extras, code])

    def understand(self, frame: Frame) -> Frame:
        """Decode a frame; frames are decoded in the order in which they came."""
        to, sender, kind, extras, code = frame
        try:
            with self._tables:
                if extras:
                    for number in extras.get("k", ()):
                        self.shared.fading.pop(number, None)
                    self._seen += self.decode_changes(extras.get("s", []))
                    self.accept(extras)
                if kind == QUESTION:
                    content: Any = [str(code[0]), [self.decode(part) for part in code[1:]]]
                else:
                    content = self.decode(code)
                if kind == ERROR and not isinstance(content, BaseException):
                    raise ProtocolError("an error is none")
        except (ProtocolError, RecursionError, TypeError, ValueError, AttributeError, IndexError, KeyError) as error:
            raise self.channel.fail(f"the process of the code broke the protocol: {error}") from None
        return [to, sender, kind, None, content]
