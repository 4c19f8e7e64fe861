"""Outcomes of runs and reasons of passes: closed enumerations of the record."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """Outcome of a run. Only the first three say something about the model."""

    COMPLETED = "completed"
    """The gate accepted."""
    STAGNATED = "stagnated"
    """`max_stale` passes in a row changed nothing."""
    BUDGET = "budget"
    """`max_iters` passes, or the time of `run_timeout`, were not enough; `spent` says which."""
    INTERRUPTED = "interrupted"
    """Ctrl-C or SIGTERM."""
    FAULT = "fault"
    """The server or this machine failed or hung; nothing is known about the model."""

    @property
    def exit_code(self) -> int:
        """Return the exit code of a single run; 2 is left to usage errors."""
        return {"fault": 1, "stagnated": 3, "budget": 4}.get(self.value, 0)

    @property
    def counts(self) -> bool:
        """Return True if the run is a result. Faults and interruptions never enter a denominator."""
        return self in (Outcome.COMPLETED, Outcome.STAGNATED, Outcome.BUDGET)


def counts_as(outcome: str, pass_reasons: Sequence[str]) -> Outcome:
    """Return what a run counts as: its outcome, or a fault if it was given up after a pass that its server failed.

    Such a pass changes nothing and spends one of those allowed, but says nothing about the model.
    """
    given_up = outcome in (Outcome.STAGNATED, Outcome.BUDGET) and list(pass_reasons[-1:]) == [PassReason.ERROR]
    return Outcome.FAULT if given_up else Outcome(outcome)


def line_counts_as(line: Mapping[str, Any]) -> str:
    """Return what a line of the ledger counts as: its own word, else (older lines, the original's) by `counts_as`.

    A line of an unknown outcome keeps it.
    """
    outcome = str(line.get("outcome"))
    if "counts_as" in line or outcome not in tuple(Outcome):
        return str(line.get("counts_as", outcome))
    return counts_as(outcome, line.get("pass_reasons") or ()).value


class FaultReason(StrEnum):
    """Reason of a fault. None of them is in the power of a subject whose code is confined."""

    SERVER = "server"
    """The server failed or hung in every pass, in the last one, or in as many in a row as end a run."""
    CHANGED = "changed"
    """The server was no longer the one with which its sweep began."""
    MACHINE = "machine"
    """The disk, the sandbox or this program failed."""
    AGENT = "agent"
    """The command of the agent ended before the model had answered it once."""
    LOST = "lost"
    """The process of the run ended before the run did."""


CAUSED_BY_SUBJECT = {
    "files and folders with names that are not UTF-8": "kept, named with `\\xNN`",
    "half a character in a tool's name, its arguments or a text": "replaced, and the call is answered",
    "an argument or a reply of many megabytes": "written, or cut: the pass ends with `length`",
    "a flood of calls, or of names of tools": "each call is answered; names beyond 100 count as `(others)`",
    "a flood of output": "clipped, and ended at `cmd_timeout`",
    "a crash of its program, or signals to all processes": "a failed command",
    "a fork bomb": "a failed command, ended at `cmd_timeout`",
    "thousands of files": "removed before the next verification; 100 are named in `tampering`",
    "a wrecked workspace: no module file, pipes, links in a circle, locked folders": "restored where it is the spec's",
    "arguments that are no object, or nested without end": "an error message to the model",
    "a conversation that its server refuses": "the pass ends with `rejected`",
}
"""Actions of a subject that look like trouble, and what becomes of them. Their runs are results, never faults."""


class UnitState(StrEnum):
    """State of a package of the task, or of a test file, when the run ended."""

    PASSING = "passing"
    """Its tests passed at the last verification."""
    FAILING = "failing"
    """Its code is there, and its tests did not pass."""
    UNWRITTEN = "unwritten"
    """No code of it is there."""


class PassReason(StrEnum):
    """Why a pass ended."""

    COMPLETED = "completed"
    """The gate accepted inside `done`."""
    MODEL_STOP = "model_stop"
    """The model ended its turn without a tool call."""
    CONTEXT = "context"
    """The tokens reached `ctx_limit` or the server's window."""
    LENGTH = "length"
    """The last reply was cut before that, by `max_tokens`, a limit of the server, or the most bytes that are read."""
    MAX_STEPS = "max_steps"
    """`max_steps` model calls were made."""
    DONE_LOOP = "done_loop"
    """`done` was refused three times with no write between."""
    EMPTY = "empty"
    """The server answered with no choices."""
    REJECTED = "rejected"
    """The server refuses the conversation over what the model wrote, and is well otherwise: a result, no fault."""
    AGENT_EXIT = "agent_exit"
    """The command of the agent ended by itself, with exit code 0."""
    AGENT_FAILED = "agent_failed"
    """The command ended with another exit code, or by a signal, after the model had answered: a result of the agent
    with the model."""
    AGENT_IDLE = "agent_idle"
    """The command made no call for `agent.idle_timeout`: it hung, or waited for an answer that nobody gives."""
    AGENT_LIMIT = "agent_limit"
    """The command, with all that it started, took more than one of the `limits` allows."""
    RUN_TIMEOUT = "run_timeout"
    """The time of the run ended."""
    ERROR = "error"
    """The server failed for good: says nothing about the model."""
