"""Runs without the Go toolchain: the real loop, session, tools and HTTP, and a stand-in for what Go would say.

The stand-in takes a file for right if it is what the subject would have it, and answers in text of about the length
of Go's. It is here for speed alone, where a hundred runs are needed; that the real gate agrees is shown elsewhere.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.config import ModelConfig, RunConfig, TaskConfig, digest
from harness.deadline import Deadline
from harness.gate.verdict import Verdict, Verifier
from harness.levers import Sight, Strategy
from harness.llm.client import OpenAIChat
from harness.prompts import system_prompt
from harness.ralph import Gate, RalphLoop, Tally
from harness.record import Outcome
from harness.session import Session
from harness.simulator import EmbeddedSimulator
from harness.simulator.knowledge import Exercise, Knowledge, Package
from harness.simulator.parameters import Parameters
from harness.simulator.profiles import PROFILES
from harness.simulator.wording import worded
from harness.state import call_seeds
from harness.tasks.catalogue import EXAMPLES, load
from harness.tools.done import done_tool
from harness.tools.elision import Elision
from harness.tools.files import file_tools
from harness.tools.registry import Registry, Tool
from harness.transcript import Transcript
from harness.workspace import Workspace

PASSED = "=== RUN   TestSomething\n--- PASS: TestSomething (0.00s)\n" * 9
FAILED = "--- FAIL: TestSomething (0.00s)\n    spec_test.go:60: POST /notes {0123456789} = 200, want 201\n"


@dataclass(frozen=True)
class StandIn(Verifier):
    """What Go would say of a workspace, told from the text of its files."""

    root: Path
    exercise: Exercise
    parameters: Parameters

    def verify(self) -> Verdict:
        states = self._states()
        green = frozenset(folder for folder, state in states.items() if state == "right")
        return Verdict(len(green) == len(states), self.told(PASSED, 9), green, len(states))

    def told(self, passed: str = "", times: int = 4) -> str:
        """The output of `go test`, package by package."""
        lines = []
        for folder, state in sorted(self._states().items()):
            name = f"{self.exercise.module}/{folder}"
            if state == "right":
                lines.append(f"{passed}ok  \t{name}\t0.005s\n")
            elif state == "wrong":
                lines.append(f"{FAILED * times}FAIL\nFAIL\t{name}\t0.004s\n")
            else:
                lines.append(f"{name}: cannot be built\nFAIL\t{name} [build failed]\n")
        return "".join(lines)

    def _states(self) -> dict[str, str]:
        own = {package.folder: self._state(package) for package in self.exercise.packages}
        needs = {package.folder: package.needs for package in self.exercise.packages}
        sound = {folder for folder, state in own.items() if state == "right"}
        return {
            folder: "unbuilt" if state == "right" and needs[folder] - sound else state for folder, state in own.items()
        }

    def _state(self, package: Package) -> str:
        files = {self.root / path: text for path, text in package.files.items()}
        if not all(path.exists() for path in files):
            return "unbuilt"
        wordiness = self.parameters.wordiness
        return "right" if all(path.read_text() in (t, worded(t, wordiness)) for path, t in files.items()) else "wrong"


class Rehearsal:
    """One simulated subject, run as often as wanted; open as long as the `with` block of its endpoint lasts."""

    def __init__(self, simulator: EmbeddedSimulator, profile: str) -> None:
        self._endpoint = simulator.endpoint
        self._profile = profile
        self._knowledge = Knowledge.load(EXAMPLES)

    def completed(self, task: str, runs: int, **levels: int | bool) -> int:
        """How many of so many runs complete."""
        outcomes = [self.run(task, replicate, **levels) for replicate in range(1, runs + 1)]
        return outcomes.count(Outcome.COMPLETED)

    def run(self, task: str, replicate: int, **levels: int | bool) -> Outcome:
        """One run; its seed is decided by its levels and its number."""
        model = ModelConfig(name=f"sim-{self._profile}", endpoint="embedded", profile=self._profile)
        settings = {"max_steps": 60, "elide_passing": False, "ctx_limit": 11000} | levels
        config = RunConfig(model=model, task=TaskConfig(name=task), **settings)  # type: ignore[arg-type]
        seed = int(digest([task, settings, replicate])[:8], 16)
        with TemporaryDirectory() as folder, Transcript(Path(folder) / "transcript.jsonl") as transcript:
            root = Path(folder) / "workspace"
            shutil.copytree(load(task).seed, root)
            with OpenAIChat(model, self._endpoint) as chat:
                loop = self._assembled(config, chat, root, seed, transcript)
                return loop.run(system_prompt(memory=config.memory), load(task).prompt.read_text())

    def _assembled(
        self, config: RunConfig, chat: OpenAIChat, root: Path, seed: int, transcript: Transcript
    ) -> RalphLoop:
        exercise = self._knowledge.recognise(load(config.task.name).prompt.read_text())
        assert exercise is not None
        verifier = StandIn(root, exercise, PROFILES[self._profile].parameters)
        workspace, tally, elision = Workspace(root), Tally(), Elision(enabled=config.elide_passing)
        gate = Gate(verifier, elision, tally, transcript, workspace.state)
        go = Tool("go", "Run the Go toolchain.", {"args": {"type": "array"}}, ("args",), lambda _: verifier.told())
        tools = Registry((*file_tools(workspace, elision, protect_tests=True), go, done_tool(gate)))
        limits = {"ctx_limit": config.ctx_limit, "max_steps": config.max_steps}
        lever = Strategy(Sight(workspace, lambda: elision.green, lambda _: None, config.ctx_limit))
        session = Session(chat, tools, lever, transcript, next_seed=call_seeds(seed), **limits)
        return RalphLoop(config, session, workspace, gate, elision, tally, transcript, Deadline())
