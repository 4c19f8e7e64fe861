"""Any command behind the protocol of a toolchain."""

from collections.abc import Callable, Sequence
from pathlib import Path

from harness.gate.command import CommandVerifier
from harness.gate.pins import Pins
from harness.gate.verdict import Verdict, Verifier
from harness.prompts import PromptWords
from harness.sandbox.base import Sandbox
from harness.sandbox.environment import CommandEnvironment, PlainEnvironment, WidenedEnvironment
from harness.toolchains.base import Show
from harness.toolchains.command.files import CommandFiles
from harness.toolchains.command.programs import find_program
from harness.toolchains.command.words import words_for
from harness.toolchains.run_tool import run_tool
from harness.tools.registry import Tool, ToolError
from harness.workspace import Workspace

BUILDS = {
    "CARGO_TARGET_DIR": "cargo",
    "PYTHONPYCACHEPREFIX": "python",
    "npm_config_cache": "npm",
    "GRADLE_USER_HOME": "gradle",
    "DOTNET_CLI_HOME": "dotnet",
}
"""Variables that keep what programs build out of the workspace, each with a folder in the build cache."""


class CommandToolchain:
    """A verify command of the user. Nothing is known of its language, and its exit status decides."""

    name = "command"
    version = None
    interface_source = ""

    def __init__(self, command: Sequence[str], allowed: Sequence[Sequence[str]] = ()) -> None:
        """`allowed` are the commands that the subject may run beside the verify command."""
        self._command = list(command)
        self._allowed = [self._command, *map(list, allowed)]
        self.files = CommandFiles(command)

    @property
    def environment(self) -> CommandEnvironment:
        """Return an environment in which the command's program is found, wherever PATH has it."""
        places = find_program(self._command[0])
        plain = PlainEnvironment(places.path, places.readable, builds=BUILDS, proc=True)
        return WidenedEnvironment(plain, places.installations) if places.installations else plain

    @property
    def words(self) -> PromptWords:
        return words_for(self._allowed)

    def prepare(self, kind: str, show: Show) -> None:
        """Do nothing."""

    def expected_tests(self, seed: Path) -> dict[str, list[str]]:  # noqa: ARG002
        """Return nothing: which tests there are is unknown."""
        return {}

    def why_unverifiable(self, command: Sequence[str], root: Path, pins: Pins | None) -> str:  # noqa: ARG002
        return ""

    def why_unverified(self, command: Sequence[str], root: Path, verdict: Verdict) -> str:
        """Return why the command did not start; empty if it ran, whatever came of it."""
        del command, root
        return verdict.why_not_run

    def verifier(
        self, command: Sequence[str], *, sandbox: Sandbox, root: Path, timeout: float, pins: Pins | None
    ) -> Verifier:
        return CommandVerifier(sandbox, root, command, timeout, pins)

    def started_as(self, command: Sequence[str]) -> list[str]:
        return list(command)

    def why_weaker(self, command: Sequence[str], *, sandbox: Sandbox, root: Path, pins: Pins | None) -> str:
        """Return nothing: no other kind is known."""
        del command, sandbox, root, pins
        return ""

    def tool(self, workspace: Workspace, sandbox: Sandbox, timeout: float) -> Tool:
        """Return the tool `run` for the verify command and what else is allowed, word for word."""
        shown = "; ".join(" ".join(command) for command in self._allowed)

        def allow(args: list[str]) -> list[str]:
            if args not in self._allowed:
                raise ToolError(f"{' '.join(args)} is not allowed; the commands are: {shown}")
            return args

        return run_tool(workspace, sandbox, timeout, allow, allowed=shown, example=self._command)

    def shuffled(self, sandbox: Sandbox, root: Path, timeout: float) -> str:  # noqa: ARG002
        return ""

    def interface(self, sandbox: Sandbox, root: Path, timeout: float) -> Callable[[str], str | None]:  # noqa: ARG002
        return lambda folder: None  # noqa: ARG005
