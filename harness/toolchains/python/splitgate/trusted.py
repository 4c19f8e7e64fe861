"""Start of the trusted side: pytest over the pristine spec, in a process that imports nothing of the workspace.

pytest is imported once; each run is a fork of this process with a fresh child of the code's side. Reports leave through
a copy of the standard output that no test writes to.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import stat
import sys
import tempfile
import time
from typing import Any

STARTING = 30.0
"""Most seconds that the code's side may take to start."""
MOST_OUTPUT = 200_000
"""Largest number of characters of pytest's output in a report."""
ALWAYS = [
    *("-p", "no:cacheprovider", "-p", "no:faulthandler", "-p", "no:junitxml", "-p", "no:pastebin"),
    "--capture=sys",
    # Test files that can be read run, although the modules of others are not written yet: that shows progress.
    "--continue-on-collection-errors",
]


class Reports:
    """The way to the harness: one line of JSON a report."""

    def __init__(self) -> None:
        self._out = os.dup(1)
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 1)
        os.close(sink)

    def write(self, report: dict[str, Any]) -> None:
        """Write one report."""
        data = json.dumps(report).encode() + b"\n"
        while data:
            data = data[os.write(self._out, data) :]


class Settings:
    """Request of the harness."""

    def __init__(self, text: str) -> None:
        values = json.loads(text)
        self.root: str = values["root"]
        self.code_root: str = values["code_root"]
        self.pipes: str = values["pipes"]
        self.scratch: str = values["scratch"]
        self.arguments: list[str] = values["arguments"]
        self.runs: int = values["runs"]
        self.timeout: float = values["timeout"]


def main() -> None:
    """Run the spec as often as asked, or list its tests where the number of runs is 0."""
    settings = Settings(sys.argv[1])
    reports = Reports()
    os.chdir(settings.root)
    sys.path.insert(0, settings.root)  # as `python -m pytest` does
    sys.argv[:] = ["pytest"]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    import pytest  # noqa: F401, PLC0415 - it is imported after the ways to the harness are closed

    if not settings.runs:
        from .collect import listed  # noqa: PLC0415

        reports.write(listed(settings.root, options(settings)))
        return
    reports.write({"started": True})
    deadline = time.monotonic() + settings.timeout
    try:
        orders = _open_pipe(f"{settings.pipes}/orders", os.O_WRONLY, time.monotonic() + STARTING)
    except OSError as error:
        reports.write({"fault": f"the code's side did not start: {error}"})
        return
    for run in range(settings.runs):
        os.write(orders, b"s")
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                reports.write(_run(settings, run, deadline))
            os._exit(0)
        os.waitpid(child, 0)
        with contextlib.suppress(OSError):
            os.write(orders, b"k")
        if time.monotonic() >= deadline:
            return


def options(settings: Settings) -> list[str]:
    """Return the arguments of pytest."""
    base = tempfile.mkdtemp(prefix="pytest-", dir=settings.scratch)  # by a name that no code could know before
    return [*ALWAYS, f"--rootdir={settings.root}", f"--basetemp={base}/t", *settings.arguments]


def _run(settings: Settings, run: int, deadline: float) -> dict[str, Any]:
    """Run pytest once, and return what was seen."""
    import pytest  # noqa: PLC0415

    from .frames import Channel  # noqa: PLC0415
    from .plugin import Observer  # noqa: PLC0415
    from .remotemodules import WorkspaceFinder  # noqa: PLC0415
    from .specside import SpecSide  # noqa: PLC0415

    answers = _open_pipe(f"{settings.pipes}/answers{run}", os.O_RDONLY, deadline)
    questions = _open_pipe(f"{settings.pipes}/questions{run}", os.O_WRONLY, time.monotonic() + STARTING)
    output = io.StringIO()
    sys.stdout = sys.stderr = output
    channel = Channel(answers, questions, deadline)
    side = SpecSide(channel, settings.root, settings.code_root)
    channel.understand = side.understand
    sys.meta_path.insert(0, WorkspaceFinder(settings.root, settings.code_root))
    observer = Observer(side)
    failed = ""
    try:
        code = int(pytest.main(options(settings), plugins=[observer]))
    except BaseException as error:
        code, failed = -1, f"{type(error).__name__}: {error}"
    text = output.getvalue()
    if len(text) > MOST_OUTPUT:
        text = f"{text[: MOST_OUTPUT // 2]}\n[...]\n{text[-MOST_OUTPUT // 2 :]}"
    return {"run": run, **observer.result(), "code": code, "output": text + failed}


def _open_pipe(path: str, mode: int, deadline: float) -> int:
    """Open a named pipe, and nothing else. Raises OSError if nobody opens the other end in time."""
    while True:
        try:
            descriptor = os.open(path, mode | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            break
        except OSError as error:
            if error.errno != errno.ENXIO or time.monotonic() > deadline:
                raise
            time.sleep(0.002)
    if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        raise OSError(f"{path} is no pipe")
    os.set_blocking(descriptor, True)
    return descriptor
