"""Facts that a server reports about itself, its fingerprint, and changes of the fingerprint."""

import hashlib
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness.config import ModelConfig, RunConfig, ToolsMode
from harness.llm.identity import ModelListing
from harness.llm.text import one_line
from harness.llm.types import JSON
from harness.servers.places import ServerLocations
from harness.servers.weights import weights_sha256

MODEL_LISTS = ("/v1/models", "/v1/models/status", "/api/v0/models", "/api/ps", "/api/tags")
"""Lists of models: the standard one first, then those with more facts about the loaded model."""

SERVER_PATHS = ("/props", "/version", "/api/version")

WINDOW_KEYS = (
    "loaded_context_length",
    "n_ctx",
    "max_context_window",
    "max_model_len",
    "context_length",
    "context_window",
)
"""Names of the served window. The window that a model was trained for has other names, and may not be served."""

FINGERPRINT_KEYS = {
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
    """Why the server cannot be reached, in one line; None if it answered."""
    models: tuple[str, ...] | None = None
    """The models that the server lists; None if it lists none at all."""
    window: int | None = None
    """Tokens of the served window; None where the server does not report it."""
    tools: bool | None = None
    """True if the model's chat template takes tools; None if the server does not say."""
    fingerprint: JSON | None = None
    """Fingerprint that changes with the server, its model or its template; None if the server cannot be reached."""
    silent: tuple[str, ...] = ()
    """Paths that did not answer in time; the facts behind them are unknown."""

    def as_server(self) -> JSON:
        """Return the facts for the record."""
        known: JSON = {"window": self.window, "fingerprint": self.fingerprint, "silent": list(self.silent)}
        return {name: fact for name, fact in known.items() if fact}


def look(model: ModelConfig, endpoint: str, *, patience: float = 0.0) -> ServerFacts:
    """Read the facts that a server reports of itself and of the model. Raises ConfigError for an unusable endpoint.

    A server that loads its model is waited for, `patience` seconds at most. Beyond that the reading takes at most
    `harness.servers.places.LONGEST_LOOK` seconds; slow paths are skipped and listed in `silent`.
    """
    endpoint = endpoint.rstrip("/")
    root = endpoint.removesuffix("/v1")
    with ServerLocations(model, endpoint, patience) as places:
        listing = places.listing(f"{endpoint}/models")
        if places.unreachable is not None:
            return ServerFacts(unreachable=one_line(places.unreachable))
        payloads = {place: places.get(root + place) for place in (*MODEL_LISTS[1:], *SERVER_PATHS)}
        props = payloads["/props"]
        if isinstance(props, dict) and "chat_template" not in props:
            # A server that routes to several models reports facts of a model only by name.
            named = places.get(root + "/props", model=model.name)
            payloads["/props"] = {**props, **named} if isinstance(named, dict) else props
        if not places.has_answered:
            return ServerFacts(unreachable=one_line(places.silence), silent=places.silent)
    lists = [listing, *(payloads[place] for place in MODEL_LISTS[1:])]
    # Facts of the model itself come before those of the server.
    sources = [entry for payload in reversed(lists) if (entry := ModelListing(payload).entry(model.name)) is not None]
    sources += [payload for place in SERVER_PATHS if isinstance(payload := payloads[place], dict)]
    return ServerFacts(
        models=ModelListing(listing).names or None,
        window=next((size for key in WINDOW_KEYS for size in _values(sources, key) if _is_window(size)), None),
        tools=_tools(sources),
        fingerprint=_fingerprint(sources, places.software),
        silent=places.silent,
    )


def _tools(sources: Sequence[JSON]) -> bool | None:
    answers = (
        value.get("supports_tools") for value in _values(sources, "chat_template_caps") if isinstance(value, dict)
    )
    return next((value for value in answers if isinstance(value, bool)), None)


def _values(sources: Sequence[JSON], key: str, depth: int = 2) -> Iterator[Any]:
    """Yield the values of a key, at most `depth` levels down, outer ones first."""
    for source in sources:
        if key in source:
            yield source[key]
        if depth:
            yield from _values([value for value in source.values() if isinstance(value, dict)], key, depth - 1)


def _is_window(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _fingerprint(sources: Sequence[JSON], software: str) -> JSON:
    facts: JSON = {"software": software}
    for fact, keys in FINGERPRINT_KEYS.items():
        texts = (value for key in keys for value in _values(sources, key) if isinstance(value, str) and value)
        facts[fact] = next(texts, "")[:LONGEST]
    template = next((text for text in _values(sources, "chat_template") if isinstance(text, str) and text), None)
    if template is not None:
        facts["template_sha256"] = hashlib.sha256(template.encode(errors="replace")).hexdigest()
    return {name: fact for name, fact in facts.items() if fact}


def settled(model: ModelConfig, facts: ServerFacts, seen: ToolsMode | None = None) -> ToolsMode:
    """Return how tools are offered: native or text. `seen` is the mode that a preflight observed, or None.

    Native is the default where nothing is known, because calls written as text are read in both modes.
    """
    if model.tools is not ToolsMode.auto:
        return model.tools
    if facts.tools is False:
        return ToolsMode.text
    return seen or ToolsMode.native


def with_tools(server: JSON, mode: ToolsMode) -> JSON:
    """Return the facts of a server for the record, with the mode of the tools in the fingerprint where it is text.

    So runs that offer tools in different ways are not pooled silently.
    """
    if mode is not ToolsMode.text:
        return server
    return server | {"fingerprint": (server.get("fingerprint") or {}) | {"tools": mode.value}}


MOST_SHOWN = 80
"""Characters shown of a value."""

WEIGHTS_KEY = "weights_sha256"


class FingerprintChanged(Exception):  # noqa: N818 - callers read it as what happened
    """A server changed since its runs began; the text is one line."""


def complete_fingerprint(config: RunConfig, reported: JSON | None) -> JSON | None:
    """Return the fingerprint with the command and the weights of a managed server; None if it was unreachable."""
    if reported is None or not config.server.managed:
        return reported
    started: JSON = {"command": " ".join(shlex.split(config.server.command)[1:])}
    weights = weights_sha256(config.model.path)
    return reported | started | ({WEIGHTS_KEY: weights} if weights else {})


def require_same_fingerprint(was: JSON | None, now: JSON | None) -> None:
    """Raise FingerprintChanged if a server differs from its earlier fingerprint."""
    if changed := list(differences(was, now)):
        raise FingerprintChanged(f"the server changed: {', '.join(changed)}")


def differences(was: JSON | None, now: JSON | None) -> Iterator[str]:
    """Yield each changed fact with its old and new value. A fact that is unknown on one side is no change."""
    was, now = was or {}, now or {}
    for name in sorted(was.keys() & now.keys()):
        # Weights with the same hash are the same, wherever the file lies.
        moved = name == "file" and WEIGHTS_KEY in was and was[WEIGHTS_KEY] == now.get(WEIGHTS_KEY)
        if was[name] != now[name] and not moved:
            yield f"{name} from {_shown(was[name])} to {_shown(now[name])}"


def _shown(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
