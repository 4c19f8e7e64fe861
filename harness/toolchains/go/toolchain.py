"""Go behind the protocol of a toolchain."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.gate.pins import Pins
from harness.gate.verdict import Verdict, Verifier
from harness.sandbox.base import Sandbox
from harness.toolchains.base import Show
from harness.toolchains.go.files import GO_FILES
from harness.toolchains.go.installation import GoInstallation, find_go
from harness.toolchains.go.interface import interface_by
from harness.toolchains.go.spec import read_spec, test_functions
from harness.toolchains.go.standard_library import prepare
from harness.toolchains.go.tool import go_tool
from harness.toolchains.go.verifiers import is_go_test, verifier_for, why_no_tokens
from harness.toolchains.go.words import WORDS
from harness.tools.registry import Tool
from harness.workspace import Workspace

OUT_OF_REACH = re.compile(r"^.*(?:module lookup disabled by GOPROXY=off|missing go\.sum entry).*$", re.MULTILINE)
"""Message of go for a module that is neither in the folder nor vendored: nothing is fetched here."""


class GoToolchain:
    """The Go of this machine. It is looked up when it is first needed."""

    name = "go"
    files = GO_FILES
    words = WORDS
    interface_source = "go doc"

    @property
    def environment(self) -> GoInstallation:
        """Return the installation. Raises SandboxError, in one line, if there is none."""
        return find_go()

    @property
    def version(self) -> str:
        return self.environment.version

    def prepare(self, kind: str, show: Show) -> None:
        """Compile the standard library."""
        prepare(self.environment, kind, show)

    def expected_tests(self, seed: Path) -> dict[str, list[str]]:
        """Return the names of the test functions, by the folder of their package."""
        return spec_functions(seed)

    def why_unverifiable(self, command: Sequence[str], root: Path, pins: Pins | None) -> str:
        """Return why a folder has nothing to verify: it has no test functions, and the model may write none."""
        if pins is None or not is_go_test(command) or read_spec(pins.files):
            return ""
        return f"there are no test functions in {root}, and the model may not write any (protect_tests)"

    def why_unverified(self, command: Sequence[str], root: Path, verdict: Verdict) -> str:
        """Return why nothing can ever be verified: a module is missing, no test is built, or go does not start."""
        if missing := OUT_OF_REACH.search(verdict.feedback):
            return f"{missing[0].strip()} (nothing is downloaded: run go mod vendor first)"
        # Without a module, the model may make one.
        always = not is_go_test(command) or (root / "go.mod").exists()
        return verdict.feedback if not verdict.ran and always else ""

    def verifier(
        self, command: Sequence[str], *, sandbox: Sandbox, root: Path, timeout: float, pins: Pins | None
    ) -> Verifier:
        """Return the verifier of `verifier_for`."""
        go = self.environment.go
        return verifier_for(command, sandbox=sandbox, go=go, root=root, timeout=timeout, pins=pins)

    def started_as(self, command: Sequence[str]) -> list[str]:
        return list(command)

    def why_weaker(self, command: Sequence[str], *, sandbox: Sandbox, root: Path, pins: Pins | None) -> str:
        """Return why there are no tokens."""
        del sandbox, root
        return why_no_tokens(command, pins)

    def tool(self, workspace: Workspace, sandbox: Sandbox, timeout: float) -> Tool:
        """Return the tool `go`."""
        return go_tool(workspace, sandbox, self.environment.go, timeout)

    def shuffled(self, sandbox: Sandbox, root: Path, timeout: float) -> str:
        """Run the tests in a random order, on one processor and on two; return what failed, if anything did."""
        command = [str(self.environment.go), "test", "-shuffle=on", "-count=3", "-cpu=1,2", "./..."]
        finished = sandbox.run(command, cwd=root, timeout=timeout)
        return "" if finished.exit_code == 0 else finished.output or f"exit status {finished.exit_code}"

    def interface(self, sandbox: Sandbox, root: Path, timeout: float) -> Callable[[str], str | None]:
        """Return what `go doc` shows of a package."""
        return interface_by(sandbox, self.environment.go, root, timeout)


def spec_files(seed: Path) -> list[Path]:
    """Return the Go test files of a seed, in the order of their paths."""
    return sorted(seed.rglob("*_test.go"))


def spec_functions(seed: Path) -> dict[str, list[str]]:
    """Return the names of the test functions, by the folder of their package (`.` is the root)."""
    packages: dict[str, list[str]] = {}
    for path in spec_files(seed):
        names = test_functions(path.read_text(encoding="utf-8"))
        packages.setdefault(path.parent.relative_to(seed).as_posix(), []).extend(names)
    return packages
