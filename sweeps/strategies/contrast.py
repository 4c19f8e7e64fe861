"""Block by block, and of each arm only as long as something can still come of it: the sweeper `contrast`."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from harness.config import ConfigError
from sweeps.plan.design import Levels, PlannedContrast, contrasts, rest
from sweeps.plan.planner import Plan
from sweeps.plan.run import PlannedRun
from sweeps.progress.history import Key, SweepHistory
from sweeps.progress.preview import preview
from sweeps.schema import Stop, SweepConfig
from sweeps.strategies.base import SweepStatus, refuse_others
from sweeps.strategies.curtailment import StratumCounts, certain
from sweeps.strategies.decision import CLOSE, ContrastDecision, by_evidence, line, plain
from sweeps.strategies.e_process import EProcess, Pair

Arm = tuple[Levels, str]
"""A stratum, and a level of the declared factor in it."""


class ContrastStrategy:
    """Interleaved blocks, after each of which an arm whose verdict is certain ends. Baseline and other arms go on."""

    def __init__(self, planned: Plan) -> None:
        refuse_others(planned.sweep, "contrast")
        sweep = _declared(planned)
        self.plan = Plan(sweep, planned.runs)
        self._stop = sweep.stop or Stop.curtail
        self._contrasts = contrasts(planned.runs, sweep)
        self._arms: dict[Arm, list[PlannedRun]] = {}
        for run in planned.runs:
            self._arms.setdefault((rest(run, sweep.contrast), run.levels[sweep.contrast]), []).append(run)
        for contrast in self._contrasts:
            self._refuse_hopeless(contrast)

    def standing(self, histories: SweepHistory, made: Container[Key]) -> SweepStatus:
        verdicts = [self._verdict(contrast, histories) for contrast in self._contrasts]
        runs, spared = self.plan.runs, self._spared(verdicts, histories)
        pending = [run for run in histories.owed(runs, self.plan.sweep.retry) if run.key not in spared]
        decided = [verdict for verdict in verdicts if verdict.significant is not None]
        simulated = histories.simulated(runs)
        return SweepStatus(
            finished=histories.finished(runs),
            total=len(runs) - len(spared),
            pending=pending,
            due=_first_block([run for run in pending if run.key not in made]),
            news=[line(verdict, self.plan.sweep, simulated) for verdict in decided],
            found=self._found(decided, simulated) if decided else {},
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
        yield from self.standing(histories, ()).news

    def _verdict(self, contrast: PlannedContrast, histories: SweepHistory) -> ContrastDecision:
        tallies = [self._tally(contrast, levels, histories) for levels in contrast.strata]
        pairs = self._pairs(contrast, histories)
        if self._stop is Stop.evalue:
            return by_evidence(contrast, tallies, pairs, self.plan.sweep)
        significant = certain(tallies, self.plan.sweep.alpha, self.plan.sweep.side)
        left = any(sum(tally.left) for tally in tallies)
        reason = "whatever else comes" if left else "all planned runs have a result"
        return ContrastDecision(contrast, tallies, significant, len(pairs), reason)

    def _tally(self, contrast: PlannedContrast, levels: Levels, histories: SweepHistory) -> StratumCounts:
        """Of whole blocks alone: a sweep that is stopped within a block and goes on decides where it would have."""
        arms = [self._arms[levels, level] for level in (contrast.baseline, contrast.level)]
        open_blocks = {run.config.replicate for arm in arms for run in arm if _completed(run, histories) is None}
        known = [[run for run in arm if run.config.replicate not in open_blocks] for arm in arms]
        results = [len(arm) for arm in known]
        completed = [sum(_completed(run, histories) is True for run in arm) for arm in known]
        return StratumCounts(contrast.strata[levels], (results[0], results[1]), (completed[0], completed[1]))

    def _pairs(self, contrast: PlannedContrast, histories: SweepHistory) -> list[tuple[Levels, Pair]]:
        """The whole blocks of each stratum, in the order in which they became whole.

        It is no choice of ours when a block is whole, but which order they are taken in would be: evidence may
        not depend on what was not known yet.
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
        """Runs without a result that no open contrast asks for. What belongs to no contrast is asked for anyway."""
        needed, asked = set(), set()
        for verdict in verdicts:
            contrast = verdict.contrast
            arms = {(levels, level) for levels in contrast.strata for level in (contrast.baseline, contrast.level)}
            asked |= arms
            if verdict.significant is None:
                needed |= arms
        idle = [run for arm in asked - needed for run in self._arms[arm]]
        return {run.key for run in idle if _completed(run, histories) is None}

    def _found(self, decided: Sequence[ContrastDecision], simulated: bool) -> dict[str, Any]:
        sweep = self.plan.sweep
        return {
            **self.rule(),
            "alpha": sweep.alpha,
            "side": sweep.side.value,
            "simulated": simulated,
            "contrasts": [plain(verdict) for verdict in decided],
        }

    def _refuse_hopeless(self, contrast: PlannedContrast) -> None:
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


def _declared(planned: Plan) -> SweepConfig:
    """The sweep with its contrast. Of a single factor nothing needs to be said, nor which level is the baseline where
    it can only be false, or no lever."""
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
    """Whether a run completed; None while it has no result."""
    return histories.of(run).results.get(run.key)
