"""The sweeper: every combination of the levels given, in their order, all handed to the launcher at once."""

from dataclasses import dataclass, field

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser


@dataclass
class GridConf:
    """`hydra/sweeper: grid`."""

    _target_: str = "hydra_plugins.harness_launcher.grid.GridSweeper"
    max_batch_size: int | None = None
    params: dict[str, str] | None = field(default_factory=dict)


ConfigStore.instance().store(group="hydra/sweeper", name="grid", node=GridConf, provider="harness")


class GridSweeper(BasicSweeper):
    """Hydra's own, less what it leaves on the disk and less a second composing of every job."""

    def sweep(self, arguments: list[str]) -> None:
        assert self.hydra_context is not None
        assert self.launcher is not None
        declared = [f"{key}={value}" for key, value in self.params.items()]
        parser = OverridesParser.create(config_loader=self.hydra_context.config_loader)
        [jobs] = self.split_arguments(parser.parse_overrides([*declared, *arguments]), None)
        self.launcher.launch(jobs, initial_job_idx=0)
