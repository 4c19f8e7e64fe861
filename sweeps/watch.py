"""Seeing that a server stays what it was while a sweep goes on."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import replace

from harness.config import ConfigError, RunConfig
from harness.llm.types import JSON
from harness.record import RunRecord
from harness.servers.facts import differences
from harness.state import Launch
from harness.subjects import ServerNotStarted
from harness.transcript import OnEvent
from sweeps.plan.run import PlannedRun
from sweeps.preflight import Seen, Subject, check_servers, subject_of
from sweeps.progress.history import SweepHistory


class ServerChanged(Exception):  # noqa: N818 - a state of the world
    """A server is no longer what it was when its cell was first run; the text is one line."""


class Watched:
    """Makes runs, and stops the sweep once a server, its model or its template is no longer what it was."""

    def __init__(self, run: Callable[..., RunRecord]) -> None:
        self.seen: Seen = {}
        self._run = run
        self._first: dict[Subject, JSON] = {}
        self._unchecked: dict[Subject, list[RunConfig]] = {}

    def check_later(self, configs: Iterable[RunConfig]) -> None:
        """Look a server over when the first of these runs is made with it."""
        for config in configs:
            self._unchecked.setdefault(subject_of(config), []).append(config)

    def remember(self, runs: Iterable[PlannedRun], histories: SweepHistory) -> None:
        """Take in what the ledgers say that the servers of these runs were."""
        for run in runs:
            if was := histories.of(run).fingerprints.get(run.cell):
                self._first.setdefault(subject_of(run.config), was)

    def __call__(self, config: RunConfig, *, endpoint: str, launch: Launch, on_event: OnEvent) -> RunRecord:
        """Make a run. Raises ServerChanged after one that a changed server kept from being made."""
        key = subject_of(config)
        if waiting := self._unchecked.pop(key, None):
            try:
                self.seen.update(check_servers(waiting, lambda _: nullcontext(endpoint)))
            except ConfigError as error:
                raise ServerNotStarted(str(error)) from error
        first = self._first.get(key) or launch.fingerprint
        tools = self.seen.get(key)
        launch = replace(launch, fingerprint=first, tools=tools)
        record = self._run(config, endpoint=endpoint, launch=launch, on_event=on_event)
        now = record.server.get("fingerprint")
        if "changed_from" in record.server:
            changed = ", ".join(differences(record.server["changed_from"], now))
            raise ServerChanged(
                f"the server of {config.model.name} is not what it was: {changed}; put the old one back, or give this "
                "one a label of its own: model.variant=LABEL"
            )
        if now:
            self._first[key] = now | (first or {})
        return record


class ServerFingerprints:
    """First facts about servers that take each other's runs."""

    def __init__(self) -> None:
        self._first: dict[Subject, dict[str, JSON]] = {}

    def first(self, config: RunConfig, server: str) -> JSON | None:
        """Return the first facts about the server; None if unknown."""
        return self._first.get(subject_of(config), {}).get(server)

    def note(self, config: RunConfig, server: str, now: JSON | None) -> str | None:
        """Take in what a server is; returns in one line how it differs from another, when it is first seen."""
        known = self._first.setdefault(subject_of(config), {})
        if now is None or server in known:
            return None
        known[server] = now
        unlike = ((other, list(differences(one, now))) for other, one in known.items())
        return next((f"unlike {other}: {', '.join(changed)}" for other, changed in unlike if changed), None)
