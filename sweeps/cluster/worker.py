"""The worker process, `python -m sweeps.cluster.worker`, started by a `Supervisor`: it makes one run after another.

Jobs arrive as pickles on standard input, and messages leave on standard output. A worker keeps its files in a folder of
its own, wiped when it starts: finished runs are sent back, never written to the ledger of the sweep. SIGTERM interrupts
the run in flight. The worker ends when its input does.
"""

import fcntl
import io
import os
import pickle
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from harness import __version__
from harness.checks import check
from harness.config import BEHAVIOUR_VERSION, ConfigError, RunConfig
from harness.interrupts import SIGNALS, Interrupts
from harness.outputs import Outputs, pack
from harness.runner import run
from harness.sandbox.environment import cache_folder
from harness.subjects import Subjects
from harness.trees import remove_tree
from sweeps.checks import confinements
from sweeps.cluster.messages import (
    CheckServers,
    Job,
    LogLine,
    Message,
    RunEvent,
    RunFailed,
    RunFinished,
    ServersReady,
    ServerUnavailable,
    SetupRejected,
    WorkerSetup,
    WorkerStarted,
)
from sweeps.endpoints import Endpoints, ServerGone
from sweeps.preflight import check_servers
from sweeps.watch import Watched

Send = Callable[[Message], None]


class Worker:
    """Makes runs in its own folder."""

    def __init__(self, folder: Path, setup: WorkerSetup, subjects: Subjects, send: Send) -> None:
        self._folder = folder
        self._send = send
        self._endpoints = Endpoints(
            lambda config: subjects.endpoint(self._here(config)), lambda line: send(LogLine(line)), setup.patience
        )
        self._outputs = Outputs(folder)
        self._end = 0
        self._run = Watched(partial(run, outputs=self._outputs))

    def do(self, job: Job) -> Message:
        """Do a job and return the message that reports its end."""
        logged = _Lines(self._send)
        try:
            with redirect_stderr(logged), Interrupts():
                if isinstance(job, CheckServers):
                    return self._check_servers(job)
                with self._endpoints.held(job.config) as endpoint:
                    self._run(job.config, endpoint=endpoint, launch=job.launch, on_event=self._happened)
            ended: Message = RunFailed("not recorded")
        except ServerGone as gone:
            ended = ServerUnavailable(str(gone))
        except ConfigError as error:
            ended = SetupRejected(str(error))
        except KeyboardInterrupt:
            ended = RunFailed("interrupted", interrupted=True)
        except (Exception, SystemExit) as error:  # the one boundary between runs
            ended = RunFailed(f"not recorded: {type(error).__name__}: {error}")
        # Whatever was raised last, a run with a record has finished.
        return self._finished() or ended

    def _check_servers(self, job: CheckServers) -> Message:
        here = [self._here(config) for config in job.configs]
        check(here)
        self._run.seen.update(check_servers(here, self._endpoints.held))
        return ServersReady(confinements(here))

    def _finished(self) -> Message | None:
        lines, self._end = self._outputs.ledger.since(self._end)
        if not lines:
            return None
        folder = self._outputs.folder(lines[-1]["run_id"]).path
        parcel, left = pack(folder)
        if not left:
            remove_tree(folder)
        return RunFinished(lines[-1], parcel, left, f"{socket.gethostname()}:{folder}")

    def _here(self, config: RunConfig) -> RunConfig:
        """Return the config with this worker's log folder: nothing is written where the sweep writes."""
        return replace(config, log_dir=str(self._folder))

    def _happened(self, name: str, fields: Mapping[str, Any]) -> None:
        """Forward the events that a display shows; the rest is in the transcript."""
        if name == "pass_started":
            self._send(RunEvent(name, {"number": fields["number"]}))
        elif name == "reply":
            usage = {"total_tokens": fields["usage"]["total_tokens"]}
            self._send(RunEvent(name, {"step": fields["step"], "usage": usage}))
        elif name == "pass_finished":
            shown = ("number", "reason", "steps", "changed", "packages_green")
            self._send(RunEvent(name, {field: fields[field] for field in shown}))
        elif name in ("waiting_for_workspace", "tools"):
            self._send(RunEvent(name, dict(fields)))


class _Lines(io.TextIOBase):
    """Standard error of a job: each line is sent to the sweep."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in filter(None, lines):
            self._send(LogLine(line))
        return len(text)


class _Inbox:
    """The queue of jobs. When the input ends, the run in flight is interrupted."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self) -> Job | None:
        """Return the next job; None once the input has ended."""
        return self._jobs.get()

    def _read(self) -> None:
        with suppress(EOFError, OSError, pickle.UnpicklingError):
            while True:
                self._jobs.put(pickle.load(self._source))
        self._jobs.put(None)
        # Repeated, since a job may be about to start.
        while True:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)


def own_folder(name: str) -> Path:
    """Lock and empty the folder of a worker, and return it."""
    folder = cache_folder() / "workers" / name
    lock = folder / "worker.lock"
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        # An earlier worker may still be stopping its run. The lock lasts as long as this process.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.path.samestat(lock.stat(), os.fstat(descriptor)):
                break
        os.close(descriptor)  # the earlier one took the folder with it
    outputs = Outputs(folder)
    if outputs.runs.is_dir():
        remove_tree(outputs.runs)
    outputs.ledger.path.unlink(missing_ok=True)
    return folder


def clear(folder: Path) -> None:
    """Remove the folder, unless it holds files that were too large to send."""
    if not any(Outputs(folder).runs.glob("*")):
        remove_tree(folder)


def main() -> None:
    """Do jobs until the input ends."""
    # Signals count only during a job: between jobs there is nothing to interrupt.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # what anything prints must not come between the messages

        def send(message: Message) -> None:
            with suppress(BrokenPipeError):
                pickle.dump(message, out)
                out.flush()

        setup: WorkerSetup = pickle.load(sys.stdin.buffer)
        with suppress(OSError):
            os.chdir(setup.cwd)
        with Subjects() as subjects:
            folder = own_folder(setup.name)
            worker = Worker(folder, setup, subjects, send)
            inbox = _Inbox(sys.stdin.buffer)
            send(WorkerStarted(socket.gethostname(), __version__, BEHAVIOUR_VERSION))
            while (job := inbox.next()) is not None:
                send(worker.do(job))
        with suppress(OSError):
            clear(folder)


if __name__ == "__main__":
    main()
