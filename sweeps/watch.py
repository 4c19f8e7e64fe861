"""Seeing that a server stays what it was while a sweep goes on."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.config import RunConfig, ToolsMode
from harness.llm.types import JSON
from harness.record import RunRecord
from harness.state import Launch
from harness.transcript import OnEvent


class Watched:
    """Carries out runs, and says so once a server, its model or its template is no longer what it was."""

    def __init__(self, run: Callable[..., RunRecord]) -> None:
        self.seen: dict[tuple[str, str], ToolsMode] = {}
        """How tools reach models, by endpoint and name of the model, as a preflight saw."""
        self._run = run
        self._first: dict[tuple[str, str], Any] = {}

    def __call__(self, config: RunConfig, *, endpoint: str, launch: Launch, on_event: OnEvent) -> RunRecord:
        key = endpoint, config.model.name
        first = self._first.get(key) or launch.fingerprint
        tools = self.seen.get((config.model.endpoint, config.model.name))
        launch = replace(launch, fingerprint=first, tools=tools)
        record = self._run(config, endpoint=endpoint, launch=launch, on_event=on_event)
        self._first.setdefault(key, first or record.server.get("fingerprint"))
        if "changed_from" in record.server:
            now = record.server.get("fingerprint")
            print(f"warning: the server of {config.model.name} changed: {first} was {now}", file=sys.stderr)
        return record


class Prints:
    """What servers were when a sweep first ran with them, where several take each other's runs."""

    def __init__(self) -> None:
        self._first: dict[str, dict[str, JSON]] = {}

    def first(self, model: str, server: str) -> JSON | None:
        """What the server was at first; None where that is not known."""
        return self._first.get(model, {}).get(server)

    def note(self, model: str, server: str, now: JSON | None) -> str | None:
        """Take in what a server is; returns in one line how it differs from another, when it is first seen."""
        known = self._first.setdefault(model, {})
        if now is None or server in known:
            return None
        known[server] = now
        return next((f"it is {now}, and {other} is {one}" for other, one in known.items() if one != now), None)
