"""Execute a plan on a Ray cluster: one run in flight on each slot, and this process the only writer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.config import ConfigError
from harness.ledger import Ledger
from harness.outputs import Outputs
from sweeps.cluster.ray_cluster import connected, require_ray
from sweeps.cluster.scheduler import Block, Scheduler, block_endpoints
from sweeps.cluster.slots import pool_of, slots_of
from sweeps.cluster.worker_pool import WorkerPool
from sweeps.launcher import FAULTS_LEFT, launch_sweep
from sweeps.plan.planner import Plan
from sweeps.plan.run import PlannedRun
from sweeps.progress.claims import SharedClaims
from sweeps.progress.display import Progress, progress_display
from sweeps.progress.history import RESULTS, SweepHistory
from sweeps.strategies.base import Strategy, StrategyOf, batches

__all__ = ["RayExecutor", "launch_sweep"]


@dataclass(frozen=True)
class RayExecutor:
    """Executes sweeps on a cluster; its fields are those of `hydra_plugins.harness_launcher.launchers.RayConf`."""

    address: str | None
    endpoints: tuple[str, ...]
    split_blocks: bool

    def serving(self, strategy_of: StrategyOf) -> StrategyOf:
        """Wrap a strategy factory so that plans that cannot run on the cluster raise ConfigError."""
        require_ray()

        def checked(planned: Plan) -> Strategy:
            strategy = strategy_of(planned)
            self._refuse(strategy.plan.runs)
            return strategy

        return checked

    def __call__(self, strategy: Strategy, histories: SweepHistory) -> int:
        """Make the runs that the strategy selects, and return the exit code."""
        status = strategy.status(histories, made=())
        with progress_display(status.total, status.finished) as progress:
            if not status.next_runs:
                progress.close("nothing left to do")
                code = 0
            else:
                code = self._launch(strategy, histories, progress)
        histories.look()
        status = strategy.status(histories, made=())
        return code or (0 if status.finished == status.total else FAULTS_LEFT)

    def _launch(self, strategy: Strategy, histories: SweepHistory, progress: Progress) -> int:
        runs, sweep = strategy.plan.runs, strategy.plan.sweep
        slots = slots_of(runs, self.endpoints)
        self._warn_idle(runs, len(slots), progress)
        begun = block_endpoints(self._finished(runs))
        scheduler = Scheduler(slots, self._pool, begun, split=self.split_blocks, on_split=progress.say)
        claims = SharedClaims(histories, sweep.retry, progress.say)
        with connected(self.address, len(slots)) as cluster:
            pool = WorkerPool(cluster, strategy.plan, scheduler, claims, progress)
            return pool.launch(batches(strategy, histories, progress))

    def _pool(self, run: PlannedRun) -> str:
        return pool_of(run, self.endpoints)

    def _refuse(self, runs: Sequence[PlannedRun]) -> None:
        if self.address is not None and "://" in self.address:
            allowed = "null, auto or host:port, and this machine one of the cluster (ray start --address=host:port)"
            raise ConfigError(f"hydra.launcher.address={self.address}: must be {allowed}")
        if any(run.config.task.own_folder for run in runs):
            raise ConfigError("task=folder: a folder of your own cannot be worked in with hydra/launcher=ray")
        slots_of(runs, self.endpoints)

    def _warn_idle(self, runs: Sequence[PlannedRun], slots: int, progress: Progress) -> None:
        blocks = {(self._pool(run), run.launch.block) for run in runs}
        if len(blocks) < slots and not self.split_blocks:
            progress.say(
                f"warning: {slots} endpoints, and {len(blocks)} block{'s' if len(blocks) > 1 else ''}, each kept at one"
                " endpoint: give more replicates, or hydra.launcher.split_blocks=true"
            )

    def _finished(self, runs: Sequence[PlannedRun]) -> Iterator[tuple[Block, str]]:
        """Yield the block and the endpoint of each recorded result."""
        blocks = {run.key: (self._pool(run), run.launch.block) for run in runs}
        for folder in {run.config.log_dir for run in runs}:
            yield from _endpoints(Outputs(Path(folder)).ledger, blocks)


def _endpoints(ledger: Ledger, blocks: dict[tuple[str, int], Block]) -> Iterator[tuple[Block, str]]:
    for line in ledger.read():
        block = blocks.get((str(line.get("cell")), line.get("replicate", 0)))
        endpoint = (line.get("server") or {}).get("endpoint")
        if block is not None and endpoint and line.get("outcome") in RESULTS:
            yield block, endpoint
