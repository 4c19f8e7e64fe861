"""The cell of a run: the key of all that makes runs comparable."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from harness.config import BEHAVIOUR_VERSION, RunConfig, ToolchainConfig, Toolset, digest, plain
from harness.kit_config import KITS

NOT_COMPARED = ("log_dir", "task_root", "replicate", "preflight", "sandbox")
MODEL_NOT_COMPARED = (
    "endpoint",
    "api_key_env",
    "connect_timeout",
    "first_token_timeout",
    "idle_timeout",
    "call_timeout",
)
SERVER_NOT_COMPARED = ("managed", "command", "ready_timeout", "energy_command")
"""Fields on the start of a server and its time limit. Its arguments, its named levels and its window are compared."""


SINCE = ("toolchain", "toolset", "sandbox_paths", "kit", "agent")
MODEL_SINCE = ("seed",)
"""Fields that older cells did not have. At their default they are no part of the key, which so stays what it was."""


@dataclass(frozen=True)
class InputHashes:
    """Hashes of the texts and files that a config names: what they hold, not where they lie."""

    prompt_sha256: str
    system_sha256: str
    seed_sha256: str
    """Hash of the seed's files. For a folder of the user it is the hash of its path, since its content changes."""
    subject: str = ""
    """Hash of the parameters and the version of a simulated subject; empty for a real model."""
    agent: str = ""
    """Version of a command agent, as it states it; empty for the built-in agent, and where it is unknown."""


def cell_key(config: RunConfig, inputs: InputHashes) -> str:
    """A stable key of all that makes runs comparable: 16 hexadecimal digits.

    Two runs share a cell exactly if they differ in nothing but replicate and place (log folder, endpoint). A reworded
    prompt, other weights, other arguments of a managed server, a changed seed (also of the sampling) or a new version
    of the harness's behaviour is a new cell.
    """
    fields = config.as_dict()
    levels = {key: value for key, value in fields.items() if key not in (*NOT_COMPARED, *SINCE)}
    levels["model"] = {
        key: value for key, value in fields["model"].items() if key not in (*MODEL_NOT_COMPARED, *MODEL_SINCE)
    }
    server = config.server
    # The window of a server that is started with none is its own, whatever is written here.
    window = server.window if "{window}" in server.command else None
    levels["server"] = {"args": server.args, "chosen": server.chosen, "window": window}
    levels["task"] = {
        "name": config.task.name,
        "verify": config.task.verify_arguments,
        "skips": config.task.skips.value,
    }
    levels |= _beside_defaults(config, fields)
    hashes = {name: value for name, value in asdict(inputs).items() if value or name != "agent"}
    return digest({"behaviour": BEHAVIOUR_VERSION, "levels": levels, "inputs": hashes})[:16]


def _beside_defaults(config: RunConfig, fields: Mapping[str, Any]) -> dict[str, object]:
    """Return the younger fields that are not at their default; one that is leaves no trace in a key."""
    usual = plain(vars(ToolchainConfig()))
    toolchain = {name: value for name, value in fields["toolchain"].items() if value != usual[name]}
    result = {"toolchain": toolchain, "toolset": fields["toolset"], "sandbox_paths": config.sandbox_paths}
    if config.task.name in KITS:
        result["kit"] = fields["kit"]
    younger = {name: value for name, value in result.items() if value not in ({}, Toolset.classic.value, "")}
    if not config.agent.builtin:
        younger["agent"] = config.agent.compared
    return younger if config.model.seed is None else younger | {"model_seed": config.model.seed}


def derived_seed(source: str | int, replicate: int) -> int:
    """The sampling seed of a run: independent between replicates, the same whenever it is repeated.

    `source` is the configured seed, or the cell of a simulated run without one.
    """
    return int(digest([source, replicate])[:8], 16) & 0x7FFF_FFFF
