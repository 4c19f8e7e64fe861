"""The real toolchain's answers, remembered, and a verdict on a whole workspace put together from them.

What Go says of a package depends on nothing but its files, its spec and the packages that it builds on, so Go is asked
once of each such text. The gate's proofs are left out: what they refuse, no simulated coder writes.
"""

import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.config import digest
from harness.gate.verdict import ProofKind, Verdict, Verifier
from harness.sandbox.base import Sandbox
from harness.sandbox.environment import cache_folder
from harness.sandbox.output import Clip
from harness.sandbox.select import open_sandbox, settle
from harness.simulator.exercise import Exercise, PackageKnowledge
from harness.toolchains.go.events import GoTestEvents
from harness.toolchains.go.gotest import OURS
from harness.toolchains.go.installation import find_go

LONGEST_TEST = 60.0
MOST_OUTPUT = 16 << 10
STATUS = "[exit status 1]"
END = f"FAIL\n\n{STATUS}"
"""End of the output of a command that failed, once for all packages."""
CHATTER = re.compile(r"\s*(=== |--- PASS)|PASS$")
BROKEN = re.compile(r"^# .*\n(?:(?!FAIL|ok|#).*\n)*", re.MULTILINE)
"""Output of the compiler for one package."""
ROOT = "{workspace}"
"""A folder's path, in an answer that is remembered."""


@dataclass(frozen=True)
class GoAnswer:
    """Output of Go for one package."""

    text: str
    """The output of `go test`."""
    feedback: str
    """Output of the gate's own run of its tests."""
    green: bool


class RememberedGo:
    """The real toolchain, asked once of each text; its answers are kept where everything is that can be made again."""

    def __init__(self) -> None:
        self._memory = cache_folder() / "rehearsals" / find_go().version
        self._known: dict[str, GoAnswer] = {}
        self._memory.mkdir(parents=True, exist_ok=True)

    def answer(self, folder: str, texts: dict[str, str]) -> GoAnswer:
        """Return Go's output for the package in a folder of a module, given as its files by path."""
        key = digest(texts)
        if key not in self._known:
            self._known[key] = self._recall(key) or self._ask(key, texts, folder)
        return self._known[key]

    def _recall(self, key: str) -> GoAnswer | None:
        path = self._memory / f"{key}.json"
        return GoAnswer(**json.loads(path.read_text())) if path.exists() else None

    def _ask(self, key: str, texts: dict[str, str], folder: str) -> GoAnswer:
        root, sandbox, toolchain = self._root, self.sandbox, find_go()
        shutil.rmtree(root, ignore_errors=True)
        for name, text in texts.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        command, events = [str(toolchain.go), *OURS, f"./{folder}"], GoTestEvents()
        finished = sandbox.run(command, cwd=root, timeout=LONGEST_TEST, on_line=events.feed)
        if finished.timed_out:  # what this machine had no time for says nothing of the package, and is not remembered
            raise TimeoutError(f"go test ./{folder} took longer than {LONGEST_TEST:g} s")
        logged = (events.log + finished.output.removesuffix(f"\n{STATUS}")).replace(str(root), ROOT)
        answer = GoAnswer(_short(logged), logged, finished.exit_code == 0)
        part = self._memory / f"{key}.{os.getpid()}"
        part.write_text(json.dumps(asdict(answer)))
        part.rename(self._memory / f"{key}.json")
        return answer

    @cached_property
    def sandbox(self) -> Sandbox:
        return open_sandbox(settle("auto"), find_go(), self._root.parent / "scratch", self._root)

    @cached_property
    def _root(self) -> Path:
        self._room = TemporaryDirectory(prefix="rehearsal-")
        return Path(self._room.name) / "workspace"


def _short(logged: str) -> str:
    """Return the output of plain `go test`, from that of every test three times and by name."""
    lines = [line for line in logged.splitlines() if not CHATTER.match(line)]
    return "".join(f"{line}\n" for line in dict.fromkeys(lines))


def _files(root: Path, folder: str, *, specs: bool) -> dict[str, str]:
    """The Go files of a folder, by path."""
    paths = [path for path in sorted((root / folder).glob("*.go")) if specs or not path.name.endswith("_test.go")]
    return {path.relative_to(root).as_posix(): path.read_text() for path in paths}


@dataclass(frozen=True)
class RememberedVerifier(Verifier):
    """Verifier that assembles the remembered output of Go, package by package."""

    root: Path
    exercise: Exercise
    go: RememberedGo
    rough: bool
    """True if a package is tested by itself: it passes if its own code would, and what it builds on passes."""

    @property
    def proof(self) -> ProofKind:
        return ProofKind.EVENTS

    def verify(self) -> Verdict:
        answers = self._answers()
        green = frozenset(folder for folder, one in answers.items() if one.green)
        accepted = len(green) == len(answers)
        feedback = "" if accepted else self._clipped([one.feedback for one in answers.values()], STATUS)
        return Verdict(accepted, feedback, green, len(answers))

    def text(self) -> str:
        """The output of `go test ./...`."""
        answers = self._answers().values()
        return self._clipped([one.text for one in answers], "" if all(one.green for one in answers) else END)

    def _clipped(self, texts: Sequence[str], end: str) -> str:
        clip = Clip(MOST_OUTPUT)
        clip.feed(_once("".join((*texts, end))).replace(ROOT, str(self.root)).encode())
        return clip.text()

    def _answers(self) -> dict[str, GoAnswer]:
        # Those that others build on come first.
        answers: dict[str, GoAnswer] = {}
        for package in self.exercise.packages:
            one = self.go.answer(package.unit, self._texts(package))
            sound = not self.rough or all(answers[folder].green for folder in package.needs)
            answers[package.unit] = one if sound else self._failing(package)
        return dict(sorted(answers.items()))

    def _failing(self, package: PackageKnowledge) -> GoAnswer:
        text = f"--- FAIL: TestSpec (0.00s)\nFAIL\nFAIL\t{self.exercise.module}/{package.unit}\t0.005s\n"
        return GoAnswer(text, text, green=False)

    def _texts(self, package: PackageKnowledge) -> dict[str, str]:
        """The module's file, a package with its spec, and the code of those beneath it."""
        texts = {"go.mod": (self.root / "go.mod").read_text()} | _files(self.root, package.unit, specs=True)
        for other in self._beneath(package):
            texts |= other.files if self.rough else _files(self.root, other.unit, specs=False)
        return texts

    def _beneath(self, package: PackageKnowledge) -> list[PackageKnowledge]:
        by_folder = {one.unit: one for one in self.exercise.packages}
        beneath: dict[str, PackageKnowledge] = {}
        waiting = sorted(package.needs)
        while waiting:
            folder = waiting.pop()
            if folder not in beneath:
                beneath[folder] = by_folder[folder]
                waiting += sorted(by_folder[folder].needs)
        return [beneath[folder] for folder in sorted(beneath)]


def _once(text: str) -> str:
    """A package that cannot be built is spoken of once, whatever builds on it."""
    seen: set[str] = set()

    def first(match: re.Match[str]) -> str:
        new = match[0] not in seen
        seen.add(match[0])
        return match[0] if new else ""

    return BROKEN.sub(first, text)
