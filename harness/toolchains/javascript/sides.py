"""The two sides in JavaScript: a node that runs the spec over proxies, and one that holds the modules."""

import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from harness.gate.pins import Pins
from harness.gate.verdict import VerifierError
from harness.sandbox.base import FinishedCommand, Sandbox, SandboxError
from harness.sandbox.confined import ConfinedSandbox
from harness.toolchains.javascript.node import NodeInstallation
from harness.toolchains.javascript.spec import INSIDE, SpecSources, laid, resolved, spec_of
from harness.toolchains.split.room import SplitRoom
from harness.toolchains.split.spec import Spec
from harness.toolchains.split.verifier import RUNS, SplitReport

LONGEST_START = 60.0
"""Seconds that listing the tests may take."""
ENDING = 2.0
"""Seconds that the process of the code has after the time of the tests."""
PIPES = ("idle", "wait", "out")


@dataclass(frozen=True)
class NodeSides:
    """A node for each side, made anew for each run."""

    installation: NodeInstallation
    spec: SpecSources
    sandbox: Sandbox

    @property
    def program(self) -> str:
        return f"{self.installation.node} --test"

    def lay(self, room: SplitRoom) -> None:
        """Make the pipes, and let the spec's imports name what they mean."""
        room.lay_pipes(f"{name}{run}" for run in range(RUNS) for name in PIPES)
        _lay_type(self.spec, room.code)

    def run(self, room: SplitRoom, timeout: float) -> SplitReport:
        """Run the spec RUNS times, each over a fresh copy of its files; stop at the first run without a report."""
        outcome = SplitReport()
        deadline = time.monotonic() + timeout
        modules = lay_spec(self.spec, room.spec, room.code)
        for run in range(RUNS):
            left = max(deadline - time.monotonic(), 0.1)
            self._once(room, run, modules, left, outcome)
            if outcome.fault:
                ended = outcome.code.output.strip()[-300:] if outcome.code else ""
                raise VerifierError(f"{outcome.fault}: {ended}")
            if len(outcome.runs) <= run:
                break
        if not outcome.started and outcome.trusted and not outcome.trusted.timed_out:
            raise VerifierError(f"node did not run: {outcome.trusted.output.strip()[-300:]}")
        return outcome

    def _once(
        self, room: SplitRoom, run: int, modules: list[dict[str, object]], left: float, outcome: SplitReport
    ) -> None:
        faults: list[Exception] = []

        def run_code() -> None:
            bundled = ["bundled"] if self.spec.leaves_out_suffixes else []
            command = self._command("code.mjs", str(room.pipes), str(run), str(room.code), *bundled)
            try:
                outcome.code = self._over(room.work).run(command, cwd=room.code, timeout=left + ENDING)
            except (SandboxError, OSError) as fault:
                faults.append(fault)

        settings = {
            "root": str(room.spec),
            "pipes": str(room.pipes),
            "run": run,
            "files": [*self.spec.tests],
            "modules": modules,
        }
        code = threading.Thread(target=run_code)
        code.start()
        try:
            trusted = self._command("trusted.mjs", json.dumps(settings))
            outcome.trusted = self._over(room.path).run(
                trusted, cwd=room.spec, timeout=left, on_line=outcome.take, max_output=64 << 10
            )
        finally:
            _release(room, run)
            code.join()
        if faults:
            raise faults[0]

    def listed(self, room: SplitRoom) -> Spec:
        """Return the tests of the spec, without any code. Raises VerifierError if it cannot be read or has none."""
        modules = lay_spec(self.spec, room.spec, None)
        settings = {"root": str(room.spec), "run": None, "files": [*self.spec.tests], "modules": modules}
        lines: list[bytes] = []
        try:
            finished: FinishedCommand = self._over(room.path).run(
                self._command("trusted.mjs", json.dumps(settings)),
                cwd=room.spec,
                timeout=LONGEST_START,
                on_line=lines.append,
            )
        except (SandboxError, OSError) as fault:
            raise VerifierError(f"{self.installation.node}: {fault}") from fault
        try:
            report = json.loads(b"".join(lines))
        except ValueError as error:
            raise VerifierError(f"node could not list the tests: {finished.output.strip()[-300:]}") from error
        return spec_of(report)

    def _command(self, script: str, *arguments: str) -> list[str]:
        return [str(self.installation.node), str(INSIDE / script), *arguments]

    def _over(self, root: Path) -> Sandbox:
        other = self.sandbox.over(root)
        return other.seeing(INSIDE) if isinstance(other, ConfinedSandbox) else other


def lay_pins(pins: Pins, room: SplitRoom) -> None:
    """Write the pinned files into the room of the spec."""
    room.lay_spec(pins, lambda name: name in pins.files)


def lay_spec(spec: SpecSources, root: Path, code: Path | None) -> list[dict[str, object]]:
    """Spell out the imports of the spec files in a folder; return the modules that they ask of the code.

    `code` is the folder of the workspace's copy; without it, each module is taken to be the first that it may be.
    """
    modules: dict[str, set[str]] = {}
    places: dict[str, dict[int, str]] = {}
    for one in spec.imports:
        if not one.is_local or not one.target:
            continue
        path = resolved(one, root)
        if not path:
            path = resolved(one, code) if code else _usual(one.target)
            if path.endswith(".json"):
                target = root / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((code / path).read_bytes() if code else b"{}")
            elif path:
                modules.setdefault(path, set()).update(one.names)
        if path:
            places.setdefault(one.file, {})[one.start] = path
    for file, text in spec.code.items():
        (root / file).write_text(laid(text, file, places.get(file, {})), encoding="utf-8")
    _lay_type(spec, root)
    return [
        {"path": path, "common": spec.is_common(path), "names": sorted(names)}
        for path, names in sorted(modules.items())
    ]


def _usual(target: str) -> str:
    return target if target.endswith((".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".json")) else f"{target}.js"


def _lay_type(spec: SpecSources, root: Path) -> None:
    """Say how files are loaded, where the task does not."""
    if "type" not in spec.settings:
        written = json.dumps({**spec.settings, "type": spec.module_type})
        (root / "package.json").write_text(written, encoding="utf-8")


def _release(room: SplitRoom, run: int) -> None:
    """Let the code's side end if it still waits for the other end of a pipe."""
    for name, mode in (("idle", os.O_WRONLY), ("wait", os.O_WRONLY), ("out", os.O_RDONLY)):
        try:
            os.close(os.open(room.pipes / f"{name}{run}", mode | os.O_NONBLOCK))
        except OSError:
            continue
