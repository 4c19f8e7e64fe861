"""The ledger and the run folders."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest

from harness.config import ConfigError, ModelConfig, RunConfig, TaskConfig
from harness.ledger import Ledger, LedgerError
from harness.outputs import Outputs


def _config(log_dir: Path) -> RunConfig:
    return RunConfig(model=ModelConfig(name="m"), task=TaskConfig(name="reverse"), log_dir=str(log_dir))


def test_lines_come_back_in_order(tmp_path: Path) -> None:
    """What was appended is read, text of any script included."""
    ledger = Ledger(tmp_path / "deep" / "runs.jsonl")
    lines = [{"n": 1, "text": "é\n世"}, {"n": 2}]
    for line in lines:
        ledger.append(line)
    assert lines == list(ledger.read())


@pytest.mark.parametrize("torn", ['{"n": 1, "out', '{"n": 1}', "\0\0\0"])
def test_a_torn_tail_is_healed_before_the_next_line(tmp_path: Path, torn: str) -> None:
    """A line without its newline, whole or not, never swallows the one after it."""
    ledger = Ledger(tmp_path / "runs.jsonl")
    ledger.append({"n": 0})
    with ledger.path.open("a") as file:
        file.write(torn)
    ledger.append({"n": 2})
    seen: list[int] = []
    found = [line["n"] for line in ledger.read(on_torn=lambda number, _: seen.append(number))]
    whole = torn == '{"n": 1}'
    assert ([0, 1, 2] if whole else [0, 2]) == found
    assert ([] if whole else [2]) == seen


def _append_many(path: Path, writer: int) -> None:
    for number in range(50):
        Ledger(path).append({"writer": writer, "number": number, "padding": "x" * 9000})


def test_writers_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Four processes that append at once lose no line and tear none."""
    path = tmp_path / "runs.jsonl"
    writers = [get_context("fork").Process(target=_append_many, args=(path, writer)) for writer in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = {(line["writer"], line["number"]) for line in Ledger(path).read()}
    assert {(writer, number) for writer in range(4) for number in range(50)} == found


@pytest.fixture
def full_disk() -> Iterator[Callable[[int], None]]:
    """Lets no file grow beyond a size, as a full disk does."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_costs_the_new_line_and_no_other(tmp_path: Path, full_disk: Callable[[int], None]) -> None:
    """When an append fails half way, the ledger is what it was before, and the error says so in one line."""
    ledger = Ledger(tmp_path / "runs.jsonl")
    ledger.append({"n": 0})
    before = ledger.path.read_bytes()
    full_disk(len(before) + 10)
    with pytest.raises(LedgerError, match="cannot append to the ledger"):
        ledger.append({"n": 1, "padding": "x" * 100})
    assert before == ledger.path.read_bytes()


def test_a_record_survives_a_disk_without_room(tmp_path: Path, full_disk: Callable[[int], None]) -> None:
    """Where it can be written nowhere, the error itself carries it; an old record is untouched."""
    outputs = Outputs(tmp_path)
    folder = outputs.new_run(_config(tmp_path))
    full_disk(8)
    with pytest.raises(LedgerError) as caught:
        outputs.finish(folder, {"run_id": folder.run_id, "outcome": "completed"})
    assert {"run_id": folder.run_id, "outcome": "completed"} == json.loads(str(caught.value).split("the record: ")[1])
    assert not folder.record.exists()


def test_a_record_that_missed_the_ledger_is_recovered_once(tmp_path: Path) -> None:
    """A kill between a run's folder and the ledger loses nothing, and doubles nothing."""
    outputs = Outputs(tmp_path)
    killed, finished, running = (outputs.new_run(_config(tmp_path)) for _ in range(3))
    killed.write_record({"run_id": killed.run_id})
    outputs.finish(finished, {"run_id": finished.run_id})
    assert running.config.exists()
    assert 1 == outputs.recover()
    assert 0 == outputs.recover()
    assert {killed.run_id, finished.run_id} == {line["run_id"] for line in outputs.ledger.read()}


def test_a_run_folder_holds_the_resolved_config(tmp_path: Path) -> None:
    """What the run was told can be read back from its folder."""
    config = _config(tmp_path)
    folder = Outputs(tmp_path).new_run(config)
    assert config.as_dict() == json.loads(folder.config.read_text())


def test_a_log_folder_that_cannot_be_written_is_a_config_error(tmp_path: Path) -> None:
    """One line names the key, the folder and the reason."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"^log_dir=.*file: cannot be written: "):
        Outputs(tmp_path / "file").check()


def test_one_workspace_serves_one_run_at_a_time(tmp_path: Path) -> None:
    """A second run of the same task waits until the first has left, and says that it waits."""
    program = (
        "import sys; from pathlib import Path; from harness.config import *; from harness.outputs import Outputs\n"
        "config = RunConfig(model=ModelConfig(name='m'), task=TaskConfig(name='reverse'))\n"
        "with Outputs(Path(sys.argv[1])).workspace(config, lambda _: print('waiting', flush=True)):\n"
        "    print('entered', flush=True)"
    )
    root = Path(__file__).parents[2]
    with Outputs(tmp_path).workspace(_config(tmp_path), lambda _: None):
        second = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        assert second.stdout is not None
        assert "waiting\n" == second.stdout.readline()
    assert ("entered\n", None) == second.communicate(timeout=600)
