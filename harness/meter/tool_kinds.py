"""Kinds of the tools of a command agent, by name."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.metrics import Metrics


@dataclass(frozen=True)
class ToolKinds:
    """Names of an agent's tools by what they do.

    A shell can read and write: after a call of a tool without a kind, the loads and acts of the pass are unknown.
    """

    reads: frozenset[str] = frozenset()
    """Tools that return the content of a file; each is a load."""
    loads: frozenset[str] = frozenset()
    """Other tools that read, such as a listing or a search."""
    acts: frozenset[str] = frozenset()
    """Tools that change files."""
    others: frozenset[str] = frozenset()
    """Tools that do neither, such as a list of things to do."""

    def loads_of(self, metrics: Metrics) -> int | None:
        """Return the calls that read; None where they are unknown."""
        return self._calls(metrics, self.reads | self.loads)

    def acts_of(self, metrics: Metrics) -> int | None:
        """Return the calls that change files; None where they are unknown."""
        return self._calls(metrics, self.acts)

    def known(self, names: Iterable[str]) -> bool:
        """Return True if each of the names has a kind."""
        return set(names) <= self.reads | self.loads | self.acts | self.others

    def _calls(self, metrics: Metrics, names: frozenset[str]) -> int | None:
        if metrics.tool_calls is None or not self.known(metrics.tool_counts):
            return None
        return sum(metrics.tool_counts[name] for name in names)
