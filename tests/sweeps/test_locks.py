"""Processes keep out of each other's way, and no lock outlives its holder."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.endpoint_lock import endpoint_held, server_of
from sweeps.progress.locks import ClaimFile

ROOT = Path(__file__).parents[2]

CLAIM = """
import sys, time
from pathlib import Path
from sweeps.progress.locks import ClaimFile
assert ClaimFile(Path(sys.argv[1])).take(("aa", 1))
print("taken", flush=True)
time.sleep(60)
"""

HOLD = """
import sys, time
from harness.endpoint_lock import endpoint_held
with endpoint_held(sys.argv[1], lambda: None):
    print("taken", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def started(program: str, *argv: str) -> "subprocess.Popen[str]":
    """A process that has what it is about."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *argv],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "taken\n" == process.stdout.readline()
    return process


def test_a_claim_keeps_others_out_until_its_process_is_gone(tmp_path: Path) -> None:
    """Even if that is killed; other runs, and other replicates, are free all the time."""
    path = tmp_path / "claims.lock"
    other = started(CLAIM, str(path))
    claims = ClaimFile(path)
    assert [False, True, True] == [claims.take(key) for key in (("aa", 1), ("aa", 2), ("bb", 1))]
    other.send_signal(signal.SIGKILL)
    other.communicate()
    assert claims.take(("aa", 1), wait=True)
    assert 0 == path.stat().st_size


def test_one_sweep_at_a_time_talks_to_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second says so, and waits; a server with another port is another server."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    other = started(HOLD, "http://localhost:1234/v1", "1")
    said: list[str] = []
    before = time.monotonic()
    with endpoint_held("http://localhost:1235/v1", lambda: said.append("no")):
        assert ([], True) == (said, time.monotonic() - before < 0.9)
    with endpoint_held("http://127.0.0.1:1234", lambda: said.append("waiting")):
        assert ["waiting"] == said
    other.communicate()


@pytest.mark.parametrize(
    ("endpoint", "server"),
    [
        ("http://localhost:1234/v1", "127.0.0.1:1234"),
        ("http://[::1]:1234/v1/", "127.0.0.1:1234"),
        ("http://me:secret@Box.local/v1", "box.local:80"),
        ("https://box.local/v1", "box.local:443"),
    ],
)
def test_one_server_has_many_urls(endpoint: str, server: str) -> None:
    """It is known by host and port alone."""
    assert server == server_of(endpoint)
