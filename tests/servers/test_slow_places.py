"""Servers that are slow to tell of themselves, or that still load their model."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.config import ModelConfig, RunConfig, TaskConfig
from harness.llm.connection import reachable
from harness.outcome import Outcome
from harness.runner import run
from harness.servers.checks import CheckVerdict
from harness.servers.facts import look
from harness.servers.preflight import preflight

from lab import DONE, SOLVE, turn, use
from scripted import Raw, Received, ScriptedServer, answer

FIELD = Path(__file__).resolve().parents[1] / "field" / "replies"
MODEL = ModelConfig(name="m")
LISTED = {"data": [{"id": "m", "max_model_len": 65536}]}
CALL = turn(use("report_number", number=7))
SLOW = Raw((60.0,))
"""An answer that does not come for as long as a test lasts."""


class Placed(ScriptedServer):
    """A scripted server whose GETs are answered by their path; what is not named is not there."""

    def __init__(self, places: dict[str, Callable[[], Raw]], *replies: object) -> None:
        super().__init__(replies)  # type: ignore[arg-type]
        self._places = places
        self._script.reply_to = self._reply  # type: ignore[method-assign]
        self._posted = type(self._script).reply_to

    def _reply(self, request: Received) -> Raw:
        if request.method == "GET" and (place := self._places.get(request.path)) is not None:
            with self._script.lock:
                self._script.requests.append(request)
            return place()
        return self._posted(self._script, request)


def config(endpoint: str, tmp_path: Path) -> RunConfig:
    return RunConfig(
        ModelConfig(name="m", endpoint=endpoint), TaskConfig(name="reverse"), log_dir=str(tmp_path), max_iters=1
    )


def listed() -> Raw:
    return answer(LISTED)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of an optional place and of the list, a hundred times shorter."""
    monkeypatch.setattr("harness.servers.places.TIMEOUT", 0.05)
    monkeypatch.setattr("harness.servers.places.LISTING_TIMEOUT", 0.3)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("place", ["/v1/models/status", "/api/v0/models", "/api/ps", "/api/tags", "/props", "/version"])
def test_a_slow_place_is_skipped_and_named(place: str) -> None:
    """All else is told as if the place did not exist, and the preflight goes on."""
    with Placed({"/v1/models": listed, place: lambda: SLOW}, CALL) as server:
        facts, findings = preflight(
            RunConfig(MODEL, TaskConfig(name="reverse"), ctx_limit=9000), server.endpoint, light=True
        )
        first, *others = findings
    assert (None, ("m",), 65536, (place,)) == (facts.unreachable, facts.models, facts.window, facts.silent)
    assert [place] == facts.as_server()["silent"]
    assert (CheckVerdict.WARN, f"yes, but not in time at {place}") == (first.verdict, first.found)
    assert {CheckVerdict.OK} == {finding.verdict for finding in others}


@pytest.mark.usefixtures("impatient")
def test_a_slow_list_of_models_makes_no_server_unreachable() -> None:
    """Where any other place answers, somebody is there, and only the models are unknown."""
    with Placed(
        {"/v1/models": lambda: SLOW, "/props": lambda: answer({"chat_template": "t", "n_ctx": 4096})}
    ) as server:
        facts = look(MODEL, server.endpoint)
    assert (None, None, 4096, ("/v1/models",)) == (facts.unreachable, facts.models, facts.window, facts.silent)


@pytest.mark.usefixtures("impatient")
def test_the_list_of_models_may_take_longer_than_other_places() -> None:
    """A proxy that has just been started takes its time for the first answer."""
    late = Raw((0.15, *listed().parts), "keep")
    with Placed({"/v1/models": lambda: late}) as server:
        facts = look(MODEL, server.endpoint)
    assert (("m",), ()) == (facts.models, facts.silent)


@pytest.mark.usefixtures("impatient")
def test_bytes_that_trickle_in_extend_no_limit() -> None:
    """A place that sends one byte after another is as slow as one that sends none."""
    trickle = Raw((b"HTTP/1.0 200 OK\r\n\r\n", *(part for _ in range(200) for part in (b" ", 0.02))))
    with Placed({"/v1/models": listed, "/props": lambda: trickle}) as server:
        began = time.monotonic()
        facts = look(MODEL, server.endpoint)
    assert (("/props",), True) == (facts.silent, time.monotonic() - began < 3)


def test_all_places_together_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that answers nothing is unreachable after a stated time, whatever the number of places."""
    monkeypatch.setattr("harness.servers.places.LONGEST_LOOK", 0.3)
    every = ("/v1/models", "/v1/models/status", "/api/v0/models", "/api/ps", "/api/tags", "/props", "/version")
    with Placed({place: lambda: SLOW for place in (*every, "/api/version")}) as server:
        began = time.monotonic()
        facts = look(MODEL, server.endpoint)
    assert time.monotonic() - began < 3
    assert (True, 8) == ("no answer within 0.3 s" in str(facts.unreachable), len(facts.silent))


def test_an_answer_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is larger than any honest answer is read no further, and tells nothing."""
    monkeypatch.setattr("harness.servers.places.MOST_BYTES", 10_000)
    endless = answer(b'{"n_ctx": 5, "x": "' + b"x" * 1_000_000 + b'"}', then="close")
    with Placed({"/v1/models": listed, "/props": lambda: endless}) as server:
        assert (65536, ()) == ((facts := look(MODEL, server.endpoint)).window, facts.silent)


def test_a_slow_list_is_waited_for_before_a_run_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time for opening a connection does not limit the answer."""
    late = Raw((0.3, *listed().parts))
    with Placed({"/v1/models": lambda: late}) as server:
        assert reachable(server.endpoint, 0.1) is None


def patched_sleep(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that are waited for places from now on, none of which pass."""
    waited: list[float] = []
    clock = SimpleNamespace(monotonic=time.monotonic, sleep=waited.append)
    monkeypatch.setattr("harness.servers.places.time", clock)
    return waited


def soon(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.go
@pytest.mark.parametrize("after", ["5", "400", "0", None, soon(30)], ids=["5", "400", "0", "unsaid", "date"])
def test_a_run_waits_for_a_server_that_loads_its_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: str | None
) -> None:
    """A 503 that tells of loading is no fact of the server: nine minutes of it cost the run nothing, and what the
    server tells afterwards is known."""
    waited = patched_sleep(monkeypatch)
    headers = {"Content-Type": "application/json"} | ({} if after is None else {"Retry-After": after})
    loading = answer(
        {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}, status=503, headers=headers
    )

    def properties() -> Raw:
        return loading if sum(waited) < 540 else answer({"chat_template": "t", "n_ctx": 32768})

    with Placed({"/v1/models": lambda: answer({"data": [{"id": "m"}]}), "/props": properties}, SOLVE, DONE) as server:
        record = run(config(server.endpoint, tmp_path), endpoint=server.endpoint)
    assert (Outcome.COMPLETED, 32768) == (record.outcome, record.server["window"])
    assert (True, True) == (540 <= sum(waited) <= 600, len(waited) <= 300)


def test_a_server_that_never_stops_loading_is_looked_at_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten minutes in all; what is then unknown stays unknown."""
    waited = patched_sleep(monkeypatch)
    loading = Raw(((FIELD / "loading_503_with_retry_after.http").read_bytes(),))
    with Placed({"/v1/models": lambda: loading}) as server:
        facts = look(MODEL, server.endpoint, patience=600)
    assert (600.0, None, None) == (sum(waited), facts.models, facts.unreachable)


def test_nothing_is_waited_for_without_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever only looks does not wait."""
    waited = patched_sleep(monkeypatch)
    with Placed({"/v1/models": lambda: answer(json.dumps({"message": "loading"}).encode(), status=503)}) as server:
        assert look(MODEL, server.endpoint).models is None
    assert [] == waited
