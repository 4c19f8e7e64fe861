"""Ledgers that an editor saved with a byte order mark, which SQL's reader takes for a part of the first line."""

import codecs
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

MARK = codecs.BOM_UTF8


@contextmanager
def without_marks(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield the ledgers, each that has a mark before one of its lines as a copy without it, while the block lasts."""
    with tempfile.TemporaryDirectory(prefix="harness-ledgers-") as folder:
        yield [_copy(path, Path(folder, str(number))) if _marked(path) else path for number, path in enumerate(paths)]


def any_marked(paths: Sequence[Path]) -> bool:
    """Return whether any line of some ledgers begins with a mark."""
    return any(map(_marked, paths))


def _marked(path: Path) -> bool:
    """Return whether any line begins with a mark: the first, or the start of an appended ledger."""
    tail = b"\n"
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            # One byte is found much faster than several, and hardly any ledger has it.
            if (MARK[:1] in block or MARK[:1] in tail) and b"\n" + MARK in tail + block:
                return True
            tail = (tail + block)[-len(MARK) :] if len(block) < len(MARK) else block[-len(MARK) :]
    return False


def _copy(path: Path, copy: Path) -> Path:
    with path.open("rb") as source, copy.open("wb") as target:
        target.writelines(line.removeprefix(MARK) for line in source)
    return copy
