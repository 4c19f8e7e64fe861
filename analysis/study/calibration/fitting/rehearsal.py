"""Simulated runs in a fraction of a second: the real loop, tools, prompts and subject, no HTTP, and remembered Go.

It is here for the fit of the subjects, which needs thousands of runs. A test holds it against a run of the front door,
and the page on the subjects holds many of both against each other.
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.study.calibration.arms import MAX_STEPS, Record, SweepSetting
from analysis.study.calibration.fitting.remembered_go import LONGEST_TEST, RememberedGo, RememberedVerifier
from analysis.study.calibration.runs import FINGERPRINT, KEPT
from harness import __version__
from harness.cell import cell_key
from harness.config import BEHAVIOUR_VERSION, KitConfig, ModelConfig, RunConfig, TaskConfig
from harness.gate.gate import Gate
from harness.identity import assignment
from harness.levers import LeverHooks, LeverView
from harness.limits import Deadline
from harness.llm.types import JSON, Reply, ToolCall, Usage
from harness.outcome import Outcome
from harness.prompts import system_prompt
from harness.ralph import RalphLoop, RunTally
from harness.session import Session
from harness.simulator import tokens, wire
from harness.simulator.go.language import GO
from harness.simulator.knowledge import Knowledge
from harness.simulator.parameters import SubjectParameters
from harness.simulator.profiles import PROFILES, Profile
from harness.simulator.subject import Subject
from harness.state import call_seeds
from harness.tasks.catalogue import EXAMPLES, load
from harness.toolchains.go.files import GO_FILES
from harness.toolchains.go.tool import go_tool
from harness.toolchains.go.words import WORDS
from harness.tools.done import done_tool
from harness.tools.elision import Elision
from harness.tools.files import file_tools
from harness.tools.registry import Registry
from harness.transcript import Transcript
from harness.workspace import Workspace


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

    def __init__(self, profile: str, parameters: SubjectParameters | None = None, *, rough: bool = False) -> None:
        self._rough = rough
        known = PROFILES[profile]
        self._profile = Profile(known.policy, parameters or known.parameters)
        self._name = f"sim-{profile}"
        self._knowledge = Knowledge.load(EXAMPLES)
        self._go = RememberedGo()

    def completed(self, task: str, runs: int, **levels: int | bool) -> int:
        """Return the number of completions among so many runs."""
        outcomes = [self.run(task, replicate, **levels)[0] for replicate in range(1, runs + 1)]
        return outcomes.count(Outcome.COMPLETED)

    def run(
        self, task: str, replicate: int, seed: int | None = None, **levels: int | bool | KitConfig
    ) -> tuple[Outcome, RunTally]:
        """One run; unless it is given, its seed is decided by its levels and its number."""
        settings = {"max_steps": MAX_STEPS, "elide_passing": False, "ctx_limit": 11000} | levels
        config = self._config(task, settings)
        if seed is None:
            seed = int(
                hashlib.sha256(json.dumps([task, settings, replicate], default=vars).encode()).hexdigest()[:8], 16
            )
        with TemporaryDirectory() as folder, Transcript(Path(folder) / "transcript.jsonl") as transcript:
            root = Path(folder) / "workspace"
            chosen = load(task, kit=config.kit)
            shutil.copytree(chosen.seed, root)
            prompt, tally = chosen.prompt.read_text(), RunTally()
            loop = self._assembled(config, prompt, root, seed, transcript, tally)
            return loop.run(system_prompt(WORDS, memory=config.memory), prompt), tally

    def record(self, setting: SweepSetting, replicate: int, seed: int | None = None) -> Record:
        """One run at a setting of the calibration, in the fields that it compares, and its number."""
        levels = asdict(setting)
        task, subject = levels.pop("task"), levels.pop("model")
        outcome, tally = self.run(task, replicate, seed, max_steps=MAX_STEPS, **levels)
        fields = (
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
        return {name: fields.get(name) for name in KEPT}

    def cell(self, setting: SweepSetting) -> str:
        """The cell of the runs that the front door makes at a setting of the calibration."""
        levels = asdict(setting)
        config = self._config(levels.pop("task"), levels | {"model": None, "max_steps": MAX_STEPS})
        return cell_key(config, assignment(config).inputs)

    def _config(self, task: str, settings: dict[str, Any]) -> RunConfig:
        model = ModelConfig(name=self._name, endpoint="embedded", profile=self._name.removeprefix("sim-"))
        return RunConfig(**settings | {"model": model, "task": TaskConfig(name=task)})

    def _assembled(
        self, config: RunConfig, prompt: str, root: Path, seed: int, transcript: Transcript, tally: RunTally
    ) -> RalphLoop:
        exercise = self._knowledge.recognise(prompt, GO)
        assert exercise is not None
        chat = Direct(Subject(self._name, self._profile, self._knowledge), config.model.max_tokens)
        verifier = RememberedVerifier(root, exercise, self._go, self._rough)
        workspace, elision = Workspace(root), Elision(GO_FILES, enabled=config.elide_passing)
        listeners = (lambda verdict: elision.update(verdict.green), tally.take)
        gate = Gate(verifier, transcript, workspace.state, listeners)
        go = replace(go_tool(workspace, self._go.sandbox, Path("go"), LONGEST_TEST), run=lambda _: verifier.text())
        tools = Registry((*file_tools(workspace, elision, GO_FILES, protect_tests=True), go, done_tool(gate)))
        limits = {"ctx_limit": config.ctx_limit, "max_steps": config.max_steps}
        lever = LeverHooks(LeverView(workspace, GO_FILES, lambda: elision.green, lambda _: None, config.ctx_limit))
        session = Session(chat, tools, lever, transcript, tally.metrics, next_seed=call_seeds(seed), **limits)
        return RalphLoop(config, session, workspace, gate, elision, tally, transcript, Deadline())
