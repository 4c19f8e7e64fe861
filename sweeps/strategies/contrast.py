"""Sequential contrasts: run block by block, and stop an arm once its verdict is certain (sweeper `contrast`)."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from harness.config import ConfigError
from sweeps.plan.design import Levels, PlannedContrast, contrasts, stratum_of
from sweeps.plan.planner import Plan
from sweeps.plan.run import PlannedRun
from sweeps.progress.history import Key, SweepHistory
from sweeps.progress.preview import preview
from sweeps.schema import Stop, SweepConfig
from sweeps.strategies.base import SweepStatus, refuse_others
from sweeps.strategies.curtailment import StratumCounts, certain_verdict
from sweeps.strategies.decision import CLOSE, ContrastDecision, as_plain, decide_by_e_process, line
from sweeps.strategies.e_process import EProcess, Pair

Arm = tuple[Levels, str]
"""A stratum, and a level of the declared factor in it."""


class ContrastStrategy:
    """Runs interleaved blocks; after each one, arms with a certain verdict stop while the others go on."""

    def __init__(self, planned: Plan) -> None:
        refuse_others(planned.sweep, "contrast")
        sweep = _with_contrast(planned)
        self.plan = replace(planned, sweep=sweep)
        self._stop = sweep.stop or Stop.curtail
        self._contrasts = contrasts(planned.runs, sweep)
        self._arms: dict[Arm, list[PlannedRun]] = {}
        for run in planned.runs:
            self._arms.setdefault((stratum_of(run, sweep.contrast), run.levels[sweep.contrast]), []).append(run)
        for contrast in self._contrasts:
            self._require_power(contrast)

    def status(self, histories: SweepHistory, made: Container[Key]) -> SweepStatus:
        verdicts = [self._verdict(contrast, histories) for contrast in self._contrasts]
        runs, spared = self.plan.runs, self._spared(verdicts, histories)
        remaining = [run for run in histories.unfinished(runs, self.plan.sweep.retry) if run.key not in spared]
        record_decisions = [verdict for verdict in verdicts if verdict.significant is not None]
        simulated = histories.simulated(runs)
        return SweepStatus(
            finished=histories.finished(runs),
            total=len(runs) - len(spared),
            remaining=remaining,
            next_runs=_first_block([run for run in remaining if run.key not in made]),
            messages=[line(verdict, self.plan.sweep, simulated) for verdict in record_decisions],
            decision=self._decision(record_decisions, simulated) if record_decisions else {},
        )

    def rule(self) -> dict[str, Any]:
        return {"rule": {"sweeper": "contrast", "stop": self._stop.value}}

    def preview(self, histories: SweepHistory) -> Iterator[str]:
        verdicts = [self._verdict(contrast, histories) for contrast in self._contrasts]
        runs, sweep = self.plan.runs, self.plan.sweep
        yield from preview(runs, sweep, histories, self._spared(verdicts, histories))
        when = {
            Stop.curtail: "no outcome of the remaining runs can change its verdict",
            Stop.evalue: f"its e-process has reached {1 / sweep.alpha:g}, or no longer can",
        }[self._stop]
        yield f"{len(runs)} runs at most: after each block, an arm ends if {when} (sweep.stop={self._stop.value})"
        yield from self.status(histories, ()).messages

    def _verdict(self, contrast: PlannedContrast, histories: SweepHistory) -> ContrastDecision:
        tallies = [self._tally(contrast, levels, histories) for levels in contrast.strata]
        pairs = self._pairs(contrast, histories)
        if self._stop is Stop.evalue:
            return decide_by_e_process(contrast, tallies, pairs, self.plan.sweep)
        significant = certain_verdict(tallies, self.plan.sweep.alpha, self.plan.sweep.side)
        left = any(sum(tally.left) for tally in tallies)
        reason = "whatever else comes" if left else "all planned runs have a result"
        return ContrastDecision(contrast, tallies, significant, len(pairs), reason)

    def _tally(self, contrast: PlannedContrast, levels: Levels, histories: SweepHistory) -> StratumCounts:
        """Count whole blocks only, so that a sweep interrupted within a block decides as an uninterrupted one."""
        arms = [self._arms[levels, level] for level in (contrast.baseline, contrast.level)]
        open_blocks = {run.config.replicate for arm in arms for run in arm if _completed(run, histories) is None}
        known = [[run for run in arm if run.config.replicate not in open_blocks] for arm in arms]
        results = [len(arm) for arm in known]
        completed = [sum(_completed(run, histories) is True for run in arm) for arm in known]
        return StratumCounts(contrast.strata[levels], (results[0], results[1]), (completed[0], completed[1]))

    def _pairs(self, contrast: PlannedContrast, histories: SweepHistory) -> list[tuple[Levels, Pair]]:
        """Return the whole blocks of each stratum, in the order in which they were completed.

        An order chosen afterwards would be a choice that depends on the results, which an e-process does not allow.
        """
        whole = []
        for levels in contrast.strata:
            arms = [
                {run.config.replicate: run for run in self._arms[levels, level]}
                for level in (contrast.baseline, contrast.level)
            ]
            for replicate in arms[0].keys() & arms[1].keys():
                pair = arms[0][replicate], arms[1][replicate]
                baseline, arm = (_completed(run, histories) for run in pair)
                if baseline is not None and arm is not None:
                    when = max(histories.of(run).place[run.key] for run in pair)
                    whole.append((when, levels, (baseline, arm)))
        return [(levels, pair) for _, levels, pair in sorted(whole)]

    def _spared(self, verdicts: Sequence[ContrastDecision], histories: SweepHistory) -> set[Key]:
        """Return the runs without a result that no open contrast needs. Runs of no contrast are always needed."""
        needed, planned = set(), set()
        for verdict in verdicts:
            contrast = verdict.contrast
            arms = {(levels, level) for levels in contrast.strata for level in (contrast.baseline, contrast.level)}
            planned |= arms
            if verdict.significant is None:
                needed |= arms
        idle = [run for arm in planned - needed for run in self._arms[arm]]
        return {run.key for run in idle if _completed(run, histories) is None}

    def _decision(self, record_decisions: Sequence[ContrastDecision], simulated: bool) -> dict[str, Any]:
        sweep = self.plan.sweep
        return {
            **self.rule(),
            "alpha": sweep.alpha,
            "side": sweep.side.value,
            "simulated": simulated,
            "contrasts": [as_plain(verdict) for verdict in record_decisions],
        }

    def _require_power(self, contrast: PlannedContrast) -> None:
        sweep = self.plan.sweep
        what = f"sweep.replicates={sweep.replicates}: too few to show anything of {contrast.factor}={contrast.level}"
        if not contrast.strata:
            raise ConfigError(f"{contrast.factor}={contrast.level}: no stratum has it and {contrast.baseline} too")
        if self._stop is Stop.evalue:
            most = 1.0
            for stratum in contrast.strata.values():
                most *= EProcess(sweep.side).best(min(stratum))
            if most * CLOSE < 1 / sweep.alpha:
                raise ConfigError(f"{what}: the e-process can reach {most:.3g}, 1/sweep.alpha is {1 / sweep.alpha:g}")
        elif (least := contrast.smallest_p(sweep)) > sweep.alpha:
            raise ConfigError(f"{what}: its smallest p is {least:.2g}, sweep.alpha={sweep.alpha:g}")


def _with_contrast(planned: Plan) -> SweepConfig:
    """Return the sweep config with its contrast. Defaults: a single factor, and the baseline `false` or `none`."""
    sweep = planned.sweep
    levels: dict[str, set[str]] = {}
    for run in planned.runs:
        for factor, level in run.levels.items():
            levels.setdefault(factor, set()).add(level)
    if not levels:
        raise ConfigError("hydra/sweeper=contrast: needs a factor of two or more levels, such as memory=true,false")
    if not sweep.contrast and len(levels) > 1:
        raise ConfigError(f"sweep.contrast is missing: hydra/sweeper=contrast needs one of {', '.join(levels)}")
    factor = sweep.contrast or next(iter(levels))
    if len({run.config.model.simulated for run in planned.runs}) > 1:
        raise ConfigError(f"{factor}: simulated and real subjects are never compared")
    natural = {"lever": "none"}.get(factor, "false")
    baseline = sweep.baseline or (natural if natural in levels.get(factor, ()) else "")
    return replace(sweep, contrast=factor, baseline=baseline)


def _first_block(runs: Sequence[PlannedRun]) -> list[PlannedRun]:
    for _, block in groupby(runs, key=lambda run: run.launch.block):
        return list(block)
    return []


def _completed(run: PlannedRun, histories: SweepHistory) -> bool | None:
    """Return whether a run completed; None while it has no result."""
    return histories.of(run).results.get(run.key)
