"""Configuration of one run. Together with `record` this is the contract of the whole project.

The classes are plain dataclasses, so that this package needs no configuration library; `sweeps` hands them
to Hydra as its schema. The string under each field is its documentation: the reference page is made of it.
"""

import os
from dataclasses import dataclass, field, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from harness.agent_config import AgentConfig as AgentConfig  # noqa: PLC0414 - part of the contract
from harness.kit_config import KitConfig as KitConfig  # noqa: PLC0414 - part of the contract
from harness.limits import CommandLimits
from harness.plain_data import digest as digest  # noqa: PLC0414 - part of the contract
from harness.plain_data import plain as plain  # noqa: PLC0414 - part of the contract
from harness.requirements import ConfigError as ConfigError  # noqa: PLC0414 - part of the contract
from harness.requirements import is_url, require
from harness.server_config import ServerConfig as ServerConfig  # noqa: PLC0414 - part of the contract
from harness.task_config import Skips as Skips  # noqa: PLC0414 - part of the contract
from harness.task_config import TaskConfig as TaskConfig  # noqa: PLC0414 - part of the contract
from harness.toolchain_config import ToolchainConfig as ToolchainConfig  # noqa: PLC0414 - part of the contract
from harness.toolchain_config import ToolchainName as ToolchainName  # noqa: PLC0414 - part of the contract
from harness.toolchain_config import Toolset as Toolset  # noqa: PLC0414 - part of the contract

BEHAVIOUR_VERSION = 2
"""Raised whenever a change makes new runs incomparable with old ones; part of every cell's key."""

EMBEDDED = "embedded"
"""The endpoint of a simulated subject that the harness serves itself, on a free loopback port."""


class Lever(Enum):
    """A change to the harness that is put to the test; each changes exactly one thing."""

    none = "none"
    digest = "digest"
    """Each pass begins with the state of the work, computed."""
    impl_doc = "impl_doc"
    """Reading code of a package that passes returns the package's interface."""
    nudge_notes = "nudge_notes"
    """A pass begins with a reminder of PROGRESS.md, if the one before changed code and left the notes as they were."""
    nudge_act = "nudge_act"
    """A pass begins with a reminder to write, if the one before changed nothing."""
    checkpoint = "checkpoint"
    """Once in a pass, at four fifths of ctx_limit, a notice says that the context is nearly used up."""
    verdict = "verdict"
    """Each pass begins with what the gate last said, if it refused."""


class Preflight(Enum):
    """Reaction of a sweep to the findings of its server checks."""

    on = "on"
    warn = "warn"
    off = "off"


class ToolsMode(Enum):
    """Way in which tools reach the model."""

    auto = "auto"
    """Natively, unless the server is known to drop tools: then as text."""
    native = "native"
    """In the request's field for tools; calls come in the reply's field for calls."""
    text = "text"
    """Described in the system prompt; calls are read from the text of the reply."""


class Confinement(Enum):
    """Confinement of code that a model wrote; docs/gate.md lists what each kind holds back."""

    auto = "auto"
    bwrap = "bwrap"
    landlock = "landlock"
    sandbox_exec = "sandbox_exec"
    none = "none"


@dataclass
class ModelConfig:
    """The subject: which model, where it is served, how it is sampled."""

    name: str = ""
    """Name of the model, as its server knows it."""
    endpoint: str = "http://localhost:1234/v1"
    """Base URL of an OpenAI-compatible server, or `embedded` for a simulated subject served by the harness."""
    path: str = ""
    """Path or name of the weights, for a server that the sweep starts. Empty: `name`."""
    variant: str = ""
    """Label of these weights, such as q4: one of `variants` where the file of the model has them, which then sets what
    that variant says. Part of the cell, and a factor of the analysis. Empty: none."""
    profile: str = ""
    """Simulated subjects only: the policy to serve (resweep, selective, oracle, nop, cheater, terminal). Empty: a real
    model."""
    api_key_env: str = ""
    """Name of the environment variable that holds the API key. Empty: no key is sent."""
    max_tokens: int = 32768
    """Most tokens that one call may generate."""
    temperature: float = 0.6
    """Sampling temperature; 0 is greedy."""
    top_p: float = 0.95
    """Nucleus sampling: the probability mass kept, in (0, 1]."""
    top_k: int = 20
    """Number of likeliest tokens kept; 0 keeps all."""
    min_p: float = 0.0
    """Least probability kept, relative to the likeliest token, in [0, 1]; 0 keeps all."""
    repetition_penalty: float = 1.0
    """Factor against repeated tokens; 1 is none."""
    presence_penalty: float = 0.0
    """Amount against tokens already present, in [-2, 2]; 0 is none."""
    seed: int | None = None
    """Seed of the sampling, part of the cell. Every run, also a single one, gets a seed of its own that is derived from
    this and `replicate` (`sampling_seed` in the record), and each call one that is derived from that. Null: none is
    sent to a real model, and a simulated one gets a seed derived from the cell and the replicate."""
    salvage: bool = True
    """Carry out tool calls that arrive as text, not parsed by the server, and count them."""
    tools: ToolsMode = ToolsMode.auto
    """Way in which tools reach the model: native (the request's own field), text (described in the system prompt, calls
    from the reply), or auto: text where the server tells that the model's chat template has no tools, or where the
    preflight of a sweep sees that they never reach it, else native. The record says which it was (`tools_mode`)."""
    connect_timeout: float = 10.0
    """Seconds allowed for opening a connection to the server."""
    first_token_timeout: float = 1800.0
    """Seconds from a request to the first token of its streamed reply, the reading of the prompt included; 0
    waits for ever. Without `stream` nothing is seen of a reply before it is whole."""
    idle_timeout: float = 900.0
    """Seconds between two tokens of a streamed reply; 0 waits for ever. Long, since many servers hold a tool call
    back until it is whole. Comments that only keep the connection open are no tokens."""
    call_timeout: float = 3600.0
    """Seconds for a whole call, repetitions included; 0 waits for ever."""

    def __post_init__(self) -> None:
        require(self.max_tokens >= 1, "model.max_tokens", self.max_tokens, "1 or more")
        require(self.temperature >= 0, "model.temperature", self.temperature, "0 or more")
        require(0 < self.top_p <= 1, "model.top_p", self.top_p, "more than 0, at most 1")
        require(self.top_k >= 0, "model.top_k", self.top_k, "0 (all) or more")
        require(0 <= self.min_p <= 1, "model.min_p", self.min_p, "0 to 1")
        require(self.repetition_penalty > 0, "model.repetition_penalty", self.repetition_penalty, "more than 0")
        require(-2 <= self.presence_penalty <= 2, "model.presence_penalty", self.presence_penalty, "-2 to 2")
        require(self.connect_timeout > 0, "model.connect_timeout", self.connect_timeout, "more than 0 seconds")
        for key in ("first_token_timeout", "idle_timeout", "call_timeout"):
            require(getattr(self, key) >= 0, f"model.{key}", getattr(self, key), "0 (no limit) or more seconds")
        as_text = self.tools is ToolsMode.text
        require(self.salvage or not as_text, "model.tools", "text", "used with model.salvage=true: calls come as text")
        require(not (as_text and self.profile), "model.tools", "text", "auto or native for a simulated model")
        require(bool(self.name.strip()), "model.name", self.name, "the name of a model, as its server knows it")
        require(
            (self.endpoint == EMBEDDED) if self.profile else is_url(self.endpoint),
            "model.endpoint",
            self.endpoint,
            f"{EMBEDDED}, since the model is simulated (model.profile={self.profile}); for a real model type "
            "model=openai_compatible model.name=NAME model.endpoint=URL"
            if self.profile
            else "a URL that starts with http:// or https://",
        )

    @property
    def simulated(self) -> bool:
        return bool(self.profile)


@dataclass
class RunConfig:
    """Everything that one run is told."""

    model: ModelConfig = field(default_factory=ModelConfig)
    """The subject."""
    task: TaskConfig = field(default_factory=TaskConfig)
    """The task."""
    server: ServerConfig = field(default_factory=ServerConfig)
    """The model's server."""
    toolchain: ToolchainConfig = field(default_factory=ToolchainConfig)
    """The language of the task."""
    agent: AgentConfig = field(default_factory=AgentConfig)
    """The agent: the built-in loop, or a command."""
    kit: KitConfig = field(default_factory=KitConfig)
    """Arguments of a generated task."""
    ctx_limit: int = 65536
    """A pass ends once a call's total tokens reach this; 0 disables."""
    memory: bool = True
    """Keep PROGRESS.md across passes; false wipes it before each pass."""
    elide_passing: bool = True
    """Return a one-line notice for reads of a spec that already passes."""
    protect_tests: bool = True
    """Refuse writes to test files: the tests are the spec."""
    toolset: Toolset = Toolset.classic
    """Tools of the subject: classic is the original's six; full adds search_text, delete_file and move_file."""
    stream: bool = False
    """Stream the replies; the outcome is the same either way."""
    max_iters: int = 25
    """Most passes of a run."""
    max_steps: int = 40
    """Most model calls of a pass."""
    max_stale: int = 3
    """Consecutive passes without a change to the workspace that end a run; 0 disables."""
    run_timeout: float = 0.0
    """Seconds for the whole run; 0 is no limit. Where it ends a pass, what is there is still verified."""
    cmd_timeout: float = 300.0
    """Seconds allowed for each command: of the subject, and of the gate."""
    limits: CommandLimits = field(default_factory=CommandLimits)
    """Limits of a command on the machine's resources."""
    sandbox: Confinement = Confinement.auto
    """Confinement of the model's code; auto is the strongest that works here. One that does not work is an error."""
    sandbox_paths: str = ""
    """Folders outside the workspace that commands may read, and whose programs (also those in their bin/) they find
    (several: with colons between them)."""
    system: str = ""
    """Path of a file whose text replaces the built-in system prompt. Empty: built-in."""
    log_dir: str = "outputs"
    """Folder of the ledger `runs.jsonl`, the run folders and the workspaces."""
    task_root: str = ""
    """Folder of tasks of your own, each a folder with PROMPT.md and workspace/ (several: with colons between them)."""
    replicate: int = 1
    """Number of the repetition within its cell, from 1."""
    preflight: Preflight = Preflight.on
    """Reaction of a sweep to problems of a real server before its first run: on stops it, warn says
    so and goes on, off does not look."""
    lever: Lever = Lever.none
    """The lever put to the test in this run."""

    def __post_init__(self) -> None:
        require(self.ctx_limit >= 0, "ctx_limit", self.ctx_limit, "0 (no limit) or more tokens")
        for key in ("max_iters", "max_steps", "replicate"):
            require(getattr(self, key) >= 1, key, getattr(self, key), "1 or more")
        require(self.max_stale >= 0, "max_stale", self.max_stale, "0 (never) or more")
        require(self.run_timeout >= 0, "run_timeout", self.run_timeout, "0 (no limit) or more seconds")
        require(self.cmd_timeout > 0, "cmd_timeout", self.cmd_timeout, "more than 0 seconds")
        require(bool(self.log_dir), "log_dir", self.log_dir, "a folder")
        self.kit.require_used(self.task.name)
        # An arm in which the lever can never act would be a control by another name.
        lever = self.lever.value
        require(self.memory or self.lever is not Lever.nudge_notes, "lever", lever, "used with memory=true")
        require(self.ctx_limit > 0 or self.lever is not Lever.checkpoint, "lever", lever, "used with a ctx_limit")
        self.agent.require_neutral(
            {
                "lever": (lever, "none"),
                "toolset": (self.toolset.value, "classic"),
                "model.tools": (self.model.tools.value, "auto"),
                "elide_passing": (self.elide_passing, False),
                "stream": (self.stream, False),
            }
        )

    @property
    def sandbox_path_list(self) -> list[Path]:
        """The folders that `sandbox_paths` names."""
        return [Path(path) for path in self.sandbox_paths.split(os.pathsep) if path]

    def as_dict(self) -> dict[str, Any]:
        """The config as plain data: strings, numbers, booleans and nested mappings."""
        return {name: plain(vars(one)) if is_dataclass(one) else one for name, one in plain(vars(self)).items()}
