"""Schema of the configuration: the fields of one run and those of a sweep, each with its type."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from harness.config import ModelConfig, RunConfig, ServerConfig, TaskConfig
from harness.requirements import require

if TYPE_CHECKING:
    from omegaconf import DictConfig

MISSING: Any = "???"
"""Marker of a value that has yet to be set, as OmegaConf spells it. Not imported: help needs no library to compose."""

SCHEMA = "schema"
"""The name under which conf/config.yaml finds the schema."""

EXPECTED = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}


class Side(Enum):
    """In which direction a contrast is tested."""

    two = "two"
    greater = "greater"
    less = "less"


class Stop(Enum):
    """Rules that end an arm before its planned size."""

    curtail = "curtail"
    evalue = "evalue"


class Retry(Enum):
    """Choice of the runs without a result that are run again."""

    all = "all"
    faults = "faults"
    none = "none"


@dataclass
class SweepConfig:
    """Settings of the whole sweep, and of no single run."""

    name: str = ""
    """Label that every record of the sweep carries. Empty: derived from the task and the factors."""
    replicates: int = 1
    """Number of runs of each cell. From 2 on, runs are launched in shuffled blocks, each of which holds every arm once;
    at 1 the grid keeps its order."""
    seed: int = 1
    """Decides how blocks, and the arms in them, are shuffled."""
    dry_run: bool = False
    """Show the plan, what of it is done, how long the rest may take and what it can show, and run nothing."""
    retry: Retry = Retry.all
    """Runs without a result that are run again, by how they last ended: faults, or all, which adds the interrupted
    ones; none runs only what was never recorded. Results are never run again."""
    wait_for_server: float = 600.0
    """Seconds to wait for a server that does not answer, before a run of a sweep and after a fault; 0 does not wait.
    One that has never answered is waited for 10 seconds at most."""
    contrast: str = ""
    """Factor that the sweep is about: each of its levels is tested against the baseline."""
    baseline: str = ""
    """Level of that factor that the others are compared with."""
    family: str = ""
    """Label of the tests that are corrected together. Empty: the name of the sweep."""
    side: Side = Side.two
    """Hypothesis: a level completes more often than the baseline (greater), less often (less), or either."""
    alpha: float = 0.05
    """Level of the tests; the interval of a floor holds it with a probability of 1 less alpha."""
    margin: float | None = None
    """Difference of rates that does not matter. With it, the declaration holds a second test for each level: that it
    is equivalent to the baseline (`side` two), no worse (greater) or no better (less) by this margin; null is none."""
    stop: Stop | None = None
    """`hydra/sweeper=contrast` only: when an arm ends early. curtail (null is the same): no outcome of its remaining
    runs could change what the test of all of them says. evalue: an e-process, looked at after each block, has
    reached 1/alpha, or no longer can; it is then the test."""
    budget: int | None = None
    """`hydra/sweeper=threshold` only: most runs to make in all; null is 30."""
    width: float | None = None
    """`hydra/sweeper=threshold` only: the search ends once its interval at a tenth of alpha is no wider, in tokens;
    null: at its budget."""
    base_rate: float = 0.1
    """Completion rate of the baseline that the plan's power is told for; nothing else depends on it."""
    rate: float = 0.8
    """Completion rate of the other levels that the plan's power is told for."""

    def __post_init__(self) -> None:
        require(self.replicates >= 1, "sweep.replicates", self.replicates, "1 or more")
        require(self.wait_for_server >= 0, "sweep.wait_for_server", self.wait_for_server, "0 (no wait) or more seconds")
        require(0 < self.alpha < 1, "sweep.alpha", self.alpha, "more than 0, less than 1")
        within = self.margin is None or 0 < self.margin < 1
        require(within, "sweep.margin", self.margin, "null, or more than 0 and less than 1")
        require(self.budget is None or self.budget >= 1, "sweep.budget", self.budget, "1 or more runs")
        require(self.width is None or self.width > 0, "sweep.width", self.width, "more than 0 tokens")
        for key in ("base_rate", "rate"):
            require(0 <= getattr(self, key) <= 1, f"sweep.{key}", getattr(self, key), "0 to 1")


@dataclass
class ModelFile(ModelConfig):
    """Content of a file of conf/model: a model, and variants of it by label."""

    variants: Any = None
    """Fields of the model that each variant sets, by label."""


@dataclass
class ServerFile(ServerConfig):
    """Content of a file of conf/server: a server, and named levels of it."""

    levels: Any = None
    """Arguments of the server by factor and label."""


NAMED = ("model.variants", "server.levels", "server.chosen", "agent.env", "agent.files", "agent.tools")
"""Keys that hold a mapping of the user's own names; none of them is set on the command line as it is."""

TEXTS = ("agent.env", "agent.files", "agent.tools")
"""Those among them that hold texts."""

CHOSEN = "server.chosen."
"""Prefix of the keys for the choice of a named level, which is typed as `server.kv=q8_0`."""


def factor_of(key: str) -> str:
    """Return a key of an override as it is typed and shown."""
    key = key.lstrip("+")
    return f"server.{key.removeprefix(CHOSEN)}" if key.startswith(CHOSEN) else key


@dataclass
class AppConfig(RunConfig):
    """Everything that the command line may set."""

    # Missing by default, not made on the spot: a model without a name is no valid ModelConfig.
    model: ModelFile = MISSING
    task: TaskConfig = MISSING
    server: ServerFile = field(default_factory=ServerFile)
    sweep: SweepConfig = field(default_factory=SweepConfig)
    """The sweep."""


def register() -> None:
    """Make the schema known to Hydra."""
    from hydra.core.config_store import ConfigStore  # noqa: PLC0415

    ConfigStore.instance().store(name=SCHEMA, node=AppConfig)


@cache
def leaves() -> Mapping[str, Any]:
    """Every key that holds a value, dotted, and its type, in the order of declaration."""
    return dict(_leaves(AppConfig, ""))


def _leaves(schema: type[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    hints = get_type_hints(schema)
    for entry in fields(schema):
        kind = hints[entry.name]
        if is_dataclass(kind):
            yield from _leaves(hints[entry.name], f"{prefix}{entry.name}.")
        elif prefix + entry.name not in NAMED:
            yield prefix + entry.name, kind


@cache
def blank() -> "DictConfig":
    """A config that gives values their types; what it holds does not matter."""
    from omegaconf import OmegaConf  # noqa: PLC0415

    config: DictConfig = OmegaConf.structured(AppConfig)
    config.model, config.task = ModelFile, TaskConfig
    return config


def type_name(kind: Any) -> str:
    """The type of a field in words: what a value of it must be."""
    if isinstance(kind, UnionType):
        return " or ".join("null" if part is type(None) else type_name(part) for part in get_args(kind))
    if issubclass(kind, Enum):
        return f"one of: {', '.join(kind.__members__)}"
    return EXPECTED[kind]


def unknown_key(key: str) -> str:
    """One line on a key that does not exist, with the one that was probably meant."""
    known = list(leaves())
    close = difflib.get_close_matches(key, known, n=1) or [name for name in known if name.endswith(f".{key}")]
    return f"{key}: no such key" + (f", did you mean {close[0]}?" if close else "; --help lists them all")
