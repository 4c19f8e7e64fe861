"""The pristine spec: its files, and the tests that must be seen to end well."""

import json
from collections.abc import Sequence
from pathlib import Path

from harness.gate.pins import Pins
from harness.gate.verdict import SkippedTest, VerifierError
from harness.sandbox.base import FinishedCommand, Sandbox, SandboxError
from harness.toolchains.python.interpreter import PythonInstallation
from harness.toolchains.python.sides import command_of, over
from harness.toolchains.split.room import SplitRoom, folder_of
from harness.toolchains.split.spec import Spec

LONGEST_START = 60.0
"""Seconds that listing the tests may take."""


def settings(room: SplitRoom, arguments: Sequence[str], runs: int, timeout: float) -> str:
    """Return what the trusted side is asked for."""
    return json.dumps(
        {
            "root": str(room.spec),
            "code_root": str(room.code),
            "pipes": str(room.pipes),
            "scratch": str(room.scratch),
            "arguments": [*arguments],
            "runs": runs,
            "timeout": timeout,
        }
    )


def read_spec(
    installation: PythonInstallation, pins: Pins, arguments: Sequence[str], sandbox: Sandbox, base: Path
) -> Spec:
    """Let pytest list the tests of the pristine spec, without any code of the workspace.

    `base` is a folder outside the workspace for temporary files. Raises VerifierError, in one line, for a spec that
    cannot be read or has no tests.
    """
    lines: list[bytes] = []
    with SplitRoom(base / "listing", base) as room:
        room.lay_spec(pins, lambda name: name in pins.files)
        command = command_of(installation, "trusted", [settings(room, arguments, 0, LONGEST_START)])
        try:
            finished = over(sandbox, room.path, installation).run(
                command, cwd=room.spec, timeout=LONGEST_START, on_line=lines.append
            )
        except (SandboxError, OSError) as fault:
            raise VerifierError(f"{installation.python}: {fault}") from fault
        return _spec(lines, finished, str(room.spec))


def _spec(lines: Sequence[bytes], finished: FinishedCommand, root: str) -> Spec:
    try:
        report = json.loads(b"".join(lines))
    except ValueError as error:
        raise VerifierError(f"pytest could not list the tests: {_last(finished.output)}") from error
    if report["errors"]:
        file, text = report["errors"][0]
        raise VerifierError(f"{file} cannot be read: {_last(text).replace(root + '/', '')}")
    if not report["tests"]:
        usage = _last(report["output"]).replace(root, "") if report["code"] not in {0, 5} else ""
        raise VerifierError(f"there is nothing to verify: the spec has no tests{': ' + usage if usage else ''}")
    tests = [(str(name), bool(skips), bool(loose)) for name, skips, loose in report["tests"]]
    return Spec(
        frozenset(name for name, _, loose in tests if not loose),
        frozenset(name for name, _, loose in tests if loose),
        frozenset(SkippedTest(folder_of(name), name.split("::", 1)[-1]) for name, skips, _ in tests if skips),
        frozenset(report["used"]),
    )


def _last(text: str) -> str:
    lines = [line.removeprefix("E").strip() for line in text.strip().splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no reason was given"
