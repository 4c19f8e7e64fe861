"""The parts of a run, put together over a seeded workspace: gate, agent and loop."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.agents.assembly import AgentPlace, metered_agent
from harness.config import RunConfig, Skips, Toolset, ToolsMode
from harness.file_rules import FileRules
from harness.gate.gate import Gate, SkipChecker
from harness.gate.pins import Pins
from harness.gate.verdict import SkippedTest, Verifier
from harness.identity import sha256_of
from harness.levers import STRATEGIES, LeverHooks, LeverView
from harness.llm.types import ChatModel
from harness.llm.wire import system_text
from harness.outputs import RunFolder
from harness.ralph import PassRunner, RalphLoop
from harness.sandbox.base import Sandbox
from harness.sandbox.process import limits_of
from harness.sandbox.select import open_sandbox
from harness.session import Session
from harness.state import RunState, call_seeds
from harness.tasks.check import solution_skips
from harness.toolchains.select import environment_for
from harness.tools.done import done_tool
from harness.tools.elision import Elision, FirstNotice, NoticeSource
from harness.tools.files import file_tools
from harness.tools.moves import move_tools
from harness.tools.registry import Registry, Tool
from harness.tools.search import search_tool
from harness.transcript import Transcript
from harness.trees import scratch_folder
from harness.workspace import Workspace


@dataclass(frozen=True)
class RunParts:
    """The parts that both kinds of agent work with."""

    state: RunState
    workspace: Workspace
    transcript: Transcript
    sandbox: Sandbox
    scratch: Path
    saved: Path | None
    pins: Pins | None
    elision: Elision
    gate: Gate


@contextmanager
def assembled(
    state: RunState, workspace: Workspace, model: ChatModel, transcript: Transcript, folder: RunFolder
) -> Iterator[RalphLoop]:
    """Yield the loop of a run."""
    config, toolchain = state.config, state.toolchain
    with scratch_folder("harness-") as scratch:
        saved = folder.path / "removed" if config.task.in_place else None
        sandbox = open_sandbox(
            state.sandbox_name,
            environment_for(config),
            scratch,
            workspace.root,
            limits=limits_of(config.limits),
            report=state.tally.tampering.add,
            saved=saved,
        )
        elision = Elision(toolchain.files, enabled=config.elide_passing)
        command, pins = config.task.verify_arguments, _pins(state, workspace)
        verifier: Verifier = toolchain.verifier(
            command,
            sandbox=sandbox,
            root=workspace.root,
            timeout=config.cmd_timeout,
            pins=pins,
        )
        state.proof = verifier.proof
        weaker = toolchain.why_weaker(command, sandbox=sandbox, root=workspace.root, pins=pins)
        transcript.write("proof", kind=verifier.proof.value, why=weaker)
        if config.task.skips is Skips.refuse:
            verifier = SkipChecker(verifier, lambda: _skips_without_model(state))
        listeners = (lambda verdict: elision.update(verdict.green), state.tally.take)
        gate = Gate(verifier, transcript, workspace.state, listeners)
        parts = RunParts(state, workspace, transcript, sandbox, scratch, saved, pins, elision, gate)
        with _agent(parts, model) as agent:
            yield RalphLoop(config, agent, workspace, gate, elision, state.tally, transcript, state.deadline)


@contextmanager
def _agent(parts: RunParts, model: ChatModel) -> Iterator[PassRunner]:
    state = parts.state
    if state.agent is None:
        yield _builtin(parts, model)
        return
    assigned = state.assigned
    prompt = "\n\n".join(filter(None, (assigned.prompt.rstrip(), assigned.system)))
    parts.transcript.write("prompts", system="", prompt=prompt, tools=None)
    place = AgentPlace(
        state.sandbox_name,
        parts.scratch / "agent",
        parts.workspace,
        parts.transcript,
        state.tally.metrics,
        state.deadline,
        parts.pins,
        state.tally.tampering.add,
        state.server.update,
        state.server.get("window"),
        parts.saved,
    )
    with metered_agent(state.config, state.agent, prompt, state.endpoint, call_seeds(state.seed), place) as agent:
        yield agent


def _builtin(parts: RunParts, model: ChatModel) -> Session:
    state, workspace = parts.state, parts.workspace
    config, toolchain, rules = state.config, state.toolchain, state.toolchain.files
    lever = _lever(parts)
    notices = FirstNotice(parts.elision, lever)
    tools = Registry(
        (
            *file_tools(workspace, notices, rules, protect_tests=config.protect_tests),
            *_more_tools(config, workspace, notices, rules),
            toolchain.tool(workspace, parts.sandbox, config.cmd_timeout),
            done_tool(parts.gate),
        )
    )
    system, specs = state.assigned.system, tools.specs
    if state.tools_mode is ToolsMode.text:
        system = system_text(system, specs)
        state.system_sha256 = sha256_of(system)
    native = specs if state.tools_mode is ToolsMode.native else None
    parts.transcript.write("prompts", system=system, prompt=state.assigned.prompt, tools=native)
    limits = {"ctx_limit": config.ctx_limit, "max_steps": config.max_steps}
    seeds, totals = call_seeds(state.seed), state.tally.metrics
    return Session(model, tools, lever, parts.transcript, totals, next_seed=seeds, **limits)


def _lever(parts: RunParts) -> LeverHooks:
    state, workspace = parts.state, parts.workspace
    config, toolchain, elision = state.config, state.toolchain, parts.elision
    return STRATEGIES[config.lever](
        LeverView(
            workspace,
            toolchain.files,
            lambda: elision.green,
            toolchain.interface(parts.sandbox, workspace.root, config.cmd_timeout),
            config.ctx_limit,
            toolchain.interface_source,
            lambda: state.tally.refusal,
        )
    )


def _more_tools(config: RunConfig, workspace: Workspace, notices: NoticeSource, rules: FileRules) -> tuple[Tool, ...]:
    """Return the tools beyond the original's six, if the config asks for them."""
    if config.toolset is Toolset.classic:
        return ()
    return search_tool(workspace, notices), *move_tools(workspace, rules, protect_tests=config.protect_tests)


def _skips_without_model(state: RunState) -> frozenset[SkippedTest]:
    """Return the tests that skip without the model's code: with the task's solution, or at the start of a folder."""
    if state.assigned.task is not None:
        return solution_skips(state.assigned.task)
    return (state.initial.skips if state.initial else None) or frozenset()


def _pins(state: RunState, workspace: Workspace) -> Pins | None:
    """Return the files that the run may not change: all of a seed, or the specs of a folder of the user."""
    if not state.config.protect_tests:
        return None
    task = state.assigned.task
    writable = task.writable if task else ()
    return Pins.take(
        workspace.root, state.toolchain.files, everything=not state.config.task.own_folder, writable=writable
    )
