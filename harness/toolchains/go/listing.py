"""Test files that belong to the build, as `go list` names them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from harness.gate.pins import Pins
from harness.gate.verdict import VerifierError
from harness.sandbox.base import Sandbox, SandboxError

FIELDS = "Dir,TestGoFiles,XTestGoFiles"
PATIENCE = 120.0
"""Seconds allowed for listing the packages of a folder."""
MOST_OUTPUT = 64 << 10


@dataclass(frozen=True)
class Listing:
    """The packages that match the patterns."""

    tests: Mapping[str, Sequence[str]]
    """Test files of the build on this platform, as paths from the root, by the folder of their package."""


def list_tests(
    sandbox: Sandbox, go: Path, root: Path, patterns: Sequence[str], pins: Pins, *, race: bool = False
) -> Listing | None:
    """List the test files of the packages that match the patterns; None if there is no module, or go cannot list it.

    Raises VerifierError, in one line, if no change of the folder could ever be verified.
    """
    _supported(pins)
    if "go.mod" not in pins.files:
        return None
    lines: list[bytes] = []
    command = [str(go), "list", "-e", f"-json={FIELDS}", *(["-race"] if race else []), *patterns]
    try:
        done = sandbox.run(command, cwd=root, timeout=PATIENCE, max_output=MOST_OUTPUT, on_line=lines.append)
    except (SandboxError, OSError) as error:
        raise VerifierError(f"go list: {error}") from error
    if done.exit_code != 0 or done.timed_out:
        raise VerifierError(f"go list {' '.join(patterns)}: {' '.join(done.output.split()) or 'no answer'}")
    packages = _packages(lines)
    if not all(package.get("Dir") for package in packages):
        # Go gives up at folders nested too deep to name, and lists nothing of what comes after them.
        return None
    tests = {_folder(package, root): _paths(package, root) for package in packages}
    for path in (path for paths in tests.values() for path in paths):
        if path not in pins.files:
            raise VerifierError(f"{path} is a link or no plain file: put the test file itself there")
    return Listing(tests)


def _supported(pins: Pins) -> None:
    if "go.work" in pins.files:
        raise VerifierError("go.work is not supported: work in the folder of one module (task.workdir)")
    if "go.mod" in pins.files:
        return
    inner = sorted(path for path in pins.files if PurePosixPath(path).name == "go.mod")
    if inner:
        raise VerifierError(
            f"there is no go.mod in the folder itself, but {inner[0]}: work in the folder of one module"
        )


def _packages(lines: Sequence[bytes]) -> list[dict[str, Any]]:
    """Parse a sequence of JSON values."""
    text, decoder, result, at = b"\n".join(lines).decode(errors="replace"), json.JSONDecoder(), [], 0
    while (at := _next(text, at)) < len(text):
        package, at = decoder.raw_decode(text, at)
        result.append(package)
    return result


def _next(text: str, at: int) -> int:
    return at + len(text[at:]) - len(text[at:].lstrip())


def _folder(package: dict[str, Any], root: Path) -> str:
    return Path(package["Dir"]).relative_to(root).as_posix()


def _paths(package: dict[str, Any], root: Path) -> list[str]:
    names = [*package.get("TestGoFiles", ()), *package.get("XTestGoFiles", ())]
    return [(PurePosixPath(_folder(package, root)) / name).as_posix() for name in names]
