"""What makes runs comparable, as the documentation says it and as the cell's key has it."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from harness.cell import InputHashes, cell_key
from harness.config import AgentConfig, KitConfig, ModelConfig, RunConfig, ServerConfig, TaskConfig

PAGE = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text(encoding="utf-8")
CONFIG = RunConfig(
    model=ModelConfig(name="m"),
    task=TaskConfig(name="folder", prompt="p", workdir="w"),
    server=ServerConfig(managed=True, command="serve {window}"),
)
INPUTS = InputHashes("1", "2", "3")
COMMAND_AGENT = replace(CONFIG, agent=AgentConfig(name="a", command="a {endpoint} {prompt}"), elide_passing=False)


def changed(value: Any) -> Any:
    """Another value of the same kind, which the config allows."""
    if isinstance(value, Enum):
        return next(one for one in type(value) if one.value not in (value.value, "none"))
    if isinstance(value, dict):
        return {**value, "x": "other"}
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value + 0.01 if value < 0.9 else value - 0.01
    return 7 if value is None else (value or "x") + "/y"


def variants(config: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The config with each of its keys changed, one at a time."""
    for entry in fields(config):
        name, value = prefix + entry.name, getattr(config, entry.name)
        if isinstance(value, KitConfig | AgentConfig):
            continue  # allowed for generated tasks, and for command agents, alone
        if is_dataclass(value):
            yield from ((key, replace(config, **{entry.name: one})) for key, one in variants(value, f"{name}."))
        elif name == "server.managed":
            yield name, replace(config, managed=False, command="")
        elif name == "model.profile":
            yield name, replace(config, profile="nop", endpoint="embedded")
        elif name == "task.name":
            yield name, replace(config, name="reverse")
        elif name == "memory":
            yield name, replace(config, memory=False)
        else:
            yield name, replace(config, **{entry.name: changed(value)})


def listed(heading: str) -> set[str]:
    """The keys in a row of the page's table."""
    [row] = [line for line in PAGE.splitlines() if line.startswith(f"| {heading} |")]
    return set(re.findall(r"`([a-z_.]+)`", row))


def test_the_page_lists_what_splits_runs_and_what_does_not() -> None:
    """Each key of the config is changed in turn: the cell's key changes for just those that the page names."""
    key = cell_key(CONFIG, INPUTS)
    found = {name: cell_key(config, INPUTS) != key for name, config in variants(CONFIG)}
    kit = replace(CONFIG, task=TaskConfig(name="kit"))
    for name, one in variants(kit.kit, "kit."):
        found[name] = cell_key(replace(kit, kit=one), INPUTS) != cell_key(kit, INPUTS)
    for name, one in variants(COMMAND_AGENT.agent, "agent."):
        found[name] = cell_key(replace(COMMAND_AGENT, agent=one), INPUTS) != cell_key(COMMAND_AGENT, INPUTS)
    assert {name for name, splits in found.items() if splits} == listed("another cell")
    assert {name for name, splits in found.items() if not splits} == listed("the same cell")


def test_another_text_is_another_cell() -> None:
    """The prompt, the system prompt and the files of the seed, by their content."""
    key = cell_key(CONFIG, INPUTS)
    names = [entry.name for entry in fields(InputHashes)]
    assert all(cell_key(CONFIG, replace(INPUTS, **{name: "9"})) != key for name in names)
