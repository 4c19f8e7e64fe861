"""The files of conf/agent, read without composing a whole configuration."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from harness.agent_config import BUILTIN, AgentConfig, OnLimit, Wire
from harness.config import ConfigError
from harness.installation import data_folder

NO_AGENTS = (BUILTIN, "command")
"""Choices that are no command agent by themselves."""


def command_agents(own: Path | None = None) -> Iterator[AgentConfig]:
    """Yield the command agents that can be chosen, those under a `--config-dir` of the user's own last.

    Raises ConfigError for a file of the user's own that is no agent.
    """
    for folder in (data_folder("conf"), *([own] if own else [])):
        for file in sorted((folder / "agent").glob("*.yaml")):
            if file.stem in NO_AGENTS:
                continue
            try:
                yield read_agent(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
            except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
                raise ConfigError(f"{file}: is no agent: {' '.join(str(error).split())}") from error


def read_agent(content: dict[str, Any]) -> AgentConfig:
    """Return the agent that a file holds. Raises ConfigError or TypeError for keys and values that are none."""
    fields = {key: value for key, value in content.items() if key != "defaults"}
    fields |= {"wire": Wire(fields.get("wire", "chat")), "on_limit": OnLimit(fields.get("on_limit", "end"))}
    return AgentConfig(**fields)
