"""A search for the ctx_limit at which half of the runs complete, one run at a time: the sweeper `floor`."""

from collections.abc import Container, Iterator
from dataclasses import replace
from itertools import count
from statistics import mean
from typing import Any

from harness.config import ConfigError
from sweeps.plan.planner import Plan, label
from sweeps.plan.run import PlannedRun
from sweeps.progress.display import duration
from sweeps.progress.history import Key, SweepHistory
from sweeps.strategies.base import SweepStatus, refuse_others
from sweeps.strategies.posterior import Counts, ThresholdInterval, ThresholdPosterior

BUDGET = 30
"""Runs in all, where nothing else is asked for."""


class ThresholdSearch:
    """Each run is made where it is expected to tell most. What is known is what the ledger has of these cells, so that
    a search that was stopped goes on as if it had not been."""

    def __init__(self, planned: Plan) -> None:
        refuse_others(planned.sweep, "floor")
        _refuse(planned)
        self.plan = planned
        self._at = {run.config.ctx_limit: run for run in planned.runs}
        self._curves = ThresholdPosterior(list(self._at))
        self._budget = planned.sweep.budget or BUDGET
        self._level = 1 - planned.sweep.alpha

    def standing(self, histories: SweepHistory, made: Container[Key]) -> SweepStatus:
        counts = self._counts(histories)
        runs = sum(runs for runs, _ in counts.values())
        interval = self._curves.interval(counts, self._level)
        over = self._over(runs, interval)
        simulated = histories.simulated(self.plan.runs)
        return SweepStatus(
            finished=runs,
            total=runs if over else self._budget,
            pending=[] if over else [self._run(limit, 1, runs) for limit in self._curves.limits],
            due=[] if over else [self._next(counts, histories, made)],
            news=[self._line(runs, interval, over, simulated)] if runs else [],
            found=self._found(counts, interval, over, simulated) if over else {},
        )

    def rule(self) -> dict[str, Any]:
        cells = {
            run.cell: {
                "task": run.config.task.name,
                "model": run.config.model.name,
                "levels": dict(run.levels),
                "replicates": [],  # decided run by run
            }
            for run in self.plan.runs
        }
        asked = {"budget": self._budget, "width": self.plan.sweep.width, "level": self._level}
        return {"rule": {"sweeper": "floor", **asked}, "runs": self._budget, "cells": cells}

    def preview(self, histories: SweepHistory) -> Iterator[str]:
        counts = self._counts(histories)
        standing = self.standing(histories, ())
        yield "ctx_limit  cell              runs  completed  chance"
        for limit, chance in self._curves.expected(counts):
            runs, completed = counts[limit]
            yield f"{limit:>9}  {self._at[limit].cell:<16}  {runs:>4}  {completed:>9}  {chance:>6.2f}"
        yield ""
        yield self._size(standing, histories)
        width = self.plan.sweep.width
        fewer = f"; fewer if the floor is known to {width:g} tokens before" if width is not None else ""
        yield f"{self._budget} runs at most, each at the limit that is expected to tell most about the floor{fewer}"
        if standing.due:
            yield f"next: {standing.due[0].label}"
        yield from standing.news

    def _size(self, standing: SweepStatus, histories: SweepHistory) -> str:
        left = standing.total - standing.finished
        known = [seconds for seconds in histories.seconds(standing.pending) if seconds is not None]
        hours = f"; about {duration(mean(known) * left)} by the medians of past runs" if known else ""
        return f"{standing.total} runs: {standing.finished} done, {left} to run at most{hours}"

    def _counts(self, histories: SweepHistory) -> Counts:
        """All results of these cells, whichever sweep they were made for."""
        return {limit: _count(run, histories) for limit, run in self._at.items()}

    def _over(self, runs: int, interval: ThresholdInterval) -> str:
        """Why the search is over; empty while it is not."""
        width = self.plan.sweep.width
        if self._beyond(interval):
            return "the floor lies beyond the limits given"
        if width is not None and interval.high - interval.low <= width:
            return f"the interval is no wider than {width:g} tokens"
        return f"all {self._budget} runs have a result" if runs >= self._budget else ""

    def _next(self, counts: Counts, histories: SweepHistory, made: Container[Key]) -> PlannedRun:
        """The run that is made next: there, with the first replicate that is owed."""
        limit = self._curves.next(counts)
        done = sum(runs for runs, _ in counts.values())
        runs = (self._run(limit, replicate, done) for replicate in count(self._at[limit].config.replicate))
        retry = self.plan.sweep.retry
        return next(run for run in runs if run.key not in made and histories.of(run).owed(run.key, retry))

    def _run(self, limit: int, replicate: int, done: int) -> PlannedRun:
        run = self._at[limit]
        return replace(
            run,
            config=replace(run.config, replicate=replicate),
            label=f"{label(run.config.task.name, run.levels)} r{replicate}",
            launch=replace(run.launch, block=None, position=done + 1),
        )

    def _line(self, runs: int, interval: ThresholdInterval, over: str, simulated: bool) -> str:
        of = self.plan.runs[0].config
        low, middle, high = (self._told(tokens) for tokens in (interval.low, interval.middle, interval.high))
        where = f"{middle} tokens, {100 * self._level:.6g}%" + (
            "" if self._beyond(interval) else f" from {low} to {high}"
        )
        return (
            f"floor of {of.model.name} on {of.task.name}{' (simulated)' if simulated else ''}: {where}; "
            f"{runs} of at most {self._budget} runs{f', {over}' if over else ''}"
        )

    def _beyond(self, interval: ThresholdInterval) -> bool:
        """Whether even its far end lies outside of the limits given, where nothing more can be learned of it."""
        return interval.high < self._curves.limits[0] or interval.low > self._curves.limits[-1]

    def _told(self, tokens: float) -> str:
        """A limit in words. Beyond the grid nothing was tried, and no number would mean anything."""
        limits = self._curves.limits
        if tokens < limits[0]:
            return f"below {limits[0]}"
        return f"above {limits[-1]}" if tokens > limits[-1] else f"{tokens:.0f}"

    def _found(self, counts: Counts, interval: ThresholdInterval, reason: str, simulated: bool) -> dict[str, Any]:
        """As plain data; null for what lies beyond the grid."""
        lowest, *_, highest = self._curves.limits
        inside = {what: value if lowest <= value <= highest else None for what, value in vars(interval).items()}
        return {
            "rule": self.rule()["rule"],
            "simulated": simulated,
            "floor": {what: value if value is None else round(value) for what, value in inside.items()},
            "reason": reason,
            "limits": {str(limit): {"runs": runs, "completed": done} for limit, (runs, done) in counts.items()},
        }


def _count(run: PlannedRun, histories: SweepHistory) -> tuple[int, int]:
    results = [done for (cell, _), done in histories.of(run).results.items() if cell == run.cell]
    return len(results), sum(results)


def _refuse(planned: Plan) -> None:
    """Raises ConfigError for what is no search along ctx_limit alone."""
    sweep, runs = planned.sweep, planned.runs
    floor = "hydra/sweeper=floor"
    for key, value in (("replicates", sweep.replicates != 1), ("contrast", sweep.contrast)):
        if value:
            raise ConfigError(
                f"sweep.{key}={getattr(sweep, key)}: {floor} compares no arms, and decides how often each runs"
            )
    others = {factor for run in runs for factor in run.levels} - {"ctx_limit"}
    others |= {"replicate"} if len({run.config.replicate for run in runs}) > 1 else set()
    if others:
        raise ConfigError(f"{', '.join(sorted(others))}: {floor} varies ctx_limit and nothing else")
    limits = [run.config.ctx_limit for run in runs]
    if len(limits) < 3:
        raise ConfigError(f"ctx_limit={','.join(map(str, limits))}: {floor} needs three or more limits to search among")
    if min(limits) == 0:
        raise ConfigError(f"ctx_limit=0: {floor} searches along limits, and this is none")
