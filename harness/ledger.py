"""`runs.jsonl`: one line a run, appended whole or not at all, read whatever state it was left in."""

import fcntl
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.trees import readable

OnTorn = Callable[[int, str], None]
"""Called with the number of a line (from 1) that is no JSON object, and its beginning."""


class LedgerError(OSError):
    """A line could not be written; what the ledger held before is still there."""


class Ledger:
    """An append-only file of JSON objects, shared by processes through an exclusive lock."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, on_torn: OnTorn | None = None) -> Iterator[dict[str, Any]]:
        """Every whole line as an object, in order; a ledger that does not exist is empty.

        A line cut short by a kill or a full disk is passed over and told to `on_torn`.
        """
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                if not raw.strip():
                    continue
                line = _object(raw)
                if line is not None:
                    yield line
                elif on_torn is not None:
                    on_torn(number, raw[:80].decode(errors="replace"))

    def since(self, start: int) -> tuple[list[dict[str, Any]], int]:
        """The whole lines from a byte on, and the byte after them: what came since the last look.

        A byte beyond the end, as of a ledger that was replaced, counts as the beginning.
        """
        if not self.path.exists():
            return [], 0
        with self.path.open("rb") as file:
            file.seek(start if start <= self.path.stat().st_size else 0)
            whole, _, torn = file.read().rpartition(b"\n")
            end = file.tell() - len(torn)
        lines = (_object(raw) for raw in whole.splitlines() if raw.strip())
        return [line for line in lines if line is not None], end

    def append(self, line: Mapping[str, Any]) -> None:
        """Append one line. Raises LedgerError if it could not be made durable."""
        with self.locked() as append:
            append(line)

    @contextmanager
    def locked(self) -> Iterator[Callable[[Mapping[str, Any]], None]]:
        """Hold the ledger against other processes; yields the function that appends one line."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise LedgerError(error.errno, f"cannot open the ledger {self.path}: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield lambda line: self._append(descriptor, line)
        finally:
            os.close(descriptor)

    def _append(self, descriptor: int, line: Mapping[str, Any]) -> None:
        end = os.lseek(descriptor, 0, os.SEEK_END)
        data = json.dumps(storable(line), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        # A tail without a newline was torn by a kill: it must not swallow the line that comes now.
        if end and os.pread(descriptor, 1, end - 1) != b"\n":
            data = b"\n" + data
        try:
            written = os.write(descriptor, data)
            if written != len(data):
                raise OSError(28, "No space left on device")
            os.fsync(descriptor)
        except OSError as error:
            os.ftruncate(descriptor, end)
            raise LedgerError(error.errno, f"cannot append to the ledger {self.path}: {error.strerror}") from error


def storable(value: Any) -> Any:
    """Return the value as it can be stored: half a character and a byte of a file's name as `\\xNN`, no number as null.

    Any of these in a name or a text would make the whole line unwritable, or unreadable for others.
    """
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {readable(str(key)): storable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [storable(inner) for inner in value]
    return value


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None
