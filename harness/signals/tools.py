"""The tools, each over the whole copy, in the sandbox. They parse and type-check; none of them runs what it reads."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from harness.sandbox.base import FinishedCommand, Sandbox, SandboxError
from harness.signals.count import FindingCount, diagnostics, documents, one_line
from harness.toolchains.go.installation import GoInstallation
from harness.toolchains.go.programs import program

MOST_OUTPUT = 32 << 20
"""Bytes that a tool may print before its answer is given up."""
SIZES = ("files", "lines", "code_lines")
PARSED = ("functions", "longest_function")
"""Sizes that only files without syntax errors have."""


class SignalToolError(Exception):
    """A tool gave no answer. The text says why."""


@dataclass(frozen=True)
class ToolOutput:
    """Output of one tool."""

    output: str
    complaint: str | None
    """The first line that it had to say of what it could not do; None if it succeeded."""


class SignalTools:
    """The tools over one copy of a folder."""

    def __init__(self, sandbox: Sandbox, toolchain: GoInstallation, copy: Path, sources: Sequence[str], timeout: float):
        """`timeout` is seconds for each tool."""
        self._sandbox = sandbox
        self._toolchain = toolchain
        self._copy = copy
        self._sources = sources
        self._timeout = timeout
        self._unseen = self._never_seen()

    def gofmt(self) -> FindingCount:
        """Files that `gofmt -l` lists: those that gofmt would write otherwise."""
        go = self._toolchain.go.resolve()
        return self._counted(lambda: self._listed(self._run(str(go.with_name("gofmt")), "-l", ".")))

    def vet(self) -> FindingCount:
        """Diagnostics of `go vet`, by analyzer."""
        return self._analysed("vet")

    def modernize(self) -> FindingCount:
        """Diagnostics of the analyzers of `go fix`, by analyzer.

        They are what `go fix -diff` would mend, one by one; hunks of the diff would count formatting too, and would
        leave out files that call themselves generated.
        """
        return self._analysed("fix")

    def size(self) -> dict[str, Any]:
        """Files, lines, lines of code, functions and methods, lines of the longest; None is unknown, see `unknown`."""
        try:
            measured = self._measured()
        except SignalToolError as error:
            return dict.fromkeys((*SIZES, *PARSED)) | {"unknown": one_line(str(error))}
        broken = measured["broken"]
        parsed = {name: None if broken else measured[name] for name in PARSED}
        return {name: measured[name] for name in SIZES} | parsed | {"unknown": one_line(broken[0]) if broken else None}

    def _analysed(self, command: str) -> FindingCount:
        def count() -> FindingCount:
            if not (self._copy / "go.mod").is_file():
                raise SignalToolError("there is no go.mod")
            answer = self._run(str(self._toolchain.go), command, "-json", "./...")
            try:
                found, failed = diagnostics(answer.output)
            except (ValueError, AttributeError, RecursionError) as error:
                raise SignalToolError(
                    answer.complaint or f"go {command} printed something else than findings"
                ) from error
            return FindingCount.of(found, answer.complaint or failed or self._unseen)

        return self._counted(count)

    def _counted(self, count: Callable[[], FindingCount]) -> FindingCount:
        try:
            return count()
        except SignalToolError as error:
            return FindingCount.none(str(error))

    def _listed(self, answer: ToolOutput) -> FindingCount:
        listed = set(answer.output.splitlines())
        return FindingCount.of(Counter(path for path in self._sources if path in listed), answer.complaint)

    def _measured(self) -> dict[str, Any]:
        built = program(self._toolchain, resources.files("harness.signals") / "measure", "measure")
        if built is None:
            raise SignalToolError("the program that measures could not be built")
        # Only what lies in the folder of the sandbox can be seen inside it.
        within = self._copy.parent / "measure"
        within.write_bytes(built.read_bytes())
        within.chmod(0o700)
        answer = self._run(str(within), str(self._copy))
        if answer.complaint:
            raise SignalToolError(answer.complaint)
        measured: dict[str, Any] = json.loads(answer.output)
        return measured

    def _never_seen(self) -> str | None:
        """Why analyzers of `./...` do not see every file: nested modules, build constraints, cgo, ignored folders."""
        try:
            answer = self._run(str(self._toolchain.go), "list", "-e", "-json=Dir,GoFiles", "./...")
            packages = list(documents(answer.output))
        except (SignalToolError, ValueError) as error:
            return f"go list: {error}"
        seen = {
            (Path(package["Dir"]) / name).relative_to(self._copy).as_posix()
            for package in packages
            for name in package.get("GoFiles") or ()
        }
        unseen = sorted(set(self._sources) - seen)
        few = ", ".join(unseen[:3]) + (", …" if len(unseen) > 3 else "")
        return f"{len(unseen)} of {len(self._sources)} Go files are no part of ./...: {few}" if unseen else None

    def _run(self, *argv: str) -> ToolOutput:
        lines: list[bytes] = []
        size = 0

        def keep(line: bytes) -> None:
            nonlocal size
            size += len(line) + 1
            if size <= MOST_OUTPUT:
                lines.append(line)

        try:
            finished = self._sandbox.run(argv, cwd=self._copy, timeout=self._timeout, on_line=keep)
        except SandboxError as error:
            raise SignalToolError(str(error)) from error
        if finished.timed_out:
            raise SignalToolError(f"{Path(argv[0]).name} {argv[1]} did not finish within {self._timeout:g} s")
        if size > MOST_OUTPUT:
            raise SignalToolError(f"{Path(argv[0]).name} {argv[1]} printed more than {MOST_OUTPUT >> 20} MiB")
        return ToolOutput(b"\n".join(lines).decode(errors="replace"), self._complaint(finished))

    def _complaint(self, finished: FinishedCommand) -> str | None:
        if finished.exit_code == 0:
            return None
        said = [line for line in finished.output.splitlines() if line.strip() and not line.startswith("#")]
        first = said[0] if said else f"exit status {finished.exit_code}"
        return first.replace(f"{self._copy}/", "")
