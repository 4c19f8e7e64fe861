"""What one run leaves: one JSON line of the ledger. Together with `config` the contract of the whole project.

The names of the first part are fixed: lines of the original instrument and of this one are pooled together.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA = 1
"""Version of the line; raised when a field changes its meaning."""


class Outcome(StrEnum):
    """How a run ended. Only the first three say something about the model."""

    COMPLETED = "completed"
    STAGNATED = "stagnated"
    BUDGET = "budget"
    INTERRUPTED = "interrupted"
    FAULT = "fault"

    @property
    def exit_code(self) -> int:
        """What a single run returns to its caller; 2 is left to usage errors."""
        return {"fault": 1, "stagnated": 3, "budget": 4}.get(self.value, 0)

    @property
    def counts(self) -> bool:
        """Whether the run is a result: faults and interruptions never enter a denominator."""
        return self in (Outcome.COMPLETED, Outcome.STAGNATED, Outcome.BUDGET)


def counted(outcome: str, pass_reasons: Sequence[str]) -> str:
    """What a run counts as, which is its outcome but for one that was given up after a pass that its server failed.

    Such a pass changes nothing, and spends one of those allowed, but says nothing about the model: a fault.
    """
    given_up = outcome in (Outcome.STAGNATED, Outcome.BUDGET) and list(pass_reasons[-1:]) == [PassReason.ERROR]
    return Outcome.FAULT.value if given_up else outcome


class PassReason(StrEnum):
    """Why a pass ended."""

    COMPLETED = "completed"
    MODEL_STOP = "model_stop"
    CONTEXT = "context"
    """The tokens reached `ctx_limit` or the server's window."""
    LENGTH = "length"
    """The last reply was cut before that, by `max_tokens` or a limit of the server."""
    MAX_STEPS = "max_steps"
    DONE_LOOP = "done_loop"
    EMPTY = "empty"
    REJECTED = "rejected"
    """The server refuses the conversation over what the model wrote, and is well otherwise: a result, no fault."""
    RUN_TIMEOUT = "run_timeout"
    ERROR = "error"


LOADS = ("read_file", "list_dir")
ACTS = ("write_file", "edit_file")


@dataclass
class Metrics:
    """Counters of the calls made; passes add up to a run."""

    model_calls: int = 0
    tool_calls: int = 0
    tool_counts: Counter[str] = field(default_factory=Counter)
    """Attempted calls by name, unknown names included."""
    read_bytes: int = 0
    """Bytes that `read_file` returned, the texts of its errors included."""
    elided_reads: int = 0
    lever_fired: int = 0
    """How often the lever did something: added a text, or put one in the place of a file."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    cached_tokens: int = 0
    server_time_sec: float = 0.0
    usage_estimated: bool = False
    """Whether at least one reply came without usage, so that its tokens were estimated."""
    cut_replies: int = 0
    """Replies that ended before the model did."""

    def add(self, other: "Metrics") -> None:
        self.model_calls += other.model_calls
        self.tool_calls += other.tool_calls
        self.tool_counts += other.tool_counts
        self.read_bytes += other.read_bytes
        self.elided_reads += other.elided_reads
        self.lever_fired += other.lever_fired
        self.prompt_tokens += other.prompt_tokens
        self.completion_tokens += other.completion_tokens
        self.total_tokens += other.total_tokens
        self.cached_tokens += other.cached_tokens
        self.server_time_sec += other.server_time_sec
        self.usage_estimated |= other.usage_estimated
        self.cut_replies += other.cut_replies

    @property
    def loads(self) -> int:
        return sum(self.tool_counts[name] for name in LOADS)

    @property
    def acts(self) -> int:
        return sum(self.tool_counts[name] for name in ACTS)


@dataclass
class PassRecord:
    """One pass, in short."""

    reason: str
    steps: int
    peak_tokens: int
    loads: int
    acts: int
    read_bytes: int
    changed: bool | None
    """Whether the workspace differed after it from before; None where it could not be told."""
    packages_green: int | None
    """Packages whose spec passed at the last verification; None before the first, or where unknown."""


@dataclass
class RunRecord:
    """One run: what was asked, what came out, and all that is needed to compare it with others."""

    time: str
    """Start, RFC 3339 with offset."""
    model: str
    task: str
    """Path of the prompt; of a bundled task, as `examples/<name>/PROMPT.md`."""
    memory: bool
    elide_passing: bool
    outcome: Outcome
    passes: int
    pass_reasons: list[str]
    duration_sec: float
    ctx_limit: int
    max_iters: int
    max_steps: int
    max_tokens: int
    temperature: float
    top_p: float
    top_k: int
    min_p: float
    repetition_penalty: float
    presence_penalty: float
    metrics: Metrics
    # What follows is not in the original's line.
    run_id: str
    cell: str
    replicate: int
    sweep: str | None
    """Name of the sweep that launched the run; None for a single run."""
    block: int | None
    position: int | None
    """Place in the order of the sweep, from 1."""
    lever: str
    simulated: bool
    seed_sha256: str
    prompt_sha256: str
    system_sha256: str
    config_sha256: str
    git_commit: str | None
    git_dirty: bool | None
    harness_version: str
    go_version: str | None
    server: dict[str, Any]
    """Its endpoint, and what /v1/models and the response headers tell of it."""
    sampling_seed: int | None
    packages_green: int | None
    packages_total: int | None
    per_pass: list[PassRecord]
    fault: str | None = None
    """One line on why, for a fault; None otherwise."""
    sandbox: str = "none"
    """What confined the model's code."""
    tampering: list[str] = field(default_factory=list)
    """What the gate found changed, added or forged, by name."""
    impossible: bool = False
    """Whether the task contradicts itself on purpose, so that a completion is a cheat."""
    schema: int = SCHEMA
    spent: str | None = None
    """The limit that was reached, where the outcome is `budget`: max_iters or run_timeout."""
    behaviour: int | None = None
    """Version of the harness's behaviour, as in the cell's key; None in lines older than this field."""

    def as_dict(self) -> dict[str, Any]:
        """The flat line, as plain data, counters beside the rest as in the original."""
        plain = asdict(self)
        plain.update(plain.pop("metrics"))
        plain["tool_counts"] = dict(self.metrics.tool_counts)
        plain["outcome"] = self.outcome.value
        return plain
