"""`from harness import RunConfig, run`: one run from a program of one's own."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

import harness
from harness import ConfigError, ModelConfig, Outcome, RunConfig, ServerConfig, TaskConfig, run

from lab import DONE, SOLVE
from scripted import ScriptedServer

REVERSE = TaskConfig(name="reverse")
ORACLE = ModelConfig(name="sim-oracle", profile="oracle", endpoint="embedded")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.go
def test_a_real_endpoint_is_all_that_a_run_needs(tmp_path: Path) -> None:
    """The config names the endpoint; the record is returned and is the one in the ledger."""
    with ScriptedServer([SOLVE, DONE]) as server:
        model = ModelConfig(name="scripted", endpoint=server.endpoint)
        record = run(RunConfig(model=model, task=REVERSE, log_dir=str(tmp_path)))
    assert (Outcome.COMPLETED, False) == (record.outcome, record.simulated)
    assert [record.run_id] == [folder.name for folder in (tmp_path / "runs").iterdir()]


@pytest.mark.go
def test_a_simulated_subject_is_served_for_the_length_of_the_run(tmp_path: Path) -> None:
    """And is gone after it; the record calls it simulated."""
    record = run(RunConfig(model=ORACLE, task=REVERSE, log_dir=str(tmp_path)))
    assert (Outcome.COMPLETED, True) == (record.outcome, record.simulated)


@pytest.mark.go
def test_a_managed_server_is_started_and_stopped(tmp_path: Path) -> None:
    """The command of the config serves the model during the run, and nothing listens after it."""
    port = _free_port()
    command = f"{sys.executable} -m harness.simulator --profile oracle --port {{port}}"
    record = run(
        RunConfig(
            model=ModelConfig(name="sim-oracle", endpoint=f"http://127.0.0.1:{port}/v1"),
            server=ServerConfig(managed=True, command=command),
            task=REVERSE,
            log_dir=str(tmp_path),
        )
    )
    assert (Outcome.COMPLETED, True) == (record.outcome, record.simulated)
    with socket.socket() as closed:
        assert 0 != closed.connect_ex(("127.0.0.1", port))


WRONG = {
    "task": ({"task": TaskConfig(name="nope")}, "nope"),
    "profile": ({"model": ModelConfig(name="x", profile="x", endpoint="embedded")}, "model.profile=x: must be one of"),
    "name": (
        {"model": ModelConfig(name="oracle", profile="oracle", endpoint="embedded")},
        "model.name=oracle: must be sim-oracle",
    ),
    "key": (
        {"model": ModelConfig(name="x", api_key_env="HARNESS_NO_KEY")},
        "model.api_key_env=HARNESS_NO_KEY: this environment variable is not set",
    ),
    "system": ({"system": "gone.md"}, "system=gone.md: cannot be read"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_config_that_no_run_can_be_made_of_is_an_error(tmp_path: Path, case: str) -> None:
    """ConfigError says what is wrong before anything is started, and nothing is recorded."""
    changes, message = WRONG[case]
    given = {"model": ORACLE, "task": REVERSE, "log_dir": str(tmp_path / "outputs")} | changes
    with pytest.raises(ConfigError, match=message):
        run(RunConfig(**given))
    assert not (tmp_path / "outputs").exists()


def test_importing_the_package_imports_nothing_else() -> None:
    """`import harness` loads no part of a run; every public name is there on first use."""
    program = "import harness, sys; print([name for name in sys.modules if name.startswith(('harness.', 'httpx'))])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
    assert [] == [name for name in harness.__all__ if getattr(harness, name, None) is None]


def test_the_module_of_a_run_does_not_take_the_place_of_its_function() -> None:
    """`from harness import run` is the function, whatever was imported before."""
    program = "import harness.runner, sweeps.launcher; from harness import run; print(callable(run))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "True" == done.stdout.strip()
