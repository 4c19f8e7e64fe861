"""The contract: what a run is told, what makes runs comparable, and the line that is left."""

from collections import Counter
from dataclasses import fields, replace
from typing import Any

import pytest

from harness.cell import InputHashes, cell_key, derived_seed
from harness.config import ConfigError, ModelConfig, RunConfig, TaskConfig, ToolchainConfig, ToolchainName, Toolset
from harness.outcome import Outcome
from harness.record import Metrics, RunRecord

INPUTS = InputHashes("p", "s", "w")


def _config(**changes: Any) -> RunConfig:
    return replace(RunConfig(model=ModelConfig(name="m"), task=TaskConfig(name="reverse")), **changes)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: _config(ctx_limit=-5), "ctx_limit=-5: must be 0 (no limit) or more tokens"),
        (lambda: _config(max_iters=0), "max_iters=0: must be 1 or more"),
        (lambda: _config(cmd_timeout=0), "cmd_timeout=0: must be more than 0 seconds"),
        (lambda: ModelConfig(name=" "), "model.name= : must be the name of a model, as its server knows it"),
        (ModelConfig, "model.name is empty: must be the name of a model, as its server knows it"),
        (
            lambda: ModelConfig(name="m", endpoint="localhost"),
            "model.endpoint=localhost: must be a URL that starts with http:// or https://",
        ),
        (lambda: ModelConfig(name="m", endpoint="embedded"), "model.endpoint=embedded: must be a URL"),
        (lambda: ModelConfig(name="m", top_p=0), "model.top_p=0: must be more than 0, at most 1"),
        (lambda: TaskConfig(name="folder"), "task.prompt is empty: must be the path of a file that holds the prompt"),
        (lambda: TaskConfig(name="reverse", verify=" "), "task.verify= : must be a command"),
        (
            lambda: ToolchainConfig(name=ToolchainName.go, python="/usr/bin/python3"),
            "toolchain.python=/usr/bin/python3: must be used with toolchain=python",
        ),
        (
            lambda: ToolchainConfig(name=ToolchainName.python, commands="npm test"),
            "toolchain.commands=npm test: must be used with toolchain=command",
        ),
        (lambda: ToolchainConfig(commands="a && b"), "toolchain.commands=a && b: && needs a shell"),
    ],
)
def test_an_impossible_value_is_one_clear_line(make: Any, message: str) -> None:
    """What, where, and what is allowed."""
    with pytest.raises(ConfigError) as caught:
        make()
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"replicate": 2},
        {"log_dir": "elsewhere"},
        {"model": ModelConfig(name="m", endpoint="http://other:1/v1", api_key_env="KEY", call_timeout=1)},
    ],
)
def test_place_and_repetition_are_no_difference(changes: dict[str, Any]) -> None:
    """Runs that differ in nothing that could change an outcome share a cell."""
    assert cell_key(_config(), INPUTS) == cell_key(_config(**changes), INPUTS)


LEVELS: list[dict[str, Any]] = [
    {"ctx_limit": 1},
    {"memory": False},
    {"elide_passing": False},
    {"protect_tests": False},
    {"stream": True},
    {"max_iters": 1},
    {"max_steps": 1},
    {"max_stale": 1},
    {"cmd_timeout": 1},
    {"run_timeout": 1},
    {"model": ModelConfig(name="other")},
    {"model": ModelConfig(name="m", temperature=1)},
    {"model": ModelConfig(name="m", seed=0)},
    {"model": ModelConfig(name="m", seed=5)},
    {"model": ModelConfig(name="m", salvage=False)},
    {"model": ModelConfig(name="m", profile="resweep", endpoint="embedded")},
    {"toolchain": ToolchainConfig(name=ToolchainName.python)},
    {"toolchain": ToolchainConfig(python="/usr/bin/python3")},
    {"toolchain": ToolchainConfig(commands="npm run lint")},
    {"toolset": Toolset.full},
    {"sandbox_paths": "/opt"},
    {"task": TaskConfig(name="calc")},
    {"task": TaskConfig(name="reverse", verify="true")},
]


def test_every_level_and_every_text_makes_a_cell_of_its_own() -> None:
    """A changed level, prompt, system prompt or seed is never mistaken for what it was before."""
    cells = [cell_key(_config(**changes), INPUTS) for changes in ({}, *LEVELS)]
    cells += [cell_key(_config(), replace(INPUTS, **{field.name: "other"})) for field in fields(InputHashes)]
    assert [] == [cell for cell, times in Counter(cells).items() if times > 1]


def test_the_same_config_has_the_same_cell_on_every_machine() -> None:
    """The key depends on content alone; one that changes orphans every record made before.

    If this fails, raise BEHAVIOUR_VERSION on purpose or find out what changed the key by accident.
    """
    assert "60e5caf695cb327b" == cell_key(_config(), INPUTS)


def test_simulated_runs_draw_apart_and_repeatably() -> None:
    """Cells and replicates get seeds of their own, always the same ones."""
    seeds = [derived_seed(cell, replicate) for cell in ("a", "b") for replicate in (1, 2)]
    assert 4 == len(set(seeds))
    assert seeds == [derived_seed(cell, replicate) for cell in ("a", "b") for replicate in (1, 2)]


def test_outcomes_that_count_are_those_of_the_model() -> None:
    """Faults and interruptions are no results, and exit codes are those that are documented."""
    assert {"completed", "stagnated", "budget"} == {outcome for outcome in Outcome if outcome.counts}
    expected = {"completed": 0, "interrupted": 0, "fault": 1, "stagnated": 3, "budget": 4}
    assert expected == {outcome.value: outcome.exit_code for outcome in Outcome}


def test_metrics_add_up() -> None:
    """A run's counters are the sums of its passes', zero counts never appear, an estimate stays one."""
    total = Metrics()
    total.add(Metrics(model_calls=1, tool_counts=Counter(go=1), total_tokens=5))
    total.add(Metrics(model_calls=2, tool_counts=Counter(go=1, done=1), total_tokens=6, usage_estimated=True))
    assert Metrics(3, tool_counts=Counter(go=2, done=1), total_tokens=11, usage_estimated=True) == total


def test_the_line_is_flat() -> None:
    """Counters stand beside the rest, as in the original's line, and the names fixed there are all present."""
    fixed = """time model task memory elide_passing outcome passes pass_reasons duration_sec ctx_limit max_iters
        max_steps
        max_tokens temperature top_p top_k min_p repetition_penalty presence_penalty elided_reads model_calls tool_calls
        prompt_tokens completion_tokens total_tokens cached_tokens server_time_sec tool_counts read_bytes schema run_id
        cell replicate sweep block position lever simulated seed_sha256 prompt_sha256 system_sha256 config_sha256
        git_commit git_dirty harness_version go_version server usage_estimated packages_green packages_total per_pass"""
    names = {field.name for field in fields(RunRecord)} - {"metrics"} | {field.name for field in fields(Metrics)}
    assert set() == set(fixed.split()) - names
