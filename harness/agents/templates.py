"""Placeholders of an agent's command, variables and files, filled in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harness.agent_config import PLACEHOLDERS, AgentConfig
from harness.requirements import ConfigError

PROMPT_FILE = "prompt.md"
"""Name of the file in the home folder that holds the prompt."""
LONGEST_ARGUMENT = 100_000
"""Bytes of a prompt that every system takes as one argument, with room for what stands beside it."""
QUOTING = (".json", ".jsonc", ".toml", ".yaml", ".yml")
"""Endings of files in which a value stands between double quotes and is escaped for that."""


@dataclass(frozen=True)
class PassValues:
    """Values of the placeholders in one pass."""

    origin: str
    """URL of the model's server without a path."""
    model: str
    prompt: str
    workspace: Path
    home: Path
    ctx_limit: int
    window: int
    """Tokens of the server's window."""
    max_tokens: int

    def by_name(self) -> dict[str, str]:
        """Return the text for each placeholder."""
        texts = {
            "endpoint": f"{self.origin}/v1",
            "origin": self.origin,
            "model": self.model,
            "prompt": self.prompt,
            "prompt_file": str(self.home / PROMPT_FILE),
            "workspace": str(self.workspace),
            "home": str(self.home),
            "ctx_limit": str(self.ctx_limit),
            "window": str(self.window),
            "max_tokens": str(self.max_tokens),
        }
        assert set(texts) == set(PLACEHOLDERS)
        return texts


def require_passable(agent: AgentConfig, prompt: str) -> None:
    """Raise ConfigError for a prompt that cannot be an argument of the agent's command, or a variable."""
    if not any("{prompt}" in text for text in (agent.command, *agent.env.values())):
        return
    size = len(prompt.encode())
    if size > LONGEST_ARGUMENT or "\0" in prompt:
        why = (
            f"of {size} bytes is longer than {LONGEST_ARGUMENT}"
            if size > LONGEST_ARGUMENT
            else "holds a null character"
        )
        raise ConfigError(
            f"agent.command={agent.command}: the prompt {why}: give {{prompt_file}} in place of {{prompt}}"
        )


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text with each placeholder replaced once; other braces stay as they are."""
    parts, rest = [], text
    while rest:
        head, brace, tail = rest.partition("{")
        parts.append(head)
        name, closed, after = tail.partition("}")
        if brace and closed and name in values:
            parts.append(values[name])
            rest = after
        else:
            parts.append(brace)
            rest = tail
    return "".join(parts)


def command_of(agent: AgentConfig, values: PassValues) -> list[str]:
    """Return the command of a pass, argument by argument: no value is split or read as syntax."""
    return [filled(word, values.by_name()) for word in agent.arguments]


def variables_of(agent: AgentConfig, values: PassValues) -> dict[str, str]:
    """Return the variables of the agent."""
    return {name: filled(text, values.by_name()) for name, text in agent.env.items()}


def files_of(agent: AgentConfig, values: PassValues) -> dict[str, str]:
    """Return the files of the agent's home, the prompt among them."""
    plain = values.by_name()
    escaped = {name: json.dumps(text, ensure_ascii=False)[1:-1] for name, text in plain.items()}
    files = {PROMPT_FILE: values.prompt}
    for path, text in agent.files.items():
        files[path] = filled(text, escaped if PurePosixPath(path).suffix in QUOTING else plain)
    return files
