"""What the model wrote, and what its server makes of it later in the pass."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.llm.refusal import PROBE_TOKENS
from harness.outcome import Outcome, counts_as
from harness.record import RunRecord

from lab import DONE, SOLVE, STOP, Lab, turn, use
from scripted import Raw, Refuse, answer

pytestmark = pytest.mark.go

PLAIN_TEXT = {"Content-Type": "text/plain; charset=utf-8"}
LLAMA_CPP = answer(
    {
        "error": {
            "code": 500,
            "message": "Failed to parse tool call arguments as JSON: [json.exception.parse_error.101] parse error at "
            "line 1, column 24: syntax error while parsing object - unexpected end of input",
            "type": "server_error",
        }
    },
    status=500,
)
VLLM = answer(
    {
        "object": "error",
        "message": "Unterminated string starting at: line 1 column 10 (char 9)",
        "type": "BadRequestError",
        "param": None,
        "code": 400,
    },
    status=400,
)
MLX_LM = answer({"error": "Expecting ',' delimiter: line 1 column 24 (char 23)"}, status=404)
TRANSFORMERS = answer(b"Internal Server Error", status=500, headers=PLAIN_TEXT)
WORDLESS = answer({"error": {"message": "bad messages", "type": "invalid_request_error"}}, status=400)
ENGINES = {"llama-server": LLAMA_CPP, "vLLM": VLLM, "mlx-lm": MLX_LM, "transformers serve": TRANSFORMERS}

FIELD = Path(__file__).parents[1] / "field" / "conversations" / "malformed_arguments_are_sent_back.json"

BROKEN = ['{"path": "stringutil', "", "[]", "null", "nonsense", '{"path": NaN}', '{"path": "\\ud800"}', "{" * 5000]
CURSE = "forbidden words"
CURSED = turn(use("list_dir", path="."), content=CURSE)


def objects_only(refusal: Raw) -> Refuse:
    """A server that parses the arguments of every earlier call."""

    def refuse(request: Any) -> Raw | None:
        return None if all(map(_is_object, _arguments(request))) else refusal

    return refuse


def no_curses(refusal: Raw) -> Refuse:
    """A server that is well, but takes no conversation in which a certain text stands."""
    return lambda request: refusal if CURSE in json.dumps(request["messages"]) else shortly(request)


def shortly(request: Any) -> Raw | None:
    """The answer to a request for a few tokens, which only asks whether it is accepted."""
    return answer({"choices": [{"message": {"content": "ok"}}]}) if request["max_tokens"] <= PROBE_TOKENS else None


def _arguments(request: Any) -> Iterator[str]:
    for message in request["messages"]:
        for call in message.get("tool_calls", ()):
            yield call["function"]["arguments"]


def _is_object(text: str) -> bool:
    def none(name: str) -> None:
        raise ValueError(name)

    try:
        value = json.loads(text, parse_constant=none)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict)


def ends(record: RunRecord) -> tuple[Outcome, list[str]]:
    return record.outcome, record.pass_reasons


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("stream", [False, True])
def test_arguments_that_are_no_object_never_go_back(lab: Lab, engine: str, stream: bool) -> None:
    """The server reads its history, the model is told what was wrong; the transcript has what came."""
    odd = turn(*((f"c{place}", "read_file", text) for place, text in enumerate(BROKEN)))
    record = lab.run([odd, SOLVE, DONE], stream=stream, refuse=objects_only(ENGINES[engine]))
    assert (Outcome.COMPLETED, ["completed"]) == ends(record)
    assert {"ERROR: "} == {text[:7] for text in lab.results()[: len(BROKEN)]}
    kept = (lab.folder / "runs" / record.run_id / "transcript.jsonl").read_text().splitlines()
    reply = next(event for event in map(json.loads, kept) if event["event"] == "reply")
    assert BROKEN[0] == reply["tool_calls"][0]["arguments"]


@pytest.mark.parametrize("who", ["the server parses", "others"])
def test_a_call_that_was_cut_off_costs_no_pass(lab: Lab, who: str) -> None:
    """The conversation from the field: no pass ends with `error`, and the model goes on."""
    field = json.loads(FIELD.read_text())
    told = next(value for key, value in field.items() if key.startswith(who))
    refusal = answer(told["body"], status=told["status"])
    record = lab.run([answer(field["reply"]), SOLVE, DONE], refuse=objects_only(refusal))
    assert (Outcome.COMPLETED, ["completed"]) == ends(record)
    assert "read_file" in lab.results()[0]


def test_what_can_be_read_goes_back_as_it_came(lab: Lab) -> None:
    """An object keeps its every byte; one that was encoded twice goes back as the object."""
    texts = ['{ "path":"go.mod" , "why": "caf\\u00e9"}', json.dumps('{"path": "go.mod"}')]
    lab.run([turn(("a", "read_file", texts[0]), ("b", "read_file", texts[1])), STOP], max_iters=1)
    assert [texts[0], '{"path": "go.mod"}'] == list(_arguments(lab.asked[1]))


def test_names_and_ids_go_back_in_a_form_that_is_allowed(lab: Lab) -> None:
    """A made-up name is told to the model as it wrote it; call and answer keep one id, and two calls two."""
    odd = turn(("", "no such tool!", "{}"), ("x" * 500, "", "{}"), ("a b", "n" * 300, "{}"), ("a c", "go", "{}"))
    lab.run([odd, STOP], max_iters=1)
    assistant, *answers = lab.asked[1]["messages"][2:]
    names = [call["function"]["name"] for call in assistant["tool_calls"]]
    assert ["no_such_tool_", "_", "n" * 64, "go"] == names
    ids = [call["id"] for call in assistant["tool_calls"]]
    assert ids == [message["tool_call_id"] for message in answers]
    assert len(ids) == len(set(ids))
    assert all(0 < len(identity) <= 64 for identity in ids)
    assert "'no such tool!'" in answers[0]["content"]


@pytest.mark.parametrize("refusal", [*ENGINES.values(), WORDLESS], ids=[*ENGINES, "no words"])
@pytest.mark.parametrize("stream", [False, True])
def test_what_the_model_wrote_is_never_booked_as_a_fault_of_its_server(lab: Lab, refusal: Raw, stream: bool) -> None:
    """A later request that is refused over it ends the pass as `rejected`; the next one starts without it."""
    record = lab.run([CURSED, SOLVE, DONE], stream=stream, refuse=no_curses(refusal))
    assert (Outcome.COMPLETED, ["rejected", "completed"]) == ends(record)
    assert not any(CURSE in json.dumps(request) for request in lab.asked[-2:])


def test_a_model_that_is_rejected_each_time_has_a_result(lab: Lab) -> None:
    """The run is given up as any other in which nothing changes, and counts."""
    record = lab.run([reply for _ in range(9) for reply in (CURSED, STOP)], refuse=no_curses(LLAMA_CPP))
    assert (Outcome.STAGNATED, None) == (record.outcome, record.fault)
    assert "rejected" in record.pass_reasons
    assert "stagnated" == counts_as("stagnated", ["model_stop", "rejected"])


def history(request: Any) -> bool:
    return len(request["messages"]) > 2


@pytest.mark.parametrize(
    "refuse",
    [
        lambda request: WORDLESS if history(request) else None,
        lambda request: TRANSFORMERS if history(request) else None,
        lambda request: answer(status=401) if history(request) else None,
        lambda request: answer(status=403) if history(request) else None,
        lambda request: answer(status=502) if history(request) else None,
        lambda request: Raw(then="reset") if history(request) else None,
        lambda request: answer({"choices": []}, length=999, then="close") if history(request) else None,
    ],
    ids=["no history at all", "no history, 500", "key", "permission", "gateway", "gone", "cut"],
)
def test_a_server_that_fails_is_no_rejection(lab: Lab, refuse: Callable[[Any], Raw | None]) -> None:
    """One that takes no conversation with calls, or is not well, says nothing about the model."""
    record = lab.run([turn(use("list_dir"))] * 9, refuse=refuse)
    assert (Outcome.FAULT, {"error"}) == (record.outcome, set(record.pass_reasons))


def test_a_failure_while_it_generates_is_no_rejection(lab: Lab) -> None:
    """A request that is accepted for a few tokens is not refused over its words."""

    def refuse(request: Any) -> Raw | None:
        return TRANSFORMERS if history(request) and request["max_tokens"] > 100 else shortly(request)

    assert {"error"} == set(lab.run([turn(use("list_dir"))] * 99, refuse=refuse).pass_reasons)


def test_a_refusal_of_the_first_request_says_nothing_about_the_model(lab: Lab) -> None:
    """Nothing of it was in there."""
    assert (Outcome.FAULT, ["error"] * 4) == ends(lab.run([], refuse=lambda _: VLLM))


UNREAD = [
    'error parsing tool call: raw=\'{"path": "a.go\', err=unexpected end of JSON input',
    "The model produced output that does not match the expected peg-native format",
    "Failed to parse input at pos 120: <tool_call>",
]
"""Messages of Ollama and of llama-server about a reply that their model has just generated."""


@pytest.mark.parametrize("message", UNREAD)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_reply_that_its_server_cannot_read_is_no_fault_of_the_server(lab: Lab, message: str, streamed: bool) -> None:
    """The model wrote it, so that the pass ends as a result, and the next pass goes on."""
    broken = answer({"error": {"message": message, "type": "api_error"}}, status=500)
    record = lab.run([SOLVE, broken, broken, broken, DONE], max_iters=2, stream=streamed)
    assert ("rejected", Outcome.COMPLETED) == (record.pass_reasons[0].value, record.outcome)
