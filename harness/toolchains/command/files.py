"""Roles of files where the language is unknown: tests are told by the names that are customary for them."""

import shlex
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath, PurePosixPath

SPEC_NAMES = ("test_*", "*_test.*", "*_tests.*", "*.test.*", "*.spec.*", "*_spec.*", "*test.java", "*tests.cs")
SPEC_FOLDERS = ("test", "tests", "__tests__", "spec")

SHELLS = ("sh", "bash", "dash", "zsh", "ksh")
INTERPRETERS = (*SHELLS, "python", "python3", "node", "deno", "bun", "ruby", "perl", "php", "lua", "Rscript", "tclsh")


class CommandFiles:
    """Tells test files by their names, and the scripts of the verify command. There are no units of elision."""

    specs = "Test files (test_*, *_test.*, *.test.*, *.spec.*, whatever is in tests/) and scripts of the verify command"
    unit = ""

    def __init__(self, command: Sequence[str] = ()) -> None:
        """`command` is the verify command; scripts of the workspace that it runs are protected like specs."""
        self._scripts = {PurePosixPath(path).as_posix() for path in scripts_of(command)}

    def is_spec(self, path: PurePath) -> bool:
        *folders, name = (part.lower() for part in path.parts)
        customary = any(fnmatchcase(name, pattern) for pattern in SPEC_NAMES)
        return customary or not set(SPEC_FOLDERS).isdisjoint(folders) or path.as_posix() in self._scripts

    def is_code(self, path: PurePath) -> bool:  # noqa: ARG002
        return False

    def is_compiled(self, path: PurePath) -> bool:  # noqa: ARG002
        return False

    def is_pinned(self, path: PurePath) -> bool:
        return self.is_spec(path)

    def unit_of(self, path: str) -> str:  # noqa: ARG002
        return ""


def scripts_of(command: Sequence[str]) -> Iterator[str]:
    """Iterate over the files that a command runs: a program by its path, and the script of an interpreter."""
    program, *rest = command
    if "/" in program and not program.startswith("/"):
        yield program
    if program in SHELLS and rest[:1] == ["-c"]:
        for part in _commands(" ".join(rest[1:2])):
            yield from scripts_of(part)
    elif program in INTERPRETERS and (script := next((word for word in rest if not word.startswith("-")), "")):
        yield script


def _commands(line: str) -> Iterator[list[str]]:
    """Iterate over the commands of a line of shell, roughly: split wherever an operator stands."""
    lexer, words = shlex.shlex(line, posix=True, punctuation_chars=True), list[str]()
    lexer.whitespace_split = True
    try:
        for token in lexer:
            if set(token) <= set("();<>|&"):
                yield from filter(None, [words])
                words = []
            else:
                words.append(token)
    except ValueError:
        return
    yield from filter(None, [words])
