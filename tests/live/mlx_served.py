"""Runs against a live server, and what they left."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.config import ModelConfig, RunConfig, ServerConfig
from harness.record import RunRecord
from harness.run import run


class Live:
    """Runs whose subject is the tiny checkpoint."""

    def __init__(self, config: RunConfig, folder: Path) -> None:
        self._config = replace(config, server=ServerConfig(), log_dir=str(folder / "logs"))
        self._folder = folder

    @property
    def model(self) -> ModelConfig:
        return self._config.model

    def run(self, script: str = "solve", **changes: Any) -> RunRecord:
        """One run in which the model speaks that script."""
        system = self._folder / f"{script}.txt"
        system.write_text(f"You are a program. SCRIPT={script} is what you follow.")
        config = replace(self._config, system=str(system), **changes)
        return run(config, endpoint=config.model.endpoint)

    def replies(self, record: RunRecord) -> list[dict[str, Any]]:
        """The replies of a run, as its transcript tells them."""
        return replies(self._folder / "logs", record)


def replies(log_dir: Path, record: RunRecord) -> list[dict[str, Any]]:
    """The replies of a run, as its transcript tells them."""
    lines = (log_dir / "runs" / record.run_id / "transcript.jsonl").read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == "reply"]
