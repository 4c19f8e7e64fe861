"""A pristine spec in JavaScript: its files, the modules that it asks for, and its tests."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from harness.gate.pins import Pins
from harness.gate.verdict import SkippedTest, VerifierError
from harness.toolchains.javascript.files import JAVASCRIPT_FILES
from harness.toolchains.javascript.scan import FRAMEWORKS, SpecImport, candidates, imports, is_module
from harness.toolchains.split.room import folder_of
from harness.toolchains.split.spec import Spec

INSIDE = Path(__file__).with_name("splitgate")
"""Code of the two sides."""


@dataclass(frozen=True)
class SpecSources:
    """The pinned files of a task."""

    tests: tuple[str, ...]
    """Paths of the test files that are run."""
    code: dict[str, str]
    """Text of all pinned files of code, by path."""
    settings: dict[str, Any]
    """The package.json of the root; empty if there is none."""

    @property
    def module_type(self) -> str:
        """Return `module` or `commonjs`: how node loads files that end in .js."""
        written = self.settings.get("type")
        if written in ("module", "commonjs"):
            return str(written)
        return "module" if any(is_module(text) for text in self.code.values()) else "commonjs"

    @property
    def imports(self) -> list[SpecImport]:
        """Return all imports of these files."""
        return [one for file, text in self.code.items() for one in imports(file, text)]

    @property
    def leaves_out_suffixes(self) -> bool:
        """Return True where a file is imported without its suffix, as jest allows, and node does not."""
        return any(
            one.is_local and not one.is_required and not PurePosixPath(one.specifier).suffix for one in self.imports
        )

    def is_common(self, path: str) -> bool:
        """Return True for a file that node loads as a CommonJS module."""
        suffix = PurePosixPath(path).suffix
        return suffix in (".cjs", ".cts") or (suffix in (".js", ".ts") and self.module_type == "commonjs")


def sources(pins: Pins, files: Sequence[str] = ()) -> SpecSources:
    """Return what is pinned; `files` narrows the tests down, as the verify command does."""
    code = {
        path: file.content.decode("utf-8", "replace")
        for path, file in sorted(pins.files.items())
        if JAVASCRIPT_FILES.is_code(PurePosixPath(path)) and JAVASCRIPT_FILES.is_pinned(PurePosixPath(path))
    }
    tests = [path for path in code if JAVASCRIPT_FILES.unit_of(path) and "node_modules" not in path.split("/")]
    chosen = {PurePosixPath(file).as_posix() for file in files}
    narrowed = [path for path in tests if path in chosen] if chosen else tests
    try:
        settings = json.loads(pins.files["package.json"].content) if "package.json" in pins.files else {}
    except ValueError:
        settings = {}
    return SpecSources(tuple(narrowed), code, settings if isinstance(settings, dict) else {})


def laid(text: str, file: str, targets: dict[int, str]) -> str:
    """Return a spec file with the specifiers of frameworks and of files without a suffix spelled out.

    `targets` are paths from the root by the place of the specifier.
    """
    result = text
    for one in reversed(imports(file, text)):
        end = one.start + len(one.specifier)
        if one.specifier in (*FRAMEWORKS, "node:test"):
            name = "nodetest" if one.specifier == "node:test" else "jestnames"
            new = str(INSIDE / f"{name}.cjs") if one.is_required else (INSIDE / f"{name}.mjs").as_uri()
        elif one.start in targets:
            up = "../" * (len(PurePosixPath(file).parts) - 1)
            new = f"./{up}{targets[one.start]}"
        else:
            continue
        result = result[: one.start] + new + result[end:]
    return result


def resolved(one: SpecImport, there: Path) -> str:
    """Return the path of the file in a folder that an import means; empty if there is none."""
    for path in candidates(one.target):
        if (there / path).is_file():
            return path
    return ""


def spec_of(report: dict[str, Any]) -> Spec:
    """Return the tests that the trusted side listed. Raises VerifierError if there are none."""
    if "fault" in report:
        raise VerifierError(f"the tests could not be listed: {report['fault']}")
    if report["errors"]:
        file, text = report["errors"][0]
        reason = re.sub(r"file://\S*/spec/", "", text.splitlines()[0])
        raise VerifierError(f"{file} cannot be read: {reason}")
    if not report["tests"]:
        raise VerifierError("there is nothing to verify: the spec has no tests")
    tests = [(str(name), bool(skips)) for name, skips in report["tests"]]
    return Spec(
        frozenset(name for name, _ in tests),
        frozenset(),
        frozenset(SkippedTest(folder_of(name), name.split("::", 1)[-1]) for name, skips in tests if skips),
        frozenset(),
    )
