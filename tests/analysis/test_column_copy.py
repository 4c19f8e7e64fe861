"""A columnar copy changes no answer, whatever becomes of it or of its ledger."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ledger_lines import line

from analysis.records import column_copy
from analysis.records.column_copy import FOLDER
from analysis.records.pool import RunPool
from analysis.records.where import RunFilter

Change = Callable[[Path, random.Random], None]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_copy, "LEAST_BYTES", 100)


def some_lines(rng: random.Random, first: int, count: int) -> bytes:
    """Lines of every kind: results, faults, torn ones, of both subjects, with fields missing."""
    texts = []
    for number in range(first, first + count):
        record = line(
            f"r{number}",
            outcome=rng.choice(["completed", "stagnated", "fault", "interrupted"]),
            memory=rng.choice([True, False]),
            simulated=rng.choice([True, False]),
            ctx_limit=rng.choice([9000, 11000]),
            sweep=rng.choice(["s1", "s2", None]),
            cell=rng.choice(["c1", "c2", None]),
            block=rng.choice([1, 2, None]),
            replicate=rng.choice([1, 2, None]),
            tool_counts=rng.choice([None, {}, {"read_file": 3, "write_file": rng.randrange(3)}]),
            read_bytes=rng.randrange(1000),
            passes=rng.randrange(4),
        )
        text = record if isinstance(record, str) else json.dumps(record)
        text = text.strip()
        texts.append(text[: rng.randrange(len(text))] if rng.random() < 0.05 else text)
    return "".join(text + "\n" for text in texts).encode()


def answers(path: Path) -> list[object]:
    """All that questions ask of a pool."""
    found: list[object] = []
    for where in ((), (RunFilter.parse("memory=true"),), (RunFilter.parse("sweep=s1"),)):
        pool = RunPool.read([path], where, listed=("load_act", "bytes_per_pass"))
        arrays = pool.arrays(["memory"], "load_act", "bytes_per_pass", order=("started", "id"))
        values = [
            (one.levels, one.completed.tolist(), {k: v.tolist() for k, v in one.values.items()}) for one in arrays
        ]
        cells = [(c.levels, c.outcomes, c.missing, c.failed, c.examples.keys(), c.environment) for c in pool.cells()]
        found.append((pool.excluded, pool.warnings, cells, repr(values), pool.sweeps(), pool.swept(["s1"], ["c1"])))
        found.append((pool.blocks("memory", (False, True), {}, ["ctx_limit"]), pool.unknown(["r1", "gone"])))
        found.append([(cell.levels, cell.outcomes) for cell in pool.cells_of("s1")])
    return found


def expected(path: Path, folder: Path) -> list[object]:
    """The answers of the same bytes where a copy has no place."""
    folder.mkdir(exist_ok=True)
    (folder / FOLDER).touch()
    apart = folder / path.name
    apart.write_bytes(path.read_bytes())
    return answers(apart)


def manifest_of(path: Path) -> Path:
    return path.parent / FOLDER / path.name / "manifest.json"


def append(path: Path, rng: random.Random) -> None:
    with path.open("ab") as file:
        file.write(some_lines(rng, rng.randrange(1000, 10**6), rng.choice([1, 20])))


def append_torn(path: Path, rng: random.Random) -> None:
    with path.open("ab") as file:
        file.write(some_lines(rng, rng.randrange(10**6, 10**7), 2)[:-20])


def edit(path: Path, rng: random.Random) -> None:
    """Change one letter of an outcome, and put the times back."""
    before, raw = path.stat(), path.read_bytes()
    place = rng.choice([at for at in range(len(raw)) if raw.startswith(b'"completed"', at)])
    path.write_bytes(raw[: place + 1] + b"interrupt" + raw[place + 10 :])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def truncate(path: Path, rng: random.Random) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: rng.randrange(len(raw) // 2, len(raw))])


def replace(path: Path, rng: random.Random) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(some_lines(rng, 0, 40))
    other.replace(path)


def repeat(path: Path, rng: random.Random) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw + raw.splitlines(keepends=True)[-1].rstrip(b"\n") + b"\n")


def spoil(path: Path, rng: random.Random) -> None:
    """Change one byte of one file of the copy."""
    file = rng.choice(sorted(manifest_of(path).parent.iterdir()))
    raw = bytearray(file.read_bytes())
    raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    file.write_bytes(raw)


def delete(path: Path, rng: random.Random) -> None:
    rng.choice(sorted(manifest_of(path).parent.iterdir())).unlink()


def nothing(path: Path, rng: random.Random) -> None:
    """Ask again."""


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_changes_no_answer(seed: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """After any appends, edits, truncations and damage the answers are those of the ledger, without a word."""
    rng = random.Random(seed)
    path = tmp_path / "runs.jsonl"
    path.write_bytes(some_lines(rng, 0, 60))
    changes: list[Change] = [nothing, append, append_torn, edit, truncate, replace, repeat, spoil, delete]
    for number, change in enumerate([nothing, *rng.sample(changes, len(changes))]):
        if manifest_of(path).exists() or change not in (spoil, delete):
            change(path, rng)
        assert expected(path, tmp_path / str(number)) == answers(path), change.__name__
    assert ("", "") == capfd.readouterr()


def test_the_second_question_reads_the_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that has a copy is not read again, and of one that has grown, only what is new."""
    path = tmp_path / "runs.jsonl"
    rng = random.Random(1)
    path.write_bytes(some_lines(rng, 0, 60))
    first = answers(path)
    covered = json.loads(manifest_of(path).read_text())["manifest"]["covered"]
    assert path.stat().st_size == covered
    read = []
    monkeypatch.setattr("analysis.records.tables._read", lambda *given: read.append(given))
    assert first == answers(path)
    assert [] == read
    monkeypatch.undo()
    monkeypatch.setattr(column_copy, "LEAST_BYTES", 100)
    append(path, random.Random(8))
    path.write_bytes(path.read_bytes() + some_lines(rng, 500, 20))
    assert expected(path, tmp_path / "apart") == answers(path)
    manifest = json.loads(manifest_of(path).read_text())["manifest"]
    assert (2, path.stat().st_size) == (len(manifest["parts"]), manifest["covered"])


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    """A byte that changes without the size or the time of the file is noticed."""
    path = tmp_path / "runs.jsonl"
    path.write_bytes(some_lines(random.Random(2), 0, 60))
    first = answers(path)
    edit(path, random.Random(3))
    assert first != answers(path)
    assert expected(path, tmp_path / "apart") == answers(path)


def test_a_copy_of_another_version_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that another version made is made anew."""
    path = tmp_path / "runs.jsonl"
    path.write_bytes(some_lines(random.Random(4), 0, 60))
    first = answers(path)
    before = manifest_of(path).read_text()
    monkeypatch.setattr("analysis.records.tables.LAYOUT", "another")
    assert first == answers(path)
    assert before != manifest_of(path).read_text()


def test_a_copy_is_none_of_gits_business(tmp_path: Path) -> None:
    """Git ignores the folder wherever the ledger lies."""
    path = tmp_path / "runs.jsonl"
    path.write_bytes(some_lines(random.Random(5), 0, 60))
    answers(path)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    listed = subprocess.run(["git", "-C", tmp_path, "status", "--short"], check=True, capture_output=True, text=True)
    assert "?? runs.jsonl\n" == listed.stdout


ASK = """
import sys
from pathlib import Path
from analysis.records import column_copy
from analysis.records.pool import RunPool
column_copy.LEAST_BYTES = 100
print("ready", flush=True)
for _ in range(int(sys.argv[2])):
    print(sum(sum(cell.outcomes.values()) for cell in RunPool.read([Path(sys.argv[1])]).cells()), flush=True)
"""


def test_a_process_that_is_killed_costs_nothing(tmp_path: Path) -> None:
    """Killed at any moment, a process that makes a copy leaves nothing that changes an answer."""
    rng = random.Random(6)
    path = tmp_path / "runs.jsonl"
    path.write_bytes(some_lines(rng, 0, 400))
    right = expected(path, tmp_path / "apart")
    for _ in range(6):
        child = subprocess.Popen([sys.executable, "-c", ASK, path, "1"], stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert b"ready\n" == child.stdout.readline()
        time.sleep(rng.random() * 0.4)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        assert right == answers(path)
        manifest_of(path).unlink(missing_ok=True)


def test_processes_share_a_copy(tmp_path: Path) -> None:
    """Processes that ask and make copies at the same time, while the ledger grows, each count whole lines."""
    rng = random.Random(7)
    path = tmp_path / "runs.jsonl"
    whole = [text for text in some_lines(rng, 0, 200).splitlines(keepends=True) if text.rstrip().endswith(b"}")]
    path.write_bytes(b"".join(whole))
    children = [
        subprocess.Popen([sys.executable, "-c", ASK, path, "4"], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for number in range(5):
        time.sleep(0.2)
        with path.open("ab") as file:
            file.write(
                b"".join(
                    json.dumps(json.loads(text) | {"run_id": f"n{number}-{at}"}).encode() + b"\n"
                    for at, text in enumerate(whole[:30])
                )
            )
    for child in children:
        output, _ = child.communicate(timeout=120)
        counts = [int(text) for text in output.splitlines()[1:]]
        assert 0 == child.returncode
        assert sorted(counts) == counts
        assert all((count - len(whole)) % 30 == 0 for count in counts)
    assert expected(path, tmp_path / "apart") == answers(path)
