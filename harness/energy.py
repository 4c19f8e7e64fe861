"""The energy of a run, by a command of the user's that prints the joules used since some start."""

import math
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress

from harness.command_line import arguments

TIMEOUT = 10.0
"""Seconds that the command may take."""

MOST_BYTES = 4096
"""Bytes of its output that are read."""


class EnergyMeter:
    """Measures what a run used: the difference between a reading before it and one after it.

    The command is the user's own and runs as the user, outside the sandbox, in the current folder. What it measures,
    a socket or a whole machine, is the user's to know. One that fails costs the figure, and never the run.
    """

    def __init__(self, command: str, warn: Callable[[str], None], seconds: float = TIMEOUT) -> None:
        """Take the first reading, if there is a command; `warn` receives one line if it fails, `seconds` limits it."""
        self._command = command
        self._warn = warn
        self._seconds = seconds
        self._before = self._reading() if command.strip() else None

    def joules(self) -> float | None:
        """Take the second reading; returns the difference, or None where it is unknown."""
        if self._before is None:
            return None
        after = self._reading()
        if after is None:
            return None
        if after < self._before:
            self._warn(f"server.energy_command={self._command}: its joules fell from {self._before:g} to {after:g}")
            return None
        return round(after - self._before, 6)

    def _reading(self) -> float | None:
        try:
            return _number(_output(self._command, self._seconds))
        except (OSError, ValueError) as error:
            self._warn(f"server.energy_command={self._command}: {error}; energy is recorded as unknown")
            return None


def _output(command: str, seconds: float) -> str:
    """Return the output of the command. Raises ValueError or OSError, in one line, if it fails or takes too long."""
    # A file, since a pipe would be waited for as long as anything that the command left behind holds it.
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            arguments(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise ValueError(f"it did not end within {seconds:g} s") from None
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if code:
            raise ValueError(f"it ended with exit code {code}")
        output.seek(0)
        return output.read(MOST_BYTES).decode(errors="replace")


def _number(text: str) -> float:
    """The joules that a text holds: its first word. Raises ValueError if that is no number."""
    word = next(iter(text.split()), "")
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"it must print the joules since some start, and printed {word[:40]!r}")
    return number
