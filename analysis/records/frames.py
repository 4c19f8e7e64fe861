"""Data frames of the records: one row for each run, pass, model call or tool call.

    from analysis import runs_df, passes_df

    runs = runs_df("outputs/runs.jsonl")
    runs[runs.counts_as != "fault"].groupby("ctx_limit").outcome.value_counts()

`runs_df` reads ledgers, and the other frames are made from its rows. Columns have nullable pandas types (`Int64`,
`Float64`, `boolean`, `string`): a value that was not recorded is `<NA>`, never 0. The original's lines have the same
columns, empty where it wrote nothing.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import duckdb
import pandas as pd

from analysis.errors import AnalysisError
from analysis.records.fields import known_type, record_hints, sql_type
from analysis.records.lines import each_run
from analysis.records.marks import without_marks
from harness.outputs import Outputs
from harness.record import PassRecord

Ledgers = str | Path
"""The path of a ledger, `runs.jsonl`."""

_DTYPES: dict[Any, Any] = {str: "string", int: "Int64", float: "Float64", bool: "boolean"}

_CALL = {"step": int, "seconds": float, "finish_reason": str, "content": str, "reasoning": str}
_USAGE = {"prompt_tokens": int, "completion_tokens": int, "total_tokens": int, "cached_tokens": int, "estimated": bool}
_TIMING = {
    "first_token_sec": float,
    "prefill_tokens": int,
    "prefill_sec": float,
    "decode_tokens": int,
    "decode_sec": float,
    "drafted_tokens": int,
    "accepted_tokens": int,
    "timed_by": str,
}
_TOOL_CALL = {"step": int, "name": str, "id": str, "seconds": float, "result": str}


def runs_df(*ledgers: Ledgers) -> pd.DataFrame:
    """Return one row for each recorded run, in order of their start; a repeated run_id counts once.

    The columns are the fields of `harness.record.RunRecord` (docs/record.md), the counters among them, and
    `ledger`, the path of the ledger.

    `time` is a UTC timestamp. `tool_counts` and `server` hold dictionaries, `per_pass` a list of them. Without a path,
    `outputs/runs.jsonl` is read. Raises AnalysisError for a ledger that cannot be read.
    """
    paths = [str(path) for path in ledgers or ("outputs/runs.jsonl",)]
    for path in paths:
        if not Path(path).is_file():
            raise AnalysisError(f"{path}: no such ledger")
    fields = record_hints()
    try:
        with without_marks([Path(path) for path in paths]) as read:
            frame = duckdb.connect().execute(each_run(), [[str(path) for path in read]]).df()
            frame["ledger"] = frame["ledger"].replace({str(copy): path for copy, path in zip(read, paths, strict=True)})
    except (duckdb.Error, OSError) as error:
        raise AnalysisError(f"cannot read {', '.join(paths)}: {str(error).splitlines()[0]}") from error
    for name, kind in (fields | {"ledger": str}).items():
        frame[name] = _typed(frame[name], kind)
    frame["time"] = pd.to_datetime(frame["time"], utc=True, format="ISO8601", errors="coerce")
    return frame


def passes_df(runs: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each pass of some rows of `runs_df`: `run_id`, `number` (from 1), and the fields of a pass.

    The original recorded the reasons of its passes alone: its other columns are empty.
    """
    hints = get_type_hints(PassRecord)
    rows = [
        {"run_id": run.run_id, "number": number} | {name: row.get(name) for name in hints}
        for run in runs.itertuples()
        for number, row in enumerate(_passes(run), start=1)
    ]
    return _frame(rows, {"run_id": str, "number": int} | {name: known_type(kind) for name, kind in hints.items()})


def calls_df(runs: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each model call of some rows of `runs_df`, from their transcripts.

    Columns: `run_id`, `pass_number`, `at` (seconds since the start of the run), `step`, `seconds` (duration),
    `finish_reason`, the token counts, the fields of `timing` (docs/record.md), `content`, `reasoning`, and `tools`, the
    names of the tools called. A run whose folder is gone has no rows.
    """
    rows = [
        _place(event)
        | {name: event.get(name) for name in _CALL}
        | {name: (event.get("usage") or {}).get(name) for name in _USAGE}
        | {name: (event.get("timing") or {}).get(name) for name in _TIMING}
        | {"tools": [call.get("name") for call in event.get("tool_calls") or ()]}
        for event in _events(runs, "reply")
    ]
    return _frame(rows, _PLACE | _CALL | _USAGE | _TIMING | {"tools": list})


def tool_calls_df(runs: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each tool call of some rows of `runs_df`, from their transcripts.

    Columns: `run_id`, `pass_number`, `at` and `seconds` as in `calls_df`, `step`, `name`, `id`, and `result`, the text
    that the model received.
    """
    rows = [_place(event) | {name: event.get(name) for name in _TOOL_CALL} for event in _events(runs, "tool")]
    return _frame(rows, _PLACE | _TOOL_CALL)


_PLACE: dict[str, type] = {"run_id": str, "pass_number": int, "at": float}


def _typed(values: "pd.Series[Any]", kind: Any) -> "pd.Series[Any]":
    kind = known_type(kind)
    if kind in _DTYPES:
        return values.astype(_DTYPES[kind])
    if sql_type(kind) == "JSON":
        return values.map(lambda text: json.loads(text) if isinstance(text, str) else None)
    return values


def _frame(rows: list[dict[str, Any]], kinds: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(kinds))
    for name, kind in kinds.items():
        if kind in _DTYPES:
            frame[name] = frame[name].astype(_DTYPES[kind])
    return frame


def _passes(run: Any) -> list[dict[str, Any]]:
    if isinstance(run.per_pass, list):
        return run.per_pass
    reasons = run.pass_reasons
    return [{"reason": reason} for reason in reasons] if reasons is not None and len(reasons) else []


def _events(runs: pd.DataFrame, kind: str) -> Iterator[dict[str, Any]]:
    """Events of one kind, each with its run and pass; a torn line is skipped."""
    for run in runs.itertuples():
        if not isinstance(run.run_id, str):
            continue
        transcript = Outputs(Path(str(run.ledger)).parent).folder(run.run_id).transcript
        if not transcript.is_file():
            continue
        number = 0
        with transcript.open("rb") as file:
            for raw in file:
                try:
                    event = json.loads(raw)
                except ValueError:
                    continue
                if event.get("event") == "pass_started":
                    number = event.get("number", number + 1)
                elif event.get("event") == kind:
                    yield event | {"run_id": run.run_id, "pass_number": number}


def _place(event: dict[str, Any]) -> dict[str, Any]:
    return {name: event.get(name) for name in _PLACE}
