"""The sweepers: every combination of the levels given, handed to the launcher at once, with what decides among them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser

Job = list[str]


@dataclass
class SweeperConf:
    """Options of every sweeper."""

    _target_: str
    max_batch_size: int | None = None
    params: dict[str, str] | None = field(default_factory=dict)
    arms: list[str] = field(default_factory=list)
    """Arms that are no product of factors: of each the overrides that make it, separated by spaces."""


def _declare(name: str, sweeper: str) -> None:
    """Make `hydra/sweeper=<name>` known."""
    node = SweeperConf(f"{__name__}.{sweeper}")
    ConfigStore.instance().store(group="hydra/sweeper", name=name, node=node, provider="harness")


_declare("grid", "GridSweeper")
_declare("contrast", "ContrastSweeper")
_declare("threshold", "ThresholdSweeper")
_declare("floor", "ThresholdSweeper")  # the name that earlier versions had


class GridSweeper(BasicSweeper):
    """Hydra's own, less what it leaves on the disk and less a second composing of every job; and with arms."""

    def __init__(self, max_batch_size: int | None, params: dict[str, str] | None, arms: list[str]) -> None:
        super().__init__(max_batch_size, params)
        self._arms = [arm.split() for arm in arms]

    def sweep(self, arguments: list[str]) -> None:
        from sweeps.checks import check_sweep_overrides  # noqa: PLC0415
        from sweeps.overrides import KEY, readable  # noqa: PLC0415
        from sweeps.own_tasks import OwnTasks, TaskExpansion  # noqa: PLC0415

        assert self.hydra_context is not None
        assert self.config is not None
        launcher: Any = self.launcher
        parser = OverridesParser.create(config_loader=self.hydra_context.config_loader)
        given = parser.parse_overrides(arguments)
        check_sweep_overrides(given)
        declared = parser.parse_overrides(readable(f"{key}={value}" for key, value in self.params.items()))
        own = OwnTasks(self.config.task_root)
        loader = self.hydra_context.config_loader
        expansion = TaskExpansion(own, lambda: loader.get_group_options(KEY))
        # What the command line gives replaces what the grid declares, which then need not even be there.
        chosen = {override.get_key_element(): override for override in (*declared, *given)}
        [jobs] = self.split_arguments([expansion.override(override) for override in chosen.values()], None)
        arms = self._arms if KEY in chosen else expansion.arms(self._arms)
        launcher.strategy = self._strategy()
        launcher.tasks, launcher.stand_ins = expansion.levels, own.stand_ins()
        launcher.launch(_for_each_arm(arms, jobs), initial_job_idx=0)

    def _strategy(self) -> Any:
        """`sweeps.strategies.base.StrategyOf`."""
        from sweeps.strategies.base import GridStrategy  # noqa: PLC0415

        return GridStrategy


class ContrastSweeper(GridSweeper):
    """Ends an arm as soon as its verdict is certain."""

    def _strategy(self) -> Any:
        from sweeps.strategies.contrast import ContrastStrategy  # noqa: PLC0415

        return ContrastStrategy


class ThresholdSweeper(GridSweeper):
    """Searches for the ctx_limit at which half of the runs complete."""

    def _strategy(self) -> Any:
        from sweeps.strategies.threshold import ThresholdSearch  # noqa: PLC0415

        return ThresholdSearch


def _for_each_arm(arms: Sequence[Job], jobs: Sequence[Job]) -> list[Job]:
    """Every job with the overrides of every arm, which give way to those of the job."""
    return [[*_less(arm, job), *job] for arm in arms or [[]] for job in jobs]


def _less(arm: Job, job: Job) -> Job:
    taken = {_key(text) for text in job}
    return [text for text in arm if _key(text) not in taken]


def _key(text: str) -> str:
    return text.partition("=")[0]
