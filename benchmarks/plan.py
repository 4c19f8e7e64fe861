"""How long a large sweep takes to plan: `python benchmarks/plan.py`. Nothing is run and nothing written."""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hydra import compose, initialize_config_dir
from rich.console import Console
from rich.table import Table

from harness.identity import assignment
from harness.installation import data_folder
from harness.tasks.catalogue import survey
from harness.tasks.entry import write_entries
from sweeps.compose import Composer
from sweeps.own_tasks import OwnTasks, TaskExpansion, choice
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


SPEC = """package a

import "testing"

func TestValue(t *testing.T) {
\tif Value() != %d {
\t\tt.Fail()
\t}
}
"""


def set_of_tasks(root: Path, size: int) -> str:
    """Write a set of small tasks in Go, with its catalogue; return the folder of the set as a `task_root`."""
    for number in range(size):
        seed = root / "set" / f"task-{number}" / "workspace"
        seed.mkdir(parents=True)
        (seed / "go.mod").write_text("module a\n\ngo 1.26\n", encoding="utf-8")
        (seed / "a_test.go").write_text(SPEC % number, encoding="utf-8")
        (seed.parent / "PROMPT.md").write_text(f"Write Value, which returns {number}.\n", encoding="utf-8")
    write_entries(root, survey(root))
    return str(root)


Made = tuple[list[list[str]], Composer]
"""The jobs of a grid, and what composes them."""


def of_tasks(task_root: str, arms: int) -> Made:
    """Make the jobs of each task of a set in each of some arms, the set named by a glob."""
    own = OwnTasks(task_root)
    tasks = TaskExpansion(own, tuple)(["set/**"])
    limits = [f"ctx_limit={limit}" for limit in range(9000, 9000 + arms)]
    jobs = [[f"task_root={task_root}", choice(task), limit] for task in tasks for limit in limits]
    return jobs, Composer(partial(compose, "config"), own.stand_ins())


def main() -> None:
    """Plan each grid once, as a dry run does, and print the seconds taken: on the clock, and of the processor.

    The last column is how often a managed server is started, if each run is made once in this order.
    """
    register()
    table = Table("grid", "runs", "seconds", "CPU seconds", "ms of CPU a run", "starts of a server")
    with initialize_config_dir(str(data_folder("conf")), version_base="1.3"), tempfile.TemporaryDirectory() as folder:
        for title, jobs in GRIDS.items():
            table.add_row(title, *measured(lambda jobs=jobs: (jobs, Composer(partial(compose, "config")))))
        many, few = set_of_tasks(Path(folder, "5000"), 5000), set_of_tasks(Path(folder, "2500"), 2500)
        table.add_row("5,000 tasks of a set", *measured(partial(of_tasks, many, arms=1)))
        table.add_row("2,500 tasks in four arms", *measured(partial(of_tasks, few, arms=4)))
    Console(width=120).print(table)


def measured(make: Callable[[], Made]) -> tuple[str, ...]:
    """Return the figures of one grid."""
    started, busy = time.perf_counter(), time.process_time()
    jobs, composer = make()
    planned = plan(jobs, composer, lambda config: assignment(config).inputs)
    lines = list(preview(planned.runs, planned.sweep, SweepHistory({planned.runs[0].config.log_dir})))
    seconds, cpu = time.perf_counter() - started, time.process_time() - busy
    runs = len(planned.runs)
    assert len(lines) > runs
    return f"{runs:,}", f"{seconds:.2f}", f"{cpu:.2f}", f"{cpu / runs * 1000:.2f}", f"{restarts(planned.runs):,}"


if __name__ == "__main__":
    main()
