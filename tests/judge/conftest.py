"""What the judge's tests share: runs to judge, and a simulated judge over real HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from judged_runs import Judge, Judged, simulated_judge

from analysis.cli import main


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """All simulated judges."""
    with simulated_judge() as served:
        yield served


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    """A log folder without runs yet."""
    folder = tmp_path / "outputs"
    folder.mkdir()
    return Judged(folder)


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Judge:
    """Runs a command of the analysis: exit code, standard output, standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
