"""Sampling in force: what servers let be read back, what they refuse, and what nobody can tell."""

from typing import Any

import pytest
from places import PlacedServer, Rule, called, counted, said

from harness.config import ModelConfig, RunConfig, TaskConfig
from harness.servers.checks import CheckVerdict, Finding
from harness.servers.preflight import preflight
from harness.servers.sampling import SamplingReadback, read_back

MODEL = ModelConfig(name="m", repetition_penalty=1.1)
PARAMS = {
    "temperature": 0.6000000238418579,
    "top_p": 0.949999988079071,
    "top_k": 20,
    "min_p": 0.0,
    "repeat_penalty": 1.100000023841858,
    "presence_penalty": 0.0,
}
OTHER = PARAMS | {"repeat_penalty": 1.0, "top_k": 40}
FIELDS = ("temperature", "top_p", "top_k", "min_p", "repetition_penalty", "presence_penalty")


def statuses(places: dict[str, object], dropped: tuple[str, ...] = (), rule: Rule | None = None) -> dict[str, str]:
    """The status of each field at a server with these places."""
    with PlacedServer(places, rule) as server:
        found = read_back(MODEL, server.endpoint).status(MODEL, dropped)
    return {name: status.value for name, status in found.items()}


def slots(*params: object) -> list[dict[str, object]]:
    """Slots of a llama-server, the later ones with the later tasks."""
    return [{"id": n, "id_task": n * 7, "params": one} for n, one in enumerate(params)]


@pytest.mark.parametrize(
    "places",
    [
        {"/slots": slots(PARAMS)},
        {"/slots": slots(OTHER, PARAMS)},
        {"/slots": [{"id": 0, "id_task": -1}, *slots(PARAMS)]},
        {"/slots": [{"id": 0, **PARAMS}]},
        {"/slots": slots(PARAMS), "/props": {"default_generation_settings": {"params": OTHER}}},
        {"/props": {"default_generation_settings": {"params": PARAMS}}},
        {"/props": {"default_generation_settings": PARAMS}},
        {"/props": {"role": "router"}, "/props?model=m": {"default_generation_settings": {"params": PARAMS}}},
    ],
)
def test_values_in_force_are_confirmed(places: dict[str, object]) -> None:
    """By the slot that worked last, else by defaults that are the same, under the engine's own names."""
    assert dict.fromkeys(FIELDS, "confirmed") == statuses(places)


def test_another_value_in_force_is_dropped() -> None:
    """What the server used is believed, whatever it took without complaint; unlike fields stay as they are."""
    expected = dict.fromkeys(FIELDS, "confirmed") | {"repetition_penalty": "dropped", "top_k": "dropped"}
    assert expected == statuses({"/slots": slots(PARAMS, OTHER)})


def test_another_default_says_nothing() -> None:
    """The request may have overruled it."""
    found = statuses({"/props": {"default_generation_settings": {"params": OTHER}}})
    assert ("unconfirmed", "confirmed") == (found["repetition_penalty"], found["min_p"])


@pytest.mark.parametrize(
    "places",
    [
        {},
        {"/slots": {"error": "disabled"}},
        {"/slots": []},
        {"/slots": [{"id": 0, "id_task": 3, "params": {"temperature": "hot", "top_k": None}}]},
        {"/slots": "nonsense {", "/props": ["default_generation_settings"]},
        {"/props": {"default_generation_settings": None}},
    ],
)
def test_what_is_not_reported_is_unconfirmed(places: dict[str, object]) -> None:
    """No place, an empty one and an odd one prove nothing."""
    assert dict.fromkeys(FIELDS, "unconfirmed") == statuses(places)


def test_a_field_is_dropped_once_all_its_names_are_refused() -> None:
    """One name that was taken is enough to leave it open."""
    both = ("repetition_penalty", "repeat_penalty")
    assert "dropped" == statuses({}, both)["repetition_penalty"]
    assert "unconfirmed" == statuses({}, both[:1])["repetition_penalty"]


def test_the_model_file_of_ollama_confirms_what_it_sets() -> None:
    """Its lines are read; what they leave out, or set otherwise, is not known."""
    text = (
        'stop                           "<|im_end|>"\ntop_k                          20\nrepeat_penalty 1\ntemperature'
    )

    def show(request: dict[str, Any]) -> tuple[int, object]:
        return (200, {"parameters": text}) if request == {"model": "m"} else (404, None)

    found = statuses({"/api/tags": {"models": [{"name": "m"}]}}, rule=show)
    assert "confirmed" == found.pop("top_k")
    assert {"unconfirmed"} == set(found.values())


def test_no_question_is_put_to_a_server_that_is_not_ollama() -> None:
    """What is sent with POST elsewhere may be taken for a conversation."""
    with PlacedServer({"/api/tags": {"data": []}, "/v1/models": {"data": [{"id": "m"}]}}) as server:
        assert SamplingReadback() == read_back(MODEL, server.endpoint)
        assert [] == server.asked


def findings(rule: Rule, places: dict[str, object], varied: dict[str, list[float]]) -> list[Finding]:
    """What the preflight of a sweep finds of the fields that it varies."""
    config = RunConfig(model=MODEL, task=TaskConfig(name="reverse"), ctx_limit=3000)
    with PlacedServer({"/v1/models": {"data": [{"id": "m", "max_model_len": 9000}]}} | places, rule) as server:
        _, found = preflight(config, server.endpoint, light=True, varied=varied)
        return [finding for finding in found if finding.check == "sampling"]


def canned(request: dict[str, Any]) -> tuple[int, object]:
    """A server that is well."""
    return 200, counted(request, called() if request.get("tools") else said(content="yes"))


def test_a_factor_that_is_in_force_is_confirmed_level_by_level() -> None:
    """The server reports what it used of each request, by its own name for the field."""
    places: dict[str, object] = {}

    def reporting(request: dict[str, Any]) -> tuple[int, object]:
        server_places["/slots"] = slots({"repeat_penalty": request["repeat_penalty"]})
        return canned(request)

    config = RunConfig(model=MODEL, task=TaskConfig(name="reverse"), ctx_limit=3000)
    listed = {"/v1/models": {"data": [{"id": "m", "max_model_len": 9000}]}}
    with PlacedServer(listed | places, reporting) as server:
        server_places = server.places
        _, found = preflight(config, server.endpoint, light=True, varied={"repetition_penalty": [1.0, 1.2]})
        assert [(CheckVerdict.OK, "repetition_penalty confirmed")] == [
            (one.verdict, one.found) for one in found if one.check == "sampling"
        ]


def test_a_factor_that_the_server_ignores_is_named_with_its_levels() -> None:
    """The level that happens to be in force is no proof for the other."""
    [found] = findings(canned, {"/slots": slots({"repeat_penalty": 1.0})}, {"repetition_penalty": [1.0, 1.2]})
    assert (CheckVerdict.WARN, "repetition_penalty=1.2 dropped") == (found.verdict, found.found)


def test_a_factor_of_which_nothing_is_known_is_named() -> None:
    """So that nobody takes no difference for a finding; a refused field is told apart."""
    [found] = findings(canned, {}, {"min_p": [0.0, 0.05]})
    assert (CheckVerdict.WARN, "min_p=0,0.05 unconfirmed") == (found.verdict, found.found)

    def strict(request: dict[str, Any]) -> tuple[int, object]:
        if "min_p" in request:
            return 400, {"error": {"message": "unknown field: min_p"}}
        return canned(request)

    [found] = findings(strict, {}, {"min_p": [0.0, 0.05]})
    assert (CheckVerdict.WARN, "min_p=0,0.05 dropped") == (found.verdict, found.found)
