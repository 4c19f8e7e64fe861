"""Protocol of a toolchain: everything about a run that depends on the language of its task."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from harness.file_rules import FileRules
from harness.gate.pins import Pins
from harness.gate.verdict import Verdict, Verifier
from harness.prompts import PromptWords
from harness.sandbox.base import Sandbox
from harness.sandbox.environment import CommandEnvironment
from harness.tools.registry import Tool
from harness.workspace import Workspace

Show = Callable[[str, bool], None]
"""Called with a line on how far a preparation is, and True for the last one."""


class Toolchain(Protocol):
    """One language, or one way of verifying, as this machine has it."""

    @property
    def name(self) -> str:
        """Return the name as in the config: go, python or command."""
        ...

    @property
    def version(self) -> str | None:
        """Return the version as the toolchain states it; None if unknown."""
        ...

    @property
    def environment(self) -> CommandEnvironment:
        """Return the programs, folders and variables of its commands in a sandbox."""
        ...

    @property
    def files(self) -> FileRules:
        """Return the rules that tell specs, code and protected files."""
        ...

    @property
    def words(self) -> PromptWords:
        """Return the parts of the system prompt that depend on the language."""
        ...

    @property
    def interface_source(self) -> str:
        """Return the program that `interface` shows packages by, such as `go doc`; empty if there is none."""
        ...

    def prepare(self, kind: str, show: Show) -> None:
        """Do what every run on this machine needs once; `kind` is the sandbox. Raises SandboxError."""
        ...

    def expected_tests(self, seed: Path) -> dict[str, list[str]]:
        """Return the names of the tests of a pristine spec, by unit of elision. Raises VerifierError."""
        ...

    def why_unverifiable(self, command: Sequence[str], root: Path, pins: Pins | None) -> str:
        """Return why no work in a folder could ever be accepted, in one line; empty if some could. Nothing is run."""
        ...

    def why_unverified(self, command: Sequence[str], root: Path, verdict: Verdict) -> str:
        """Return why a first verdict on a folder means that it never can be verified; empty if it can."""
        ...

    def verifier(
        self, command: Sequence[str], *, sandbox: Sandbox, root: Path, timeout: float, pins: Pins | None
    ) -> Verifier:
        """Return the strictest verifier that the command allows. Raises VerifierError if it never can verify."""
        ...

    def started_as(self, command: Sequence[str]) -> list[str]:
        """Return a verify command as it is started, where its program stands for another."""
        ...

    def why_weaker(self, command: Sequence[str], *, sandbox: Sandbox, root: Path, pins: Pins | None) -> str:
        """Return why `verifier` gives a weaker proof than the toolchain has; empty if it does not. Raises
        VerifierError."""
        ...

    def tool(self, workspace: Workspace, sandbox: Sandbox, timeout: float) -> Tool:
        """Return the tool by which the subject runs programs. Each command may take `timeout` seconds."""
        ...

    def shuffled(self, sandbox: Sandbox, root: Path, timeout: float) -> str:
        """Run the tests in a random order; return what failed, empty if nothing did."""
        ...

    def interface(self, sandbox: Sandbox, root: Path, timeout: float) -> Callable[[str], str | None]:
        """Return a function from the folder of a package to its exported interface; None where there is none."""
        ...
