"""The SQL that reads a ledger's lines: which fields, and what eras of the log that left something unsaid meant."""

import json
from collections.abc import Iterable, Mapping, Sequence

from analysis.records.columns import AROUND, ENVIRONMENT, FACTORS, HASHES, MEASURES, RAW, SERVED
from analysis.records.fields import Field, FieldSource, record_hints, sql_type
from analysis.records.server_facts import sql_of
from harness.outcome import Outcome
from harness.record import ACTS, LOADS


def quoted(values: Iterable[str]) -> str:
    """Values as an SQL list; ours only, never a user's."""
    return ", ".join(f"'{value}'" for value in values)


COUNTED = quoted(outcome.value for outcome in Outcome if outcome.counts)
"""Outcomes that are results."""

HASH_DIGITS = 12

IDENTITY = "coalesce(run_id, concat_ws('|', time, task, model, duration_sec, total_tokens))"
"""The original wrote no run_id: its runs are known by when they ran, on what, and what they cost."""

STARTED = "epoch_us(try_cast(time AS TIMESTAMPTZ))"
"""Microseconds; a time that cannot be read has none."""

# The original's early lines have no elide_passing: the counter came with the feature.
ELIDED = "coalesce(elide_passing, elided_reads IS NOT NULL)"

OUTCOME = (
    "coalesce(counts_as, "
    "CASE WHEN outcome IN ('stagnated', 'budget') AND pass_reasons[-1] = 'error' THEN 'fault' ELSE outcome END)"
)
"""The class of a line. The rule of `harness.record.counts_as` is for lines without the field: older ones, and the
original's."""

_COPY = "hash(sampling_seed, transcript_sha256) & 18446744073709551614::UBIGINT | (transcript_sha256 IS NULL)::UBIGINT"

EACH = {
    "run_id": "run_id",
    "id": f"hash({IDENTITY})",
    "started": STARTED,
    "sweep": "sweep",
    "block": "block",
    "replicate": "replicate",
    "copy": f"CASE WHEN sampling_seed IS NOT NULL THEN {_COPY} END",
}
"""Columns that differ from run to run, with their SQL. `copy` is equal for runs of one cell that are copies of each
other, and odd where only the seed is known to be the same."""

BASE = ("cell", "schema")

SERVER = "json_extract_string(server, [{}])".format(
    ", ".join(
        f"'{path}'"
        for path in (*(f"$.fingerprint.{place}" for place in SERVED.values()), *(f"$.{name}" for name in AROUND))
    )
)
"""Facts of the server, all read at once: those of `SERVED`, then those of `AROUND`."""

_AT = {name: f"served[{place}]" for place, name in enumerate((*SERVED, *AROUND), start=1)}

_WINDOW = f"try_cast({_AT['window']} AS BIGINT)"

WINDOW = f"CASE WHEN ctx_limit > 0 AND {_WINDOW} > ctx_limit THEN ctx_limit ELSE {_WINDOW} END"
"""Tokens at which the server's window ends a pass: those of `ctx_limit` where that is reached before, null where the
window is unknown."""

TORN = "coalesce(time, model, outcome, run_id) IS NULL"

DERIVED = {name: name for name in FACTORS} | {
    "simulated": "coalesce(simulated, false)",
    # A bundled task is known by its name, wherever its prompt lay.
    "task": r"coalesce(nullif(regexp_extract(task, 'examples/([^/]+)/PROMPT\.md$', 1), ''), task)",
    "lever": "coalesce(lever, 'none')",
    # Before there was a choice, there were the six.
    "toolset": "coalesce(toolset, 'classic')",
    "agent": "coalesce(agent, 'builtin')",
    "server_levels": "nullif(server_levels, '{}')",
    **{name: f"left({_AT.get(name, name)}, {HASH_DIGITS})" for name in HASHES if name.endswith("sha256")},
    **{name: _AT[name] for name in SERVED if not name.endswith("sha256")},
    # The same weights are the same, wherever their file lies.
    "model_file": f"CASE WHEN {_AT['weights_sha256']} IS NULL THEN {_AT['model_file']} END",
}


def each_run() -> str:
    """Selects every field of each recorded run, and its `ledger`, in order of their start.

    A repeated run_id counts once. The parameter is a list of paths.
    """
    columns = ", ".join(f"{name}: '{sql_type(kind)}'" for name, kind in record_hints().items())
    return (
        f"SELECT * EXCLUDE (filename) REPLACE ({OUTCOME} AS counts_as), filename AS ledger FROM read_json(?, "
        f"format = 'newline_delimited', columns = {{{columns}}}, ignore_errors = true, filename = true) "
        f"WHERE coalesce(time, model, outcome, run_id) IS NOT NULL "
        f"QUALIFY row_number() OVER (PARTITION BY {IDENTITY}) = 1 ORDER BY {STARTED}, run_id"
    )


def counted(facts: Sequence[Field] = (), measures: Sequence[str] = ()) -> str:
    """Create `grouped` from ledgers, lines that agree in everything counted together: fast, and small.

    What differs from run to run is listed in `lines`, `EACH` and some measures, keys of `MEASURED`: as columns of
    `grouped` they would make every run a row. `facts` are further fields that are needed.
    """
    each = EACH | {name: MEASURED[name] for name in measures}
    packed = ", ".join(f"{name} := {sql}" for name, sql in each.items())
    several = {"count(*)": "n", "count(sampling_seed)": "seeded", "min(run_id)": "example"}
    several |= {f"list(struct_pack({packed}))": "lines"}
    return _create("grouped", several, {"run_id IS NULL": "nameless"}, facts, measures)


def one_by_one(facts: Sequence[Field] = ()) -> str:
    """Create `runs` from ledgers with one row a line, and what was measured of it."""
    single = {"1": "n", "(sampling_seed IS NOT NULL)::BIGINT": "seeded", "run_id": "example"}
    own = {sql: name for name, sql in (EACH | {"run_id": IDENTITY}).items()} | {"pass_reasons": "pass_reasons"}
    measured = own | {sql: name for name, sql in MEASURED.items()} | {name: name for name in MEASURES}
    return _create("runs", single, measured, facts, (*MEASURES, *MEASURED))


def _create(
    table: str, counts: Mapping[str, str], more: Mapping[str, str], facts: Sequence[Field], measures: Sequence[str]
) -> str:
    """The SQL of a table whose columns are counts, further expressions and everything that runs are counted by."""
    read = {*_ALWAYS, *(field for name in measures for field in FIELDS_OF.get(name, (name,)))}
    fields = {name: kind for name, kind in RAW.items() if name in read or name not in (*MEASURES, "tool_counts")}
    # What is derived from a field needs it as it is.
    fields = {fact.name: fact.kind for fact in facts if fact.source is FieldSource.LINE} | fields
    fields = {name: kind for name, kind in fields.items() if name not in SERVED} | {"server": "JSON"}
    schema = ", ".join(f"{name}: '{kind}'" for name, kind in fields.items())
    raw = {name: name for name in FACTORS if name != "elide_passing" and name not in SERVED} | {
        ELIDED: "elide_passing",
        TORN: "torn",
        OUTCOME: "outcome",
        SERVER: "served",
    }
    raw |= {name: name for name in (*BASE, *ENVIRONMENT) if name not in AROUND}
    raw |= {sql_of(fact.name): f'"{fact.name}"' for fact in facts if fact.source is FieldSource.SERVER}
    raw |= {
        fact.name if fields[fact.name] == fact.kind else f"to_json({fact.name})::VARCHAR": f'"{fact.name}"'
        for fact in facts
        if fact.source is FieldSource.LINE
    }
    kept = [
        *BASE,
        "outcome",
        "torn",
        *(name for name in ENVIRONMENT if name not in AROUND),
        f"{_AT['endpoint']} AS endpoint",
        f"{WINDOW} AS window",
        *(f'"{fact.name}"' for fact in facts if fact.source in (FieldSource.LINE, FieldSource.SERVER)),
        *counts.values(),
        *more.values(),
        "row_number() OVER () AS kind",
    ]
    grouping = "GROUP BY ALL" if "count(*)" in counts else ""
    # In a query of its own it is computed once, however often it is used.
    calls = f", {_CALLS} AS calls" if "tool_counts" in read else ""
    return (
        f"CREATE TABLE {table} AS SELECT {_select({sql: name for name, sql in DERIVED.items()})}, {', '.join(kept)} "
        f"FROM (SELECT {_select({**raw, **counts, **more})} FROM (SELECT *{calls} FROM read_json(?, "
        f"format = 'newline_delimited', columns = {{{schema}}}, ignore_errors = true)) {grouping})"
    )


_ALWAYS = ("replicate", "elided_reads", "duration_sec", "total_tokens")


def _select(expressions: Mapping[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for expression, name in expressions.items())


_CALLS = "CASE WHEN starts_with(tool_counts, '{{') THEN json_transform(tool_counts, '{}') END".format(
    json.dumps(dict.fromkeys((*LOADS, *ACTS), "BIGINT"))
)
"""Calls by tool, of those tools that load or act. A map of all takes several times as long to read."""


def _tool_sum(names: Sequence[str]) -> str:
    """Calls by tool added up: a tool never called counts 0, a line without the map is missing."""
    total = " + ".join(f"coalesce(calls.{name}, 0)" for name in names)
    return f"CASE WHEN calls IS NULL THEN NULL ELSE {total} END"


MEASURED = {
    "loads": _tool_sum(LOADS),
    "acts": _tool_sum(ACTS),
    "load_act": f"CASE WHEN {_tool_sum(ACTS)} = 0 THEN 'inf' ELSE {_tool_sum(LOADS)} / {_tool_sum(ACTS)} END::DOUBLE",
    "bytes_per_pass": "CASE WHEN passes > 0 THEN read_bytes / passes END",
}
"""Measures that are computed from fields of the record, with their SQL."""

FIELDS_OF = dict.fromkeys(("loads", "acts", "load_act"), ("tool_counts",)) | {
    "bytes_per_pass": ("read_bytes", "passes")
}
"""Fields of the record behind a measure."""

COPIED = ("load_act", "bytes_per_pass")
"""Measures that every columnar copy has."""

LAYOUT = counted((), COPIED)
"""Content of a columnar copy, as SQL."""
