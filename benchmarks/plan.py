"""How long a large sweep takes to plan: `python benchmarks/plan.py`. Nothing is run and nothing written."""

import time
from functools import partial

from hydra import compose, initialize_config_dir
from rich.console import Console
from rich.table import Table

from harness.identity import assignment
from sweeps.app import conf_dir
from sweeps.compose import Composer
from sweeps.plan import plan
from sweeps.schema import register

LIMITS = [f"ctx_limit={limit}" for limit in range(9000, 14000, 1000)]
SWITCHES = [f"memory={switch}" for switch in ("true", "false")]
GRIDS = {
    "10,000 of few levels": [
        [limit, switch, f"replicate={replicate}"]
        for limit in LIMITS
        for switch in SWITCHES
        for replicate in range(1, 1001)
    ],
    "10,000 of two tasks and two models": [
        [f"task={task}", f"model={model}", f"replicate={replicate}"]
        for task in ("reverse", "apikit")
        for model in ("sim_resweep", "nop")
        for replicate in range(1, 2501)
    ],
    "10,000 different levels": [[f"ctx_limit={limit}"] for limit in range(1, 10_001)],
}


def main() -> None:
    """Plan each grid once and print the seconds taken."""
    register()
    table = Table("grid", "runs", "seconds", "ms a run")
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        for title, jobs in GRIDS.items():
            started = time.perf_counter()
            runs = plan(jobs, Composer(partial(compose, "config")), lambda config: assignment(config).inputs).runs
            seconds = time.perf_counter() - started
            table.add_row(title, f"{len(runs):,}", f"{seconds:.2f}", f"{seconds / len(runs) * 1000:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
