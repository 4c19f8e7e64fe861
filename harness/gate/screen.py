"""What a workspace may not hold: files that change what is tested, and code that could reach into the tests.

The proof that a test ran rests on memory that type-safe code cannot reach. Code that is not type-safe could read
it or rewrite the tests where they stand, and so could code that changes the variables of the standard library
which a spec compares with. Honest solutions need none of this, and are told what to do without.
"""

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harness.gate.pins import VENDORED, Pins
from harness.gate.source import Import, Token, imports, tokens
from harness.trees import walk
from harness.workspace import is_test_file

GATE_MODULE = "0gate"
UNSAFE = {
    "unsafe": "imports unsafe, which could reach into the tests",
    "C": "imports C, which could reach into the tests",
    "plugin": "imports plugin, which could reach into the tests",
}
SAFE_SYSCALL = re.compile(r"SIG[A-Z0-9]+|E[A-Z0-9]+|Errno|Signal")
"""Names of syscall that are mere constants and their types: signals and error numbers."""
REACHING = {
    "reflect": ("NewAt", "UnsafePointer", "UnsafeAddr", "SetPointer", "MethodByName"),
    "runtime/debug": ("WriteHeapDump", "SetCrashOutput"),
}
SHARED = re.compile(
    r"Err[A-Z]\w*|EOF|Canceled|DeadlineExceeded|Default[A-Z]\w*|Args|Std(?:in|out|err)|Local|UTC|CommandLine|Reader"
)
"""Variables of the standard library that tests rely on."""
ASSIGNING = frozenset(("=", "+=", "-=", "++", "--"))
DIRECTIVE = re.compile(r"^\s*(ignore|replace|exclude|tool)\b", re.MULTILINE)
VERSION_CONTROL = frozenset((".git", ".hg", ".svn"))
OBJECT_FILES = (".s", ".S", ".sx", ".syso")


@dataclass(frozen=True)
class Objection:
    """A file that the gate does not accept, and why."""

    path: str
    reason: str
    foreign: bool = False
    """Whether the file has no place there at all, whatever is in it."""

    def __str__(self) -> str:
        return f"{self.path} {self.reason}"


def objections(root: Path, pins: Pins) -> list[Objection]:
    """All that stands against verifying the workspace, in the order of paths."""
    found: list[Objection] = []
    for path in _files(root):
        if path in pins.files:
            continue
        if misplaced := _misplaced(path, pins):
            found.append(Objection(path, misplaced, foreign=True))
        elif path == "go.mod" or path.endswith(".go"):
            found += [Objection(path, reason) for reason in _content_faults(root / path)]
    return found


def _content_faults(file: Path) -> list[str]:
    # Neither followed nor waited for: a link leads anywhere, and a pipe never ends.
    if not stat.S_ISREG(file.lstat().st_mode):
        return ["is no plain file, and the gate reads nothing else"]
    content = file.read_text(encoding="utf-8", errors="replace")
    return module_faults(content) if file.name == "go.mod" else faults(content)


def _files(root: Path) -> Iterator[str]:
    """Every file but those of version control, links and special files included."""
    entries = walk(root, lambda folder, name, leads_on: leads_on and name in VERSION_CONTROL)  # noqa: ARG005
    return (entry.name for entry in entries if not entry.is_folder)


def _misplaced(path: str, pins: Pins) -> str:
    """Why a file of this path has no place in a workspace; empty if it may be there."""
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


def module_faults(go_mod: str) -> list[str]:
    """What stands against a go.mod that the task does not have, so that the subject wrote it."""
    directives = sorted(set(DIRECTIVE.findall(go_mod)))
    return [f"has the directive {name}, which would change what is tested" for name in directives]


def faults(source: str) -> list[str]:
    """What stands against a Go file."""
    sequence = tokens(source)
    imported = list(imports(sequence))
    found = [reason for one in imported if (reason := _import_fault(one))]
    names = {one.path: one.name or one.path.rsplit("/", 1)[-1] for one in imported}
    for path, banned in REACHING.items():
        used = {token.text for token in sequence if token.kind == "name"} if path in names else set()
        found += [f"uses {path}.{name}, which could reach into the tests" for name in banned if name in used]
    if names.get("syscall") == "syscall":
        found += _syscall_faults(sequence)
    return found + _assignments(sequence, names)


def _import_fault(one: Import) -> str:
    if "\\" in one.path:
        return "writes an import with an escape; write it plainly"
    if one.path == GATE_MODULE or one.path.startswith(f"{GATE_MODULE}/"):
        return "imports the gate's own package"
    if one.path == "syscall" and one.name:
        return "imports syscall under another name; import it plainly"
    return UNSAFE.get(one.path, "")


def _syscall_faults(sequence: list[Token]) -> list[str]:
    used = {name for package, name in _selections(sequence) if package == "syscall"}
    return [
        f"uses syscall.{name}, which could reach into the tests; only signals and error numbers are allowed"
        for name in sorted(used)
        if not SAFE_SYSCALL.fullmatch(name)
    ]


def _selections(sequence: list[Token]) -> Iterator[tuple[str, str]]:
    """Every `package.Name`, or what looks like one."""
    significant = [token for token in sequence if token.kind != "newline"]
    for package, dot, name in zip(significant, significant[1:], significant[2:], strict=False):
        if package.kind == "name" and dot.text == "." and name.kind == "name":
            yield package.text, name.text


def _assignments(sequence: list[Token], names: dict[str, str]) -> list[str]:
    """Changes to variables of imported packages that specs compare with."""
    packages = {name: path for path, name in names.items()}
    found = []
    for at in range(len(sequence) - 3):
        package, dot, name, after = sequence[at : at + 4]
        if package.text not in packages or dot.text != "." or not SHARED.fullmatch(name.text):
            continue
        first_of_several = after.text == "," and _assigns(sequence[at:])
        if after.text in ASSIGNING or first_of_several or (at and sequence[at - 1].text == "&"):
            found.append(f"changes {packages[package.text]}.{name.text}, which belongs to everybody, tests too")
    return found


def _assigns(after: list[Token]) -> bool:
    """Whether an equals sign comes before the line, or the list, ends."""
    for token in after:
        if token.text in ("\n", ";", "{", "}", ")"):
            return False
        if token.text == "=":
            return True
    return False
