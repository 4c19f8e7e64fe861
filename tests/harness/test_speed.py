"""What a run records of speed, sampling and energy, over real HTTP; what nobody reports stays null."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.config import ConfigError, ServerConfig
from harness.record import Metrics

from lab import DONE, SOLVE, STOP, Lab
from scripted import answer

pytestmark = pytest.mark.go

TIMINGS = {"cache_n": 40, "prompt_n": 30, "prompt_ms": 600.0, "predicted_n": 30, "predicted_ms": 1500.0}
DRAFTED = TIMINGS | {"draft_n": 10, "draft_n_accepted": 4}
PARAMS = {"temperature": 0.6, "top_p": 0.95, "top_k": 20, "min_p": 0.1, "repeat_penalty": 1.0, "presence_penalty": 0.0}
SILENT = {"usage": {"prompt_tokens": 70, "completion_tokens": 30, "total_tokens": 100}}


@pytest.mark.parametrize("stream", [False, True])
def test_the_speeds_of_a_run_are_those_of_its_calls(lab: Lab, stream: bool) -> None:
    """Tokens and seconds add up over the calls that report them, streamed or not, and each call's are kept."""
    replies = [replace(SOLVE, measured={"timings": DRAFTED}), replace(DONE, measured={"timings": TIMINGS})]
    record = lab.run(replies, stream=stream)
    counted = record.metrics
    assert (60, 1.2, 60, 3.0) == (
        counted.prefill_tokens,
        counted.prefill_sec,
        counted.decode_tokens,
        counted.decode_sec,
    )
    assert (50.0, 20.0) == (record.prefill_tokens_per_sec, record.decode_tokens_per_sec)
    assert (10, 4) == (counted.drafted_tokens, counted.accepted_tokens)
    transcript = lab.folder / "runs" / str(record.run_id) / "transcript.jsonl"
    events = [json.loads(line) for line in transcript.read_text().splitlines()]
    first, second = (event["timing"] for event in events if event["event"] == "reply")
    assert ("server", 30, 0.6, 4) == tuple(
        first[name] for name in ("timed_by", "prefill_tokens", "prefill_sec", "accepted_tokens")
    )
    assert second["drafted_tokens"] is None


def test_what_no_server_reports_is_null(lab: Lab) -> None:
    """No cached tokens, no seconds and no speed are not the same as none at all; a told 0 is a 0."""
    record = lab.run([replace(STOP, **SILENT)] * 4)
    names = ("cached_tokens", "server_time_sec", "first_token_sec", "prefill_tokens", "decode_sec", "drafted_tokens")
    assert [None] * 6 == [lab.ledger[0][name] for name in names]
    assert [None] * 3 == [lab.ledger[0][name] for name in ("prefill_tokens_per_sec", "decode_tokens_per_sec", "joules")]
    told = SILENT["usage"] | {"prompt_tokens_details": {"cached_tokens": 0}}
    assert 0 == lab.run([replace(STOP, usage=told)] * 4).metrics.cached_tokens
    assert record.sampling_status is not None


def test_one_word_is_enough_to_count() -> None:
    """Calls that report nothing add nothing to those that do."""
    total = Metrics()
    for part in (None, 5, None, 0, 3):
        total.add(Metrics(cached_tokens=part))
    assert 8 == total.cached_tokens
    assert total.server_time_sec is None


def test_the_record_says_which_sampling_was_in_force(lab: Lab) -> None:
    """What the server reports is confirmed or dropped, under its own name for the field."""
    places = {"/slots": [{"id": 0, "id_task": 4, "params": PARAMS}]}
    status = lab.run([STOP] * 4, places=places).sampling_status
    assert status is not None
    assert {"confirmed"} == {status.pop(name) for name in ("temperature", "top_p", "top_k", "repetition_penalty")}
    assert {"min_p": "dropped", "presence_penalty": "confirmed"} == status
    refused: Any = {"error": {"message": "unknown field: top_k"}}

    def refuse(request: Any) -> Any:
        return answer(refused, status=400) if "top_k" in request else None

    status = lab.run([STOP] * 4, refuse=refuse).sampling_status
    assert status is not None
    assert ("dropped", "unconfirmed") == (status["top_k"], status["repetition_penalty"])


def counting(folder: Path, step: float = 7.5) -> str:
    """A command that prints more joules each time that it is run."""
    script = folder / "energy.py"
    script.write_text(
        "import pathlib\n"
        f"at = pathlib.Path({str(folder / 'joules')!r})\n"
        f"now = float(at.read_text()) + {step} if at.exists() else 100.0\n"
        "at.write_text(str(now))\n"
        "print(now)\n"
    )
    return f"{sys.executable} {script}"


def test_the_energy_of_a_run_is_the_difference_of_two_readings(lab: Lab, tmp_path: Path) -> None:
    """The user's own command is run before and after each run, outside of its sandbox."""
    server = ServerConfig(energy_command=counting(tmp_path))
    assert [7.5, 7.5] == [lab.run([STOP] * 4, server=server).joules for _ in range(2)]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("no-such-meter", "No such file"),
        ("false", "exit code 1"),
        ("echo many", "must print the joules"),
        ("echo nan", "must print the joules"),
        ("true", "must print the joules"),
    ],
)
def test_a_meter_that_fails_costs_the_figure_and_not_the_run(lab: Lab, command: str, words: str) -> None:
    """The energy is unknown, one warning says why, and the run is what it would have been."""
    seen: list[str] = []

    def listen(name: str, fields: dict[str, Any]) -> None:
        seen.extend([fields["text"]] if name == "warning" else [])

    record = lab.run([STOP] * 4, server=ServerConfig(energy_command=command), on_event=listen)
    assert (None, "stagnated", 1) == (record.joules, record.outcome, len(seen))
    assert words in seen[0]
    assert command in seen[0]


def test_a_command_for_a_shell_is_bad_input() -> None:
    """One line, which says what to type."""
    with pytest.raises(ConfigError, match=r"server\.energy_command=.*needs a shell"):
        ServerConfig(energy_command="cat a | head -1")
