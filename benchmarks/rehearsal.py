"""Simulated runs in a fraction of a second: the real loop, tools, prompts and subject, no HTTP, and Go by heart.

What the toolchain says of a package depends on nothing but its files, its spec and the packages that it builds on. So
real Go is asked once of each such text and remembered, and a run is put together from the answers. The gate's proofs
are left out: what they refuse, no simulated coder writes. It is here for the fit of the subjects, which needs
thousands of runs; `agrees` in fit.py holds it against runs of the front door.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from analysis.study.calibration.arms import MAX_STEPS, Record, SweepSetting
from analysis.study.calibration.runs import FINGERPRINT, KEPT
from harness import __version__
from harness.config import BEHAVIOUR_VERSION, ModelConfig, RunConfig, TaskConfig, digest
from harness.deadline import Deadline
from harness.gate.events import Events
from harness.gate.gotest import OURS
from harness.gate.verdict import Verdict, Verifier
from harness.levers import Sight, Strategy
from harness.llm.types import JSON, Reply, ToolCall, Usage
from harness.prompts import system_prompt
from harness.ralph import Gate, RalphLoop, Tally
from harness.record import Outcome
from harness.sandbox.base import Sandbox
from harness.sandbox.environment import cache_folder
from harness.sandbox.output import Clip
from harness.sandbox.select import open_sandbox, settle
from harness.sandbox.toolchain import find_toolchain
from harness.session import Session
from harness.simulator import tokens, wire
from harness.simulator.knowledge import Exercise, Knowledge, Package
from harness.simulator.parameters import Parameters
from harness.simulator.profiles import PROFILES, Profile
from harness.simulator.subject import Subject
from harness.state import call_seeds
from harness.tasks.catalogue import EXAMPLES, load
from harness.tools.done import done_tool
from harness.tools.elision import Elision
from harness.tools.files import file_tools
from harness.tools.go import go_tool
from harness.tools.registry import Registry
from harness.transcript import Transcript
from harness.workspace import Workspace

LONGEST_TEST = 60.0
MOST_TOLD = 16 << 10
STATUS = "[exit status 1]"
END = f"FAIL\n\n{STATUS}"
"""What a command that failed says last, once for all packages."""
CHATTER = re.compile(r"\s*(=== |--- PASS)|PASS$")
BROKEN = re.compile(r"^# .*\n(?:(?!FAIL|ok|#).*\n)*", re.MULTILINE)
"""What the compiler says of one package."""
ROOT = "{workspace}"
"""A folder's path, in an answer that is remembered."""


@dataclass(frozen=True)
class Told:
    """What Go says of one package."""

    text: str
    """The output of `go test`."""
    feedback: str
    """What the gate's own run of its tests says."""
    green: bool


class GoByHeart:
    """The real toolchain, asked once of each text; its answers are kept where everything is that can be made again."""

    def __init__(self) -> None:
        self._memory = cache_folder() / "rehearsals" / find_toolchain().version
        self._known: dict[str, Told] = {}
        self._memory.mkdir(parents=True, exist_ok=True)

    def told(self, folder: str, texts: dict[str, str]) -> Told:
        """What Go says of the package in a folder of a module, given as its files by path."""
        key = digest(texts)
        if key not in self._known:
            self._known[key] = self._recalled(key) or self._asked(key, texts, folder)
        return self._known[key]

    def _recalled(self, key: str) -> Told | None:
        path = self._memory / f"{key}.json"
        return Told(**json.loads(path.read_text())) if path.exists() else None

    def _asked(self, key: str, texts: dict[str, str], folder: str) -> Told:
        root, sandbox, toolchain = self._root, self.sandbox, find_toolchain()
        shutil.rmtree(root, ignore_errors=True)
        for name, text in texts.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        command, events = [str(toolchain.go), *OURS, f"./{folder}"], Events()
        finished = sandbox.run(command, cwd=root, timeout=LONGEST_TEST, on_line=events.feed)
        logged = (events.log + finished.output.removesuffix(f"\n{STATUS}")).replace(str(root), ROOT)
        told = Told(_short(logged), logged, finished.exit_code == 0)
        part = self._memory / f"{key}.{os.getpid()}"
        part.write_text(json.dumps(asdict(told)))
        part.rename(self._memory / f"{key}.json")
        return told

    @cached_property
    def sandbox(self) -> Sandbox:
        return open_sandbox(settle("auto"), find_toolchain(), self._root.parent / "scratch", self._root)

    @cached_property
    def _root(self) -> Path:
        self._room = TemporaryDirectory(prefix="rehearsal-")
        return Path(self._room.name) / "workspace"


def _short(logged: str) -> str:
    """What plain `go test` says, of what it says with every test three times and by name."""
    lines = [line for line in logged.splitlines() if not CHATTER.match(line)]
    return "".join(f"{line}\n" for line in dict.fromkeys(lines))


def _files(root: Path, folder: str, *, specs: bool) -> dict[str, str]:
    """The Go files of a folder, by path."""
    paths = [path for path in sorted((root / folder).glob("*.go")) if specs or not path.name.endswith("_test.go")]
    return {path.relative_to(root).as_posix(): path.read_text() for path in paths}


@dataclass(frozen=True)
class ByHeart(Verifier):
    """What Go would say of a workspace, package by package."""

    root: Path
    exercise: Exercise
    go: GoByHeart
    rough: bool
    """Whether a package is looked at by itself: it passes if its own code would, and what it builds on passes."""

    def verify(self) -> Verdict:
        told = self._told()
        green = frozenset(folder for folder, one in told.items() if one.green)
        accepted = len(green) == len(told)
        feedback = "" if accepted else self._clipped([one.feedback for one in told.values()], STATUS)
        return Verdict(accepted, feedback, green, len(told))

    def text(self) -> str:
        """The output of `go test ./...`."""
        told = self._told().values()
        return self._clipped([one.text for one in told], "" if all(one.green for one in told) else END)

    def _clipped(self, texts: Sequence[str], end: str) -> str:
        clip = Clip(MOST_TOLD)
        clip.feed(_once("".join((*texts, end))).replace(ROOT, str(self.root)).encode())
        return clip.text()

    def _told(self) -> dict[str, Told]:
        # Those that others build on come first.
        told: dict[str, Told] = {}
        for package in self.exercise.packages:
            one = self.go.told(package.folder, self._texts(package))
            sound = not self.rough or all(told[folder].green for folder in package.needs)
            told[package.folder] = one if sound else self._failing(package)
        return dict(sorted(told.items()))

    def _failing(self, package: Package) -> Told:
        text = f"--- FAIL: TestSpec (0.00s)\nFAIL\nFAIL\t{self.exercise.module}/{package.folder}\t0.005s\n"
        return Told(text, text, green=False)

    def _texts(self, package: Package) -> dict[str, str]:
        """The module's file, a package with its spec, and the code of those beneath it."""
        texts = {"go.mod": (self.root / "go.mod").read_text()} | _files(self.root, package.folder, specs=True)
        for other in self._beneath(package):
            texts |= other.files if self.rough else _files(self.root, other.folder, specs=False)
        return texts

    def _beneath(self, package: Package) -> list[Package]:
        by_folder = {one.folder: one for one in self.exercise.packages}
        found: dict[str, Package] = {}
        waiting = sorted(package.needs)
        while waiting:
            folder = waiting.pop()
            if folder not in found:
                found[folder] = by_folder[folder]
                waiting += sorted(by_folder[folder].needs)
        return [found[folder] for folder in sorted(found)]


def _once(text: str) -> str:
    """A package that cannot be built is told of once, whatever builds on it."""
    told: set[str] = set()

    def first(found: re.Match[str]) -> str:
        new = found[0] not in told
        told.add(found[0])
        return found[0] if new else ""

    return BROKEN.sub(first, text)


@dataclass(frozen=True)
class Direct:
    """A subject asked without HTTP: what the wire carries, and no wire."""

    subject: Subject
    max_tokens: int | None

    def complete(self, messages: Sequence[JSON], tools: Sequence[JSON], *, seed: int | None) -> Reply:
        answer = self.subject.answer(messages, tools, seed)
        message, finish, completion = wire.message_of(answer, self.max_tokens)
        prompt = sum(tokens.of_request(messages, tools))
        calls = [ToolCall(call["id"], **call["function"]) for call in message.get("tool_calls", ())]
        usage = Usage(prompt, completion, prompt + completion)
        return Reply(message["content"], message.get("reasoning_content", ""), tuple(calls), finish, usage)

    @property
    def server(self) -> JSON:
        return {"simulated": True}


class Rehearsal:
    """One simulated subject, run as often as wanted."""

    def __init__(self, profile: str, parameters: Parameters | None = None, *, rough: bool = False) -> None:
        self._rough = rough
        known = PROFILES[profile]
        self._profile = Profile(known.policy, parameters or known.parameters)
        self._name = f"sim-{profile}"
        self._knowledge = Knowledge.load(EXAMPLES)
        self._go = GoByHeart()

    def completed(self, task: str, runs: int, **levels: int | bool) -> int:
        """How many of so many runs complete."""
        outcomes = [self.run(task, replicate, **levels)[0] for replicate in range(1, runs + 1)]
        return outcomes.count(Outcome.COMPLETED)

    def run(self, task: str, replicate: int, seed: int | None = None, **levels: int | bool) -> tuple[Outcome, Tally]:
        """One run; unless it is given, its seed is decided by its levels and its number."""
        model = ModelConfig(name=self._name, endpoint="embedded", profile=self._name.removeprefix("sim-"))
        settings = {"max_steps": MAX_STEPS, "elide_passing": False, "ctx_limit": 11000} | levels
        config = RunConfig(model=model, task=TaskConfig(name=task), **settings)  # type: ignore[arg-type]
        if seed is None:
            seed = int(hashlib.sha256(json.dumps([task, settings, replicate]).encode()).hexdigest()[:8], 16)
        with TemporaryDirectory() as folder, Transcript(Path(folder) / "transcript.jsonl") as transcript:
            root = Path(folder) / "workspace"
            shutil.copytree(load(task).seed, root)
            tally = Tally()
            loop = self._assembled(config, root, seed, transcript, tally)
            return loop.run(system_prompt(memory=config.memory), load(task).prompt.read_text()), tally

    def record(self, setting: SweepSetting, replicate: int, seed: int | None = None) -> Record:
        """One run at a setting of the calibration, in the fields that it compares, and its number."""
        levels = asdict(setting)
        task, subject = levels.pop("task"), levels.pop("model")
        outcome, tally = self.run(task, replicate, seed, max_steps=MAX_STEPS, **levels)
        told = (
            levels
            | vars(tally.metrics)
            | {
                "simulated": True,
                "model": f"sim-{subject}",
                "task": f"examples/{task}/PROMPT.md",
                "replicate": replicate,
                "max_steps": MAX_STEPS,
                "outcome": outcome.value,
                "passes": tally.passes,
                "packages_green": len(tally.verdict.green or ()) if tally.verdict else 0,
                "harness_version": __version__,
                "behaviour": BEHAVIOUR_VERSION,
                FINGERPRINT: self._profile.fingerprint,
            }
        )
        return {name: told.get(name) for name in KEPT}

    def _assembled(self, config: RunConfig, root: Path, seed: int, transcript: Transcript, tally: Tally) -> RalphLoop:
        exercise = self._knowledge.recognise(load(config.task.name).prompt.read_text())
        assert exercise is not None
        chat = Direct(Subject(self._name, self._profile, self._knowledge), config.model.max_tokens)
        verifier = ByHeart(root, exercise, self._go, self._rough)
        workspace, elision = Workspace(root), Elision(enabled=config.elide_passing)
        gate = Gate(verifier, elision, tally, transcript, workspace.state)
        go = replace(go_tool(workspace, self._go.sandbox, Path("go"), LONGEST_TEST), run=lambda _: verifier.text())
        tools = Registry((*file_tools(workspace, elision, protect_tests=True), go, done_tool(gate)))
        limits = {"ctx_limit": config.ctx_limit, "max_steps": config.max_steps}
        lever = Strategy(Sight(workspace, lambda: elision.green, lambda _: None, config.ctx_limit))
        session = Session(chat, tools, lever, transcript, next_seed=call_seeds(seed), **limits)
        return RalphLoop(config, session, workspace, gate, elision, tally, transcript, Deadline())
