"""Modules that a command loads: none waits for what it does not use."""

import subprocess
import sys
from pathlib import Path

from harness.outputs import Outputs

HEAVY = {
    "anyio",
    "duckdb",
    "hydra",
    "inspect_ai",
    "matplotlib",
    "numpy",
    "omegaconf",
    "pandas",
    "pyarrow",
    "ray",
    "scipy",
    "starlette",
    "statsmodels",
    "uvicorn",
}
"""Packages that take long to load."""

LEDGER = Path(__file__).parents[2] / "analysis/study/calibration/data/runs.jsonl"

RUN = """
import sys
from harness import ModelConfig, RunConfig, TaskConfig, run

def listed(event, fields):
    if event == "prompts":
        print(*sorted(sys.modules), sep="\\n")

model = ModelConfig(name="sim-oracle", endpoint="embedded", profile="oracle")
run(RunConfig(model=model, task=TaskConfig(name="reverse"), log_dir=sys.argv[1]), on_event=listed)
"""
"""A run that prints what is loaded when its first model call is due."""


def loaded(*arguments: object) -> set[str]:
    """Every module that a program imports from its start to its end."""
    command = [sys.executable, "-X", "importtime", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip() for line in lines}


def test_a_run_loads_no_grid_and_no_statistics_before_its_first_call(tmp_path: Path) -> None:
    """Until its first model call, a run from Python loads no Hydra, no data frames and no part of the analysis."""
    done = subprocess.run([sys.executable, "-c", RUN, tmp_path], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert "harness.llm.client" in modules
    assert {"anyio"} >= HEAVY & modules
    assert [] == [name for name in modules if name.split(".")[0] in {"sweeps", "analysis"}]


def test_a_run_from_the_command_line_adds_hydra_alone(tmp_path: Path) -> None:
    """From start to end, a run on the command line loads Hydra beside what a run needs, and no part of the analysis."""
    modules = loaded("-m", "harness", "task=reverse", "model=oracle", f"log_dir={tmp_path}")
    assert 1 == len(list(Outputs(tmp_path).ledger.read()))
    assert {"anyio", "hydra", "omegaconf"} >= HEAVY & modules
    assert [] == [name for name in modules if name.split(".")[0] == "analysis"]


def test_rates_load_no_arrays() -> None:
    """`rates` loads DuckDB, and neither arrays nor data frames, nor the report of another command."""
    modules = loaded("-m", "analysis", "rates", "--runs", LEDGER)
    assert {"duckdb"} == HEAVY & modules
    needed = {"commands", "effort_measures", "rates", "stopped"}
    assert {f"analysis.report.{name}" for name in needed} >= {
        name for name in modules if name.startswith("analysis.report.")
    }
    assert [] == [name for name in modules if name.startswith(("analysis.study", "analysis.judge."))]
