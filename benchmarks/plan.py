"""How long a large sweep takes to plan: `python benchmarks/plan.py`. Nothing is run and nothing written."""

import time
from functools import partial

from hydra import compose, initialize_config_dir
from rich.console import Console
from rich.table import Table

from harness.identity import assignment
from harness.installation import data_folder
from sweeps.compose import Composer
from sweeps.plan.order import restarts
from sweeps.plan.planner import plan
from sweeps.progress.history import SweepHistory
from sweeps.progress.preview import preview
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
    "10,000 of four managed servers": [
        [
            "server=llama_cpp",
            "model=openai_compatible",
            "model.name=m",
            f"model.variant={variant}",
            f"model.path={variant}.gguf",
            f"++server.chosen.kv={kv}",
            f"replicate={replicate}",
        ]
        for variant in ("q4", "q8")
        for kv in ("f16", "q8_0")
        for replicate in range(1, 2501)
    ],
    "10,000 replicates of ten cells": [
        [limit, switch, "sweep.replicates=1000", "sweep.contrast=memory", "sweep.baseline=false"]
        for limit in LIMITS
        for switch in SWITCHES
    ],
}


def main() -> None:
    """Plan each grid once, as a dry run does, and print the seconds taken: on the clock, and of the processor.

    The last column is how often a managed server is started, if each run is made once in this order.
    """
    register()
    table = Table("grid", "runs", "seconds", "CPU seconds", "ms of CPU a run", "starts of a server")
    with initialize_config_dir(str(data_folder("conf")), version_base="1.3"):
        for title, jobs in GRIDS.items():
            started, busy = time.perf_counter(), time.process_time()
            planned = plan(jobs, Composer(partial(compose, "config")), lambda config: assignment(config).inputs)
            lines = list(preview(planned.runs, planned.sweep, SweepHistory({planned.runs[0].config.log_dir})))
            seconds, cpu = time.perf_counter() - started, time.process_time() - busy
            runs = len(planned.runs)
            assert len(lines) > runs
            ms = f"{cpu / runs * 1000:.2f}"
            table.add_row(title, f"{runs:,}", f"{seconds:.2f}", f"{cpu:.2f}", ms, f"{restarts(planned.runs):,}")
    Console().print(table)


if __name__ == "__main__":
    main()
