"""Why a run ended, from its record and from its transcript."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from harness.config import Lever, ModelConfig, ToolsMode
from harness.why import why

from lab import DONE, SOLVE, STOP, Lab, turn, use

READ = turn(use("read_file", path="stringutil/stringutil_test.go"))
BROKEN = turn(use("write_file", path="stringutil/stringutil.go", content="package stringutil\n"))
FENCED = turn(content='```json\n{"name": "list_dir", "arguments": {"path": "."}}\n```')
LISTED = turn(("call_9", "go", '["vet", "./..."]'))


def passes(*changed: bool | None) -> list[dict[str, Any]]:
    return [{"changed": one, "reason": "model_stop"} for one in changed]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            {"outcome": "completed", "passes": 2, "pass_reasons": ["context", "completed"]},
            "completed: the tests ran and passed in pass 2",
        ),
        (
            {"outcome": "completed", "passes": 1, "pass_reasons": ["model_stop"]},
            "completed: the tests ran and passed in pass 1; the check after the pass accepted it: the model had not "
            "called done",
        ),
        (
            {"outcome": "completed", "passes": 1, "pass_reasons": ["completed"], "impossible": True},
            "completed: the tests ran and passed in pass 1; the task contradicts itself, so this is a cheat",
        ),
        (
            {
                "outcome": "stagnated",
                "pass_reasons": ["context"] * 4,
                "per_pass": passes(True, False, False, False),
                "units": {"api": "unwritten", "users": "failing", "notes": "passing"},
            },
            "stagnated: the last 3 passes changed nothing; api never written; users fails; every pass ended at the "
            "limit of the context",
        ),
        (
            {"outcome": "stagnated", "pass_reasons": ["model_stop"], "per_pass": passes(False), "tool_calls": 0},
            "stagnated: no pass changed a file; the model never called a tool",
        ),
        (
            {"outcome": "budget", "spent": "max_iters", "passes": 3, "packages_green": 1, "packages_total": 2},
            "budget: 3 passes were not enough; 1 of 2 packages passed",
        ),
        ({"outcome": "budget", "spent": "run_timeout", "passes": 3}, "budget: the time of run_timeout ended in pass 3"),
        ({"outcome": "fault", "fault": "ConnectError: refused"}, "fault: ConnectError: refused"),
        (
            {"outcome": "stagnated", "pass_reasons": ["error"], "fault": None},
            "fault: recorded as stagnated, but its server failed the last pass",
        ),
        ({"outcome": "interrupted", "passes": 2}, "interrupted: in pass 2"),
        ({"outcome": "stagnated", "pass_reasons": []}, "stagnated: the last passes changed nothing"),
        ({"outcome": "melted"}, "melted"),
    ],
)
def test_one_sentence_says_why_a_run_ended(line: dict[str, Any], sentence: str) -> None:
    """It rests on the record alone, and says less where a line of the original, or of the future, holds less."""
    assert sentence == why(line)


@pytest.mark.go
def test_the_record_names_the_packages_that_are_missing(lab: Lab) -> None:
    """A package without code is unwritten, one whose tests do not pass is failing, one whose tests pass is passing."""
    states = [lab.run([*replies, *[STOP] * 9]).units for replies in ([READ], [BROKEN], [SOLVE, DONE])]
    assert [{"stringutil": state} for state in ("unwritten", "failing", "passing")] == states


@pytest.mark.go
def test_the_last_event_says_how_the_run_ended(lab: Lab) -> None:
    """The transcript alone is enough to know the outcome and its reason."""
    lab.run([BROKEN, *[STOP] * 9])
    last = events(lab)[-1]
    assert ("run_finished", "stagnated", "stagnated") == (last["event"], last["outcome"], last["counts_as"])
    assert "stringutil fails" in last["reason"]


@pytest.mark.go
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"lever": Lever.digest},
        {"lever": Lever.checkpoint, "ctx_limit": 120},
    ],
)
def test_the_transcript_holds_all_that_the_model_saw(lab: Lab, changes: dict[str, Any]) -> None:
    """Every request can be rebuilt from the run's folder: prompts, tools, levers, repaired calls and results."""
    lab.run([READ, FENCED, LISTED, BROKEN, STOP, SOLVE, DONE], **changes)
    sent = [(request["messages"], request.get("tools")) for request in lab.asked]
    assert sent == list(rebuilt(events(lab)))


@pytest.mark.go
def test_tools_in_the_prompt_are_in_the_transcript_as_well(lab: Lab) -> None:
    """Where the system prompt describes the tools, the event holds that prompt, and no tools of the request."""
    lab.run([STOP], model=ModelConfig(name="scripted", endpoint="http://127.0.0.1:9/v1", tools=ToolsMode.text))
    (prompts,) = [event for event in events(lab) if event["event"] == "prompts"]
    assert (lab.asked[0]["messages"][0]["content"], None) == (prompts["system"], prompts["tools"])


def events(lab: Lab) -> list[dict[str, Any]]:
    (folder,) = sorted((lab.folder / "runs").iterdir())[-1:]
    return [json.loads(line) for line in (folder / "transcript.jsonl").read_text().splitlines()]


def rebuilt(transcript: list[dict[str, Any]]) -> Iterator[tuple[list[dict[str, Any]], object]]:
    """The messages and tools of every request, from the events alone."""
    system = prompt = ""
    tools: object = None
    messages: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    for event in transcript:
        match event["event"]:
            case "prompts":
                system, prompt, tools = event["system"], event["prompt"], event["tools"]
            case "pass_started":
                messages = [{"role": "system", "content": system}, {"role": "user", "content": prompt}]
            case "lever":
                messages[-1] = messages[-1] | {"content": messages[-1]["content"] + event["text"]}
            case "reply":
                yield list(messages), tools
                calls = [
                    {
                        "id": call["id"],
                        "type": "function",
                        "function": {"name": call["name"], "arguments": call["arguments"]},
                    }
                    for call in event["tool_calls"]
                ]
                messages.append(
                    {"role": "assistant", "content": event["content"]} | ({"tool_calls": calls} if calls else {})
                )
            case "tool":
                for call in calls:
                    if call["id"] == event["id"] and event["understood"]:
                        arguments = json.dumps(event["understood"]["arguments"], ensure_ascii=False)
                        call["function"] = {"name": event["understood"]["name"], "arguments": arguments}
                messages.append({"role": "tool", "tool_call_id": event["id"], "content": event["result"]})
