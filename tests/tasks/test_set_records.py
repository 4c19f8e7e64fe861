"""Facts about the task in the record of a run."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness import ModelConfig, RunConfig, TaskConfig, run
from harness.cell import cell_key
from harness.identity import assignment
from harness.tasks.__main__ import main

NOP = ModelConfig(name="sim-nop", profile="nop", endpoint="embedded")


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """A root with one task, imported as HumanEval's are, whose set states a difficulty."""
    problem = {
        "task_id": "HumanEval/0",
        "prompt": 'def half(n):\n    """Return half of n."""\n',
        "canonical_solution": "    return n // 2\n",
        "test": "def check(candidate):\n    assert candidate(8) == 4\n",
        "entry_point": "half",
    }
    lines = tmp_path / "problems.jsonl"
    lines.write_text(json.dumps(problem) + "\n")
    root = tmp_path / "sets"
    assert 0 == main(["import", "humaneval", str(lines), "--to", str(root)])
    notes = root / "humaneval/HumanEval-0/task.json"
    notes.write_text(json.dumps(json.loads(notes.read_text()) | {"difficulty": 3}))
    return root


def config(root: Path, tmp_path: Path) -> RunConfig:
    return RunConfig(
        model=NOP,
        task=TaskConfig(name="humaneval/HumanEval-0", verify="python -m pytest"),
        task_root=str(root),
        log_dir=str(tmp_path / "out"),
        max_iters=1,
        max_stale=1,
    )


def test_the_record_names_the_set_and_what_it_says_of_the_task(sets: Path, tmp_path: Path) -> None:
    """Set, public, difficulty and a hash of the task's content are on the line."""
    record = run(config(sets, tmp_path))
    assert ("humaneval", True, 3) == (record.task_set, record.task_public, record.task_difficulty)
    assert record.task_sha256 is not None
    assert 64 == len(record.task_sha256)


def test_the_hash_follows_the_content_and_the_cell_does_not_follow_the_notes(sets: Path, tmp_path: Path) -> None:
    """A stub that may no longer be written changes the hash; a difficulty changes neither hash nor cell."""
    one = config(sets, tmp_path)
    before = assignment(one)
    notes = sets / "humaneval/HumanEval-0/task.json"
    whole = json.loads(notes.read_text())
    notes.write_text(json.dumps(whole | {"difficulty": 9}))
    assert (before.task_sha256, cell_key(one, before.inputs)) == (
        assignment(one).task_sha256,
        cell_key(one, assignment(one).inputs),
    )
    notes.write_text(json.dumps(whole | {"writable": []}))
    assert before.task_sha256 != assignment(one).task_sha256


def test_of_a_bundled_task_the_set_is_unknown(tmp_path: Path) -> None:
    """Null, not false and not 0; its content has a hash all the same."""
    one = replace(config(tmp_path, tmp_path), task=TaskConfig(name="reverse_py", verify="python -m pytest"))
    record = run(replace(one, task_root=""))
    assert (None, None, None) == (record.task_set, record.task_public, record.task_difficulty)
    assert record.task_sha256 is not None
