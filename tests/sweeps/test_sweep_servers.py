"""Sweeps on real servers: looked over first, and watched."""

import json
from pathlib import Path

import pytest
from commands import Command

from dialects import Say
from lab import STOP, turn
from scripted import Raw, ScriptedServer, answer

CALL = turn(("x", "report_number", '{"number": 7}'))
LISTED = {"data": [{"id": "scripted", "max_model_len": 9000}]}

pytestmark = pytest.mark.go


def subject(server: ScriptedServer, *more: str) -> list[str]:
    named = ["model=openai_compatible", "model.name=scripted", f"model.endpoint={server.endpoint}"]
    return ["-m", *named, "task=reverse", "max_iters=1", "memory=true,false", *more]


def lines(folder: Path) -> list[dict[str, object]]:
    ledger = folder / "outputs" / "runs.jsonl"
    return [json.loads(line) for line in ledger.read_text().splitlines()] if ledger.exists() else []


def test_a_sweep_looks_its_server_over_once(harness: Command, tmp_path: Path) -> None:
    """One canned call before the first of two runs, and no word of it where all is well."""
    with ScriptedServer([CALL, STOP, STOP], models=LISTED) as server:
        told = harness(*subject(server, "ctx_limit=9000"))
    assert (0, 2) == (told.code, len(lines(tmp_path)))
    assert ["report_number"] == [tool["function"]["name"] for tool in server.asked[0]["tools"]]
    assert {9000} == {line["server"]["window"] for line in lines(tmp_path)}  # type: ignore[index]


@pytest.mark.parametrize(
    ("script", "limit", "words"),
    [
        (
            [CALL],
            9001,
            "window: 9000 tokens, less than ctx_limit=9001; serve a window of 9001 or more, or set ctx_limit",
        ),
        ([STOP, STOP], 9000, "tool call: none was made; switch on the server's parser of tool calls"),
        ([answer({"error": "no tools here"}, status=400)], 9000, "no tools here"),
    ],
)
def test_what_would_spoil_the_runs_stops_the_sweep_with_its_remedy(
    harness: Command, tmp_path: Path, script: list[Say | Raw], limit: int, words: str
) -> None:
    """One line, exit code 2, nothing recorded; preflight=warn says it and goes on, preflight=off does not look."""
    with ScriptedServer(script, models=LISTED) as server:
        told = harness(*subject(server, f"ctx_limit={limit}"))
    assert (2, []) == (told.code, lines(tmp_path))
    assert words in told.lines[-1]
    assert told.lines[-1].endswith("(preflight=warn goes on all the same)")
    with ScriptedServer([*script, STOP, STOP], models=LISTED) as server:
        told = harness(*subject(server, f"ctx_limit={limit}", "preflight=warn"))
    assert (0, 2, True) == (told.code, len(lines(tmp_path)), words in told.err)
    with ScriptedServer([STOP], models=LISTED) as server:
        told = harness(*subject(server, "ctx_limit=8000", "preflight=off", "memory=true"))
    assert (0, 1) == (told.code, len(server.asked))
