"""The declared grids ask the study's questions: its arms, its numbers, its limits."""

import csv
from collections import Counter
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hydra import compose
from hydra.utils import instantiate

import analysis.study.published
from harness.config import ConfigError, RunConfig
from harness.identity import assignment
from harness.installation import data_folder
from sweeps.compose import Composer
from sweeps.plan.design import contrasts
from sweeps.plan.planner import Plan, plan

ASKED_BY = {
    "part_01_memory": ("rd-apikit-11k-mem-on", "rd-apikit-11k-mem-off"),
    "part_01_graphkit_ladder": ("rd-graphkit-11k-single", "rd-graphkit-16k-single", "ex-graphkit-default-single"),
    "part_01_graphkit_reads": ("rd-graphkit-11k-reads-mem-on", "rd-graphkit-11k-reads-mem-off"),
    "part_01_nudges_11k": ("rd-graphkit-11k-base", "rd-graphkit-11k-nudge-lo", "rd-graphkit-11k-nudge-hi"),
    "part_01_nudges_13k": ("rd-graphkit-13k-base", "rd-graphkit-13k-nudge"),
    "part_03_digest": ("p03-A", "p03-B"),
    "part_04_baseline": ("p04-A",),
    "part_05_apikit_elide": ("p05-A-interleaved", "p05-B"),
    "part_06_graphkit_elide": ("p06-A", "p06-B"),
    "part_08_datakit_probes": ("p08-11k", "p08-single-8k", "p08-single-6k", "p08-single-5k"),
    "part_08_datakit_elide": ("p08-8k-A", "p08-8k-B", "p08-6k-A", "p08-6k-B"),
    "part_09_impl_doc_11k": ("p09-11k-A", "p09-11k-B"),
    "part_09_floor": ("p09-floor-9k", "p09-floor-8k", "p09-floor-7k"),
    "part_09_impl_doc_9k": ("p09-9k-A", "p09-9k-B"),
    "part_10_gemma_floor": (
        "p10-g-graphkit-6k",
        "p10-g-graphkit-9k-floor",
        "p10-g-graphkit-11k",
        "p10-g-apikit-9k",
        "p10-g-apikit-11k-floor",
    ),
    "part_10_gemma_elide": (
        "p10-g-graphkit-9k-A",
        "p10-g-graphkit-9k-B",
        "p10-g-apikit-11k-A",
        "p10-g-apikit-11k-B",
    ),
    "part_11_elide": ("p11-elide", "p11-26k"),
}
"""The published arms that each grid repeats. The budget ladder's numbers are not all printed."""

MEASURED = {"measured_floor", "measured_memory", "measured_salvage", "measured_size", "measured_verdict"}
OF_OUR_OWN = {"part_01_budget_ladder", "checkpoint_11k", "kit_floor", "agents_9k"} | MEASURED

DATA = Path(analysis.study.published.__path__[0], "data", "arms.csv")

ARMS = {row["id"]: row for row in csv.DictReader(DATA.read_text(encoding="utf-8").splitlines())}


def planned(name: str, *overrides: str) -> Plan:
    """The plan of a declared grid, as the command line comes to it."""
    config = compose("config", [f"sweep={name}"], return_hydra_config=True)
    sweeper: Any = instantiate(config.hydra.sweeper)
    jobs: list[list[str]] = []
    sweeper.config = config
    sweeper.hydra_context = SimpleNamespace(config_loader=None)
    sweeper.launcher = SimpleNamespace(launch=lambda these, **_: jobs.extend(these))
    sweeper.sweep([f"sweep={name}", *overrides])
    return plan(jobs, Composer(partial(compose, "config")), lambda one: assignment(one).inputs)


def told(arm: str) -> tuple[str, int]:
    """Task and limit of a published arm."""
    return ARMS[arm]["task"], int(ARMS[arm]["ctx_limit"])


def asked(config: RunConfig) -> tuple[str, int]:
    """The same of a run."""
    return config.task.name, config.ctx_limit


@pytest.mark.usefixtures("composer")
@pytest.mark.parametrize("name", ASKED_BY)
def test_a_declared_grid_has_the_published_arms_and_numbers(name: str) -> None:
    """As many arms of each task and limit as the study, and each of the same size."""
    runs = planned(name).runs
    sizes = Counter(run.cell for run in runs)
    ours = Counter((asked(run.config), sizes[run.cell]) for run in {run.cell: run for run in runs}.values())
    assert Counter((told(arm), int(ARMS[arm]["n"])) for arm in ASKED_BY[name]) == ours
    for key in ("memory", "elide"):
        published = {ARMS[arm][key] for arm in ASKED_BY[name]} - {""}
        levels = {str(getattr(run.config, {"elide": "elide_passing"}.get(key, key))).lower() for run in runs}
        assert published <= levels


@pytest.mark.usefixtures("composer")
@pytest.mark.parametrize("name", sorted(file.stem for file in Path(data_folder("conf"), "sweep").glob("*.yaml")))
def test_a_declared_grid_says_what_it_is_about(name: str) -> None:
    """It has the published limits and a simulated subject until it is given another, or small ones for a real model;
    its own name, and valid contrasts."""
    try:
        made = planned(name)
    except ConfigError as error:
        if name != "agents_9k":
            raise
        pytest.skip(str(error))  # the agents that it compares are not installed everywhere
    usual = (20 if name == "part_10_gemma_elide" else 300, 60, True)
    assert {(4, 8, False) if name.startswith("measured_") else usual} == {
        (run.config.max_iters, run.config.max_steps, run.config.model.simulated) for run in made.runs
    }
    assert {name} == {run.launch.sweep for run in made.runs}
    assert bool(made.sweep.contrast) == bool(contrasts(made.runs, made.sweep))
    assert name in ASKED_BY or name in OF_OUR_OWN


@pytest.mark.usefixtures("composer")
def test_the_command_line_overrides_a_declared_grid() -> None:
    """Another subject, another size of every arm, another limit."""
    runs = planned("part_10_gemma_elide", "model=gemma_26b", "sweep.replicates=2", "max_iters=5").runs
    assert [2] * 4 == list(Counter(run.cell for run in runs).values())
    assert {("gemma-4-26B-A4B-it-oQ4-fp16", 5)} == {(run.config.model.name, run.config.max_iters) for run in runs}
