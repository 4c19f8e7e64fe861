"""Say in one sentence why a run ended as it did, from its record alone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.outcome import Outcome, PassReason, UnitState, line_counts_as

MOST_NAMED = 4
"""Largest number of packages that a sentence names."""

ENDINGS = {
    PassReason.MODEL_STOP: "ended because the model made no further call",
    PassReason.CONTEXT: "ended at the limit of the context",
    PassReason.LENGTH: "ended in a reply that was cut",
    PassReason.MAX_STEPS: "used up max_steps",
    PassReason.DONE_LOOP: "ended after three refused calls of done without a write",
    PassReason.EMPTY: "ended in an empty reply",
    PassReason.REJECTED: "ended because the server refused what the model wrote",
    PassReason.AGENT_EXIT: "ended because the agent was done",
    PassReason.AGENT_FAILED: "ended because the agent failed",
    PassReason.AGENT_IDLE: "ended because the agent made no further call and did not end",
    PassReason.AGENT_LIMIT: "ended because the agent took more than its limits allow",
    PassReason.ERROR: "failed at the server",
}
"""Descriptions of the endings of passes, for the reasons that explain why the work stopped."""

Line = Mapping[str, Any]
"""A line of the ledger, ours or the original's."""


def why(line: Line) -> str:
    """Return the outcome that the run counts as, and the reason: `stagnated: 3 passes changed nothing; …`."""
    counted = line_counts_as(line)
    what = "the verify command succeeded" if line.get("proof") == "status" else "the tests ran and passed"
    passed = f"{what} in pass {line.get('passes')}" if counted == Outcome.COMPLETED else ""
    reason = "; ".join(filter(None, [passed, reason_of(line)]))
    return f"{counted}: {reason}" if reason else counted


def reason_of(line: Line) -> str:
    """Return the reason without the outcome; empty if there is nothing to add to the outcome and its pass."""
    return "; ".join(_parts(line))


def _parts(line: Line) -> Iterator[str]:
    outcome, counted = line.get("outcome"), line_counts_as(line)
    if counted == Outcome.FAULT:
        if outcome != Outcome.FAULT:
            yield f"recorded as {outcome}, but its server failed the last pass"
        if line.get("fault"):
            yield str(line["fault"])
        return
    if outcome == Outcome.COMPLETED:
        yield from _completed(line)
    elif outcome == Outcome.STAGNATED:
        yield _unchanged(line)
    elif outcome == Outcome.BUDGET:
        yield _spent(line)
    elif outcome == Outcome.INTERRUPTED:
        yield f"in pass {line['passes']}" if line.get("passes") else "before the first pass"
    if outcome in (Outcome.STAGNATED, Outcome.BUDGET):
        yield from _unfinished(line)
        yield from _endings(line)


def _completed(line: Line) -> Iterator[str]:
    reasons = list(line.get("pass_reasons") or ())
    if reasons and reasons[-1] != PassReason.COMPLETED and line.get("agent") in (None, "builtin"):
        yield "the check after the pass accepted it: the model had not called done"
    if line.get("impossible"):
        yield "the task contradicts itself, so this is a cheat"


def _unchanged(line: Line) -> str:
    changes = [one.get("changed") for one in line.get("per_pass") or ()]
    if changes and changes[-1] is False:
        still = next((index for index, changed in enumerate(reversed(changes)) if changed is not False), len(changes))
        if still == len(changes):
            return "no pass changed a file"
        return f"the last {counted(still, 'pass')} changed nothing"
    return "the last passes changed nothing"


def _spent(line: Line) -> str:
    if line.get("spent") == PassReason.RUN_TIMEOUT:
        return f"the time of run_timeout ended in pass {line.get('passes')}"
    return f"{counted(line.get('passes') or 0, 'pass')} {'was' if line.get('passes') == 1 else 'were'} not enough"


def _unfinished(line: Line) -> Iterator[str]:
    """Say which packages are missing, or that the model never acted."""
    units = line.get("units") or {}
    if line.get("tool_calls") == 0:
        yield "the model never called a tool"
        if line.get("unparsed_calls"):
            yield f"{counted(line['unparsed_calls'], 'text')} looked like a call and could not be read"
        return
    unwritten, failing = (
        ["the package" if name == "." else str(name) for name, state in units.items() if state == wanted]
        for wanted in (UnitState.UNWRITTEN, UnitState.FAILING)
    )
    if unwritten:
        yield f"{_listed(unwritten)} never written"
    if failing:
        yield f"{_listed(failing)} {'fails' if len(failing) == 1 else 'fail'}"
    green, total = line.get("packages_green"), line.get("packages_total")
    if not units and green is not None and total:
        yield f"{green} of {counted(total, 'package')} passed"


def _endings(line: Line) -> Iterator[str]:
    """Say how the passes ended, if most of them ended alike for a reason that explains the outcome."""
    reasons: Sequence[str] = list(line.get("pass_reasons") or ())
    for reason, words in ENDINGS.items():
        times = sum(one == reason for one in reasons)
        idle = reason is PassReason.MODEL_STOP and line.get("tool_calls") == 0
        if times * 2 > len(reasons) and not idle:
            most = f"{times} of {len(reasons)} passes"
            yield f"{'the pass' if len(reasons) == 1 else 'every pass' if times == len(reasons) else most} {words}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    shown = ", ".join(names[:MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is not 1."""
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{number} {noun if number == 1 else plural}"
