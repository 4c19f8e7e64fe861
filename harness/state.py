"""State of a run under way, and the record that can be made of it at any moment."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from harness import __version__
from harness.agents.installed import InstalledAgent
from harness.cell import cell_key, derived_seed
from harness.config import BEHAVIOUR_VERSION, EMBEDDED, RunConfig, ToolsMode, digest
from harness.file_rules import FileRules, is_own_code
from harness.gate.verdict import ProofKind, Verdict
from harness.identity import Assignment
from harness.installation import source_state
from harness.limits import Deadline
from harness.llm.connection import shown
from harness.llm.types import JSON
from harness.outcome import FaultReason, Outcome, UnitState, counts_as
from harness.ralph import RunTally
from harness.record import RunRecord
from harness.sandbox.select import described
from harness.servers.facts import differences
from harness.servers.sampling import SamplingStatus
from harness.toolchains.base import Toolchain
from harness.transcript import Transcript
from harness.trees import readable
from harness.workspace import Workspace

MOST_UNITS = 1_000
"""Units of which a record holds the states. Code can leave any number of folders."""

MOST_NAMED = 100
"""Names that a list of a record holds."""


@dataclass(frozen=True)
class Launch:
    """Position of a run in the sweep that launched it; all None for a single run."""

    sweep: str | None = None
    block: int | None = None
    position: int | None = None
    fingerprint: JSON | None = None
    """Fingerprint of the server at the sweep's first run; None if unknown."""
    tools: ToolsMode | None = None
    """Way in which tools reach the model, by the sweep's preflight; None if unknown."""
    folder_sha256: str | None = None
    """Hash of the content of a folder of the user's own, as the sweep was planned with it; None for other tasks."""


@dataclass
class RunState:
    """State of a run under way."""

    config: RunConfig
    assigned: Assignment
    toolchain: Toolchain
    endpoint: str
    launch: Launch
    agent: InstalledAgent | None = None
    """The command agent; None for the built-in one."""
    outcome: Outcome = Outcome.FAULT
    tally: RunTally = field(default_factory=RunTally)
    deadline: Deadline = field(default_factory=Deadline)
    server: dict[str, Any] = field(default_factory=dict)
    packages_total: int | None = None
    units: dict[str, str] | None = None
    """State of each package with a spec; None before the end, or where the verdict does not tell."""
    initial: Verdict | None = None
    """Verdict on a folder of the user before the first call; None for a bundled task."""
    fault_reason: FaultReason | None = None
    """Reason of a fault that ended the run at once; None where the calls of the model decide."""
    sandbox_name: str = "none"
    proof: ProofKind | None = None
    """Basis of an acceptance; None before that is settled."""
    tools_mode: ToolsMode | None = None
    """Way in which tools reach the model in this run; None before it is settled."""
    sampling: dict[str, SamplingStatus] | None = None
    """Sampling settings in force, as far as known; None before the server was asked."""
    transcript: Transcript | None = None
    """The run's transcript; None before it is open."""
    joules: float | None = None
    """Energy of the run; None where it is unknown."""
    system_sha256: str = ""
    """The hash of the system prompt as it was sent; empty before that is known."""
    started: datetime = field(default_factory=lambda: datetime.now().astimezone())
    _clock: float = field(default_factory=time.monotonic)

    def examine(self, workspace: Workspace) -> None:
        """Note the state of each package at the end."""
        green = self.tally.verdict.green if self.tally.verdict else frozenset()
        rules = self.toolchain.files
        states = unit_states(workspace, rules, green) if green is not None and rules.unit else None
        self.units = states if states is None or len(states) <= MOST_UNITS else None

    def measured(self, joules: float | None) -> None:
        """Note the energy of the run."""
        self.joules = joules

    def _fault_reason(self, reasons: Sequence[str]) -> FaultReason | None:
        if counts_as(self.outcome, reasons) is not Outcome.FAULT:
            return None
        return self.fault_reason or (FaultReason.AGENT if self.tally.agent_broken else FaultReason.SERVER)

    @cached_property
    def cell(self) -> str:
        return cell_key(self.config, self.assigned.inputs)

    @property
    def seed(self) -> int | None:
        """The run's sampling seed. None where none was configured for a real model.

        It is derived from the configured seed, or the cell of a simulated subject, and the replicate: a seed that
        all replicates shared would make them copies of one run.
        """
        model = self.config.model
        if model.seed is None and not model.simulated:
            return None
        return derived_seed(self.cell if model.seed is None else model.seed, self.config.replicate)

    def _server(self) -> JSON:
        """Return the facts of the server, with its old fingerprint if it changed since the sweep began."""
        was = self.launch.fingerprint
        changed = any(differences(was, self.server.get("fingerprint")))
        embedded = self.config.model.endpoint == EMBEDDED
        where: JSON = {"endpoint": EMBEDDED if embedded else shown(self.endpoint)}
        more = {"args": self.config.server.args, "levels": dict(self.config.server.chosen)}
        where |= {name: value for name, value in more.items() if value}
        return where | self.server | ({"changed_from": was} if changed else {})

    def record(self, run_id: str) -> RunRecord:
        """Return the record in the present state of the run."""
        config, model, tally, inputs = self.config, self.config.model, self.tally, self.assigned.inputs
        task = self.assigned.task
        commit, dirty = source_state()
        verdict = tally.verdict
        reasons = [done.reason for done in tally.per_pass]
        return RunRecord(
            time=self.started.isoformat(timespec="seconds"),
            model=model.name,
            task=self.assigned.label,
            memory=config.memory,
            elide_passing=config.elide_passing,
            outcome=self.outcome,
            counts_as=counts_as(self.outcome, reasons),
            passes=tally.passes,
            pass_reasons=reasons,
            duration_sec=round(time.monotonic() - self._clock, 3),
            ctx_limit=config.ctx_limit,
            max_iters=config.max_iters,
            max_steps=config.max_steps,
            max_tokens=model.max_tokens,
            temperature=model.temperature,
            top_p=model.top_p,
            top_k=model.top_k,
            min_p=model.min_p,
            repetition_penalty=model.repetition_penalty,
            presence_penalty=model.presence_penalty,
            metrics=tally.metrics,
            run_id=run_id,
            cell=self.cell,
            replicate=config.replicate,
            sweep=self.launch.sweep,
            block=self.launch.block,
            position=self.launch.position,
            lever=config.lever.value,
            # A simulated subject says so itself, whatever config it was reached through.
            simulated=model.simulated or bool(self.server.get("simulated")),
            seed_sha256=inputs.seed_sha256,
            prompt_sha256=inputs.prompt_sha256,
            system_sha256=self.system_sha256 or inputs.system_sha256,
            config_sha256=digest(config.as_dict()),
            git_commit=commit,
            git_dirty=dirty,
            harness_version=__version__,
            go_version=self.toolchain.version if self.toolchain.name == "go" else None,
            variant=model.variant or None,
            server_levels=dict(config.server.chosen),
            server=self._server(),
            sampling_seed=self.seed,
            transcript_sha256=self.transcript.generated_sha256 if self.transcript else None,
            packages_green=len(verdict.green) if verdict and verdict.green is not None else None,
            packages_total=verdict.total if verdict and verdict.total is not None else self.packages_total,
            units=self.units,
            per_pass=tally.per_pass,
            fault=tally.error if self.outcome is Outcome.FAULT else None,
            fault_reason=self._fault_reason(reasons),
            sandbox=described(self.sandbox_name),
            tools_mode=self.tools_mode.value if self.tools_mode else None,
            skips=len(verdict.skips) if verdict and verdict.skips is not None else None,
            tampering=_first(sorted(map(readable, tally.tampering))),
            sampling_status=None if self.sampling is None else {k: v.value for k, v in self.sampling.items()},
            joules=self.joules,
            prefill_tokens_per_sec=tally.metrics.prefill_tokens_per_sec,
            decode_tokens_per_sec=tally.metrics.decode_tokens_per_sec,
            toolchain=self.toolchain.name,
            toolchain_version=self.toolchain.version,
            proof=self.proof.value if self.proof else None,
            agent=config.agent.name,
            agent_version=self.agent.version if self.agent else None,
            agent_tools=tally.metrics.bounded_counts() if self.agent else None,
            toolset=config.toolset.value,
            behaviour=BEHAVIOUR_VERSION,
            spent=tally.spent if self.outcome is Outcome.BUDGET else None,
            impossible=task is not None and task.impossible,
            task_set=(task.set or None) if task else None,
            # Notes that do not call a set public leave it unknown.
            task_public=(task.public or None) if task else None,
            task_difficulty=task.difficulty if task else None,
            task_sha256=self.assigned.task_sha256,
        )


def _first(names: list[str]) -> list[str]:
    """Return the first names, and how many more there are."""
    more = len(names) - MOST_NAMED
    return [*names[:MOST_NAMED], f"(and {more} more)"] if more > 0 else names


def call_seeds(seed: int | None) -> Callable[[], int | None]:
    """Return a function that gives each call its own seed, derived from the run's: a fresh context is no replay."""
    if seed is None:
        return lambda: None
    calls = count()
    return lambda: int(digest([seed, next(calls)])[:8], 16) & 0x7FFF_FFFF


def packages(workspace: Workspace, rules: FileRules) -> int | None:
    """Return the number of units with a spec: the packages, or spec files, that must pass; None if unknown."""
    names = [name for name, _ in workspace.files()]
    units = {rules.unit_of(name) for name in names if rules.is_spec(Path(name))} - {""}
    return len(units) if rules.unit else None


def unit_states(workspace: Workspace, rules: FileRules, green: frozenset[str]) -> dict[str, str]:
    """Return the state of each unit with a spec; `green` are those that passed last."""
    files = [(rules.unit_of(name), Path(name)) for name, _ in workspace.files()]
    written = {unit for unit, path in files if is_own_code(rules, path)}
    specs = {unit: path for unit, path in files if unit and rules.is_spec(path)}
    # Which code a spec file needs is unknown, where it is a unit by itself.
    written |= {unit for unit, path in specs.items() if rules.is_spec(Path(unit))}
    return {unit: _unit_state(unit, green, written).value for unit in sorted(specs)}


def _unit_state(folder: str, green: frozenset[str], written: set[str]) -> UnitState:
    if folder in green:
        return UnitState.PASSING
    return UnitState.FAILING if folder in written else UnitState.UNWRITTEN
