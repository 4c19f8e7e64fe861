"""What is known of a server, for the record."""

import pytest
from asking import PROMPT, Open

from harness.config import ModelConfig

from dialects import Say
from scripted import answer

ENTRY = {
    "id": "m",
    "object": "model",
    "created": 1,
    "owned_by": "me",
    "meta": {"n_ctx_train": 8, "deep": {}},
    "permission": [],
}
KNOWN = {"id": "m", "owned_by": "me", "meta": {"n_ctx_train": 8}}


def test_the_server_is_known_by_its_list_and_headers(opened: Open) -> None:
    """Facts that stay the same are kept; dates, request ids and cookies are not."""
    headers = {
        "Server": "llama.cpp",
        "X-Build-Number": "b1",
        "X-Request-Id": "r",
        "Date": "d",
        "Set-Cookie": "x-version=c",
        "X-Engine-Version": "v" * 999,
    }
    listing = answer({"data": [{"id": "other"}, ENTRY]}, headers=headers)
    model, server = opened(models=listing)
    telling = {"x-build-number": "b1", "x-engine-version": "v" * 200}
    assert {"software": "llama.cpp", "headers": telling, "model": KNOWN} == model.server
    assert model.server == model.server
    assert 1 == len(server.requests)


@pytest.mark.parametrize(
    "listing",
    [None, {}, [], {"data": None}, {"data": [{"id": "a"}, {"id": "b"}]}, answer(b"nonsense"), answer(b"", status=500)],
)
def test_a_server_that_tells_nothing_is_usable(opened: Open, listing: object) -> None:
    """No list, an odd one or one of other models: nothing is known, and nothing fails."""
    model, _ = opened(Say("hi"), models=listing)
    assert {} == model.server
    assert "hi" == model.complete(PROMPT, [], seed=None).content


def test_the_only_model_there_is_is_the_one(opened: Open) -> None:
    """Servers of one model answer to any name; its entry is still the one that served."""
    model, _ = opened(models={"data": [ENTRY]}, config=ModelConfig(name="another"))
    assert {"model": KNOWN} == model.server


@pytest.mark.parametrize(
    "listing",
    [
        {"data": [ENTRY | {"simulated": True}]},
        {"data": [ENTRY | {"meta": {"simulated": True}}]},
        answer({}, headers={"X-Simulated": "true"}),
    ],
)
def test_a_simulated_subject_is_known_as_one(opened: Open, listing: object) -> None:
    """A server that says so, in its list or in a header, is recorded as simulated."""
    model, _ = opened(models=listing)
    assert model.server["simulated"] is True


def test_a_real_model_is_never_simulated_by_accident(opened: Open) -> None:
    """Only a plain yes counts."""
    model, _ = opened(models={"data": [ENTRY | {"simulated": "no"}]})
    assert "simulated" not in model.server


def test_replies_tell_of_the_server_too(opened: Open) -> None:
    """What headers of a reply tell is kept, even if the server is gone when the record is written."""
    reply = answer({"choices": []}, headers={"Server": "s", "x-simulated": "true"})
    model, _ = opened(reply, models=answer(b"", status=503))
    model.complete(PROMPT, [], seed=None)
    assert {"software": "s", "headers": {"x-simulated": "true"}, "simulated": True} == model.server
