"""Tools that measure Go code in the sandbox, and their counts of findings.

Each tool reads the whole copy of a folder. The tools parse and type-check code, and run none of it. What a tool could
not read is unknown, never 0.
"""

import hashlib
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from harness.sandbox.base import FinishedCommand, Sandbox, SandboxError
from harness.sandbox.environment import cache_folder, gate_build_cache
from harness.sandbox.local import LocalSandbox
from harness.toolchains.go.installation import GoInstallation
from harness.toolchains.go.programs import program

LONGEST_REASON = 200
"""Largest number of characters of a reason, which may quote the code."""


@dataclass(frozen=True)
class FindingCount:
    """Number of findings of one tool."""

    count: int | None
    """Number of findings; None unless the tool read every file."""
    at_least: int = 0
    """Findings in the files that the tool read."""
    by: Mapping[str, int] = field(default_factory=dict)
    """Findings by analyzer, or by file for gofmt."""
    unknown: str | None = None
    """Why `count` is None, in one line; None if it is known."""

    @classmethod
    def of(cls, findings: Mapping[str, int], unknown: str | None) -> "FindingCount":
        """Return the count of findings, known only if nothing is `unknown`."""
        total = sum(findings.values())
        by = dict(sorted(findings.items()))
        return cls(None if unknown else total, total, by, one_line(unknown) if unknown else None)

    @classmethod
    def none(cls, why: str) -> "FindingCount":
        """Return an unknown count."""
        return cls.of({}, why)


def diagnostics(output: str) -> tuple[Counter[str], str | None]:
    """Return the findings by analyzer of `go vet -json` or `go fix -json`, and an error of an analyzer, if any.

    The output is one object per package: package → analyzer → list of diagnostics, or an error of the analyzer
    (golang.org/x/tools/go/analysis/unitchecker). Raises ValueError for anything else.
    """
    findings: Counter[str] = Counter()
    failed = None
    for document in documents(output):
        for package, analyzers in document.items():
            for analyzer, diagnosed in analyzers.items():
                if isinstance(diagnosed, list):
                    findings[analyzer] += len(diagnosed)
                else:
                    failed = f"{analyzer} failed on {package}: {diagnosed}"
    return +findings, failed


def documents(output: str) -> Iterator[dict[str, Any]]:
    """Yield concatenated JSON objects. Raises ValueError for other text."""
    decoder, at = json.JSONDecoder(), 0
    while rest := output[at:].lstrip():
        at = len(output) - len(rest)
        document, at = decoder.raw_decode(output, at)
        if not isinstance(document, dict):
            raise ValueError(f"no JSON object: {rest[:40]}")  # noqa: TRY004 - of the text, not of its type
        yield document


def one_line(text: str) -> str:
    """Return the text as one line of printable characters, cut to LONGEST_REASON."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"


MOST_OUTPUT = 32 << 20
"""Largest output of a tool in bytes; a longer one is an error."""
SIZES = ("files", "lines", "code_lines")
PARSED = ("functions", "longest_function")
"""Sizes that are unknown for files with syntax errors."""


class SignalToolError(Exception):
    """A tool failed. The text says why."""


@dataclass(frozen=True)
class ToolOutput:
    """Output of one tool."""

    output: str
    error: str | None
    """The first line of its error; None if it succeeded."""


class SignalTools:
    """Runs the tools over one copy of a folder."""

    def __init__(self, sandbox: Sandbox, toolchain: GoInstallation, copy: Path, sources: Sequence[str], timeout: float):
        """`timeout` is seconds for each tool."""
        self._sandbox = sandbox
        self._toolchain = toolchain
        self._copy = copy
        self._sources = sources
        self._timeout = timeout
        self._unread = self._left_out()

    def gofmt(self) -> FindingCount:
        """Count the files that gofmt would change, as `gofmt -l` lists them."""
        go = self._toolchain.go.resolve()
        return self._counted(lambda: self._listed(self._run(str(go.with_name("gofmt")), "-l", ".")))

    def vet(self) -> FindingCount:
        """Count the diagnostics of `go vet` by analyzer."""
        return self._analysed("vet")

    def modernize(self) -> FindingCount:
        """Count the diagnostics of `go fix` by analyzer.

        Hunks of `go fix -diff` would count formatting too, and would leave out files marked as generated.
        """
        return self._analysed("fix")

    def size(self) -> dict[str, Any]:
        """Return files, lines, lines of code, functions and the longest function's lines; None where unknown."""
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
                findings, failed = diagnostics(answer.output)
            except (ValueError, AttributeError, RecursionError) as error:
                raise SignalToolError(answer.error or f"go {command} printed something else than findings") from error
            return FindingCount.of(findings, answer.error or failed or self._unread)

        return self._counted(count)

    def _counted(self, count: Callable[[], FindingCount]) -> FindingCount:
        try:
            return count()
        except SignalToolError as error:
            return FindingCount.none(str(error))

    def _listed(self, answer: ToolOutput) -> FindingCount:
        listed = set(answer.output.splitlines())
        return FindingCount.of(Counter(path for path in self._sources if path in listed), answer.error)

    def _measured(self) -> dict[str, Any]:
        built = program(self._toolchain, resources.files("harness.signals") / "measure", "measure")
        if built is None:
            raise SignalToolError("the program that measures could not be built")
        # The sandbox reads only its own folder.
        inside = self._copy.parent / "measure"
        inside.write_bytes(built.read_bytes())
        inside.chmod(0o700)
        answer = self._run(str(inside), str(self._copy))
        if answer.error:
            raise SignalToolError(answer.error)
        measured: dict[str, Any] = json.loads(answer.output)
        return measured

    def _left_out(self) -> str | None:
        """Return which files `./...` leaves out; None if it covers all.

        Nested modules, build constraints, cgo and ignored folders keep files from the analyzers.
        """
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
        return ToolOutput(b"\n".join(lines).decode(errors="replace"), self._error(finished))

    def _error(self, finished: FinishedCommand) -> str | None:
        if finished.exit_code == 0:
            return None
        lines = [line for line in finished.output.splitlines() if line.strip() and not line.startswith("#")]
        first = lines[0] if lines else f"exit status {finished.exit_code}"
        return first.replace(f"{self._copy}/", "")


STANDARD_PACKAGES = """
    bufio bytes cmp container/heap container/list container/ring context embed encoding/json errors flag fmt
    html/template io io/fs iter log log/slog maps math math/rand math/rand/v2 net/http net/url os path regexp runtime
    slices sort strconv strings sync sync/atomic time unicode unicode/utf8
"""
CACHE_LIFETIME = 24 * 3600
"""Seconds after which the facts are computed again, because Go's cache drops entries unused for days."""
PREPARE_TIMEOUT = 300.0


def prepare_analyzers(toolchain: GoInstallation) -> None:
    """Compute the analyzer facts of the standard library once, in a cache that all sandboxes read and none can write.

    Analyzers read every imported package. With an empty cache that takes half a minute a folder. Failures are ignored,
    because the cache only saves time.
    """
    key = hashlib.sha256(f"{toolchain.version} {toolchain.go} {STANDARD_PACKAGES}".encode()).hexdigest()[:16]
    done = cache_folder() / "facts" / key
    if done.exists() and time.time() - done.stat().st_mtime < CACHE_LIFETIME:
        return
    with tempfile.TemporaryDirectory(prefix="harness-facts-") as scratch:
        module = Path(scratch) / "module"
        module.mkdir()
        imports = "".join(f'import _ "{name}"\n' for name in STANDARD_PACKAGES.split())
        (module / "go.mod").write_text("module facts\n\ngo 1.26\n")
        (module / "facts.go").write_text(f"package facts\n\n{imports}")
        sandbox = LocalSandbox(toolchain, Path(scratch), gate_build_cache())
        try:
            for command in ("vet", "fix"):
                sandbox.run([str(toolchain.go), command, "-json", "."], cwd=module, timeout=PREPARE_TIMEOUT)
        except SandboxError:
            return
    done.parent.mkdir(parents=True, exist_ok=True)
    done.touch()
