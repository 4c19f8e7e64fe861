"""Go: files, tests, slips and tricks."""

import posixpath
import re
from collections.abc import Sequence

from harness.simulator.go import notices, report
from harness.simulator.go.slips import MISTAKEN, UNCOMPILABLE
from harness.simulator.go.tricks import TRICKS
from harness.simulator.language import TestReport
from harness.simulator.turn import Call

EXPORTED = re.compile(r"^(func (?:\([^)\n]*\) )?[A-Z][^\n]*\{)$", re.MULTILINE)
"""The first line of a function that a spec can call."""


class GoLanguage:
    """Go. A unit is a package, named by its folder."""

    tool = "go"
    test = Call("go", {"args": ["test", "./..."]})
    uncompilable = UNCOMPILABLE
    mistaken = MISTAKEN
    tricks = TRICKS
    remarks = (
        "// Handle this step before going on to the next.",
        "// Keep the state consistent for whoever comes next.",
        "// This follows what the spec asks for.",
        "// Cover the simple case here, the rest below.",
    )

    def runs_tests(self, args: Sequence[str]) -> bool:
        return args[:1] == ["test"]

    def is_spec(self, path: str) -> bool:
        return path.endswith("_test.go")

    def is_code(self, path: str) -> bool:
        return path.endswith(".go") and not self.is_spec(path)

    def is_source(self, path: str) -> bool:
        return path.endswith(".go")

    def unit_of(self, path: str) -> str:
        return posixpath.dirname(path) or "."

    def folder_of(self, unit: str) -> str:
        return unit

    def units(self, names: Sequence[str]) -> list[str]:
        return [name.rstrip("/") for name in names if name.endswith("/")]

    def tested_unit(self, name: str, module: str) -> str:
        """Return the folder of a package by its import path."""
        return name.removeprefix(module).strip("/") or "."

    def read_report(self, text: str) -> TestReport:
        return report.read(text)

    def is_notice(self, path: str, text: str) -> bool:
        return notices.is_notice(path, text)

    def takes_remark(self, lines: Sequence[str], number: int) -> bool:
        line = lines[number]
        starts = line.startswith("\t") and line.strip()[:1].isalpha()
        return starts and "".join(lines[:number]).count("`") % 2 == 0

    def hollow(self, text: str) -> str:
        return EXPORTED.sub(r"\1" + '\n\tpanic("not done")', text)


GO = GoLanguage()
