"""Python: files, tests, slips and tricks."""

import posixpath
from collections.abc import Sequence

from harness.simulator.language import TestReport
from harness.simulator.python import code, notices, report
from harness.simulator.python.slips import MISTAKEN, UNCOMPILABLE
from harness.simulator.python.tricks import TRICKS
from harness.simulator.turn import Call

SPEC = "test_"
"""Beginning of a spec's name; what follows is the name of the module that it tests."""
STRING = '"""'


class PythonLanguage:
    """Python. A unit is a module with the spec beside it, named by its path without the suffix."""

    tool = "run"
    test = Call("run", {"args": ["pytest", "--continue-on-collection-errors"]})
    uncompilable = UNCOMPILABLE
    mistaken = MISTAKEN
    tricks = TRICKS
    remarks = (
        "# Handle this step before going on to the next.",
        "# Keep the state consistent for whoever comes next.",
        "# This follows what the spec asks for.",
        "# Cover the simple case here, the rest below.",
    )

    def runs_tests(self, args: Sequence[str]) -> bool:
        return args[:1] == ["pytest"] or args[1:3] == ["-m", "pytest"]

    def is_spec(self, path: str) -> bool:
        return self.is_source(path) and posixpath.basename(path).startswith(SPEC)

    def is_code(self, path: str) -> bool:
        return self.is_source(path) and not self.is_spec(path)

    def is_source(self, path: str) -> bool:
        return path.endswith(".py")

    def unit_of(self, path: str) -> str:
        folder, name = posixpath.split(path)
        return posixpath.join(folder, name.removeprefix(SPEC).removesuffix(".py"))

    def folder_of(self, unit: str) -> str:
        return posixpath.dirname(unit) or "."

    def units(self, names: Sequence[str]) -> list[str]:
        return list(dict.fromkeys(self.unit_of(name) for name in names if self.is_source(name)))

    def tested_unit(self, name: str, module: str) -> str:  # noqa: ARG002
        """Return the unit of a spec by its path."""
        return self.unit_of(name)

    def read_report(self, text: str) -> TestReport:
        return report.read(text)

    def is_notice(self, path: str, text: str) -> bool:
        return notices.is_notice(path, text)

    def takes_remark(self, lines: Sequence[str], number: int) -> bool:
        line = lines[number]
        starts = line.startswith("    ") and line.strip()[:1].isalpha()
        return starts and "".join(lines[:number]).count(STRING) % 2 == 0

    def hollow(self, text: str) -> str:
        return code.hollow(text)


PYTHON = PythonLanguage()
