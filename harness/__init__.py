"""One run of a local language model as an autonomous coding agent, from a config to a record.

    from harness import ModelConfig, RunConfig, TaskConfig, run

    record = run(RunConfig(model=ModelConfig(name="NAME"), task=TaskConfig(name="reverse")))

What is listed here is imported on first use, so that a command loads no more than it needs.
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.config import (
        BEHAVIOUR_VERSION,
        ConfigError,
        Confinement,
        Lever,
        ModelConfig,
        RunConfig,
        ServerConfig,
        Skips,
        TaskConfig,
        ToolsMode,
    )
    from harness.ledger import LedgerError
    from harness.limits import CommandLimits
    from harness.outcome import Outcome
    from harness.record import RunRecord
    from harness.runner import run

__all__ = [
    "BEHAVIOUR_VERSION",
    "CommandLimits",
    "ConfigError",
    "Confinement",
    "LedgerError",
    "Lever",
    "ModelConfig",
    "Outcome",
    "RunConfig",
    "RunRecord",
    "ServerConfig",
    "Skips",
    "TaskConfig",
    "ToolsMode",
    "run",
]

_HOMES = {
    "CommandLimits": "limits",
    "LedgerError": "ledger",
    "Outcome": "outcome",
    "RunRecord": "record",
    "run": "runner",
}
"""The module of each public name that is not part of `config`."""

try:
    __version__ = version("harness-sweeps")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "unknown"


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module(f"harness.{_HOMES.get(name, 'config')}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
