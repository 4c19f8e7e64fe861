"""What servers tell of themselves, each at its own place."""

import hashlib

import pytest
from places import PlacedServer

from harness.config import ModelConfig
from harness.llm.client import OpenAIChat
from harness.servers.facts import ServerFacts, look

MODEL = ModelConfig(name="m")
LISTED = {"data": [{"id": "other", "max_model_len": 1}, {"id": "m", "owned_by": "me"}]}


def looked(places: dict[str, object], model: ModelConfig = MODEL) -> ServerFacts:
    with PlacedServer(places) as server:
        return look(model, server.endpoint)


@pytest.mark.parametrize(
    "places",
    [
        {"/props": {"default_generation_settings": {"n_ctx": 4096}, "n_ctx_train": 9}},
        {"/v1/models": {"data": [{"id": "m", "max_model_len": 4096}, {"id": "b", "max_model_len": 1}]}},
        {"/v1/models": {"data": [{"id": "m", "meta": {"n_ctx": 4096, "n_ctx_train": 9}}]}},
        {"/api/v0/models": {"data": [{"id": "m", "max_context_length": 9, "loaded_context_length": 4096}]}},
        {"/api/ps": {"models": [{"name": "m:latest", "context_length": 4096}]}},
        {
            "/v1/models": {"data": [{"id": "m", "max_model_len": 262144}]},
            "/v1/models/status": {"models": [{"id": "m", "max_context_window": 4096}]},
        },
    ],
)
def test_the_served_window_is_found_wherever_it_is_told(places: dict[str, object]) -> None:
    """What is served, and not what the model was trained for, nor what another model has."""
    assert 4096 == looked(places).window


@pytest.mark.parametrize(
    "places",
    [
        {},
        LISTED,
        {"/v1/models": LISTED},
        {"/v1/models": {"data": [{"id": "m", "max_model_len": value} for value in (None,)]}},
        {"/props": {"n_ctx": True}},
        {"/props": {"n_ctx": 0}},
        {"/props": {"n_ctx": "many"}},
        {"/props": ["n_ctx", 5]},
        {"/props": "nonsense {"},
        {"/props": {"a": {"b": {"c": {"d": {"n_ctx": 5}}}}}},
    ],
)
def test_what_is_not_told_is_not_known(places: dict[str, object]) -> None:
    """No word, an odd one, or one of another model is no window."""
    assert looked(places).window is None


@pytest.mark.parametrize(
    "listing",
    [
        {"data": [{"id": "other", "context_length": 1}, {"id": "m", "context_length": 4096}]},
        {"data": [{"id": "other", "context_length": 1}, {"id": "m:latest", "context_length": 4096}]},
        {"models": [{"id": "other", "context_length": 1}, {"id": "m", "context_length": 4096}]},
        {"data": [], "models": [{"name": "m:latest", "context_length": 4096}, {"name": "b", "context_length": 1}]},
        {"data": [{"id": "renamed", "context_length": 4096}]},
    ],
)
def test_the_preflight_and_the_record_take_the_same_entry_of_a_list(listing: dict[str, object]) -> None:
    """The facts before a run and the server facts in its record come from one entry of the list of models."""
    with PlacedServer({"/v1/models": listing}) as server, OpenAIChat(MODEL, server.endpoint) as model:
        entry = model.server["model"]
        assert (4096, 4096) == (look(MODEL, server.endpoint).window, entry["context_length"])


def test_the_models_are_those_of_the_list() -> None:
    """All of them, in their order; a server without a list is not one without models."""
    assert ("other", "m") == looked({"/v1/models": LISTED}).models
    assert looked({}).models is None


def test_the_fingerprint_holds_what_identifies_a_server() -> None:
    """Engine, version, model file, quantisation and the hash of the template, as far as they are told."""
    told = looked(
        {
            "/v1/models": LISTED,
            "/props": {"build_info": "b1-x", "model_path": "/models/m.gguf", "chat_template": "{{ä}}"},
            "/api/tags": {"models": [{"name": "m", "digest": "sha", "details": {"quantization_level": "Q4"}}]},
        }
    )
    expected = {
        "software": "engine/1",
        "version": "b1-x",
        "owner": "me",
        "file": "/models/m.gguf",
        "quant": "Q4",
        "template_sha256": hashlib.sha256("{{ä}}".encode()).hexdigest(),
    }
    assert expected == told.fingerprint
    assert {"fingerprint": expected} == told.as_server()


def test_nobody_there_is_told_in_one_line() -> None:
    """And nothing else is known."""
    with PlacedServer({}) as server:
        endpoint = server.endpoint
    found = look(MODEL, endpoint)
    assert found.unreachable is not None
    assert found.unreachable.startswith(f"GET {endpoint}/models: ConnectError")
    assert ServerFacts(unreachable=found.unreachable) == found
