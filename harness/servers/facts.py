"""What a server tells of itself, at the places where servers tell it."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from harness.config import ModelConfig
from harness.llm.connection import connect, named, shown, transport
from harness.llm.key import api_key, authorization
from harness.llm.text import one_line
from harness.llm.types import JSON

TIMEOUT = 5.0
"""Seconds allowed for each answer."""

ABOUT_MODELS = ("/v1/models", "/v1/models/status", "/api/v0/models", "/api/ps", "/api/tags")
"""Lists of models: the standard one first, then those that tell more of the model that is loaded."""

ABOUT_SERVER = ("/props", "/version", "/api/version")

WINDOW = ("loaded_context_length", "n_ctx", "max_context_window", "max_model_len", "context_length", "context_window")
"""Names of the served window. What a model was trained for has other names, and is no promise of the server."""

TOLD = {
    "version": ("build_info", "version"),
    "owner": ("owned_by",),
    "file": ("model_path", "root", "digest"),
    "quant": ("quantization", "quantization_level"),
}
"""What identifies the server and its model, and the names under which servers tell it."""

LONGEST = 200


@dataclass(frozen=True)
class Facts:
    """What is known before the first call."""

    unreachable: str | None = None
    """Why nobody could be asked, in one line; None if somebody answered."""
    models: tuple[str, ...] | None = None
    """The models that the server lists; None if it lists none at all."""
    window: int | None = None
    """Tokens of the served window; None where the server does not tell."""
    fingerprint: JSON | None = None
    """What changes if the server, its model or its template is another; None where nobody answered."""

    def as_server(self) -> JSON:
        """The facts as the record keeps them."""
        known: JSON = {"window": self.window, "fingerprint": self.fingerprint}
        return {name: fact for name, fact in known.items() if fact}


def look(model: ModelConfig, endpoint: str) -> Facts:
    """Ask a server for all that it tells of itself and of the model. Raises ConfigError for an unusable endpoint."""
    endpoint = endpoint.rstrip("/")
    root = endpoint.removesuffix("/v1")
    places = (*(root + place for place in ABOUT_MODELS[1:]), *(root + place for place in ABOUT_SERVER))
    with connect(transport(endpoint), httpx.Timeout(TIMEOUT), authorization(api_key(model.api_key_env))) as http:
        try:
            listing, software = _asked(http, f"{endpoint}/models")
            told = {place.removeprefix(root): _asked(http, place)[0] for place in places}
        except httpx.TransportError as fault:
            return Facts(unreachable=one_line(f"GET {shown(endpoint)}/models: {named(fault)}"))
    lists = [listing, *(told[place] for place in ABOUT_MODELS[1:])]
    # What a list says of the model itself outweighs what the server says of any.
    sources = [entry for payload in reversed(lists) if (entry := _entry(payload, model.name)) is not None]
    sources += [payload for place in ABOUT_SERVER if isinstance(payload := told[place], dict)]
    return Facts(
        models=_names(listing),
        window=next((size for key in WINDOW for size in _found(sources, key) if _is_window(size)), None),
        fingerprint=_fingerprint(sources, software),
    )


def _asked(http: httpx.Client, url: str) -> tuple[Any, str]:
    """What lies there, None if it is no JSON, and the software that answered.

    A server that is there may fail over a question: one of them drops the connection where it finds no models to list.
    """
    try:
        response = http.get(url)
    except httpx.RemoteProtocolError:
        return None, ""
    software = response.headers.get("server", "")[:LONGEST]
    try:
        return (response.json() if response.is_success else None), software
    except (ValueError, RecursionError):
        return None, software


def _entries(payload: object) -> list[JSON]:
    found = (payload.get("data") or payload.get("models")) if isinstance(payload, dict) else None
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _name(entry: JSON) -> str:
    return str(entry.get("id") or entry.get("model") or entry.get("name") or "")


def _names(payload: object) -> tuple[str, ...] | None:
    return tuple(_name(entry) for entry in _entries(payload)) or None


def _entry(payload: object, model: str) -> JSON | None:
    """The entry of the model in a list: the one of its name, or the only one."""
    entries = _entries(payload)
    named = [entry for entry in entries if is_named(_name(entry), model)]
    chosen = named or (entries if len(entries) == 1 else [])
    return chosen[0] if chosen else None


def is_named(listed: str, model: str) -> bool:
    """Whether a name in a list is the model's; a tag `latest` goes without saying."""
    return model in (listed, listed.removesuffix(":latest"))


def _found(sources: Sequence[JSON], key: str, depth: int = 2) -> Iterator[Any]:
    """The values of a key, those further up first."""
    for source in sources:
        if key in source:
            yield source[key]
        if depth:
            yield from _found([value for value in source.values() if isinstance(value, dict)], key, depth - 1)


def _is_window(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _fingerprint(sources: Sequence[JSON], software: str) -> JSON:
    facts: JSON = {"software": software}
    for fact, keys in TOLD.items():
        texts = (value for key in keys for value in _found(sources, key) if isinstance(value, str) and value)
        facts[fact] = next(texts, "")[:LONGEST]
    template = next((text for text in _found(sources, "chat_template") if isinstance(text, str) and text), None)
    if template is not None:
        facts["template_sha256"] = hashlib.sha256(template.encode(errors="replace")).hexdigest()
    return {name: fact for name, fact in facts.items() if fact}
