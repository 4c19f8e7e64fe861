"""The same plan on a Ray cluster: one run in flight at each endpoint, and this process the only writer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.config import ConfigError
from harness.ledger import Ledger
from harness.outputs import Outputs
from sweeps.crew import Crew
from sweeps.dealing import Block, Dealing, homes
from sweeps.history import RESULTS, Histories
from sweeps.lanes import lanes_of, pool_of
from sweeps.launcher import FAULTS_LEFT, launch_sweep
from sweeps.plan import Plan
from sweeps.planned import PlannedRun
from sweeps.progress import Progress, progress_display
from sweeps.ray_cluster import connected, require_ray
from sweeps.strategy import Strategy, StrategyOf, rounds
from sweeps.turns import Shared

__all__ = ["OnRay", "launch_sweep"]


@dataclass(frozen=True)
class OnRay:
    """Carries out sweeps on a cluster; the fields are those of `hydra_plugins.harness_launcher.launchers.RayConf`."""

    address: str | None
    endpoints: tuple[str, ...]
    split_blocks: bool

    def serving(self, strategy_of: StrategyOf) -> StrategyOf:
        """The same strategies, of plans that can be carried out here. Raises ConfigError for others."""
        require_ray()

        def checked(planned: Plan) -> Strategy:
            strategy = strategy_of(planned)
            self._refuse(strategy.plan.runs)
            return strategy

        return checked

    def __call__(self, strategy: Strategy, histories: Histories) -> int:
        """Make the runs that the strategy asks for, and return the exit code."""
        standing = strategy.standing(histories, made=())
        with progress_display(standing.total, standing.finished) as progress:
            if not standing.due:
                progress.close("nothing left to do")
                code = 0
            else:
                code = self._launch(strategy, histories, progress)
        histories.look()
        standing = strategy.standing(histories, made=())
        return code or (0 if standing.finished == standing.total else FAULTS_LEFT)

    def _launch(self, strategy: Strategy, histories: Histories, progress: Progress) -> int:
        runs, sweep = strategy.plan.runs, strategy.plan.sweep
        lanes = lanes_of(runs, self.endpoints)
        self._tell_idle(runs, len(lanes), progress)
        begun = homes(self._made(runs))
        dealing = Dealing(lanes, self._pool, begun, split=self.split_blocks, on_split=progress.say)
        turns = Shared(histories, sweep.retry, progress.say)
        with connected(self.address, len(lanes)) as cluster:
            crew = Crew(cluster, lanes, strategy.plan, dealing, turns, progress)
            return crew.launch(rounds(strategy, histories, progress))

    def _pool(self, run: PlannedRun) -> str:
        return pool_of(run, self.endpoints)

    def _refuse(self, runs: Sequence[PlannedRun]) -> None:
        if self.address is not None and "://" in self.address:
            allowed = "null, auto or host:port, and this machine one of the cluster (ray start --address=host:port)"
            raise ConfigError(f"hydra.launcher.address={self.address}: must be {allowed}")
        if any(run.config.task.in_place for run in runs):
            raise ConfigError("task=folder: a folder of your own cannot be worked in with hydra/launcher=ray")
        lanes_of(runs, self.endpoints)

    def _tell_idle(self, runs: Sequence[PlannedRun], lanes: int, progress: Progress) -> None:
        blocks = {(self._pool(run), run.launch.block) for run in runs}
        if len(blocks) < lanes and not self.split_blocks:
            progress.say(
                f"warning: {lanes} endpoints, and {len(blocks)} block{'s' if len(blocks) > 1 else ''}, each kept at one"
                " endpoint: give more replicates, or hydra.launcher.split_blocks=true"
            )

    def _made(self, runs: Sequence[PlannedRun]) -> Iterator[tuple[Block, str]]:
        """Of runs that are recorded the block, and where they were made."""
        blocks = {run.key: (self._pool(run), run.launch.block) for run in runs}
        for folder in {run.config.log_dir for run in runs}:
            yield from _endpoints(Outputs(Path(folder)).ledger, blocks)


def _endpoints(ledger: Ledger, blocks: dict[tuple[str, int], Block]) -> Iterator[tuple[Block, str]]:
    for line in ledger.read():
        block = blocks.get((str(line.get("cell")), line.get("replicate", 0)))
        endpoint = (line.get("server") or {}).get("endpoint")
        if block is not None and endpoint and line.get("outcome") in RESULTS:
            yield block, endpoint
