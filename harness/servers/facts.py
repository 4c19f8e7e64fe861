"""Facts that a server reports about itself."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness.config import ModelConfig, ToolsMode
from harness.llm.text import one_line
from harness.llm.types import JSON
from harness.servers.places import ServerLocations

ABOUT_MODELS = ("/v1/models", "/v1/models/status", "/api/v0/models", "/api/ps", "/api/tags")
"""Lists of models: the standard one first, then those that tell more of the model that is loaded."""

ABOUT_SERVER = ("/props", "/version", "/api/version")

WINDOW = ("loaded_context_length", "n_ctx", "max_context_window", "max_model_len", "context_length", "context_window")
"""Names of the served window. What a model was trained for has other names, and is no promise of the server."""

TOLD = {
    "version": ("build_info", "version"),
    "owner": ("owned_by",),
    "file": ("model_path", "root", "digest"),
    "quant": ("quantization", "quantization_level", "model_ftype", "ftype"),
}
"""Facts that identify the server and its model, with the names that servers use for them."""

LONGEST = 200


@dataclass(frozen=True)
class ServerFacts:
    """Facts known before the first call."""

    unreachable: str | None = None
    """Why nobody could be asked, in one line; None if somebody answered."""
    models: tuple[str, ...] | None = None
    """The models that the server lists; None if it lists none at all."""
    window: int | None = None
    """Tokens of the served window; None where the server does not tell."""
    tools: bool | None = None
    """True if the model's chat template takes tools; None if the server does not say."""
    fingerprint: JSON | None = None
    """Fingerprint that changes with the server, its model or its template; None if nobody answered."""
    silent: tuple[str, ...] = ()
    """The places that did not answer in time; what they would have told is unknown."""

    def as_server(self) -> JSON:
        """The facts as the record keeps them."""
        known: JSON = {"window": self.window, "fingerprint": self.fingerprint, "silent": list(self.silent)}
        return {name: fact for name, fact in known.items() if fact}


def look(model: ModelConfig, endpoint: str, *, patience: float = 0.0) -> ServerFacts:
    """Ask a server for all that it tells of itself and of the model. Raises ConfigError for an unusable endpoint.

    A server that says that it loads its model is waited for, `patience` seconds at most. Beyond that it takes
    `harness.servers.places.LONGEST_LOOK` seconds at most; a place that is slow is skipped and named.
    """
    endpoint = endpoint.rstrip("/")
    root = endpoint.removesuffix("/v1")
    with ServerLocations(model, endpoint, patience) as places:
        listing = places.listing(f"{endpoint}/models")
        if places.unreachable is not None:
            return ServerFacts(unreachable=one_line(places.unreachable))
        told = {place: places.tell(root + place) for place in (*ABOUT_MODELS[1:], *ABOUT_SERVER)}
        props = told["/props"]
        if isinstance(props, dict) and "chat_template" not in props:
            # A server that routes to several models knows nothing of any before one is named.
            named = places.tell(root + "/props", model=model.name)
            told["/props"] = {**props, **named} if isinstance(named, dict) else props
        if not places.answered:
            return ServerFacts(unreachable=one_line(places.silence), silent=places.silent)
    lists = [listing, *(told[place] for place in ABOUT_MODELS[1:])]
    # What a list says of the model itself outweighs what the server says of any.
    sources = [entry for payload in reversed(lists) if (entry := _entry(payload, model.name)) is not None]
    sources += [payload for place in ABOUT_SERVER if isinstance(payload := told[place], dict)]
    return ServerFacts(
        models=_names(listing),
        window=next((size for key in WINDOW for size in _found(sources, key) if _is_window(size)), None),
        tools=_tools(sources),
        fingerprint=_fingerprint(sources, places.software),
        silent=places.silent,
    )


def _tools(sources: Sequence[JSON]) -> bool | None:
    told = (value.get("supports_tools") for value in _found(sources, "chat_template_caps") if isinstance(value, dict))
    return next((value for value in told if isinstance(value, bool)), None)


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
    """Return True if a name in a list is the model's; a tag `latest` may be left out."""
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


def settled(model: ModelConfig, facts: ServerFacts, seen: ToolsMode | None = None) -> ToolsMode:
    """Native or text. `seen` is what a preflight saw; None where there was none, or where it could not tell.

    What is not known to fail is taken to work: calls that come as text are read in both modes.
    """
    if model.tools is not ToolsMode.auto:
        return model.tools
    if facts.tools is False:
        return ToolsMode.text
    return seen or ToolsMode.native


def with_tools(server: JSON, mode: ToolsMode) -> JSON:
    """The facts of a server as the record keeps them, with the mode in the fingerprint where it is text.

    A server that is spoken to in another way is another one: runs of both kinds must not be pooled without a word.
    """
    if mode is not ToolsMode.text:
        return server
    return server | {"fingerprint": (server.get("fingerprint") or {}) | {"tools": mode.value}}
