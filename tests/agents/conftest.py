"""The folder of the scripts that play an agent."""

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "agent"
    path.mkdir()
    return path
