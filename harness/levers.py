"""The levers: each adds or hides one text, and nothing else.

A lever looks at the workspace and at what last passed. It gives back words, or none. The gate, the tools and the files
on the disk are out of its reach, so that no lever can change what counts as done.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.config import Lever
from harness.file_rules import FileRules, is_own_code
from harness.record import PassRecord
from harness.trees import readable
from harness.workspace import SCRATCH, Workspace

MOST_SHOWN = 2000
"""Most characters of a refusal that `verdict` shows."""

SOFT_LIMIT = 0.8
"""Share of ctx_limit at which `checkpoint` says that the pass is nearly over."""


@dataclass(frozen=True)
class LeverView:
    """State that a lever may read."""

    workspace: Workspace
    files: FileRules
    green: Callable[[], frozenset[str]]
    """Units of elision that passed at the last verification: folders of packages, or spec files."""
    interface: Callable[[str], str | None]
    """Returns the exported interface of a package, by its folder, from the toolchain; None if there is none."""
    ctx_limit: int
    interface_source: str = ""
    """The program that shows interfaces, such as `go doc`."""
    refusal: Callable[[], str] = str
    """Returns what the gate said when it last looked, if it refused; else an empty text."""


class LeverHooks:
    """The lever `none`, which adds nothing. Each other lever overrides one of the hooks."""

    def __init__(self, sight: LeverView) -> None:
        self.sight = sight
        self.fired = 0
        """Number of times that the lever did something."""

    def opening(self, last: PassRecord | None) -> str:
        """Return the text at the end of a pass's prompt; `last` is the pass before, None at the first."""
        return self._counted(self._opening(last))

    def notice(self, path: str) -> str | None:
        """Return the text that replaces a file (path relative to the root) in a read; None to read the file."""
        text = self._notice(path)
        return None if text is None else self._counted(text)

    def wind_down(self, before: int, now: int) -> str:
        """Return the end of a turn's last result; the largest call of the pass grew from `before` to `now` tokens."""
        return self._counted(self._wind_down(before, now))

    def _counted(self, text: str) -> str:
        self.fired += bool(text)
        return text

    def _opening(self, last: PassRecord | None) -> str:  # noqa: ARG002
        return ""

    def _notice(self, path: str) -> str | None:  # noqa: ARG002
        return None

    def _wind_down(self, before: int, now: int) -> str:  # noqa: ARG002
        return ""


class Digest(LeverHooks):
    """The state of the work, computed, so that it need not be gathered by listing and reading."""

    def _opening(self, last: PassRecord | None) -> str:  # noqa: ARG002
        files, rules = list(self.sight.workspace.files()), self.sight.files
        specs = sorted({rules.unit_of(name) for name, _ in files if rules.is_spec(Path(name))} - {""})
        code = {rules.unit_of(name) for name, _ in files if is_own_code(rules, Path(name))}
        code |= {unit for unit in specs if rules.is_spec(Path(unit))}
        tree = "\n".join(f"- {name} ({path.stat().st_size} bytes)" for name, path in files)
        states = "\n".join(f"- {folder}: {self._state(folder, code)}" for folder in specs)
        heading = f"{rules.unit.capitalize()}s:"
        text = f"\n\nThe state of the workspace as this pass begins.\nFiles:\n{tree}\n{heading}\n{states}\n"
        return readable(text)

    def _state(self, folder: str, code: set[str]) -> str:
        if folder in self.sight.green():
            return "its tests pass"
        return "its tests do not pass yet" if folder in code else "no code yet"


class ImplDoc(LeverHooks):
    """The interface of a package that passes, in place of its code: others need to call it, not to read it."""

    def _notice(self, path: str) -> str | None:
        folder = self.sight.files.unit_of(path)
        if not is_own_code(self.sight.files, Path(path)) or folder not in self.sight.green():
            return None
        interface = self.sight.interface(folder)
        if interface is None:
            return None
        source = self.sight.interface_source
        return f"[{path} is left out: its package passes. This is what the package offers, by {source}:]\n{interface}"


class NudgeNotes(LeverHooks):
    """A reminder of PROGRESS.md after a pass that changed code and left the notes as they were."""

    def __init__(self, sight: LeverView) -> None:
        super().__init__(sight)
        self._notes = self._read()

    def _opening(self, last: PassRecord | None) -> str:
        before, self._notes = self._notes, self._read()
        if last is None or not last.changed or before != self._notes:
            return ""
        return f"\n\nThe last pass changed code and left {SCRATCH} as it was. In this one bring it up to date.\n"

    def _read(self) -> str:
        notes = (path.read_bytes() for _, path in self.sight.workspace.files() if path.name == SCRATCH)
        return hashlib.sha256(b"\0".join(notes)).hexdigest()


class NudgeAct(LeverHooks):
    """A reminder to write after a pass that changed nothing."""

    def _opening(self, last: PassRecord | None) -> str:
        if last is None or last.changed is not False:
            return ""
        return "\n\nThe last pass changed no file. In this one read what a single package needs, then write it.\n"


class Checkpoint(LeverHooks):
    """A notice, once in a pass, that the context is nearly used up."""

    def _wind_down(self, before: int, now: int) -> str:
        if not before < SOFT_LIMIT * self.sight.ctx_limit <= now:
            return ""
        return "\n\n[Your context is nearly used up, and files are all that remains of it. Write what you have now.]"


class LastRefusal(LeverHooks):
    """The words of the gate's last refusal, which a fresh context would never see."""

    def _opening(self, last: PassRecord | None) -> str:
        refusal = self.sight.refusal().strip()
        if last is None or not refusal:
            return ""
        rest = len(refusal) - MOST_SHOWN
        cut = f"\n[{rest} more characters]" if rest > 0 else ""
        text = f"{refusal[:MOST_SHOWN]}{cut}"
        return readable(f"\n\nThe work was checked after an earlier pass, and refused. The check said:\n{text}\n")


STRATEGIES: dict[Lever, type[LeverHooks]] = {
    Lever.none: LeverHooks,
    Lever.digest: Digest,
    Lever.impl_doc: ImplDoc,
    Lever.nudge_notes: NudgeNotes,
    Lever.nudge_act: NudgeAct,
    Lever.checkpoint: Checkpoint,
    Lever.verdict: LastRefusal,
}
