"""One run, from its config to its line in the ledger: the front door of this package."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from harness.agents.installed import installed_agent
from harness.assembly import assembled
from harness.checks import check, confinement, initial, installed
from harness.config import ConfigError, RunConfig
from harness.energy import EnergyMeter
from harness.identity import assignment
from harness.interrupts import Interrupts
from harness.limits import Deadline
from harness.llm.client import OpenAIChat
from harness.llm.limits import LOADING_AT_MOST
from harness.outcome import FaultReason, Outcome
from harness.outputs import Outputs, RunFolder
from harness.record import RunRecord
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
from harness.state import Launch, RunState, packages
from harness.subjects import served
from harness.tasks.own_folder import OwnFolder
from harness.tasks.patch import patch_of_work
from harness.transcript import OnEvent, Transcript
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
    launch = launch or Launch()
    assigned = assignment(config, launch.folder_sha256)
    state = RunState(config, assigned, installed(config), endpoint, launch, installed_agent(config))
    state.sandbox_name = confinement(config)
    outputs = outputs or Outputs(Path(config.log_dir))
    state.initial = initial(config, outputs, assigned)
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
    assigned = assignment(config, launch.folder_sha256)
    state = RunState(config, assigned, installed(config), endpoint, launch, installed_agent(config))
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
        own = state.assigned.folder.freeze(outputs) if state.assigned.folder else None
        if own:
            own.lay(workspace)
            stack.callback(_keep_patch, own, workspace, folder, transcript)
        state.packages_total = packages(workspace, state.toolchain.files)
        stack.callback(workspace.keep, folder.workspace, own.part_of_work if own else None)
        stack.callback(lambda: state.examine(workspace))
        facts = (
            ServerFacts() if config.model.simulated else look(config.model, state.endpoint, patience=LOADING_AT_MOST)
        )
        facts = replace(facts, fingerprint=complete_fingerprint(config, facts.fingerprint))
        state.server = facts.as_server()
        # No run is spent on a server that would not be pooled with what the sweep has.
        require_same_fingerprint(state.launch.fingerprint, facts.fingerprint)
        mode = settled(config.model, facts, state.launch.tools)
        if state.agent is None:
            state.tools_mode = mode
            transcript.write("tools", mode=mode.value)
        state.deadline = Deadline(config.run_timeout)
        model = stack.enter_context(
            OpenAIChat(
                replace(config.model, tools=mode),
                state.endpoint,
                stream=config.stream,
                # What a server does not tell is known if it was started with it.
                window=facts.window or requested_window(config),
                deadline=state.deadline,
                supervised=config.server.managed,
            )
        )
        state.server = model.server | with_tools(facts.as_server(), mode)
        stack.callback(lambda: state.server.update(model.server))
        loop = stack.enter_context(assembled(state, workspace, model, transcript, folder))
        state.outcome = loop.run(state.assigned.system, state.assigned.prompt)
        if state.tally.metrics.model_calls and not config.model.simulated:
            dropped = (state.server | model.server).get("dropped_fields", ())
            state.sampling = read_back(config.model, state.endpoint).status(config.model, dropped)


def _keep_patch(own: OwnFolder, workspace: Workspace, folder: RunFolder, transcript: Transcript) -> None:
    """Write down what the run changed in a copy of a folder. What keeps it from that is no fault of the run."""
    try:
        patch = patch_of_work(own, workspace.root)
        if patch is None:
            transcript.write("warning", text="no patch is kept: the files that changed are too large")
        else:
            folder.write_patch(patch)
    except (ConfigError, OSError) as error:
        transcript.write("warning", text=f"no patch is kept: {error}")
