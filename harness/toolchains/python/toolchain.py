"""Python behind the protocol of a toolchain."""

import ast
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.gate.command import CommandVerifier
from harness.gate.pins import Pins
from harness.gate.verdict import Verdict, Verifier
from harness.sandbox.base import Sandbox
from harness.sandbox.environment import PlainEnvironment, cache_folder
from harness.toolchains.base import Show
from harness.toolchains.python.commands import ALLOWED, command_for
from harness.toolchains.python.files import PYTHON_FILES
from harness.toolchains.python.interpreter import PythonInstallation, find_python
from harness.toolchains.python.spec import read_spec
from harness.toolchains.python.split import PythonSides
from harness.toolchains.python.splittable import splittable, why_not_by_arguments
from harness.toolchains.python.words import WORDS
from harness.toolchains.run_tool import run_tool
from harness.toolchains.split.spec import Spec
from harness.toolchains.split.verifier import SplitVerifier
from harness.tools.registry import Tool
from harness.trees import scratch_folder
from harness.workspace import Workspace

SETTINGS = {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": "-p no:cacheprovider"}
"""Variables that keep Python and pytest from writing into the workspace."""

DEPENDS = {
    "base": "a class of the spec is derived from one of the code",
    "iteration": "tests are made by iterating over values of the code",
    "star": "the spec imports everything that a module of the code has (*)",
}
"""Ways in which it depends on the code which tests there are, so that a spec cannot be read without it."""

_known: dict[tuple[PythonInstallation, tuple[str, ...], str], Spec] = {}


MOST_REASONS = 3
"""Reasons against a split verification that are named at once."""


class PythonToolchain:
    """A Python interpreter with pytest. It is looked up when it is first needed."""

    name = "python"
    files = PYTHON_FILES
    words = WORDS
    interface_source = ""

    def __init__(self, python: str = "") -> None:
        """`python` is the path of an interpreter or of a virtual environment; empty for the usual one."""
        self._named = python

    @property
    def installation(self) -> PythonInstallation:
        """Return the interpreter. Raises SandboxError, in one line, if there is none."""
        return find_python(self._named)

    @property
    def version(self) -> str:
        return self.installation.version

    @property
    def environment(self) -> PlainEnvironment:
        """Return the environment of its commands. Raises SandboxError if there is no interpreter."""
        result = self.installation
        return PlainEnvironment((result.python.parent,), result.readable, SETTINGS, proc=True)

    def prepare(self, kind: str, show: Show) -> None:
        """Do nothing beyond looking up the interpreter."""
        del kind, show

    def expected_tests(self, seed: Path) -> dict[str, list[str]]:
        """Return the names of the test functions and methods, as they are written, by spec file."""
        specs = sorted(path for path in seed.rglob("*.py") if self.files.is_spec(path.relative_to(seed)))
        texts = {path.relative_to(seed).as_posix(): path.read_text(encoding="utf-8") for path in specs}
        result = {path: list(_tests(text, path)) for path, text in texts.items()}
        return {path: tests for path, tests in result.items() if tests}

    def why_unverifiable(self, command: Sequence[str], root: Path, pins: Pins | None) -> str:
        """Return why a folder has nothing to verify: a spec with a syntax error, or no tests for unittest."""
        if pins is None:
            return ""
        names: list[str] = []
        for path, file in pins.files.items():
            if not self._is_python_spec(path):
                continue
            try:
                names += _tests(file.content)
            except (SyntaxError, ValueError) as error:
                line = f":{error.lineno}" if isinstance(error, SyntaxError) else ""
                return f"{path}{line}: is no Python: {getattr(error, 'msg', error)}"
        # Which functions are tests for pytest depends on its settings, so that is asked itself.
        known = names or pytest_arguments(command) is not None
        return "" if known else f"there are no tests in {root}, and the model may not write any (protect_tests)"

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
        arguments, base = pytest_arguments(command) or [], _rooms()
        spec = self._spec(arguments, sandbox, pins)
        sides = PythonSides(self.installation, arguments, sandbox)
        return SplitVerifier(root, pins, spec, sides, base=base, timeout=timeout)

    def why_weaker(self, command: Sequence[str], *, sandbox: Sandbox, root: Path, pins: Pins | None) -> str:
        """Return why the assertions cannot run in a process of their own."""
        del root
        arguments = pytest_arguments(command)
        if arguments is None:
            return "the command is not pytest, which runs tests of unittest too"
        if pins is None:
            return "the tests may be written (protect_tests=false)"
        specs = {path: file.content for path, file in pins.files.items() if self._is_python_spec(path)}
        if result := [*why_not_by_arguments(arguments), *splittable(specs)]:
            return "; ".join(result[:MOST_REASONS])
        uses = self._spec(arguments, sandbox, pins).uses
        return "; ".join(DEPENDS.get(use, use) for use in sorted(uses))

    def _spec(self, arguments: Sequence[str], sandbox: Sandbox, pins: Pins) -> Spec:
        """Return the tests of the spec. Raises VerifierError if it cannot be read, or has none."""
        content = hashlib.sha256()
        for path, file in sorted(pins.files.items()):
            content.update(f"{path}\n{len(file.content)}\n".encode() + file.content)
        key = (self.installation, tuple(arguments), content.hexdigest())
        if key not in _known:
            # Other processes may read other specs at the same time.
            with scratch_folder("harness-spec-") as base:
                _known[key] = read_spec(self.installation, pins, arguments, sandbox, Path(base))
        return _known[key]

    def started_as(self, command: Sequence[str]) -> list[str]:
        """Return the command with the interpreter that was found, in whichever way it names Python or pytest."""
        program, *rest = command
        if program == "pytest":
            return [str(self.installation.python), "-m", "pytest", *rest]
        return [str(self.installation.python), *rest] if program in ("python", "python3") else list(command)

    def tool(self, workspace: Workspace, sandbox: Sandbox, timeout: float) -> Tool:
        """Return the tool `run`. The harness chooses the interpreter, not the model."""
        python = self.installation.python

        def allow(args: list[str]) -> list[str]:
            return command_for(python, args)

        return run_tool(workspace, sandbox, timeout, allow, allowed=ALLOWED, example=("pytest", "-q"))

    def shuffled(self, sandbox: Sandbox, root: Path, timeout: float) -> str:
        """Run the spec files in the opposite order; return what failed."""
        paths = sorted(self.expected_tests(root), reverse=True)
        finished = sandbox.run([str(self.installation.python), "-m", "pytest", "-q", *paths], cwd=root, timeout=timeout)
        return "" if finished.exit_code == 0 else finished.output or f"exit status {finished.exit_code}"

    def interface(self, sandbox: Sandbox, root: Path, timeout: float) -> Callable[[str], str | None]:  # noqa: ARG002
        return lambda folder: None  # noqa: ARG005

    def _is_python_spec(self, path: str) -> bool:
        return path.endswith(".py") and self.files.is_spec(Path(path))


def pytest_arguments(command: Sequence[str]) -> list[str] | None:
    """Return the arguments of pytest in a verify command; None if it does not run pytest."""
    program, *rest = command
    if program == "pytest":
        return rest
    return rest[2:] if program in ("python", "python3") and rest[:2] == ["-m", "pytest"] else None


def _rooms() -> Path:
    return cache_folder() / "split-rooms"


def _tests(source: str | bytes, path: str = "<unknown>") -> list[str]:
    """Return the names of test functions and of test methods (`Class.test_it`). Raises SyntaxError, ValueError."""
    result: list[str] = []
    for node in ast.parse(source, path).body:
        if isinstance(node, ast.ClassDef):
            result += [f"{node.name}.{name}" for inner in node.body if (name := _test_name(inner))]
        elif name := _test_name(node):
            result.append(name)
    return result


def _test_name(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
        return node.name
    return ""
