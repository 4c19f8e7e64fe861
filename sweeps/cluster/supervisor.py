"""Supervise one worker process: start it, restart it if it dies, and pass jobs and messages on.

The supervisor is placed on a machine by Ray and does not use Ray itself. The worker is a separate process so that a run
can be interrupted like any other, and so that its environment holds nothing but what a run needs.
"""

import os
import pickle
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

from sweeps.cluster.messages import Job, Message, WorkerDied, WorkerSetup

NEEDED = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|XDG_\w+|PYTHON\w+|VIRTUAL_ENV|(DY)?LD_LIBRARY_PATH"
    r"|SSL_CERT_(FILE|DIR)|HARNESS_\w+|GOROOT"
)
"""Names of the environment variables that a run may depend on."""

SECRET = re.compile(r"KEY|TOKEN|SECRET|PASS|CREDENTIAL", re.IGNORECASE)

POLL = 2.0
"""Seconds to wait for a first message."""

STOP_TIMEOUT = 20.0
"""Seconds that a worker has to stop its run and its server."""

SOURCES = Path(__file__).resolve().parents[2]
"""The folder that contains `sweeps`, for the import path of the worker."""


def environment(variables: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """Return the variables that a worker needs: no secret but the API keys named in its configs."""
    wanted = {name: value for name, value in variables.items() if NEEDED.fullmatch(name) and not SECRET.search(name)}
    wanted |= {name: variables[name] for name in keys if name in variables}
    return wanted | {"PYTHONPATH": os.pathsep.join(filter(None, (str(SOURCES), variables.get("PYTHONPATH"))))}


class Supervisor:
    """One worker, from construction to `close`. Its methods may be called from several threads."""

    def __init__(self, setup: WorkerSetup) -> None:
        self._setup = setup
        self._messages: SimpleQueue[Message] = SimpleQueue()
        self._process = self._started()

    def give(self, job: Job) -> None:
        """Send a job to the worker, to a new one if the last one died."""
        if self._process.poll() is not None:
            self._process = self._started()
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # then it died just now, and that is told
            pickle.dump(job, self._process.stdin)
            self._process.stdin.flush()

    @property
    def pid(self) -> int:
        """The worker's process."""
        return self._process.pid

    def messages(self, seconds: float = POLL) -> list[Message]:
        """Return the messages since the last call; wait a little for the first."""
        received: list[Message] = []
        with suppress(Empty):
            received.append(self._messages.get(timeout=seconds))
            while True:
                received.append(self._messages.get_nowait())
        return received

    def interrupt(self) -> None:
        """Interrupt the run in flight, which is then recorded as interrupted."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """End the worker and all that it started."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _started(self) -> "subprocess.Popen[bytes]":
        words = tempfile.TemporaryFile()  # noqa: SIM115 - open for as long as the worker lives
        process = subprocess.Popen(
            [sys.executable, "-m", "sweeps.cluster.worker", self._setup.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            env=environment(os.environ, self._setup.keys),
            start_new_session=True,  # Ctrl-C is for the sweep, which interrupts its workers itself
        )
        assert process.stdin is not None
        pickle.dump(self._setup, process.stdin)
        process.stdin.flush()
        threading.Thread(target=self._receive, args=(process, words), daemon=True).start()
        return process

    def _receive(self, process: "subprocess.Popen[bytes]", words: IO[bytes]) -> None:
        assert process.stdout is not None
        with suppress(EOFError, OSError, pickle.UnpicklingError), process.stdout as source:
            while True:
                self._messages.put(pickle.load(source))
        code = process.wait()
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"it ended with exit code {code}"
        self._messages.put(WorkerDied(": ".join(filter(None, ("its worker died", how, _last_line(words))))))
        words.close()


def _last_line(words: IO[bytes]) -> str:
    words.seek(0)
    lines = words.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
