"""A simulated subject as a child process, on a free loopback port, for as long as a block lasts."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

GRACE = 5.0
"""Seconds that a server told to end may take."""
GREETING = "listening on "
SOURCES = Path(__file__).resolve().parents[2]
"""The folder that `harness` lies in, so that the child finds it from wherever this process works."""


class SimulatorError(Exception):
    """The simulated subject could not be started; its text is one line."""


class EmbeddedSimulator:
    """Serves one profile while the `with` block lasts; `endpoint` is its base URL.

    It is a process of its own, so that the subject shares nothing with the harness but the protocol. It is out of
    reach of the terminal's Ctrl-C, for the run that is interrupted still has to be recorded, and it ends with this
    process however that ends.
    """

    def __init__(self, profile: str, own: Sequence[Path] = ()) -> None:
        """`own` are folders of the user's own tasks, whose solutions the subject knows beside those of the bundled."""
        self._command = [sys.executable, "-m", "harness.simulator", "--profile", profile, "--port", "0"]
        self._command += [word for folder in own for word in ("--own", str(folder.resolve()))]
        self._process: subprocess.Popen[bytes] | None = None
        self.endpoint = ""

    def __enter__(self) -> Self:
        # A file, not a pipe: nobody reads along, and a full pipe would stop the server.
        with tempfile.TemporaryFile() as words:
            self._process = process = self._start(words)
            assert process.stdout is not None
            line = process.stdout.readline().decode()
            if not line.startswith(GREETING):
                self._end()
                raise SimulatorError(f"the simulated subject did not start: {_last_line(words)}")
        self.endpoint = line.removeprefix(GREETING).strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _start(self, words: IO[bytes]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                [*self._command, "--exit-with-parent"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                cwd=SOURCES,
                start_new_session=True,
            )
        except OSError as error:
            raise SimulatorError(f"the simulated subject could not be started: {error}") from error

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()  # as if this process had ended
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _last_line(words: IO[bytes]) -> str:
    words.seek(0)
    lines = words.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it ended without a word"
