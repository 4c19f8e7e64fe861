"""Configs in run folders, for what the lines of a ledger do not hold."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.records.columns import FACTORS, KIT
from analysis.records.fields import canonical, in_cell, record_fields
from analysis.render import level_text
from harness.kit_config import KITS
from harness.outputs import Outputs

Value = str | int | float | bool | None


class RunConfigs:
    """The configs of runs, flat, each read once."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """`folders` are the log folders in which runs may lie."""
        self.folders = list(folders)
        self._folders = [Outputs(folder) for folder in folders]
        self._read: dict[str, dict[str, Value] | None] = {}

    @property
    def any(self) -> bool:
        """Return whether there are run folders at all."""
        return any(folder.runs.is_dir() for folder in self._folders)

    def of(self, run_id: str | None) -> dict[str, Value] | None:
        """Return the config of a run; None if it is not there, or cannot be read."""
        if run_id is None:
            return None
        if run_id not in self._read:
            self._read[run_id] = self._look(run_id)
        return self._read[run_id]

    def _look(self, run_id: str) -> dict[str, Value] | None:
        for folder in self._folders:
            try:
                config = json.loads(folder.folder(run_id).config.read_text(encoding="utf-8"))
            except (OSError, ValueError, RecursionError):
                continue
            if isinstance(config, dict):
                return dict(_flat(config))
        return None


def of_cell(config: Mapping[str, Value]) -> dict[str, Value]:
    """Return what all runs of a cell share and no line holds. Other tasks than kits have no arguments of a kit."""
    unused = () if config.get("task.name") in KITS else KIT
    return {
        name: value
        for name, value in config.items()
        if in_cell(name) and canonical(name) not in FACTORS and not _on_line(name) and name not in unused
    }


def of_run(config: Mapping[str, Value]) -> dict[str, str]:
    """Return, as text, the time limits of a run, which runs of one cell may differ in."""
    return {
        name: level_text(value) if isinstance(value, int | float) else str(value)
        for name, value in config.items()
        if name.endswith("_timeout") and not in_cell(name)
    }


def _on_line(name: str) -> bool:
    return name in record_fields() or name.startswith("server.chosen")


def _flat(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Value]]:
    for key, value in config.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, dict | list):
            yield prefix + key, json.dumps(value)
        else:
            yield prefix + key, value
