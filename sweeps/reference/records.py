"""docs/record.md, generated from the record: ledger lines, outcomes, pass reasons and transcript events."""

from collections import Counter
from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from harness.outcome import CAUSED_BY_SUBJECT, FaultReason, Outcome, PassReason
from harness.record import Metrics, PassRecord, RunRecord
from harness.transcript import EVENTS
from sweeps.reference.fields import meanings

HEAD = """\
# Records

Every run appends one JSON line to `outputs/runs.jsonl`, and leaves a folder `outputs/runs/<run_id>/` with its config,
its transcript, its workspace and the same record. Data frames of both: [frames.md](frames.md).

Fields marked * are those of the original study's logs, whose lines pool with ours. A value that is not known is null,
never 0.

## Fields of a run
"""

ORIGINAL = frozenset(
    {"time", "model", "task", "memory", "elide_passing", "outcome", "passes", "pass_reasons", "duration_sec"}
    | {"ctx_limit", "max_iters", "max_steps", "max_tokens", "temperature", "top_p", "top_k", "min_p"}
    | {"repetition_penalty", "presence_penalty", "elided_reads", "model_calls", "tool_calls", "prompt_tokens"}
    | {"completion_tokens", "total_tokens", "cached_tokens", "server_time_sec", "tool_counts", "read_bytes"}
)
"""Fields of the original's line."""

EXIT_CODES = """
The exit codes are those of a single run. Every command exits with 2 on bad input, before anything is run. A sweep exits
with 0 if every run has a result, 1 if some have none, and 130 if it was interrupted.
"""

FAULTS = """
A model's code is confined and bounded, so that none of these is in its power. Its actions that look like trouble end as
results, and no record is lost by them. Two things cannot be told apart from the outside, and count as faults: a reply
that outlasts the time limits of a call, since the server may be slow, and a disk that `write_file` has filled. Where
the sandbox is none, code can end the process of its own run, too.
"""

TRANSCRIPT = """\
`transcript.jsonl` holds one JSON object a line, each with `event` and `at`, the seconds since the start of the run.
"""

WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false", dict: "object", list: "list"}


def page() -> str:
    """Return the page."""
    record = {name: kind for name, kind in get_type_hints(RunRecord).items() if name != "metrics"}
    parts = [
        HEAD,
        *_table(record, meanings(RunRecord)),
        "\n### Counters\n",
        *_table(get_type_hints(Metrics), meanings(Metrics)),
        "\n### Entries of `per_pass`\n",
        *_table(get_type_hints(PassRecord), meanings(PassRecord), marked=False),
        "\n## Outcomes and exit codes\n",
        "| outcome | exit code | a result | meaning |",
        "|---|---|---|---|",
        *(
            f"| `{one.value}` | {one.exit_code} | {'yes' if one.counts else 'no'} | {meanings(Outcome)[one.name]} |"
            for one in Outcome
        ),
        EXIT_CODES,
        "## Reasons of a fault\n",
        *_two("`fault_reason`", {one.value: meanings(FaultReason)[one.name] for one in FaultReason}),
        FAULTS,
        *_two("the subject's action", CAUSED_BY_SUBJECT, code=False),
        "\n## Reasons that end a pass\n",
        "| reason | meaning |",
        "|---|---|",
        *(f"| `{one.value}` | {meanings(PassReason)[one.name]} |" for one in PassReason),
        "\n## Events of a transcript\n",
        TRANSCRIPT,
        "| event | fields | meaning |",
        "|---|---|---|",
        *(
            f"| `{name}` | {', '.join(f'`{field}`' for field in event.fields) or '–'} | {event.meaning} |"
            for name, event in EVENTS.items()
        ),
    ]
    return "\n".join(parts) + "\n"


def _two(heading: str, rows: Mapping[str, str], *, code: bool = True) -> Iterator[str]:
    """Yield a table of two columns."""
    yield f"| {heading} | meaning |"
    yield "|---|---|"
    for name, meaning in rows.items():
        yield f"| {f'`{name}`' if code else name} | {meaning} |"


def _table(hints: dict[str, Any], said: dict[str, str], *, marked: bool = True) -> Iterator[str]:
    yield "| field | type | meaning |"
    yield "|---|---|---|"
    for name, kind in hints.items():
        star = "*" if marked and name in ORIGINAL else ""
        yield f"| `{name}`{star} | {_type(kind)} | {said[name]} |"


def _type(kind: Any) -> str:
    parts = [part for part in get_args(kind) if part is not NoneType]
    if NoneType in get_args(kind):
        return f"{_type(parts[0])} or null"
    if get_origin(kind) is list:
        return "list of objects" if parts[0] is PassRecord else f"list of {_type(parts[0])}s"
    if get_origin(kind) in (dict, Counter):
        return "object"
    return WORDS.get(kind, "text")
