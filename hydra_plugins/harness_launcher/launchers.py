"""The launchers: one planned run after another in this process, or one at each of several servers on a Ray cluster."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


@dataclass
class SequentialConf:
    """`hydra/launcher: sequential`."""

    _target_: str = f"{__name__}.SequentialLauncher"


@dataclass
class RayConf:
    """`hydra/launcher: ray`."""

    _target_: str = f"{__name__}.RayLauncher"
    address: str | None = None
    """Null: Ray is started on this machine for the sweep. Else the cluster: auto, for the one that this machine
    belongs to, or its address, host:port."""
    endpoints: list[str] = field(default_factory=list)
    """Base URLs of servers of one model, any of which may take any run. Empty: each config's `model.endpoint`."""
    split_blocks: bool = False
    """Return whether an idle endpoint takes runs of a block that another one works on."""


ConfigStore.instance().store(group="hydra/launcher", name="sequential", node=SequentialConf, provider="harness")
ConfigStore.instance().store(group="hydra/launcher", name="ray", node=RayConf, provider="harness")


class SequentialLauncher(Launcher):
    """Hands the jobs over to `sweeps.launcher`, which knows nothing of plugins."""

    strategy: Any
    """Factory of the strategy, a `sweeps.strategies.base.StrategyOf`. Set by the sweeper."""
    tasks: Any
    """The tasks that the sweep names by globs and lists, a `sweeps.plan.run.TaskLevels`. Set by the sweeper."""
    stand_ins: Mapping[str, tuple[str, str]]
    """For the choice of a task of the user's own one that composes alike, and the name. Set by the sweeper."""

    def setup(
        self,
        *,
        hydra_context: HydraContext,
        task_function: TaskFunction,  # noqa: ARG002
        config: DictConfig,
    ) -> None:
        self._compose = partial(hydra_context.config_loader.load_sweep_config, config)

    def launch(
        self,
        job_overrides: Sequence[Sequence[str]],
        initial_job_idx: int,  # noqa: ARG002
    ) -> Sequence[JobReturn]:
        # Hydra drops what its launchers return.
        sys.exit(self._sweep(job_overrides))

    def _sweep(self, jobs: Sequence[Sequence[str]]) -> int:
        from sweeps.launcher import launch_sweep  # noqa: PLC0415

        return launch_sweep(jobs, self._composer(), self.strategy, tasks=self.tasks)

    def _composer(self) -> Any:
        """`sweeps.compose.Composer`."""
        from sweeps.compose import Composer  # noqa: PLC0415

        return Composer(self._compose, self.stand_ins)


class RayLauncher(SequentialLauncher):
    """Hands the jobs over to `sweeps.cluster.executor`, which knows nothing of plugins."""

    def __init__(self, address: str | None, endpoints: list[str], split_blocks: bool) -> None:
        self._address, self._endpoints, self._split_blocks = address, tuple(endpoints), split_blocks

    def _sweep(self, jobs: Sequence[Sequence[str]]) -> int:
        from sweeps.cluster.executor import RayExecutor, launch_sweep  # noqa: PLC0415

        on_ray = RayExecutor(self._address, self._endpoints, self._split_blocks)
        return launch_sweep(jobs, self._composer(), on_ray.serving(self.strategy), on_ray, tasks=self.tasks)
