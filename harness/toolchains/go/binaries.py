"""Build the test binaries of the clean room, then run each by itself.

`go test` builds and vets as usual, but starts a recorder in place of each binary, so that no code of the model runs
before all binaries are built. Then each binary runs alone, over freshly restored files.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.gate.pins import Pins
from harness.sandbox.base import FinishedCommand, Sandbox
from harness.sandbox.output import Clip
from harness.toolchains.go.events import MOST_LOG, GoTestEvents, parse_event, text_of
from harness.toolchains.go.proof import Proof
from harness.toolchains.go.room import CleanRoom
from harness.toolchains.go.spec import PackageSpec

MOST_STDERR = 4 << 10
MOST_CONSOLE = 1 << 20
PASS_LINE = "--- PASS: "


class Build:
    """Output and events of `go test` while it built, by package, in order."""

    def __init__(self) -> None:
        self.events = GoTestEvents()
        self.logs: dict[str, Clip] = {}
        self.finished = FinishedCommand(0, False, "")

    def feed(self, line: bytes) -> None:
        self.events.feed(line)
        event = parse_event(line) or {}
        unit = text_of(event, "Package") or text_of(event, "ImportPath")
        if unit:
            self.logs.setdefault(unit, Clip(MOST_LOG)).feed(text_of(event, "Output").encode(errors="replace"))

    @property
    def started(self) -> bool:
        """Return True if the command got as far as loading packages."""
        return bool(self.events.count) or self.finished.exit_code == 0 or self.finished.timed_out

    @property
    def succeeded(self) -> bool:
        """Return True if everything was built and vetted without a complaint."""
        return self.finished.exit_code == 0 and not self.finished.timed_out and not self.events.failed


@dataclass
class Binary:
    """A test binary with the arguments that `go test` would have passed to it."""

    folder: str
    path: Path
    args: list[str]
    digest: str

    @property
    def runs(self) -> int:
        """Return the number of times that each test runs (-test.count)."""
        counts = [arg.removeprefix("-test.count=") for arg in self.args if arg.startswith("-test.count=")]
        return int(counts[-1]) if counts and counts[-1].isdecimal() else 1


@dataclass
class TestedPackage:
    """Result of the tests of one package."""

    folder: str
    import_path: str
    console: str
    exit_code: int
    timed_out: bool
    proof: Proof
    swapped: bool = False
    """True if the binary is no longer the one that was built."""

    @property
    def passed(self) -> bool:
        clean = self.exit_code == 0 and not self.timed_out and not self.swapped
        return clean and self.proof.complete and not self.proof.altered

    @property
    def forged(self) -> list[str]:
        """Return the tests that passed more often by the output than by the proof."""
        if self.exit_code != 0 or self.timed_out:
            return []
        claims = self.console.splitlines()
        counts = {test: sum(line.startswith(f"{PASS_LINE}{test} ") for line in claims) for test in self.proof.tests}
        return [test for test, count in counts.items() if count > self.proof.passed[test]]


def build(sandbox: Sandbox, go: Path, room: CleanRoom, args: Sequence[str], timeout: float) -> Build:
    """Build and vet the packages that the arguments name, and keep their binaries in the room."""
    result = Build()
    ours = ["-json", "-count=3", f"-modfile={room.module_file}", f"-exec={room.recorder}"]
    result.finished = sandbox.run(
        [str(go), "test", *ours, *args],
        cwd=room.copy,
        timeout=timeout,
        max_output=MOST_STDERR,
        on_line=result.feed,
    )
    return result


def binaries(room: CleanRoom) -> dict[str, Binary]:
    """Return the binaries in the room, by folder."""
    built = {}
    for path in sorted(room.binaries.rglob("spec.test")):
        folder = path.parent.relative_to(room.binaries).as_posix()
        args = (path.parent / "args").read_text().splitlines()
        built[folder] = Binary(folder, path, args, _digest(path))
    return built


def run(
    sandbox: Sandbox, room: CleanRoom, binary: Binary, spec: PackageSpec | None, pins: Pins, timeout: float
) -> TestedPackage:
    """Run one binary over freshly restored files, and read its proof."""
    proof = Proof(spec.tests if spec else (), binary.runs)
    argv = [str(binary.path), *("-test.v=true" if arg.startswith("-test.v") else arg for arg in binary.args)]
    tested = TestedPackage(binary.folder, room.import_path(binary.folder), "", 1, False, proof)
    if _digest(binary.path) != binary.digest:
        tested.swapped = True
        return tested
    pins.restore(room.copy)
    (room.channel / "tokens").write_text(proof.orders(argv))
    report = room.channel / "report"
    report.write_bytes(b"")
    begun = time.monotonic()
    finished = sandbox.run(argv, cwd=room.copy / binary.folder, timeout=timeout, max_output=MOST_CONSOLE)
    seconds = time.monotonic() - begun
    if report.is_file() and not report.is_symlink():
        proof.read(report)
    (room.channel / "tokens").unlink(missing_ok=True)
    tested.exit_code, tested.timed_out = finished.exit_code, finished.timed_out
    tested.console = _console(finished, tested.import_path, seconds)
    return tested


def _console(finished: FinishedCommand, import_path: str, seconds: float) -> str:
    """Return the output as `go test` would have shown it."""
    code = finished.exit_code
    output = finished.output.removesuffix(f"\n[exit status {code}]")
    if code == 0 and not finished.timed_out:
        return f"{output}ok  \t{import_path}\t{seconds:.3f}s\n"
    status = f"exit status {code}\n" if code > 0 else "\n"
    return f"{output}{status}FAIL\t{import_path}\t{seconds:.3f}s\n"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
