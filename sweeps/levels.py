"""Named levels: the variants of a model and the arguments of a server, which their files list by label."""

import shlex
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from harness.config import ConfigError
from sweeps.schema import factor_of, leaves, unknown_key

Section = dict[str, Any]

SPELLINGS = {True: ("on", "yes", "true"), False: ("off", "no", "false"), None: ("null", "~")}
"""Words that YAML reads as a switch or as nothing, though they were written as labels."""


def with_variant(model: Section) -> tuple[Section, frozenset[str]]:
    """Lay the chosen variant over a model; the second value is the keys that it sets.

    Raises ConfigError for a label that the file of the model does not have. A model without `variants` takes any
    label.
    """
    fields = {name: value for name, value in model.items() if name != "variants"}
    variants, label = model.get("variants") or {}, model.get("variant") or ""
    if not label or not variants:
        return fields, frozenset()
    _require_mapping("model.variants", variants)
    laid = _pick("model.variant", label, variants) or {}
    _require_mapping(f"model.variants.{label}", laid)
    for name in laid:
        if f"model.{name}" not in leaves() or name == "variant":
            raise ConfigError(f"model.variants.{label}: {unknown_key(f'model.{name}')}")
    return fields | dict(laid), frozenset(f"model.{name}" for name in laid)


def with_levels(server: Section) -> Section:
    """Add the arguments of the chosen levels to those of a server.

    Raises ConfigError for a factor or a label that the file of the server does not have, and for two labels of a
    factor that say the same.
    """
    fields = {name: value for name, value in server.items() if name != "levels"}
    chosen = {str(factor): str(label) for factor, label in (server.get("chosen") or {}).items()}
    levels = server.get("levels") or {}
    _require_mapping("server.levels", levels)
    args = [server.get("args") or ""]
    for factor, label in chosen.items():
        if factor not in levels:
            if not levels and not get_close_matches(f"server.{factor}", leaves(), cutoff=0.85):
                declare = "name them under `levels:` in a file of conf/server, or choose server=llama_cpp"
                raise ConfigError(f"server.{factor}={label}: neither a key nor a level of this server: {declare}")
            names = f"; levels of this server: {', '.join(f'server.{name}' for name in levels)}" if levels else ""
            raise ConfigError(f"{unknown_key(f'server.{factor}')}{names}")
        _require_mapping(f"server.levels.{factor}", levels[factor])
        _refuse_same(factor, levels[factor])
        args.append(str(_pick(f"server.{factor}", label, levels[factor]) or ""))
    return fields | {"chosen": dict(sorted(chosen.items())), "args": " ".join(part for part in args if part.strip())}


def refuse_hidden(overrides: Iterable[str], variant: str, hidden: frozenset[str]) -> None:
    """Raise ConfigError for an override of a key that the chosen variant sets too."""
    for text in overrides if hidden else ():
        key = factor_of(text.partition("=")[0])
        if key in hidden:
            raise ConfigError(f"{text}: model.variant={variant} sets {key} too: leave one of them out")


def _refuse_same(factor: str, levels: Mapping[Any, Any]) -> None:
    first: dict[tuple[str, ...], str] = {}
    for key, args in levels.items():
        where = f"server.levels.{factor}.{_shown(key)}"
        if isinstance(args, Mapping | list):
            raise ConfigError(f"{where}: must be the arguments of the server as one text")
        try:
            words = tuple(shlex.split(str(args or "")))
        except ValueError as error:
            raise ConfigError(f"{where}={args}: {str(error).lower()}") from error
        if words in first:
            raise ConfigError(f"{where}: is the same as {first[words]}: {args or 'no arguments'}")
        first[words] = _shown(key)


def _pick(key: str, label: str, levels: Mapping[Any, Any]) -> Any:
    for name, value in levels.items():
        if label in SPELLINGS.get(name, ()) if name is None or isinstance(name, bool) else label == str(name):
            return value
    raise ConfigError(f"{key}={label}: must be one of {', '.join(map(_shown, levels))}")


def _shown(key: Any) -> str:
    return SPELLINGS[key][0] if key is None or isinstance(key, bool) else str(key)


def _require_mapping(key: str, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{key}={value}: must be labels with their values, label: value")
