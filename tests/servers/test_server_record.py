"""What the record keeps of a server."""

from pathlib import Path

import pytest
from places import PlacedServer, counted, said

from harness.config import ModelConfig, RunConfig, TaskConfig
from harness.outcome import Outcome
from harness.runner import run
from harness.servers.facts import differences
from harness.state import Launch

pytestmark = pytest.mark.go

PLACES = {"/v1/models": {"data": [{"id": "m", "owned_by": "me"}]}, "/props": {"n_ctx": 8192, "build_info": "b2"}}
NOW = {"software": "engine/1", "version": "b2", "owner": "me"}


@pytest.mark.parametrize("before", [None, NOW, NOW | {"version": "b1"}])
def test_the_record_knows_its_server_and_whether_it_changed(tmp_path: Path, before: dict[str, str] | None) -> None:
    """Window and fingerprint are kept; what the server was when the sweep began only where that is another."""
    with PlacedServer(PLACES, lambda request: (200, counted(request, said(content="I stop.")))) as server:
        model = ModelConfig(name="m", endpoint=server.endpoint)
        config = RunConfig(model=model, task=TaskConfig(name="reverse"), log_dir=str(tmp_path), max_iters=1)
        record = run(config, endpoint=server.endpoint, launch=Launch(fingerprint=before))
    assert (8192, NOW) == (record.server["window"], record.server["fingerprint"])
    assert (before if before not in (None, NOW) else None) == record.server.get("changed_from")


def test_no_run_is_spent_on_a_server_that_changed(tmp_path: Path) -> None:
    """The model is not called, and the record is a fault that says what changed from what to what."""
    asked: list[object] = []
    with PlacedServer(PLACES, lambda request: asked.append(request) or (200, counted(request, said()))) as server:
        model = ModelConfig(name="m", endpoint=server.endpoint)
        config = RunConfig(model=model, task=TaskConfig(name="reverse"), log_dir=str(tmp_path), max_iters=1)
        record = run(config, endpoint=server.endpoint, launch=Launch(fingerprint=NOW | {"version": "b1"}))
    assert (Outcome.FAULT, []) == (record.outcome, asked)
    assert "version from b1 to b2" in str(record.fault)


def test_what_is_unknown_on_one_side_is_no_change() -> None:
    """Only facts that both fingerprints have are compared; equal weights may lie elsewhere."""
    assert [] == list(differences({"version": "1"}, {"quant": "Q4"}))
    assert [] == list(differences(None, {"quant": "Q4"}))
    same = {"weights_sha256": "a"}
    assert [] == list(differences(same | {"file": "/x.gguf"}, same | {"file": "/y.gguf"}))
    assert ["file from /x to /y"] == list(differences({"file": "/x"}, {"file": "/y"}))
