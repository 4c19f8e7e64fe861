"""Installed command agents: their program, their version, and how they are opened in a sandbox."""

import re
import shlex
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from harness.agent_config import AgentConfig
from harness.agents.environment import AgentEnvironment
from harness.agents.programs import AgentMissing, AgentProgram, is_system, locate
from harness.config import ConfigError, RunConfig
from harness.llm.text import one_line
from harness.sandbox.base import SandboxError
from harness.sandbox.environment import PlainEnvironment, holds_home
from harness.sandbox.process import ProcessLimits, limits_of
from harness.sandbox.select import open_sandbox, settle
from harness.trees import scratch_folder

VERSION_TIMEOUT = 60.0
"""Seconds that an agent may take to print its version."""
LONGEST_VERSION = 100
"""Characters of a version that are kept."""
NUMBER = re.compile(r"\d+\.\d+[\w.+-]*")


@dataclass(frozen=True)
class InstalledAgent:
    """A command agent as this machine has it."""

    program: AgentProgram
    version: str | None
    """First version number that its version command prints, else its last line; None without such a command."""


def installed_agent(config: RunConfig) -> InstalledAgent | None:
    """Return the agent of a config; None for the built-in one.

    Raises ConfigError, in one line, if it is not installed, or does not start in the sandbox of the run.
    """
    agent = config.agent
    if agent.builtin:
        return None
    try:
        return _installed(agent.command, agent.version_command, settle(config.sandbox.value))
    except (AgentMissing, SandboxError) as error:
        missing = isinstance(error, AgentMissing) and agent.install
        advice = f"; to install it: {agent.install}" if missing else ""
        raise ConfigError(f"agent={agent.name}: {error}{advice} (harness agents check says more)") from error


def starts(agent: AgentConfig, kind: str) -> bool:
    """Return True if the agent, tried anew in an empty folder, still starts; False where that cannot be tried."""
    if not agent.version_command.strip():
        return False
    try:
        _version(agent.version_command, kind)
    except (AgentMissing, SandboxError):
        return False
    return True


def version_of(config: RunConfig) -> str:
    """Return the version of a config's command agent; empty for the built-in one, and where it is unknown."""
    agent = installed_agent(config)
    return (agent.version if agent else None) or ""


@cache
def _installed(command: str, version_command: str, kind: str) -> InstalledAgent:
    words = shlex.split(command)
    program = locate(words[0])
    named = [Path(word) for word in words[1:] if Path(word).is_absolute() and Path(word).exists()]
    own = tuple(path for path in named if not is_system(path) and not holds_home(path))
    program = replace(program, readable=(*program.readable, *own))
    return InstalledAgent(program, _version(version_command, kind) if version_command.strip() else None)


def _version(version_command: str, kind: str) -> str:
    words = shlex.split(version_command)
    program = locate(words[0])
    environment = AgentEnvironment(PlainEnvironment(), program)
    limits = ProcessLimits(address_space=False)
    with scratch_folder("harness-agent-") as folder:
        root = folder / "root"
        root.mkdir()
        sandbox = open_sandbox(kind, environment, folder / "scratch", root, limits=limits, cache=False)
        done = sandbox.run([str(program.path), *words[1:]], cwd=root, timeout=VERSION_TIMEOUT)
    if done.exit_code or done.timed_out:
        raise SandboxError(f"{version_command} fails in the sandbox ({kind}): {_last_line(done.output)}")
    number = NUMBER.search(done.output)
    return number[0].rstrip(".")[:LONGEST_VERSION] if number else _last_line(done.output)


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return one_line(lines[-1])[:LONGEST_VERSION] if lines else "it printed nothing"


def agent_limits(config: RunConfig) -> ProcessLimits:
    """Return the limits of a command agent: those of any command, less the bound on address space."""
    return replace(limits_of(config.limits), address_space=False)
