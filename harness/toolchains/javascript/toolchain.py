"""JavaScript behind the protocol of a toolchain."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from harness.gate.command import CommandVerifier
from harness.gate.pins import Pins
from harness.gate.verdict import Verdict, Verifier
from harness.sandbox.base import Sandbox
from harness.sandbox.environment import PlainEnvironment, cache_folder
from harness.toolchains.base import Show
from harness.toolchains.javascript.commands import ALLOWED, command_for, test_files
from harness.toolchains.javascript.files import JAVASCRIPT_FILES
from harness.toolchains.javascript.node import NodeInstallation, find_node
from harness.toolchains.javascript.scan import why_not
from harness.toolchains.javascript.sides import NodeSides, lay_pins
from harness.toolchains.javascript.spec import INSIDE, sources
from harness.toolchains.javascript.titles import test_titles
from harness.toolchains.javascript.words import WORDS
from harness.toolchains.run_tool import run_tool
from harness.toolchains.split.room import SplitRoom
from harness.toolchains.split.spec import Spec
from harness.toolchains.split.verifier import SplitVerifier
from harness.tools.registry import Tool
from harness.trees import scratch_folder, walk
from harness.workspace import Workspace

RUNNER = INSIDE / "plain.mjs"
"""The script that runs tests in the workspace, for the subject."""

_known: dict[tuple[NodeInstallation, tuple[str, ...], str], Spec] = {}


class JavaScriptToolchain:
    """A node. It is looked up when it is first needed."""

    name = "javascript"
    files = JAVASCRIPT_FILES
    words = WORDS
    interface_source = ""

    def __init__(self, node: str = "") -> None:
        """`node` is the path of a node; empty for the usual one."""
        self._named = node

    @property
    def installation(self) -> NodeInstallation:
        """Return the node. Raises SandboxError, in one line, if there is none that is new enough."""
        return find_node(self._named)

    @property
    def version(self) -> str:
        return self.installation.version

    @property
    def environment(self) -> PlainEnvironment:
        """Return the environment of its commands. Raises SandboxError if there is no node."""
        node = self.installation
        return PlainEnvironment((node.node.parent,), (*node.readable, INSIDE), {"NO_COLOR": "1"}, proc=True)

    def prepare(self, kind: str, show: Show) -> None:
        """Do nothing beyond looking up node."""
        del kind, show

    def expected_tests(self, seed: Path) -> dict[str, list[str]]:
        """Return the titles of the tests, as they are written, by spec file."""
        specs = sorted(
            (entry.name, Path(entry.path))
            for entry in walk(seed)
            if entry.is_file
            and self.files.unit_of(entry.name)
            and "node_modules" not in PurePosixPath(entry.name).parts
        )
        return {name: test_titles(path.read_text(encoding="utf-8", errors="replace")) for name, path in specs}

    def why_unverifiable(self, command: Sequence[str], root: Path, pins: Pins | None) -> str:
        """Return why a folder has nothing to verify: it has no test file."""
        if pins is None or test_files(command) is None or sources(pins, test_files(command) or ()).tests:
            return ""
        return f"there are no tests in {root}, and the model may not write any (protect_tests)"

    def why_unverified(self, command: Sequence[str], root: Path, verdict: Verdict) -> str:
        """Return why the command did not start; empty if it ran, whatever came of it."""
        del command, root
        return verdict.why_not_run

    def verifier(
        self, command: Sequence[str], *, sandbox: Sandbox, root: Path, timeout: float, pins: Pins | None
    ) -> Verifier:
        """Return a split verifier if the tests can run apart from the code; else the exit status decides."""
        if pins is None or self.why_weaker(command, sandbox=sandbox, root=root, pins=pins):
            return CommandVerifier(sandbox, root, self.started_as(command), timeout, pins)
        sides = NodeSides(self.installation, sources(pins, test_files(command) or ()), sandbox)
        spec = self._spec(sides, pins)
        return SplitVerifier(root, pins, spec, sides, base=cache_folder() / "split-rooms", timeout=timeout)

    def why_weaker(self, command: Sequence[str], *, sandbox: Sandbox, root: Path, pins: Pins | None) -> str:
        """Return why the assertions cannot run in a process of their own."""
        del sandbox, root
        files = test_files(command)
        if files is None:
            return "the command is not `node --test` with files alone"
        if pins is None:
            return "the tests may be written (protect_tests=false)"
        return why_not(sources(pins, files).code)

    def _spec(self, sides: NodeSides, pins: Pins) -> Spec:
        """Return the tests of the spec. Raises VerifierError if it cannot be read, or has none."""
        content = hashlib.sha256()
        for path, file in sorted(pins.files.items()):
            content.update(f"{path}\n{len(file.content)}\n".encode() + file.content)
        key = (self.installation, sides.spec.tests, content.hexdigest())
        if key not in _known:
            with scratch_folder("harness-spec-") as base, SplitRoom(base / "listing", base) as room:
                lay_pins(pins, room)
                _known[key] = sides.listed(room)
        return _known[key]

    def started_as(self, command: Sequence[str]) -> list[str]:
        """Return the command with the node that was found; tests for jest's globals run by a script of the harness."""
        files = test_files(command)
        if files is not None:
            return [str(self.installation.node), str(RUNNER), *files]
        program, *rest = command
        return [str(self.installation.node), *rest] if program == "node" else list(command)

    def tool(self, workspace: Workspace, sandbox: Sandbox, timeout: float) -> Tool:
        """Return the tool `run`. The harness chooses the node, not the model."""
        node = self.installation.node

        def allow(args: list[str]) -> list[str]:
            return command_for(node, RUNNER, args)

        return run_tool(workspace, sandbox, timeout, allow, allowed=ALLOWED, example=("node", "--test"))

    def shuffled(self, sandbox: Sandbox, root: Path, timeout: float) -> str:
        """Run the spec files in the opposite order; return what failed."""
        paths = sorted(self.expected_tests(root), reverse=True)
        command = [str(self.installation.node), str(RUNNER), *paths]
        finished = sandbox.run(command, cwd=root, timeout=timeout)
        return "" if finished.exit_code == 0 else finished.output or f"exit status {finished.exit_code}"

    def interface(self, sandbox: Sandbox, root: Path, timeout: float) -> Callable[[str], str | None]:  # noqa: ARG002
        return lambda folder: None  # noqa: ARG005
