"""The launcher: one planned run after another, in this process."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
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

    _target_: str = "hydra_plugins.harness_launcher.sequential.SequentialLauncher"


ConfigStore.instance().store(group="hydra/launcher", name="sequential", node=SequentialConf, provider="harness")


class SequentialLauncher(Launcher):
    """Hands the jobs over to `sweeps.launcher`, which knows nothing of plugins."""

    strategy: Any
    """Makes of a plan what decides which of its runs are made. Set by the sweeper; `sweeps.strategy.StrategyOf`."""

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
        from sweeps.launcher import launch_sweep  # noqa: PLC0415

        # Hydra drops what its launchers return.
        sys.exit(launch_sweep(job_overrides, self._compose, self.strategy))
