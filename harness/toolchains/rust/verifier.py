"""Verification of a crate by tokens: each test of the pristine spec shows a secret after it ended well.

The crate is compiled without unsafe code, and by rustc itself: no build script, no macro of a compiler plugin and no
setting of cargo takes part. docs/gate.md says what remains.
"""

import hashlib
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.gate.pins import Pins
from harness.gate.verdict import ProofKind, Verdict, VerifierError
from harness.sandbox.base import FinishedCommand, Sandbox, SandboxError
from harness.sandbox.confined import ConfinedSandbox
from harness.toolchains.rust.installation import LINKER, RustInstallation
from harness.toolchains.rust.lexer import SourceError, line_of, tokens_of
from harness.toolchains.rust.manifest import CrateManifest
from harness.toolchains.rust.spec import IntegrationTest, with_proofs
from harness.toolchains.split.room import CannotCopyError, SplitRoom
from harness.trees import walk

RUNS = 3
"""Number of runs of the whole spec, each in fresh processes with fresh tokens."""
MOST_NAMED = 10
MOST_OUTPUT = 16 << 10
TOKEN_BYTES = 24
BARRED = frozenset(("extern", "no_mangle", "export_name", "link_section", "global_asm", "asm", "include"))
"""Words of code that names symbols or sections of the program, or brings text of another kind in."""
NOT_PLAIN = ": StandardType` is not satisfied"
"""Text of the compiler's message where a value between spec and crate is no plain data."""
LINKING = re.compile(r"^error: link(?:ing with|er) .*$", re.MULTILINE)
"""Message of a linker that fails, as without a C compiler: never for safe code."""


class RefusedError(Exception):
    """The work is refused before its tests run; the text is meant for the model."""


@dataclass(frozen=True)
class RustSpec:
    """The integration tests of a crate, as the task has them."""

    manifest: CrateManifest
    files: tuple[IntegrationTest, ...]
    with_ignored: bool

    def must_run(self, test: IntegrationTest) -> Iterator[tuple[int, str]]:
        """Iterate over the tests of a file that must pass: number and name."""
        for number, name in enumerate(test.tests):
            if self.with_ignored or name not in test.ignored:
                yield number, name


@dataclass
class _Program:
    test: IntegrationTest
    path: Path
    content: bytes


class TokenVerifier:
    """Accepts only if every test of the pristine spec showed its token, three times."""

    proof = ProofKind.TOKENS

    def __init__(
        self,
        rust: RustInstallation,
        root: Path,
        pins: Pins,
        spec: RustSpec,
        sandbox: Sandbox,
        *,
        base: Path,
        timeout: float,
    ) -> None:
        """`base` is a folder outside the workspace; `timeout` is in seconds."""
        self._rust = rust
        self._root = root
        self._pins = pins
        self._spec = spec
        self._sandbox = sandbox
        self._base = base
        self._timeout = timeout

    def verify(self) -> Verdict:
        """Compile the crate and its tests, then run them three times. Raises VerifierError if it could not be run."""
        total = len(self._spec.files)
        try:
            restored = self._pins.restore(self._root)
            with SplitRoom(self._root, self._base) as room:
                room.lay_code(self._pins)
                return _RoomRun(self, room, restored).verdict()
        except CannotCopyError as fault:
            return Verdict(accepted=False, feedback=f"Refused: {fault}.", total=total, ran=False)
        except (SandboxError, OSError) as fault:
            raise VerifierError(f"{self._rust.rustc}: {fault}") from fault


class _RoomRun:
    """One verification in its room."""

    def __init__(self, verifier: TokenVerifier, room: SplitRoom, restored: tuple[str, ...]) -> None:
        self._rust, self._pins, self._spec = verifier._rust, verifier._pins, verifier._spec
        self._room = room
        self._restored = restored
        self._building = verifier._sandbox.over(room.path)
        # Code of the crate first runs in the tests. A linker may need a /proc.
        self._running = self._building.without_proc() if isinstance(self._building, ConfinedSandbox) else self._building
        self._timeout = verifier._timeout
        self._deadline = time.monotonic() + verifier._timeout
        self._tokens, self._proofs = room.pipes / "tokens", room.pipes / "proofs"
        self._late = False
        self._killed = False
        self._parts: list[str] = []

    def verdict(self) -> Verdict:
        """Return the verdict; what is refused before tests run is a verdict too."""
        try:
            programs = self._build()
        except RefusedError as refusal:
            self._parts.append(str(refusal))
            return self._decided(frozenset())
        missing: set[str] = set()
        bad: set[str] = set()
        for run in range(RUNS):
            for program in programs:
                if absent := self._run(program):
                    bad.add(program.test.file)
                    missing.update(f"{program.test.file}::{name}" for name in absent)
            if bad:
                if run:
                    self._parts.append(f"This is run {run + 1} of {RUNS}; the tests passed before.")
                break
        if missing and not self._late:
            shown = sorted(missing)
            more = f" and {len(shown) - MOST_NAMED} more" if len(shown) > MOST_NAMED else ""
            self._parts.append(f"Refused: {', '.join(shown[:MOST_NAMED])}{more} did not pass {RUNS} times.")
        return self._decided(frozenset(program.test.file for program in programs) - bad)

    def _decided(self, green: frozenset[str]) -> Verdict:
        accepted = len(green) == len(self._spec.files)
        if self._late:
            self._parts.append(f"Refused: the tests did not finish within {self._timeout:g} seconds.")
        if self._restored:
            names = ", ".join(self._restored)
            self._parts.append(f"Put back as the task has it, for it is not yours to change: {names}.")
        return Verdict(
            accepted=accepted,
            feedback="" if accepted else self._room.renamed("\n".join(part for part in self._parts if part)),
            green=green,
            total=len(self._spec.files),
            tampering=self._restored,
            lasting=not self._late,
        )

    def _build(self) -> list[_Program]:
        """Compile everything before anything runs. Raises RefusedError."""
        name, code, target = self._spec.manifest.name, self._room.code, self._room.work / "target"
        source = code / self._spec.manifest.source
        if not source.is_file():
            raise RefusedError(f"Refused: {self._spec.manifest.source} is missing.")
        target.mkdir()
        library, listed = target / f"lib{name}.rlib", target / "sources.d"
        emit = f"--emit=link={library},dep-info={listed}"
        self._compile(["--crate-type", "lib", "--crate-name", name, "-F", "unsafe_code", emit, str(source)])
        self._require_safe(listed)
        programs = []
        for test in self._spec.files:
            text = self._pins.files[test.file].content.decode()
            place, program = code / test.file, target / f"{Path(test.file).stem}.test"
            place.write_text(with_proofs(test, text, self._tokens, self._proofs), encoding="utf-8")
            crate = ["--extern", f"{name}={library}", "--cap-lints", "allow", "-o", str(program), str(place)]
            try:
                self._compile(["--test", "--crate-name", Path(test.file).stem.replace("-", "_"), *crate])
            except RefusedError as refusal:
                if fault := LINKING.search(str(refusal)):
                    raise VerifierError(f"{self._rust.rustc}: {fault[0]}") from refusal
                plain = NOT_PLAIN in str(refusal)
                note = "\nWhat a test gets from the crate must be of types of the standard library." if plain else ""
                raise RefusedError(f"{refusal}{note}") from refusal
            programs.append(_Program(test, program, hashlib.sha256(program.read_bytes()).digest()))
        return programs

    def _compile(self, arguments: list[str]) -> None:
        command = [str(self._rust.rustc), "--sysroot", str(self._rust.root), "--edition", self._spec.manifest.edition]
        shared = ["--color", "never", "-C", "debuginfo=0", *LINKER]
        finished = self._sandboxed(self._building, [*command, *shared, *arguments])
        if finished.exit_code or finished.timed_out:
            raise RefusedError(finished.output.strip() or f"rustc ended with {finished.exit_code}")

    def _sandboxed(self, sandbox: Sandbox, command: list[str]) -> FinishedCommand:
        left = max(self._deadline - time.monotonic(), 0.1)
        finished = sandbox.run(command, cwd=self._room.code, timeout=left, max_output=MOST_OUTPUT)
        self._late = self._late or finished.timed_out
        return finished

    def _require_safe(self, listed: Path) -> None:
        """Refuse sources with words that are not for safe code. The compiler lists the files that it read."""
        root = self._room.code.resolve()
        if any("\n" in entry.name for entry in walk(root)):
            raise RefusedError("Refused: a file has a name of more than one line.")
        for line in listed.read_text(encoding="utf-8", errors="surrogateescape").split("\n"):
            if not line.endswith(":"):
                continue
            path = Path(line.removesuffix(":").replace("\\ ", " "))
            if not path.is_file():
                raise RefusedError(f"Refused: {line} could not be read.")
            name = path.relative_to(root) if path.is_relative_to(root) else path
            if name != path and name.as_posix() in self._pins.files:
                continue
            try:
                text = path.read_text(encoding="utf-8")
                words = [token for token in tokens_of(text) if token.kind == "word" and token.text in BARRED]
            except (SourceError, UnicodeDecodeError):
                if path.suffix == ".rs":
                    raise RefusedError(f"Refused: {name} could not be read as Rust.") from None
                continue
            if words:
                place = f"{name}:{line_of(text, words[0].start)}"
                raise RefusedError(
                    f"Refused: {place}: `{words[0].text}` is not allowed, since it leads round safe code."
                )

    def _run(self, program: _Program) -> list[str]:
        """Run an integration test; return the names of the tests that did not pass."""
        expected = list(self._spec.must_run(program.test))
        if hashlib.sha256(program.path.read_bytes()).digest() != program.content:
            self._parts.append(f"Refused: the test program of {program.test.file} was changed.")
            return [name for _, name in expected]
        tokens = [secrets.token_hex(TOKEN_BYTES) for _ in program.test.tests]
        for path in (self._tokens, self._proofs):
            path.unlink(missing_ok=True)
        self._tokens.write_text("\n".join(tokens), encoding="utf-8")
        flags = ["--include-ignored"] if self._spec.with_ignored else []
        finished = self._sandboxed(self._running, [str(program.path), "--color", "never", *flags])
        shown = _shown(self._proofs, len(tokens))
        absent = [name for number, name in expected if tokens[number] not in shown]
        if not absent and finished.exit_code:
            absent = [name for _, name in expected]
            self._parts.append(f"{program.test.file}: its process ended with {finished.exit_code}.")
        if absent:
            self._parts.insert(0, finished.output.strip())
        return absent


def _shown(path: Path, count: int) -> set[str]:
    """Return the lines of the file of proofs, which code under test may have replaced by anything."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return set()
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return set()
        return set(file.read((count + 1) * (2 * TOKEN_BYTES + 1)).decode("ascii", "replace").split("\n"))
