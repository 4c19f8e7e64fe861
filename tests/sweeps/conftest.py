"""The front door, called in this process and in one of its own, and the composing of jobs behind it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from commands import Command, Told
from hydra import compose, initialize_config_dir

from harness.__main__ import main
from harness.installation import data_folder
from sweeps.compose import Composer
from sweeps.schema import register

ROOT = Path(__file__).parents[2]


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """`harness …` in this process, from an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")  # so that what main sets is undone

    def command(*argv: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["harness", *argv])
        with pytest.raises(SystemExit) as left:
            main()
        return Told(int(left.value.code or 0), *capfd.readouterr())

    return command


@pytest.fixture
def python_m_harness(tmp_path: Path) -> Command:
    """`python -m harness …` in a process of its own, from an empty folder."""

    def command(*argv: str, **environment: str) -> Told:
        done = subprocess.run(
            [sys.executable, "-m", "harness", *argv],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return Told(done.returncode, done.stdout, done.stderr)

    return command


@pytest.fixture(scope="module")
def composer() -> Iterator[Composer]:
    """The composing of jobs from conf/, as a sweep does it."""
    register()
    with initialize_config_dir(str(data_folder("conf")), version_base="1.3"):
        yield Composer(partial(compose, "config"))
