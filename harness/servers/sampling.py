"""Sampling settings in force at a server, from its reports and refusals."""

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from harness.config import ModelConfig
from harness.llm.types import JSON
from harness.llm.wire import SAMPLING
from harness.servers.places import ServerLocations


class SamplingStatus(StrEnum):
    """State of one sampling field of a config."""

    CONFIRMED = "confirmed"
    """The server reports the configured value as the one in force."""
    DROPPED = "dropped"
    """The server refuses the field, or reports another value in force."""
    UNCONFIRMED = "unconfirmed"
    """The field was sent, and nothing shows whether the server uses it."""


LONGEST = 10.0
"""Seconds allowed for all paths together."""

NEAR = 1e-5
"""Largest relative difference between a value and its rounding to 32 bits."""


@dataclass(frozen=True)
class SamplingReadback:
    """Sampling settings reported by a server, by the names of its engine."""

    used: JSON = field(default_factory=dict)
    """Settings of the latest request."""
    defaults: JSON = field(default_factory=dict)
    """Settings of a request that sets none."""

    def status(self, model: ModelConfig, dropped: Collection[str]) -> dict[str, SamplingStatus]:
        """Return the status of each sampling field of a config; `dropped` are the names that the server refused.

        A default that equals the configured value confirms it, whether or not the server reads the field. Another
        default proves nothing, since the request may have overruled it.
        """
        return {name: self._status(name, getattr(model, name), dropped) for name in SAMPLING}

    def _status(self, name: str, value: float, dropped: Collection[str]) -> SamplingStatus:
        names = SAMPLING[name]
        used = [number for alias in names if (number := _number(self.used.get(alias))) is not None]
        if used:
            return SamplingStatus.CONFIRMED if _same(used[0], value) else SamplingStatus.DROPPED
        defaults = [number for alias in names if (number := _number(self.defaults.get(alias))) is not None]
        if defaults and _same(defaults[0], value):
            return SamplingStatus.CONFIRMED
        return SamplingStatus.DROPPED if set(names) <= set(dropped) else SamplingStatus.UNCONFIRMED


def read_back(model: ModelConfig, endpoint: str) -> SamplingReadback:
    """Read the sampling that a server used last, and its defaults.

    llama.cpp's server reports both at `/slots` and `/props`, Ollama the defaults of a model at `/api/show`. A server
    without these paths reports nothing. A slow one is waited for a few seconds only.
    """
    root = endpoint.rstrip("/").removesuffix("/v1")
    with ServerLocations(model, endpoint, longest=LONGEST) as places:
        used = _slot_settings(places.get(f"{root}/slots"))
        if used:
            return SamplingReadback(used)
        props = places.get(f"{root}/props")
        if isinstance(props, dict) and "default_generation_settings" not in props:
            props = places.get(
                f"{root}/props", model=model.name
            )  # a server that routes to several models reports them by name
        defaults = _default_settings(props)
        tags = None if defaults else places.get(f"{root}/api/tags")
        if isinstance(tags, dict) and isinstance(tags.get("models"), list):
            # Only Ollama gets this POST: another server might take it for a conversation.
            defaults = _model_file_settings(places.post(f"{root}/api/show", {"model": model.name}))
        return SamplingReadback(defaults=defaults)


def _slot_settings(slots: object) -> JSON:
    """Return the settings of the slot that worked last; empty if that is unknown."""
    known = [slot for slot in slots if isinstance(slot, dict)] if isinstance(slots, list) else []
    worked = [slot for slot in known if _number(slot.get("id_task")) is not None and slot["id_task"] >= 0]
    latest = max(worked, key=lambda slot: float(slot["id_task"]), default=None)
    if latest is None and len(known) == 1:
        latest = known[0]
    return _settings(latest)


def _default_settings(props: object) -> JSON:
    return _settings(props.get("default_generation_settings")) if isinstance(props, dict) else {}


def _settings(source: object) -> JSON:
    """Return the settings of a slot. Older servers list them beside its other fields."""
    if not isinstance(source, dict):
        return {}
    params = source.get("params", source)
    known = {alias for names in SAMPLING.values() for alias in names}
    return {name: params[name] for name in known & set(params)} if isinstance(params, dict) else {}


def _model_file_settings(answer: object) -> JSON:
    """Return the settings of an Ollama model file: lines of a name and a value."""
    text = answer.get("parameters") if isinstance(answer, dict) else None
    lines = [line.split(None, 1) for line in text.splitlines()] if isinstance(text, str) else []
    return {line[0]: _parsed(line[1]) for line in lines if len(line) == 2}


def _parsed(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _number(value: object) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable else None  # type: ignore[arg-type]


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=NEAR, abs_tol=NEAR)
