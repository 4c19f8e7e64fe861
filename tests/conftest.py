"""What every room's tests share."""

from pathlib import Path

import pytest

from lab import Lab


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A fresh log folder to run in."""
    return Lab(tmp_path / "outputs")
