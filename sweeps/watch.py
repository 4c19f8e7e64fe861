"""Seeing that a server stays what it was while a sweep goes on."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.config import RunConfig
from harness.record import RunRecord
from harness.state import Launch
from harness.transcript import OnEvent


class Watched:
    """Carries out runs, and says so once a server, its model or its template is no longer what it was."""

    def __init__(self, run: Callable[..., RunRecord]) -> None:
        self._run = run
        self._first: dict[tuple[str, str], Any] = {}

    def __call__(self, config: RunConfig, *, endpoint: str, launch: Launch, on_event: OnEvent) -> RunRecord:
        key = endpoint, config.model.name
        first = self._first.get(key) or launch.fingerprint
        record = self._run(config, endpoint=endpoint, launch=replace(launch, fingerprint=first), on_event=on_event)
        self._first.setdefault(key, first or record.server.get("fingerprint"))
        if "changed_from" in record.server:
            now = record.server.get("fingerprint")
            print(f"warning: the server of {config.model.name} changed: {first} was {now}", file=sys.stderr)
        return record
