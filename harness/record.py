"""The record of one run: one JSON line of the ledger. Together with `config` the contract of the whole project.

The names of the first part are fixed: lines of the original instrument and of this one are pooled together.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any

from harness.metrics import ACTS as ACTS  # noqa: PLC0414 - part of the contract
from harness.metrics import LOADS as LOADS  # noqa: PLC0414 - part of the contract
from harness.metrics import UNKNOWABLE
from harness.metrics import Metrics as Metrics  # noqa: PLC0414 - part of the contract
from harness.outcome import FaultReason, Outcome, line_counts_as

SCHEMA = 1
"""Version of the line; raised when a field changes its meaning."""


@dataclass
class PassRecord:
    """One pass, in short."""

    reason: str
    """Why the pass ended."""
    steps: int
    """Model calls."""
    peak_tokens: int
    """Largest total of tokens of a call."""
    loads: int | None
    """Calls of tools that read: `read_file`, `list_dir`, `search_text`; null where a command agent shows none."""
    acts: int | None
    """Calls of tools that change files: `write_file`, `edit_file`, `delete_file`, `move_file`; null likewise."""
    read_bytes: int | None
    """Bytes that `read_file` returned; null likewise."""
    changed: bool | None
    """True if the pass changed the workspace; null where it could not be told."""
    packages_green: int | None
    """Packages whose spec passed at the last verification; null before the first, or where unknown."""
    exit_code: int | None = None
    """Exit code of a command agent, above 128 or negative for a signal; null for the built-in one, and where the pass
    was ended."""


@dataclass
class RunRecord:
    """One run: its settings, its outcome, and all that is needed to compare it with others."""

    time: str
    """Start, RFC 3339 with offset."""
    model: str
    """Name of the model, as configured."""
    task: str
    """Path of the prompt, `examples/<name>/PROMPT.md`, for a bundled task; else the name of your task, or of your
    folder."""
    memory: bool | None
    """True if PROGRESS.md is kept across passes."""
    elide_passing: bool | None
    """True if specs of passing packages are elided from reads."""
    outcome: Outcome
    """Outcome of the run."""
    passes: int
    """Passes that were started."""
    pass_reasons: list[str]
    """Why each finished pass ended."""
    duration_sec: float | None
    """Seconds of the whole run, by a monotonic clock."""
    ctx_limit: int | None
    """Tokens at which a pass ends; 0 is no limit."""
    max_iters: int | None
    """Most passes."""
    max_steps: int | None
    """Most model calls of a pass."""
    max_tokens: int | None
    """Most tokens that one call may generate."""
    temperature: float | None
    """Sampling temperature, as configured."""
    top_p: float | None
    """Nucleus sampling, as configured."""
    top_k: int | None
    """Likeliest tokens kept, as configured; 0 keeps all."""
    min_p: float | None
    """Least probability relative to the likeliest token, as configured."""
    repetition_penalty: float | None
    """As configured; 1 is none."""
    presence_penalty: float | None
    """As configured; 0 is none."""
    metrics: Metrics
    """The counters, which stand on the line beside the other fields."""
    # What follows is not in the original's line.
    run_id: str | None = None
    """Id of the run, and the name of its folder."""
    cell: str | None = None
    """Key of everything that makes runs comparable: 16 hexadecimal digits."""
    counts_as: Outcome | None = None
    """The outcome that the analysis counts: `fault` for a run that was given up after its server failed a pass."""
    replicate: int | None = None
    """Number of the repetition within its cell, from 1."""
    sweep: str | None = None
    """Name of the sweep that launched the run; null for a single run."""
    block: int | None = None
    """Randomised block of the sweep; null for a single run."""
    position: int | None = None
    """Place in the order of the sweep, from 1."""
    lever: str | None = None
    """The lever put to the test."""
    simulated: bool = False
    """True if the subject was simulated, by its config or by its server's own word."""
    seed_sha256: str | None = None
    """Hash of the files that the run started with; of a folder of your own, of its path."""
    prompt_sha256: str | None = None
    """Hash of the task prompt."""
    system_sha256: str | None = None
    """Hash of the system prompt."""
    config_sha256: str | None = None
    """Hash of the whole config."""
    git_commit: str | None = None
    """Commit of the harness's checkout; null outside of one."""
    git_dirty: bool | None = None
    """True if that checkout had uncommitted changes."""
    harness_version: str | None = None
    """Version of this program."""
    go_version: str | None = None
    """Version of the Go toolchain."""
    variant: str | None = None
    """Label of the model's variant; null where none was given."""
    server_levels: dict[str, str] = field(default_factory=dict)
    """Named levels of a managed server, by factor."""
    server: dict[str, Any] = field(default_factory=dict)
    """The server: its endpoint, and what it tells of itself (docs/servers.md)."""
    sampling_seed: int | None = None
    """Seed of the sampling, derived from `model.seed` (or a simulated subject's cell) and the replicate; null where the
    server chose."""
    packages_green: int | None = None
    """Packages whose spec passed at the last verification."""
    packages_total: int | None = None
    """Packages that the task has."""
    units: dict[str, str] | None = None
    """State of each package with a spec at the end: passing, failing or unwritten. Null where unknown."""
    per_pass: list[PassRecord] = field(default_factory=list)
    """One entry a pass."""
    fault: str | None = None
    """One line on why, for a fault; null otherwise."""
    fault_reason: FaultReason | None = None
    """Reason of a run that counts as a fault: server, changed, machine, agent or lost (below); null otherwise, and in
    lines older than this field."""
    sandbox: str | None = None
    """Sandbox of the model's code."""
    tools_mode: str | None = None
    """Way in which tools reached the model: native or text; null where the run ended before that was settled."""
    skips: int | None = None
    """Tests and subtests that were skipped at the last verification; None where unknown."""
    tampering: list[str] = field(default_factory=list)
    """Names of things that the gate found changed, added or forged."""
    impossible: bool = False
    """True if the task contradicts itself on purpose, so that a completion is a cheat."""
    schema: int = SCHEMA
    """Version of the line."""
    spent: str | None = None
    """The limit that was reached, where the outcome is `budget`: max_iters or run_timeout."""
    sampling_status: dict[str, str] | None = None
    """Each sampling field: confirmed (the server reports the value in force), dropped (it refuses the field, or reports
    another value) or unconfirmed (docs/servers.md). Null for a simulated subject, and where the run ended before."""
    joules: float | None = None
    """Energy, by `server.energy_command`; null where it was not measured."""
    prefill_tokens_per_sec: float | None = None
    """Speed of reading prompts: `prefill_tokens` over `prefill_sec`."""
    decode_tokens_per_sec: float | None = None
    """Speed of generating: `decode_tokens` over `decode_sec`."""
    toolchain: str | None = None
    """Toolchain of the task: go, python or command; null in lines older than this field."""
    toolchain_version: str | None = None
    """Version of the toolchain, as it states it; null where it is unknown."""
    proof: str | None = None
    """Basis of an acceptance: tokens, split, events or status (docs/gate.md); null in lines older than this field,
    and where the run ended before that was settled."""
    agent: str | None = None
    """Name of the agent: builtin, or that of a command agent; null in lines older than this field."""
    agent_tools: dict[str, int] | None = None
    """Calls of a command agent by the names of its own tools; null for the built-in one, whose calls are in
    `tool_counts`, which is null here."""
    agent_version: str | None = None
    """Version of a command agent, as it states it; null for the built-in one, and where it is unknown."""
    toolset: str | None = None
    """Tools of the subject: classic or full; null in lines older than this field."""
    transcript_sha256: str | None = None
    """Hash of all that the model generated: reasoning, content and calls of each reply, without ids and times. Two runs
    of one cell with the same hash and the same `sampling_seed` are copies. Null where no reply came, and in lines older
    than this field."""
    behaviour: int | None = None
    """Version of the harness's behaviour, as in the cell's key; null in lines older than this field."""

    task_set: str | None = None
    """Set that the task was imported from, such as exercism/go; null for any other task, and in lines older than this
    field."""
    task_public: bool | None = None
    """True for a task of a published set, which models have seen in training; null where nothing says that it is."""
    task_difficulty: int | None = None
    """Difficulty of the task as its set states it; null where it does not."""
    task_sha256: str | None = None
    """Hash of what makes the task: prompt, seed, verify command, and the files of the seed that the subject may change.
    Null for a folder of your own, and in lines older than this field."""

    def as_dict(self) -> dict[str, Any]:
        """Return the line as plain data, counters beside the other fields as in the original."""
        plain = asdict(self)
        plain.update(plain.pop("metrics"))
        # The names of another agent's tools say nothing of loads and acts, which readers count by name.
        plain["tool_counts"] = self.metrics.bounded_counts() if self.agent_tools is None else None
        plain["salvaged_calls"] = dict(self.metrics.salvaged_calls)
        plain["outcome"] = self.outcome.value
        return plain

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> "RunRecord":
        """Read a line of the ledger, ours or the original's; what it lacks is null, what is unknown here is ignored.

        Raises ValueError for a line that is no record.
        """
        missing = [name for name in REQUIRED if line.get(name) is None]
        if missing:
            raise ValueError(f"no record of a run: {', '.join(missing)} missing")
        known = {entry.name: line[entry.name] for entry in fields(cls) if entry.name in line}
        known |= {entry.name: None for entry in fields(cls) if entry.default is MISSING and entry.name not in line}
        passes = {entry.name for entry in fields(PassRecord)}
        counters = {
            entry.name: line[entry.name]
            for entry in fields(Metrics)
            if line.get(entry.name) is not None or (entry.name in line and entry.name in UNKNOWABLE)
        }
        if "tool_counts" in counters:
            counters["tool_counts"] = Counter(counters["tool_counts"])
        known["metrics"] = Metrics(**counters)
        known["per_pass"] = [
            PassRecord(**{name: one.get(name) for name in passes}) for one in line.get("per_pass") or ()
        ]
        known["pass_reasons"] = list(line.get("pass_reasons") or ())
        known["outcome"] = Outcome(line["outcome"])
        known["counts_as"] = Outcome(line_counts_as(line))
        known["fault_reason"] = next((one for one in FaultReason if one == line.get("fault_reason")), None)
        return cls(**known)


REQUIRED = ("time", "model", "task", "outcome", "passes")
"""Fields without which a line is no record."""
