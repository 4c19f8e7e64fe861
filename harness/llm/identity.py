"""Identity of a server: the facts that it reports the same way each time, and the model's entry in its list."""

import re
from collections.abc import Mapping

from harness.llm.types import JSON

_VERSION_HEADER = re.compile(r"x-.*(?:version|build|simulated).*", re.IGNORECASE)
_ENTRY_KEYS = ("id", "owned_by", "max_model_len", "context_length")
_MOST_FACTS = 24
_LONGEST = 200


class ModelListing:
    """A server's list of models: OpenAI's `data`, or the `models` of other interfaces."""

    def __init__(self, payload: object) -> None:
        """Take the JSON of the answer; anything else than a list of objects holds no entries."""
        entries = (payload.get("data") or payload.get("models")) if isinstance(payload, dict) else None
        self.entries = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []

    @property
    def names(self) -> tuple[str, ...]:
        """Return the name of each entry, in order; empty where an entry has none."""
        return tuple(_name(entry) for entry in self.entries)

    def entry(self, model: str) -> JSON | None:
        """Return the entry with the model's name, or else the only one; None if neither exists."""
        named = [entry for entry in self.entries if is_named(_name(entry), model)]
        if named:
            return named[0]
        return self.entries[0] if len(self.entries) == 1 else None


def is_named(listed: str, model: str) -> bool:
    """Return True if a name in a list is the model's; a tag `latest` may be left out."""
    return model in (listed, listed.removesuffix(":latest"))


def _name(entry: JSON) -> str:
    return str(entry.get("id") or entry.get("model") or entry.get("name") or "")


class ServerIdentity:
    """Collects facts from response headers and from the list of models. Dates, request ids and cookies are left out."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._software = ""
        self._headers: dict[str, str] = {}
        self._entry: JSON = {}

    def add_headers(self, headers: Mapping[str, str]) -> None:
        """Keep the facts in the headers of a response."""
        self._software = headers.get("server", self._software)[:_LONGEST]
        facts = {name.lower(): value[:_LONGEST] for name, value in headers.items() if _VERSION_HEADER.fullmatch(name)}
        self._headers |= {name: facts[name] for name in sorted(facts)[:_MOST_FACTS]}

    def add_listing(self, payload: object) -> None:
        """Keep the model's entry in a list of models."""
        self._entry = ModelListing(payload).entry(self._model) or {}

    def as_dict(self) -> JSON:
        """Return the facts as plain data; unknown ones are left out."""
        model = {key: self._entry[key] for key in _ENTRY_KEYS if _plain(self._entry.get(key))}
        meta = self._entry.get("meta")
        if isinstance(meta, dict):
            model["meta"] = {key: meta[key] for key in sorted(meta)[:_MOST_FACTS] if _plain(meta[key])}
        facts = {"software": self._software, "headers": self._headers, "model": model}
        known: JSON = {name: fact for name, fact in facts.items() if fact}
        return known | ({"simulated": True} if self._simulated(meta) else {})

    def _simulated(self, meta: object) -> bool:
        sources = [self._entry, meta if isinstance(meta, dict) else {}]
        header = self._headers.get("x-simulated", "").strip().lower()
        return header in ("true", "1") or any(source.get("simulated") is True for source in sources)


def _plain(value: object) -> bool:
    """Return True if a value is a fact to keep: a number, a boolean or a short text."""
    return isinstance(value, bool | int | float) or (isinstance(value, str) and 0 < len(value) <= _LONGEST)
