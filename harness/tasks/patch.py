"""Patches of a folder as `git apply` takes them: text, binary files, links, modes, and names of any bytes.

The format is git's own (git-diff, "Generating patch text with -p"; binary hunks as in git's `apply.c`).
"""

import base64
import hashlib
import os
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from harness.tasks.content import LINK, ContentFile
from harness.tasks.own_folder import OwnFolder, work_in
from harness.workspace import SCRATCH

MOST_BYTES = 64 << 20
"""Largest size of the changed files together, before and after, in bytes."""
MOST_LINES = 5000
"""Lines of a changed part, before and after, from which on the part is replaced whole instead of compared."""
CONTEXT = 3
"""Unchanged lines shown around a change."""
BASE85_BYTES = 52
"""Bytes of a line of a binary hunk."""
ABSENT = "0" * 40

Step = tuple[str, int, int, int, int]
"""A step of a comparison as difflib has it: its kind, and the lines before and after."""

Content = tuple[int, bytes] | None
"""Mode and bytes of a file; None where there is none."""


def patch_of_work(own: OwnFolder, root: Path) -> bytes | None:
    """Return the patch from a folder, as it was given, to what a run left in its workspace; None if it is too large.

    The subject's notes are no part of it. Raises ConfigError or OSError for what cannot be read.
    """
    after = work_in(root, own, MOST_BYTES)
    before = {name: file for name, file in own.content.files.items() if file.path.name != SCRATCH}
    return None if after is None else patch(before, after)


def patch(before: Mapping[str, ContentFile], after: Mapping[str, ContentFile]) -> bytes | None:
    """Return the patch from one content to the other, empty if they are alike; None if it is too large."""
    size, result = 0, bytearray()
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old and new and (old.mode, old.sha256) == (new.mode, new.sha256):
            continue
        size += sum(file.size for file in (old, new) if file)
        if size > MOST_BYTES:
            return None
        result += _changed(os.fsencode(name), *((file.mode, file.read()) if file else None for file in (old, new)))
    return bytes(result)


def _changed(name: bytes, old: Content, new: Content) -> bytes:
    if old and new and (old[0] == LINK) != (new[0] == LINK):
        # Another kind of file is no change of it: git writes two.
        return _changed(name, old, None) + _changed(name, None, new)
    before, after = _quoted(b"a/" + name), _quoted(b"b/" + name)
    lines = [b"diff --git %s %s" % (before, after), *_modes(old, new)]
    was, now = (old[1] if old else b""), (new[1] if new else b"")
    if was != now or not (old and new):
        mode = b" %o" % new[0] if old and new and old[0] == new[0] else b""
        lines.append(b"index %s..%s%s" % (_blob(old), _blob(new), mode))
    head = b"\n".join(lines) + b"\n"
    if was == now:
        return head
    if b"\0" in was or b"\0" in now:
        return head + b"GIT binary patch\n" + _literal(now) + _literal(was)
    names = b"--- %s\n+++ %s\n" % (_ended(before) if old else b"/dev/null", _ended(after) if new else b"/dev/null")
    return head + names + b"".join(_hunks(_lines(was), _lines(now)))


def _modes(old: Content, new: Content) -> Iterator[bytes]:
    if old is None or new is None:
        kind, content = (b"new", new) if old is None else (b"deleted", old)
        yield b"%s file mode %o" % (kind, content[0] if content else 0)
    elif old[0] != new[0]:
        yield b"old mode %o" % old[0]
        yield b"new mode %o" % new[0]


def _blob(content: Content) -> bytes:
    """Return the name that git gives to the bytes; it finds by it whether a binary patch fits."""
    if content is None:
        return ABSENT.encode()
    return hashlib.sha1(b"blob %d\0" % len(content[1]) + content[1], usedforsecurity=False).hexdigest().encode()


def _quoted(name: bytes) -> bytes:
    """Return a name as git writes it: in quotes if it has a byte that is no printable ASCII, or a quote."""
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in name):
        return name
    return b'"' + b"".join(b"\\%03o" % byte if not 0x20 <= byte < 0x7F else _escaped(byte) for byte in name) + b'"'


def _escaped(byte: int) -> bytes:
    return b"\\" * (byte in b'"\\') + bytes([byte])


def _ended(name: bytes) -> bytes:
    """Return a name with the tab that ends one with blanks in it."""
    return name + b"\t" if b" " in name and not name.startswith(b'"') else name


def _lines(content: bytes) -> list[bytes]:
    """Return the lines with their ends; only a line feed ends one."""
    return [line for line in re.split(b"(?<=\n)", content) if line]


def _hunks(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[bytes]:
    for group in _groups(old, new):
        (_, start, _, begin, _), (_, _, stop, _, end) = group[0], group[-1]
        yield b"@@ -%s +%s @@\n" % (_range(start, stop), _range(begin, end))
        for kind, i1, i2, j1, j2 in group:
            if kind == "equal":
                yield from _marked(b" ", old[i1:i2])
                continue
            yield from _marked(b"-", old[i1:i2])
            yield from _marked(b"+", new[j1:j2])


def _groups(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[list[Step]]:
    """Yield the changes that lie close together, each group with its context.

    What both have in common at their beginnings and ends is never compared: git takes a context that is shorter than
    the other one for a sign of the beginning or the end of the file.
    """
    shorter = min(len(old), len(new))
    start = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    most = shorter - start
    tail = next((place for place in range(most) if old[-1 - place] != new[-1 - place]), most)
    i2, j2 = len(old) - tail, len(new) - tail
    head, foot = min(start, CONTEXT), min(tail, CONTEXT)
    group: list[Step] = [("equal", start - head, start, start - head, start)]
    for kind, i, i_end, j, j_end in _compared(old, new, start, i2, j2):
        if kind == "equal" and i_end - i > 2 * CONTEXT:
            yield [*group, (kind, i, i + CONTEXT, j, j + CONTEXT)]
            group = [(kind, i_end - CONTEXT, i_end, j_end - CONTEXT, j_end)]
        else:
            group.append((kind, i, i_end, j, j_end))
    yield [*group, ("equal", i2, i2 + foot, j2, j2 + foot)]


def _compared(old: Sequence[bytes], new: Sequence[bytes], start: int, i2: int, j2: int) -> Iterator[Step]:
    """Yield the steps from one part to the other; a large part is replaced whole, since comparing it has no bound."""
    if i2 - start + j2 - start > MOST_LINES:
        yield "replace", start, i2, start, j2
        return
    for kind, i, i_end, j, j_end in SequenceMatcher(None, old[start:i2], new[start:j2]).get_opcodes():
        yield kind, i + start, i_end + start, j + start, j_end + start


def _range(start: int, stop: int) -> bytes:
    length = stop - start
    return b"%d,%d" % (start + (length > 0), length)


def _marked(mark: bytes, lines: Sequence[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield mark + line if line.endswith(b"\n") else mark + line + b"\n\\ No newline at end of file\n"


def _literal(content: bytes) -> bytes:
    packed = zlib.compress(content)
    pieces = [packed[place : place + BASE85_BYTES] for place in range(0, len(packed), BASE85_BYTES)]
    lines = [_length(piece) + base64.b85encode(piece, pad=True) + b"\n" for piece in pieces]
    return b"literal %d\n" % len(content) + b"".join(lines) + b"\n"


def _length(piece: bytes) -> bytes:
    """Return the letter that says how many bytes a line has: A to Z are 1 to 26, a to z are 27 to 52."""
    return bytes([ord("A") + len(piece) - 1 if len(piece) <= 26 else ord("a") + len(piece) - 27])
