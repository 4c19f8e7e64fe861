"""The screen refuses files that change what is tested, and code that could reach into the tests.

The proof that a test ran rests on memory that type-safe code cannot reach. Code that is not type-safe could read that
memory or rewrite the tests in it. Code that changes variables of the standard library could change what a spec compares
with. Honest solutions need neither, and the refusal names what to avoid.
"""

import json
import re
import stat
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath

from harness.gate.pins import Pins
from harness.sandbox.base import Sandbox, SandboxError
from harness.sandbox.environment import cache_folder
from harness.toolchains.go.allowlist import as_request
from harness.toolchains.go.files import OBJECT_FILES, VENDORED, is_test_file
from harness.toolchains.go.installation import GoInstallation
from harness.toolchains.go.module import go_version, module_path, required_modules
from harness.toolchains.go.programs import program
from harness.trees import walk

GATE_MODULE = "0gate"
DIRECTIVE = re.compile(r"^\s*(ignore|replace|exclude|tool|godebug)\b", re.MULTILINE)
VERSION_CONTROL = frozenset((".git", ".hg", ".svn"))
NO_TYPES = 3
"""Exit code of the examining program if the go command does not give it the types of the standard library."""
PATIENCE = 120.0
"""Seconds allowed for examining the code of a workspace."""


@dataclass(frozen=True)
class Objection:
    """A file that the gate refuses, with the reason."""

    path: str
    reason: str
    foreign: bool = False
    """True if the file is refused for its path alone."""

    def __str__(self) -> str:
        return f"{self.path} {self.reason}"


@dataclass(frozen=True)
class ScreenResult:
    """Objections to a workspace."""

    objections: tuple[Objection, ...] = ()
    """Sorted by path."""
    doubts: tuple[Objection, ...] = ()
    """Files whose types could not be resolved. Code that compiles must have none."""


class Screen:
    """Examines the workspace before anything of it is built."""

    def __init__(self, builder: Sandbox, toolchain: GoInstallation, pins: Pins, tags: Sequence[str] = ()) -> None:
        self._builder = builder
        self._toolchain = toolchain
        self.pins = pins
        self._tags = tags

    def examine(self, root: Path) -> ScreenResult:
        """Return the objections to the workspace. Raises SandboxError if its code could not be examined."""
        objections: list[Objection] = []
        code: list[str] = []
        trusted: list[str] = []
        for path in _files(root):
            if self.pins.has(root, path):
                trusted += [path] if path.endswith(".go") else []
            elif misplaced := _misplaced(path, self.pins):
                objections.append(Objection(path, misplaced, foreign=True))
            elif not (path == "go.mod" or path.endswith(".go")):
                continue
            elif not stat.S_ISREG((root / path).lstat().st_mode):
                # Neither followed nor waited for: a link leads anywhere, and a pipe never ends.
                objections.append(Objection(path, "is no plain file, and the gate reads nothing else"))
            elif not path.isprintable():
                objections.append(Objection(path, "has a name that is not plain text"))
            elif path == "go.mod":
                text = (root / path).read_text(encoding="utf-8", errors="replace")
                objections += [Objection(path, reason) for reason in module_faults(text)]
            else:
                code.append(path)
        examined = self._code(root, code, trusted) if code else ScreenResult()
        objections += examined.objections
        return ScreenResult(tuple(sorted(objections, key=lambda one: (one.path, one.reason))), examined.doubts)

    def _code(self, root: Path, code: list[str], trusted: list[str]) -> ScreenResult:
        """Run the examining program over the Go code."""
        examine = program(self._toolchain, resources.files("harness.toolchains.go") / "examine", "examine")
        if examine is None:
            raise SandboxError(f"{self._toolchain.go} does not build the program that examines code")
        go_mod = _text(root / "go.mod")
        exports = cache_folder() / "programs" / f"exports-{self._toolchain.version or 'unknown'}.json"
        with tempfile.TemporaryDirectory(prefix="harness-screen-") as folder:
            request, answer = Path(folder) / "request.json", Path(folder) / "answer.json"
            wanted = {
                "Root": str(root),
                "Go": str(self._toolchain.go),
                "Exports": str(exports),
                "Module": module_path(go_mod),
                "Language": go_version(go_mod),
                "Modules": [*required_modules(go_mod), *self._inner_modules()],
                "Tags": list(self._tags),
                "Files": code,
                "Trusted": trusted,
                "Allowed": as_request(),
            }
            request.write_text(json.dumps(wanted, ensure_ascii=False), encoding="utf-8")
            argv = [str(examine), str(request), str(answer)]
            finished = self._builder.run(argv, cwd=Path(folder), timeout=PATIENCE)
            if finished.exit_code == NO_TYPES:
                raise SandboxError(f"the types of the standard library are not to be had: {finished.output.strip()}")
            if not answer.exists():
                # Code can be written so that no program finishes reading it, which is no fault of this machine.
                why = "took too long" if finished.timed_out else finished.output.strip()[:300]
                return ScreenResult((Objection(code[0], f"and the other code could not be examined: {why}"),))
            plain = json.loads(answer.read_text(encoding="utf-8"))
        return ScreenResult(
            tuple(Objection(one["Path"], one["Reason"]) for one in plain["Objections"]),
            tuple(Objection(one["Path"], one["Reason"]) for one in plain["Doubts"]),
        )

    def _inner_modules(self) -> list[str]:
        """Return the modules of the user that lie in folders of the workspace."""
        files = (file.content for path, file in self.pins.files.items() if path.endswith("/go.mod"))
        return [path for content in files if (path := module_path(content.decode(errors="replace")))]


def module_faults(go_mod: str) -> list[str]:
    """Return the objections to a go.mod that the subject wrote."""
    directives = sorted(set(DIRECTIVE.findall(go_mod)))
    return [f"has the directive {name}, which would change what is tested" for name in directives]


def _files(root: Path) -> Iterator[str]:
    """Iterate over all files outside version control, with links and special files."""
    entries = walk(root, lambda folder, name, leads_on: leads_on and name in VERSION_CONTROL)  # noqa: ARG005
    return (entry.name for entry in entries if not entry.is_folder)


def _misplaced(path: str, pins: Pins) -> str:
    """Return why a file is refused for its path; empty if the path is allowed."""
    name = PurePosixPath(path).name
    if is_test_file(PurePosixPath(path)):
        return "is a test file that the task does not have"
    if name.lower() == "go.mod" and (path != "go.mod" or "go.mod" in pins.files):
        return "makes a module of its own, which would hide packages from the tests"
    if name.lower() in ("go.work", "go.work.sum"):
        return "makes a workspace of modules, which would change what is tested"
    if PurePosixPath(path).parts[0].lower() == VENDORED:
        return "lies in vendor, which would replace what the tests import"
    if name.endswith(OBJECT_FILES):
        return "is assembly or object code, which could reach into the tests"
    return ""


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
