"""Identity of a server: the facts that it reports the same way each time."""

import re
from collections.abc import Mapping

from harness.llm.types import JSON

_TELLING = re.compile(r"x-.*(?:version|build|simulated).*", re.IGNORECASE)
_ENTRY_KEYS = ("id", "owned_by", "max_model_len", "context_length")
_MOST_FACTS = 24
_LONGEST = 200


class Identity:
    """Gathers facts from response headers and from the list of models. No dates, no request ids, no cookies."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._software = ""
        self._headers: dict[str, str] = {}
        self._entry: JSON = {}

    def see(self, headers: Mapping[str, str]) -> None:
        """Note the headers of a response."""
        self._software = headers.get("server", self._software)[:_LONGEST]
        telling = {name.lower(): value[:_LONGEST] for name, value in headers.items() if _TELLING.fullmatch(name)}
        self._headers |= {name: telling[name] for name in sorted(telling)[:_MOST_FACTS]}

    def list(self, payload: object) -> None:
        """Note the model's entry in a list of models: the one of its name, or the only one."""
        entries = payload.get("data") if isinstance(payload, dict) else None
        entries = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
        named = [entry for entry in entries if entry.get("id") == self._model]
        chosen = named or entries
        self._entry = chosen[0] if named or len(chosen) == 1 else {}

    def as_dict(self) -> JSON:
        """The facts as plain data; what is not known is left out."""
        model = {key: self._entry[key] for key in _ENTRY_KEYS if _plain(self._entry.get(key))}
        meta = self._entry.get("meta")
        if isinstance(meta, dict):
            model["meta"] = {key: meta[key] for key in sorted(meta)[:_MOST_FACTS] if _plain(meta[key])}
        facts = {"software": self._software, "headers": self._headers, "model": model}
        known: JSON = {name: fact for name, fact in facts.items() if fact}
        return known | ({"simulated": True} if self._simulated(meta) else {})

    def _simulated(self, meta: object) -> bool:
        sources = [self._entry, meta if isinstance(meta, dict) else {}]
        told = self._headers.get("x-simulated", "").strip().lower()
        return told in ("true", "1") or any(source.get("simulated") is True for source in sources)


def _plain(value: object) -> bool:
    """Return True if a value is a fact to keep: a number, a boolean or a short text."""
    return isinstance(value, bool | int | float) or (isinstance(value, str) and 0 < len(value) <= _LONGEST)
