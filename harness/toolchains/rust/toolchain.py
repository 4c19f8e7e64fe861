"""Rust behind the protocol of a toolchain."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from harness.gate.command import CommandVerifier
from harness.gate.pins import Pins
from harness.gate.verdict import Verdict, Verifier
from harness.sandbox.base import Sandbox
from harness.sandbox.environment import CommandEnvironment, PlainEnvironment, WidenedEnvironment, cache_folder
from harness.toolchains.base import Show
from harness.toolchains.command.programs import find_program
from harness.toolchains.run_tool import run_tool
from harness.toolchains.rust.commands import ALLOWED, command_for, includes_ignored, is_cargo_test
from harness.toolchains.rust.files import RUST_FILES
from harness.toolchains.rust.installation import LINKER, RustInstallation, find_rust
from harness.toolchains.rust.manifest import EDITIONS, read_manifest
from harness.toolchains.rust.reader import read_test
from harness.toolchains.rust.spec import IntegrationTest, UnprovableError
from harness.toolchains.rust.verifier import NOT_PLAIN, RustSpec, TokenVerifier
from harness.toolchains.rust.words import WORDS
from harness.tools.registry import Tool
from harness.trees import walk
from harness.workspace import Workspace

OUT_OF_REACH = ("no matching package named", "failed to load source for dependency", "you're using offline mode")
"""Messages of cargo for a crate that is neither vendored nor in its cache."""


class RustToolchain:
    """The Rust of this machine. It is looked up when it is first needed."""

    name = "rust"
    files = RUST_FILES
    words = WORDS
    interface_source = ""

    @property
    def installation(self) -> RustInstallation:
        """Return the Rust. Raises SandboxError, in one line, if there is none that is new enough."""
        return find_rust()

    @property
    def version(self) -> str:
        return self.installation.version

    @property
    def environment(self) -> CommandEnvironment:
        """Return the environment of its commands. Raises SandboxError if there is no Rust."""
        rust = self.installation
        places = find_program(str(rust.cargo))
        settings = {"CARGO_NET_OFFLINE": "true", "CARGO_TERM_COLOR": "never"}
        settings |= {"CARGO_BUILD_RUSTFLAGS": " ".join(LINKER)} if LINKER else {}
        builds = {"CARGO_TARGET_DIR": "cargo"}
        # Cargo finds itself through /proc; the gate runs without.
        plain = PlainEnvironment(places.path, places.readable, settings, builds=builds, proc=True)
        return WidenedEnvironment(plain, places.installations) if places.installations else plain

    def prepare(self, kind: str, show: Show) -> None:
        """Do nothing beyond looking up Rust."""
        del kind, show

    def expected_tests(self, seed: Path) -> dict[str, list[str]]:
        """Return the integration tests. What they hold is known once they were read."""
        names = sorted(entry.name for entry in walk(seed) if entry.is_file)
        return {name: [] for name in names if self.files.unit_of(name)}

    def why_unverifiable(self, command: Sequence[str], root: Path, pins: Pins | None) -> str:
        """Return why no work could be accepted: the crate asks for an edition that this Rust does not know."""
        del root
        manifest = read_manifest(pins) if pins and is_cargo_test(command) else ""
        if isinstance(manifest, str) or self.installation.numbers >= EDITIONS[manifest.edition]:
            return ""
        wanted = ".".join(map(str, EDITIONS[manifest.edition]))
        return f"Cargo.toml asks for edition {manifest.edition}, which needs Rust {wanted}: this is {self.version}"

    def why_unverified(self, command: Sequence[str], root: Path, verdict: Verdict) -> str:
        """Return why nothing can ever be verified: a crate is missing, the command did not start, or the code at the
        start hands types of its own to the spec."""
        del command, root
        lines = verdict.feedback.splitlines()
        if missing := next((line for line in lines if any(part in line for part in OUT_OF_REACH)), ""):
            return f"{missing.removeprefix('error:').strip()} (nothing is downloaded: run cargo vendor first)"
        if NOT_PLAIN in verdict.feedback:
            place = next((line.split("--> ")[1] for line in lines if "--> " in line), "")
            return f"{place}: the spec gets a type of the crate's own, which cannot be proven: use toolchain=command"
        return verdict.why_not_run

    def verifier(
        self, command: Sequence[str], *, sandbox: Sandbox, root: Path, timeout: float, pins: Pins | None
    ) -> Verifier:
        """Return a verifier by tokens if each test can be proven; else the exit status decides."""
        spec = self._spec(command, pins)
        if pins is None or isinstance(spec, str):
            return CommandVerifier(sandbox, root, self.started_as(command), timeout, pins)
        return TokenVerifier(
            self.installation, root, pins, spec, sandbox, base=cache_folder() / "rust-rooms", timeout=timeout
        )

    def why_weaker(self, command: Sequence[str], *, sandbox: Sandbox, root: Path, pins: Pins | None) -> str:
        """Return why there are no tokens."""
        del sandbox, root
        spec = self._spec(command, pins)
        return spec if isinstance(spec, str) else ""

    def _spec(self, command: Sequence[str], pins: Pins | None) -> RustSpec | str:
        """Return the integration tests, or why they cannot be proven. Only pinned files count."""
        with_ignored = includes_ignored(command)
        if with_ignored is None:
            return "the command is not `cargo test`, alone or with --include-ignored"
        if pins is None:
            return "the tests may be written (protect_tests=false)"
        if not self.installation.stable:
            return f"Rust {self.version} is no stable release, so code may switch unfinished features on"
        manifest = read_manifest(pins)
        if isinstance(manifest, str):
            return manifest
        try:
            tests = tuple(test for test in _tests(pins, manifest.name) if test.tests)
        except UnprovableError as error:
            return str(error)
        spec = RustSpec(manifest, tests, with_ignored)
        if not any(any(spec.must_run(test)) for test in spec.files):
            return "there is no integration test (#[test] in tests/*.rs) that the command runs"
        return spec

    def started_as(self, command: Sequence[str]) -> list[str]:
        program, *rest = command
        return [str(self.installation.cargo), *rest] if program == "cargo" else list(command)

    def tool(self, workspace: Workspace, sandbox: Sandbox, timeout: float) -> Tool:
        """Return the tool `run`. The harness chooses the cargo, not the model."""
        cargo = self.installation.cargo

        def allow(args: list[str]) -> list[str]:
            return command_for(cargo, args)

        return run_tool(workspace, sandbox, timeout, allow, allowed=ALLOWED, example=("cargo", "test"))

    def shuffled(self, sandbox: Sandbox, root: Path, timeout: float) -> str:
        """Run the tests one after another; return what failed."""
        command = [str(self.installation.cargo), "test", "--offline", "--", "--include-ignored", "--test-threads=1"]
        finished = sandbox.run(command, cwd=root, timeout=timeout)
        return "" if finished.exit_code == 0 else finished.output or f"exit status {finished.exit_code}"

    def interface(self, sandbox: Sandbox, root: Path, timeout: float) -> Callable[[str], str | None]:  # noqa: ARG002
        return lambda folder: None  # noqa: ARG005


def _tests(pins: Pins, crate: str) -> Iterator[IntegrationTest]:
    """Iterate over the integration tests. Raises UnprovableError."""
    for path in sorted(name for name in pins.files if name.startswith("tests/") and name.endswith(".rs")):
        if path.count("/") > 1:
            raise UnprovableError(f"{path}: the spec has a module in another file")
        try:
            yield read_test(path, pins.files[path].content.decode(), crate)
        except UnicodeDecodeError:
            raise UnprovableError(f"{path}: the spec is not UTF-8") from None
