"""From the overrides of a job to its config: as Hydra would, but ten thousand of them within seconds."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from hydra.core.override_parser.types import Override, OverrideType
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ValidationError

from harness.config import (
    AgentConfig,
    ConfigError,
    KitConfig,
    ModelConfig,
    RunConfig,
    ServerConfig,
    TaskConfig,
    ToolchainConfig,
)
from harness.limits import CommandLimits
from sweeps.levels import refuse_hidden, with_levels, with_variant
from sweeps.overrides import parse
from sweeps.schema import CHOSEN, NAMED, SweepConfig, blank, leaves, type_name, unknown_key

Values = dict[str, Any]
"""Dotted keys and their values."""

WHOLE_NUMBER = re.compile(r"([a-z_.]+)=(0|-?[1-9][0-9]*)")
"""Values that need no grammar: `range()` makes thousands of them, and parsing each takes half a millisecond."""


REAL_ONLY = ("model.name", "model.path")
"""Settings of real models alone: a simulated one goes by the name of its policy."""


@dataclass(frozen=True)
class Composed:
    """Compose one job: a run, and the sweep around it."""

    run: RunConfig
    sweep: SweepConfig
    hidden: frozenset[str] = frozenset()
    """Keys that the variant of the model sets, so that nothing else may."""

    def check_overrides(self, overrides: Iterable[str]) -> None:
        """Raise ConfigError for an override that the model leaves without effect."""
        refuse_renamed(overrides, self.run.model)
        refuse_hidden(overrides, self.run.model.variant, self.hidden)


class Composer:
    """Composes jobs. What Hydra composed once serves every job with the same choice of groups.

    Hydra takes a tenth of a second for each job. Overrides that only set values are therefore laid over the
    values of a config that is composed once for each choice of groups.
    """

    def __init__(
        self, compose: Callable[[list[str]], DictConfig], stand_ins: Mapping[str, tuple[str, str]] | None = None
    ) -> None:
        """`stand_ins` holds for the choice of a task one that composes to the same but for the name, and the name."""
        self._compose = compose
        self._stand_ins = stand_ins or {}
        self._bases: dict[tuple[str, ...], tuple[Values, bool]] = {}

    def __call__(self, overrides: Sequence[str]) -> Composed:
        """The config of one job. Raises ConfigError, or what Hydra raises, if there is none."""
        choices: list[str] = []
        settings: Values = {}
        for text in overrides:
            if text in self._stand_ins:
                choice, settings["task.name"] = self._stand_ins[text]
                choices.append(choice)
            elif (pair := setting(text)) is None:
                choices.append(text)
            else:
                settings[pair[0]] = pair[1]
        base, interpolated = self._base(choices)
        composed = build(values_of(self._compose(list(overrides))) if interpolated else base | settings)
        composed.check_overrides(overrides)
        return composed

    def _base(self, choices: Sequence[str]) -> tuple[Values, bool]:
        key = tuple(choices)
        if key not in self._bases:
            config = self._compose(list(choices))
            self._bases[key] = values_of(config), _interpolates(config)
        return self._bases[key]


@cache
def setting(text: str) -> tuple[str, Any] | None:
    """Key and typed value of an override that only sets one; None for a choice of group or anything else.

    Raises ConfigError for a value of the wrong type.
    """
    whole = WHOLE_NUMBER.fullmatch(text)
    if whole and leaves().get(whole[1]) is int:
        return whole[1], int(whole[2])
    override = parse(text)
    if override.key_or_group.startswith(CHOSEN) and not override.is_sweep_override():
        return override.key_or_group, str(override.value())
    kind = leaves().get(override.key_or_group)
    value = override.value()
    plain = override.type is OverrideType.CHANGE and not override.is_sweep_override()
    if kind is None or not plain or (isinstance(value, str) and "${" in value):
        return None
    # OmegaConf takes any number for a switch, and turns 2 into true.
    if kind is bool and not isinstance(value, bool | str):
        raise ConfigError(f"{text}: must be {type_name(kind)}")
    return override.key_or_group, _typed(override, value, kind)


def _typed(override: Override, value: Any, kind: Any) -> Any:
    try:
        OmegaConf.update(blank(), override.key_or_group, value)
    except ValidationError as error:
        raise ConfigError(f"{override.input_line}: must be {type_name(kind)}") from error
    return OmegaConf.select(blank(), override.key_or_group)


def values_of(config: DictConfig) -> Values:
    """The values of a composed config by dotted key. Raises ConfigError for keys that are none of ours."""
    values = _flat(OmegaConf.to_container(_ours(config), resolve=True))
    for key in values:
        if key not in leaves() and key not in NAMED:
            raise ConfigError(unknown_key(key))
    return values


def build(values: Mapping[str, Any]) -> Composed:
    """The config that the values make. Raises ConfigError for those that no run can be made of."""
    sections: dict[str, Values] = {
        "": {},
        "model": {},
        "task": {},
        "server": {},
        "kit": {},
        "toolchain": {},
        "agent": {},
        "limits": {},
        "sweep": {},
    }
    chosen: dict[str, str] = {}
    for key, value in values.items():
        if value == "???":
            raise ConfigError(f"{key} is missing: give {key}=…")
        if isinstance(value, float) and not math.isfinite(value):
            raise ConfigError(f"{key}={value}: must be a finite number")
        if key.startswith(CHOSEN):
            chosen[key.removeprefix(CHOSEN)] = value
            continue
        section, _, name = key.rpartition(".")
        sections[section][name] = value
    sections["server"]["chosen"] = (sections["server"].get("chosen") or {}) | chosen
    model, hidden = with_variant(sections["model"])
    run = RunConfig(
        **sections[""],
        model=ModelConfig(**model),
        task=TaskConfig(**sections["task"]),
        kit=KitConfig(**sections["kit"]),
        server=ServerConfig(**with_levels(sections["server"])),
        toolchain=ToolchainConfig(**sections["toolchain"]),
        agent=AgentConfig(**sections["agent"]),
        limits=CommandLimits(**sections["limits"]),
    )
    return Composed(run, SweepConfig(**sections["sweep"]), hidden)


def refuse_renamed(overrides: Iterable[str], model: ModelConfig) -> None:
    """Raises ConfigError for a real model's settings that would be laid over a simulated one."""
    for text in overrides if model.simulated else ():
        key, _, value = text.lstrip("+").partition("=")
        if key in REAL_ONLY and value:
            name = value if key == "model.name" else "NAME"
            raise ConfigError(
                f"{text}: the model is simulated ({model.profile}); for a real one type "
                f"model=openai_compatible model.name={name} model.endpoint=URL"
            )


def _interpolates(config: DictConfig) -> bool:
    """Return whether a value is made of others, so that setting one may change another."""
    values = _flat(OmegaConf.to_container(_ours(config), resolve=False))
    return any(isinstance(value, str) and "${" in value for value in values.values())


def _ours(config: DictConfig) -> DictConfig:
    """The config less what concerns Hydra itself."""
    return OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])


def _flat(nested: Any, prefix: str = "") -> Values:
    values: Values = {}
    for key, value in nested.items():
        whole = not isinstance(value, dict) or f"{prefix}{key}" in NAMED
        values |= {f"{prefix}{key}": value} if whole else _flat(value, f"{prefix}{key}.")
    return values
