"""Changes of files in a pass, rebuilt from the calls in its transcript that write, edit, delete and move files."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from analysis.pages.calls import CarriedCall, following
from analysis.pages.nodes import Node, element, shown
from analysis.records.transcripts import PassEvents

MOST_LINES = 4000
"""Lines of a file up to which a difference is computed; beyond, the comparison would take seconds."""

CONTEXT = 3
"""Lines around a change."""


@dataclass
class ChangedFile:
    """One file in one pass."""

    path: str
    before: str | None
    """None if the file was not there, or its text is not known."""
    after: str | None = None
    passages: list[tuple[str, str]] = field(default_factory=list)
    """Edits of a file whose text is not known: old and new."""
    new: bool = False
    """True if no earlier call wrote the file."""
    moved: str = ""
    """A note that the file was deleted, or moved."""


class FileTexts:
    """Texts of the files that the model wrote, as far as its calls show them."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def changes(self, one: PassEvents) -> list[ChangedFile]:
        """Return what a pass changed, and keep it for the next one."""
        changed: dict[str, ChangedFile] = {}
        for step in one.steps:
            for call in following(step):
                if isinstance(call, CarriedCall):
                    self._take(call, changed)
        return [file for file in changed.values() if file.passages or file.moved or file.before != file.after]

    def _take(self, call: CarriedCall, changed: dict[str, ChangedFile]) -> None:
        path = _path(call, "path")
        known = self._texts.get(path)
        if call.name == "write_file" and call.result.startswith("wrote "):
            self._write(path, str(call.arguments.get("content") or ""), changed)
        elif call.name == "edit_file" and call.result.startswith("edited "):
            old, new = str(call.arguments.get("old_string") or ""), str(call.arguments.get("new_string") or "")
            if known is not None and known.count(old) == 1:
                self._write(path, known.replace(old, new), changed)
            else:
                changed.setdefault(path, ChangedFile(path, known)).passages.append((old, new))
                self._texts.pop(path, None)
        elif call.name == "delete_file" and call.result.startswith("deleted "):
            self._remove(path, "deleted", changed)
        elif call.name == "move_file" and call.result.startswith("moved "):
            target = _path(call, "new_path")
            self._remove(path, f"moved to {target}", changed)
            if known is not None:
                self._write(target, known, changed)

    def _write(self, path: str, whole: str, changed: dict[str, ChangedFile]) -> None:
        known = self._texts.get(path)
        file = changed.setdefault(path, ChangedFile(path, known, new=known is None))
        file.after = self._texts[path] = whole
        file.moved = ""
        file.passages.clear()

    def _remove(self, path: str, how: str, changed: dict[str, ChangedFile]) -> None:
        file = changed.setdefault(path, ChangedFile(path, self._texts.pop(path, None)))
        file.after, file.moved = None, how
        file.passages.clear()
        self._texts.pop(path, None)


def _path(call: CarriedCall, name: str) -> str:
    return str(PurePosixPath(str(call.arguments.get(name) or "")))


def difference(file: ChangedFile) -> Node:
    """Return the changes of one file, folded below its path and the number of lines added and removed."""
    lines = list(_lines(file))
    added, removed = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    title = [element("code", shown(file.path)), element("span", f" +{added} −{removed}", class_="muted")]
    if file.moved:
        title.append(element("span", f" {shown(file.moved)}", class_="muted"))
    elif file.new:
        title.append(element("span", " first written in this run", class_="muted"))
    elif file.passages:
        title.append(element("span", " edited passages; the rest of the file is not in the transcript", class_="muted"))
    rows = [element("span", shown(line) or " ", class_=_class(line)) for line in lines]
    return element("details", element("summary", *title), element("pre", *rows, class_="diff"), class_="file")


def _lines(file: ChangedFile) -> Iterator[str]:
    for old, new in file.passages:
        yield "@@ edit @@"
        yield from (f"-{line}" for line in old.splitlines())
        yield from (f"+{line}" for line in new.splitlines())
    if file.after is None and not file.moved:
        return
    before, after = (file.before or "").splitlines(), (file.after or "").splitlines()
    if max(len(before), len(after)) > MOST_LINES:
        yield f"@@ replaced whole: {len(before):,} lines by {len(after):,} @@"
        yield from (f"+{line}" for line in after)
        return
    yield from list(difflib.unified_diff(before, after, n=CONTEXT, lineterm=""))[2:]


def _class(line: str) -> str:
    return {"+": "add", "-": "del", "@": "at"}.get(line[:1], "same")
