"""One run, from its config to its line in the ledger: the front door of this package."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from harness.checks import check, confinement, initial, installed
from harness.config import RunConfig, Skips, Toolset, ToolsMode
from harness.energy import EnergyMeter
from harness.file_rules import FileRules
from harness.gate.gate import Gate, SkipChecker
from harness.gate.pins import Pins
from harness.gate.verdict import SkippedTest, Verifier
from harness.identity import assignment, sha256_of
from harness.interrupts import Interrupts
from harness.levers import STRATEGIES, LeverView
from harness.limits import Deadline
from harness.llm.client import OpenAIChat
from harness.llm.limits import LOADING_AT_MOST
from harness.llm.types import ChatModel
from harness.llm.wire import system_text
from harness.outcome import FaultReason, Outcome
from harness.outputs import Outputs, RunFolder
from harness.ralph import RalphLoop
from harness.record import RunRecord
from harness.sandbox.process import limits_of
from harness.sandbox.select import open_sandbox
from harness.servers.facts import (
    FingerprintChanged,
    ServerFacts,
    complete_fingerprint,
    look,
    require_same_fingerprint,
    settled,
    with_tools,
)
from harness.servers.managed import requested_window
from harness.servers.sampling import read_back
from harness.session import Session
from harness.state import Launch, RunState, call_seeds, packages
from harness.subjects import served
from harness.tasks.check import solution_skips
from harness.toolchains.select import environment_for
from harness.tools.done import done_tool
from harness.tools.elision import Elision, FirstNotice, NoticeSource
from harness.tools.files import file_tools
from harness.tools.moves import move_tools
from harness.tools.registry import Registry, Tool
from harness.tools.search import search_tool
from harness.transcript import OnEvent, Transcript
from harness.trees import scratch_folder
from harness.why import reason_of
from harness.workspace import Workspace


def run(
    config: RunConfig,
    *,
    endpoint: str | None = None,
    launch: Launch | None = None,
    on_event: OnEvent | None = None,
    outputs: Outputs | None = None,
) -> RunRecord:
    """Run the Ralph loop once and append its record to the ledger, whatever happens.

    All that the run leaves goes to `outputs`: the config's log folder, unless another is given. `on_event` is called
    with each event of the transcript. `endpoint` is the base URL of a model that a sweep serves already and has
    checked. Without it, everything is checked first; a simulated subject, or a managed server, is started for
    the length of the run.

    Raises ConfigError, before anything is started or recorded, if the config cannot be run, and LedgerError if
    the record could not be appended (it then lies in the run's folder, and `Outputs.recover` finds it). Trouble of
    the model's server or of this machine ends as the outcome `fault`, Ctrl-C and SIGTERM as `interrupted`.
    """
    if endpoint is None:
        check([config])
        with served(config) as own:
            return run(config, endpoint=own, launch=launch, on_event=on_event, outputs=outputs)
    state = RunState(config, assignment(config), installed(config), endpoint, launch or Launch())
    state.sandbox_name = confinement(config)
    outputs = outputs or Outputs(Path(config.log_dir))
    state.initial = initial(config, outputs)
    folder = outputs.new_run(config)
    with Interrupts() as interrupts:
        with _faults(state), Transcript(folder.transcript, on_event) as transcript:
            state.transcript = transcript
            with _faults(state):
                _execute(state, outputs, folder, transcript)
            interrupts.shield()
            _write_ending(transcript, state.record(folder.run_id))
        interrupts.shield()
        record = state.record(folder.run_id)
        outputs.finish(folder, record.as_dict())
    return record


@contextmanager
def _faults(state: RunState) -> Iterator[None]:
    """The one boundary of a run: any fault becomes an outcome."""
    try:
        yield
    except KeyboardInterrupt:
        state.outcome = Outcome.INTERRUPTED
    except Exception as error:
        state.outcome, state.tally.error = Outcome.FAULT, f"{type(error).__name__}: {error}"
        changed = isinstance(error, FingerprintChanged)
        state.fault_reason = FaultReason.CHANGED if changed else FaultReason.MACHINE


def _write_ending(transcript: Transcript, record: RunRecord) -> None:
    line = record.as_dict()
    # The record holds all of it: a full disk or a failing listener must not turn a result into a fault.
    with suppress(Exception):
        transcript.write("run_finished", outcome=line["outcome"], counts_as=line["counts_as"], reason=reason_of(line))


def lost(config: RunConfig, *, endpoint: str, launch: Launch, seconds: float, reason: str) -> RunRecord:
    """Record as a fault a run whose process is gone, and with it all else that could be known of the run.

    `seconds` is how long ago it was started. Raises what `run` raises.
    """
    state = RunState(config, assignment(config), installed(config), endpoint, launch)
    state.started -= timedelta(seconds=seconds)
    state.sandbox_name, state.tally.error, state.fault_reason = "unknown", reason, FaultReason.LOST
    outputs = Outputs(Path(config.log_dir))
    folder = outputs.new_run(config)
    known = state.record(folder.run_id)
    record = replace(known, duration_sec=round(seconds, 3), go_version=None, toolchain_version=None)
    outputs.finish(folder, record.as_dict())
    return record


def _execute(state: RunState, outputs: Outputs, folder: RunFolder, transcript: Transcript) -> None:
    """Everything between the birth of the run's folder and its record."""
    config = state.config
    with ExitStack() as stack:
        started = {"cell": state.cell, "replicate": config.replicate, "sweep": state.launch.sweep}
        transcript.write("run_started", run_id=folder.run_id, **started)

        def waiting(path: Path) -> None:
            transcript.write("waiting_for_workspace", path=str(path))

        workspace = Workspace(stack.enter_context(outputs.workspace(config, waiting)))
        meter = EnergyMeter(config.server.energy_command, lambda text: transcript.write("warning", text=text))
        stack.callback(lambda: state.measured(meter.joules()))
        if state.assigned.task is not None:
            workspace.reseed(state.assigned.task.seed)
        state.packages_total = packages(workspace, state.toolchain.files)
        stack.callback(workspace.keep, folder.workspace)
        stack.callback(lambda: state.examine(workspace))
        facts = (
            ServerFacts() if config.model.simulated else look(config.model, state.endpoint, patience=LOADING_AT_MOST)
        )
        facts = replace(facts, fingerprint=complete_fingerprint(config, facts.fingerprint))
        state.server = facts.as_server()
        # No run is spent on a server that would not be pooled with what the sweep has.
        require_same_fingerprint(state.launch.fingerprint, facts.fingerprint)
        state.tools_mode = settled(config.model, facts, state.launch.tools)
        transcript.write("tools", mode=state.tools_mode.value)
        state.deadline = Deadline(config.run_timeout)
        model = stack.enter_context(
            OpenAIChat(
                replace(config.model, tools=state.tools_mode),
                state.endpoint,
                stream=config.stream,
                # What a server does not tell is known if it was started with it.
                window=facts.window or requested_window(config),
                deadline=state.deadline,
                supervised=config.server.managed,
            )
        )
        state.server = model.server | with_tools(facts.as_server(), state.tools_mode)
        stack.callback(lambda: state.server.update(model.server))
        loop = stack.enter_context(_assembled(state, workspace, model, transcript, folder))
        state.outcome = loop.run(state.assigned.system, state.assigned.prompt)
        if state.tally.metrics.model_calls and not config.model.simulated:
            dropped = model.server.get("dropped_fields", ())
            state.sampling = read_back(config.model, state.endpoint).status(config.model, dropped)


@contextmanager
def _assembled(
    state: RunState, workspace: Workspace, model: ChatModel, transcript: Transcript, folder: RunFolder
) -> Iterator[RalphLoop]:
    """The parts of a run, put together over a seeded workspace."""
    config, toolchain, rules = state.config, state.toolchain, state.toolchain.files
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
        elision = Elision(rules, enabled=config.elide_passing)
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
        interface = toolchain.interface(sandbox, workspace.root, config.cmd_timeout)
        lever = STRATEGIES[config.lever](
            LeverView(
                workspace,
                rules,
                lambda: elision.green,
                interface,
                config.ctx_limit,
                toolchain.interface_source,
                lambda: state.tally.refusal,
            )
        )
        notices = FirstNotice(elision, lever)
        listeners = (lambda verdict: elision.update(verdict.green), state.tally.take)
        gate = Gate(verifier, transcript, workspace.state, listeners)
        tools = Registry(
            (
                *file_tools(workspace, notices, rules, protect_tests=config.protect_tests),
                *_more_tools(config, workspace, notices, rules),
                toolchain.tool(workspace, sandbox, config.cmd_timeout),
                done_tool(gate),
            )
        )
        system, specs = state.assigned.system, tools.specs
        if state.tools_mode is ToolsMode.text:
            system = system_text(system, specs)
            state.system_sha256 = sha256_of(system)
        native = specs if state.tools_mode is ToolsMode.native else None
        transcript.write("prompts", system=system, prompt=state.assigned.prompt, tools=native)
        limits = {"ctx_limit": config.ctx_limit, "max_steps": config.max_steps}
        seeds, totals = call_seeds(state.seed), state.tally.metrics
        session = Session(model, tools, lever, transcript, totals, next_seed=seeds, **limits)
        yield RalphLoop(config, session, workspace, gate, elision, state.tally, transcript, state.deadline)


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
        workspace.root, state.toolchain.files, everything=not state.config.task.in_place, writable=writable
    )
