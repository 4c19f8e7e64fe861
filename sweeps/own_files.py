"""The user's own files: models, tasks and grids under --config-dir."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from omegaconf import OmegaConf
from omegaconf._utils import get_yaml_loader
from omegaconf.errors import OmegaConfBaseException

from harness.config import ConfigError
from sweeps.schema import NAMED, TEXTS, blank, leaves, type_name, unknown_key

SECTIONS = ("model", "task", "server", "toolchain", "agent")
"""Groups whose files hold the keys of one section."""


def check_own_files(config_dir: str | None, overrides: Sequence[str]) -> None:
    """Raises ConfigError, with file, line and reason, for a chosen file under --config-dir that makes no config."""
    if config_dir is None:
        return
    root = Path(config_dir)
    if not root.is_dir():
        raise ConfigError(f"--config-dir {config_dir}: must be a folder that exists")
    pairs = [text.lstrip("+").partition("=") for text in overrides]
    chosen = [root / group / f"{name.strip()}.yaml" for group, _, names in pairs for name in names.split(",")]
    for problem in (problem for file in chosen if file.is_file() for problem in problems(file)):
        raise ConfigError(problem)


def problems(file: Path) -> Iterator[str]:
    """Return the fault of a file of a group: `path:line: reason`."""
    try:
        text = file.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        plain = yaml.load(text, Loader=get_yaml_loader())
    except OSError as error:
        yield f"{file}: cannot be read: {error.strerror}"
        return
    except UnicodeDecodeError:
        yield f"{file}: must be UTF-8 text"
        return
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        yield f"{file}:{mark.line + 1 if mark else 1}: {_reason(error)}"
        return
    except yaml.YAMLError as error:
        yield f"{file}: {' '.join(str(error).split())}"
        return
    if node is None:
        return
    if not isinstance(plain, dict) or not isinstance(node, yaml.MappingNode):
        yield f"{file}:{node.start_mark.line + 1}: must be keys with values, key: value"
    elif file.parent.name in SECTIONS and "@package" not in text:
        yield from _wrong(file, node, plain, f"{file.parent.name}.")


def _wrong(file: Path, node: yaml.MappingNode, plain: dict[Any, Any], prefix: str) -> Iterator[str]:
    written = {key.value: value.value for key, value in node.value if isinstance(value, yaml.ScalarNode)}
    lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
    for key, value in plain.items():
        if key == "defaults":
            continue
        where, name = f"{file}:{lines.get(str(key), 1)}", f"{prefix}{key}"
        kind = leaves().get(name)
        if name in NAMED:
            kind = str if name in TEXTS else dict
            if not isinstance(value, dict) or not all(isinstance(inner, kind) for inner in value.values()):
                what = "text for each" if kind is str else "their own keys below them"
                yield f"{where}: {key}: must be labels with {what}"
            continue
        if kind is None:
            yield f"{where}: {unknown_key(name).removeprefix(prefix)}"
        elif not _fits(name, value, kind):
            yield f"{where}: {key}: {value}: must be {type_name(kind)}"
        elif kind is str and str(value) != written.get(str(key), str(value)):
            text = written[str(key)]
            yield f'{where}: {key}: {text}: is read as {value}: put it into quotes, {key}: "{text}"'


def _fits(name: str, value: Any, kind: Any) -> bool:
    if isinstance(value, str) and ("${" in value or value == "???"):
        return True
    if kind is bool and not isinstance(value, bool | str):
        return False
    try:
        OmegaConf.update(blank(), name, value)
    except OmegaConfBaseException:
        return False
    return not isinstance(value, dict | list)


def _reason(error: yaml.MarkedYAMLError) -> str:
    said = " ".join((error.problem or "is no YAML").split())
    return f"{said}; indent with spaces" if "\\t" in said else said
