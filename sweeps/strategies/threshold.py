"""Threshold search: find the ctx_limit at which half of the runs complete (sweeper `threshold`, also `floor`)."""

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
from sweeps.strategies.posterior import Counts, ThresholdInterval, ThresholdPosterior, stricter

BUDGET = 30
"""Default number of runs."""


class ThresholdSearch:
    """Makes each run at the limit with the largest expected information.

    The state is the ledger alone, so that an interrupted search continues as an uninterrupted one."""

    def __init__(self, planned: Plan) -> None:
        refuse_others(planned.sweep, "threshold")
        _refuse(planned)
        self.plan = planned
        self._at = {run.config.ctx_limit: run for run in planned.runs}
        self._curves = ThresholdPosterior(list(self._at))
        self._budget = planned.sweep.budget or BUDGET
        self._level = 1 - planned.sweep.alpha

    def status(self, histories: SweepHistory, made: Container[Key]) -> SweepStatus:
        counts = self._counts(histories)
        runs = sum(runs for runs, _ in counts.values())
        interval = self._curves.interval(counts, self._level)
        over = self._over(runs, interval, counts)
        simulated = histories.simulated(self.plan.runs)
        return SweepStatus(
            finished=runs,
            total=runs if over else self._budget,
            remaining=[] if over else [self._run(limit, 1, runs) for limit in self._curves.limits],
            next_runs=[] if over else [self._next(counts, histories, made)],
            messages=[self._line(runs, interval, over, simulated)] if runs else [],
            decision=self._decision(counts, interval, over, simulated) if over else {},
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
        settings = {"budget": self._budget, "width": self.plan.sweep.width, "level": self._level}
        return {"rule": {"sweeper": "floor", **settings}, "runs": self._budget, "cells": cells}

    def preview(self, histories: SweepHistory) -> Iterator[str]:
        counts = self._counts(histories)
        status = self.status(histories, ())
        yield "ctx_limit  cell              runs  completed  chance"
        for limit, chance in self._curves.expected(counts):
            runs, completed = counts[limit]
            yield f"{limit:>9}  {self._at[limit].cell:<16}  {runs:>4}  {completed:>9}  {chance:>6.2f}"
        yield ""
        yield self._size(status, histories)
        width = self.plan.sweep.width
        fewer = f"; fewer if the floor is known to {width:g} tokens before" if width is not None else ""
        yield f"{self._budget} runs at most, each at the limit that is expected to tell most about the floor{fewer}"
        if status.next_runs:
            yield f"next: {status.next_runs[0].label}"
        yield from status.messages

    def _size(self, status: SweepStatus, histories: SweepHistory) -> str:
        left = status.total - status.finished
        known = [seconds for seconds in histories.seconds(status.remaining) if seconds is not None]
        hours = f"; about {duration(mean(known) * left)} by the medians of past runs" if known else ""
        return f"{status.total} runs: {status.finished} done, {left} to run at most{hours}"

    def _counts(self, histories: SweepHistory) -> Counts:
        """Return the results of these cells, of whatever sweep."""
        return {limit: _count(run, histories) for limit, run in self._at.items()}

    def _over(self, runs: int, interval: ThresholdInterval, counts: Counts) -> str:
        """Return the reason that ends the search; empty while it goes on."""
        width = self.plan.sweep.width
        if self._beyond(interval):
            return "the floor lies beyond the limits given"
        if width is not None and self._curves.width(counts, self._level) <= width:
            return f"the {100 * stricter(self._level):.6g}% interval is no wider than {width:g} tokens"
        return f"all {self._budget} runs have a result" if runs >= self._budget else ""

    def _next(self, counts: Counts, histories: SweepHistory, made: Container[Key]) -> PlannedRun:
        """Return the run at a limit with the first replicate that has no result."""
        limit = self._curves.next(counts)
        done = sum(runs for runs, _ in counts.values())
        runs = (self._run(limit, replicate, done) for replicate in count(self._at[limit].config.replicate))
        retry = self.plan.sweep.retry
        return next(run for run in runs if run.key not in made and histories.of(run).unfinished(run.key, retry))

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
        low, middle, high = (self._in_words(tokens) for tokens in (interval.low, interval.middle, interval.high))
        where = f"{middle} tokens, {100 * self._level:.6g}%" + (
            "" if self._beyond(interval) else f" from {low} to {high}"
        )
        return (
            f"floor of {of.model.name} on {of.task.name}{' (simulated)' if simulated else ''}: {where}; "
            f"{runs} of at most {self._budget} runs{f', {over}' if over else ''}"
        )

    def _beyond(self, interval: ThresholdInterval) -> bool:
        """Return whether the interval lies outside of the given limits, where nothing more can be learned."""
        return interval.high < self._curves.limits[0] or interval.low > self._curves.limits[-1]

    def _in_words(self, tokens: float) -> str:
        """Return a limit as text. Beyond the given limits nothing was tried, so no number is shown."""
        limits = self._curves.limits
        if tokens < limits[0]:
            return f"below {limits[0]}"
        return f"above {limits[-1]}" if tokens > limits[-1] else f"{tokens:.0f}"

    def _decision(self, counts: Counts, interval: ThresholdInterval, reason: str, simulated: bool) -> dict[str, Any]:
        """Return the decision as plain data; null beyond the given limits."""
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
    """Raise ConfigError unless ctx_limit is the only factor."""
    sweep, runs = planned.sweep, planned.runs
    sweeper = "hydra/sweeper=threshold"
    for key, value in (("replicates", sweep.replicates != 1), ("contrast", sweep.contrast)):
        if value:
            raise ConfigError(
                f"sweep.{key}={getattr(sweep, key)}: {sweeper} compares no arms, and decides how often each runs"
            )
    others = {factor for run in runs for factor in run.levels} - {"ctx_limit"}
    others |= {"replicate"} if len({run.config.replicate for run in runs}) > 1 else set()
    if others:
        raise ConfigError(f"{', '.join(sorted(others))}: {sweeper} varies ctx_limit and nothing else")
    limits = [run.config.ctx_limit for run in runs]
    if len(limits) < 3:
        raise ConfigError(
            f"ctx_limit={','.join(map(str, limits))}: {sweeper} needs three or more limits to search among"
        )
    if min(limits) == 0:
        raise ConfigError(f"ctx_limit=0: {sweeper} searches along limits, and this is none")
