"""The plugin that sees tests end. It runs in the spec's process, out of reach of the code."""

from __future__ import annotations

from typing import Any

import pytest

from .proxies import RemoteThing
from .specside import SpecSide
from .values import PLAIN

MOST_TEXT = 4000
"""Largest number of characters of one reason."""


class Observer:
    """Note for every test how it ended."""

    def __init__(self, side: SpecSide) -> None:
        self._side = side
        self.collected: list[str] = []
        self.passed: list[str] = []
        self.skipped: list[str] = []
        self.failed: list[str] = []
        self.broken: list[str] = []
        """Files that could not be collected."""

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Note the tests."""
        self.collected = [item.nodeid for item in items]

    def pytest_collectreport(self, report: Any) -> None:
        """Note files that could not be collected, and show where the code failed."""
        if report.failed:
            self.broken.append(report.nodeid)
            self._explain(report)
        if report.skipped:
            self.broken.append(report.nodeid)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self) -> Any:
        """Note that a test runs."""
        self._side.in_test = True
        yield
        self._side.in_test = False

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Any:
        """Fail a test whose assertions failed inside calls from the code, or during which its process ended."""
        outcome = yield
        report = outcome.get_result()
        swallowed = self._side.take_failures()
        gone = self._side.channel.failure
        if call.when != "call":
            gone = ""
        if report.outcome == "passed" and not hasattr(report, "wasxfail") and (swallowed or gone):
            report.outcome = "failed"
            report.longrepr = "\n".join([*swallowed, *([gone] if gone else [])])[:MOST_TEXT]
        if self._side.channel.failure:
            item.session.shouldstop = self._side.channel.failure
        if report.failed:
            self._explain(report)
        elif call.when == "teardown":
            self._side.traces.clear()

    def _explain(self, report: Any) -> None:
        for trace in self._side.traces:
            report.sections.append(("Traceback in the code under test", trace))
        self._side.traces.clear()

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Count a test once its call phase has ended well, unless another phase fails."""
        name = report.nodeid
        if report.failed:
            self.failed.append(name)
        elif report.when == "call" and (report.passed or hasattr(report, "wasxfail")):
            self.passed.append(name)
        elif report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.append(name)
        elif report.skipped:
            self.passed.append(name)

    def pytest_assertrepr_compare(self, config: Any, op: str, left: Any, right: Any) -> list[str] | None:  # noqa: ARG002
        """Say why an object of the code does not equal plain data."""
        for one, other in ((left, right), (right, left)):
            if op == "==" and isinstance(one, RemoteThing) and type(other) in PLAIN:
                return [
                    f"{left!r} == {right!r}",
                    f"An object of the class {type(one).__name__} never equals a plain {type(other).__name__} here.",
                ]
        return None

    def result(self) -> dict[str, Any]:
        """Return what was seen."""
        failed = set(self.failed)
        return {
            "collected": self.collected,
            "passed": [name for name in self.passed if name not in failed],
            "skipped": [name for name in self.skipped if name not in failed],
            "failed": list(dict.fromkeys(self.failed)),
            "broken": self.broken,
            "gone": self._side.channel.failure,
        }
