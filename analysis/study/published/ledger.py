"""Reads the published figures, as they were printed."""

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

Row = dict[str, str]

PREFIX = re.compile(r"\b(?:p\d\d|rd)\b[-\w]*")
"""Reference to one or several arms in a remark on overlaps, by the beginning of their ids."""


@dataclass(frozen=True)
class PublishedArm:
    """One printed arm; what was not printed is None or empty."""

    id: str
    n: int | None
    completed: int | None
    row: Row

    @property
    def cell(self) -> tuple[str, ...]:
        """Return the key of arms that may hold the same runs."""
        return tuple(self.row[name] for name in ("task", "model", "ctx_limit", "elide"))

    @property
    def pooled(self) -> bool:
        return bool(self.row["overlaps"])


@dataclass(frozen=True)
class PublishedTest:
    """One printed comparison: `a` is what was tried, `b` what it was held against, as printed."""

    id: str
    k_a: int
    n_a: int
    k_b: int
    n_b: int
    p_printed: float | None
    row: Row


def read(name: str) -> list[Row]:
    """One table, as text."""
    text = (files("analysis.study.published") / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


class PublishedResults:
    """All published figures, or those of other tables laid out alike."""

    def __init__(self, read: Callable[[str], list[Row]] = read) -> None:
        self.arms = {row["id"]: _arm(row) for row in read("arms")}
        self.tests = [_test(row) for row in read("tests")]
        self.runs = read("runs")
        self.judgments = read("judgments")

    def parts(self, arm: PublishedArm) -> list[PublishedArm]:
        """Arms that, by its own remark, this arm is pooled of; empty for one that is only part of another."""
        named = set(PREFIX.findall(arm.row["overlaps"]))
        parts = [
            other
            for other in self.arms.values()
            if other.id != arm.id and (other.id in named or (_prefixed(other.id, named) and _whole(arm, other)))
        ]
        return parts if all((part.n or 0) < (arm.n or 0) for part in parts) else []

    def leaves(self, arm_id: str) -> list[str]:
        """The arms that a pooled arm comes down to; itself if it is not pooled."""
        arm = self.arms.get(arm_id)
        parts = self.parts(arm) if arm else []
        return sorted({leaf for part in parts for leaf in self.leaves(part.id)}) or [arm_id]

    @cached_property
    def runs_of(self) -> dict[str, list[Row]]:
        """Printed runs by their arm."""
        by_arm: dict[str, list[Row]] = {}
        for row in self.runs:
            by_arm.setdefault(row["arm_id"], []).append(row)
        return by_arm


def number(text: str) -> float | None:
    """The number that a printed cell begins with, if it begins with one."""
    match = re.match(r"[-+]?\d+(?:\.\d+)?", text)
    return float(match.group()) if match else None


def agrees(printed: float, value: float, text: str) -> bool:
    """Return whether a value rounds to the printed one, in its printed digits."""
    digits = re.match(r"[-+]?\d+\.?(\d*)", text)
    unit: float = 10.0 ** -len(digits.group(1) if digits else "")
    return abs(value - printed) <= unit / 2 * (1 + 1e-6)


def _prefixed(arm_id: str, named: Iterable[str]) -> bool:
    return any(arm_id.startswith(f"{prefix}-") for prefix in named)


def _whole(arm: PublishedArm, other: PublishedArm) -> bool:
    """Return whether another arm of the same cell has runs of its own."""
    return other.cell == arm.cell and not other.pooled and other.row["status"] == "current"


def _arm(row: Row) -> PublishedArm:
    return PublishedArm(row["id"], _count(row["n"]), _count(row["completed"]), row)


def _test(row: Row) -> PublishedTest:
    k_a, n_a, k_b, n_b = (int(row[name]) for name in ("k_a", "n_a", "k_b", "n_b"))
    return PublishedTest(row["id"], k_a, n_a, k_b, n_b, number(row["p_printed"]), row)


def _count(text: str) -> int | None:
    return int(text) if text.isdigit() else None
