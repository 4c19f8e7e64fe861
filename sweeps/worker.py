"""The process that makes runs for a sweep elsewhere, one after another: `python -m sweeps.worker`, started by a
`sweeps.supervisor.Supervisor`. Jobs come as pickles on standard input, what comes of them leaves on standard output.

It keeps everything in a folder of its own, wiped when it starts: what a run leaves is handed over, never written to
the ledger of the sweep. It is told to interrupt a run by SIGTERM, and ends when its input does.
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
from harness.config import BEHAVIOUR_VERSION, ConfigError, RunConfig
from harness.interrupts import SIGNALS, Interrupts
from harness.outputs import Outputs
from harness.parcel import pack
from harness.run import run
from harness.sandbox.environment import cache_folder
from harness.workspace import remove_tree
from sweeps.checks import check, confinements
from sweeps.endpoints import Endpoints, ServerGone
from sweeps.messages import Broken, Fit, Gone, Happened, Hello, Job, Look, Made, Message, Said, Setup, Unfit
from sweeps.preflight import check_servers
from sweeps.subjects import Subjects
from sweeps.watch import Watched

Send = Callable[[Message], None]


class Worker:
    """Makes runs in a folder of its own."""

    def __init__(self, folder: Path, setup: Setup, subjects: Subjects, send: Send) -> None:
        self._folder = folder
        self._send = send
        self._endpoints = Endpoints(
            lambda config: subjects.endpoint(self._here(config)), lambda line: send(Said(line)), setup.patience
        )
        self._outputs = Outputs(folder)
        self._end = 0
        self._run = Watched(partial(run, outputs=self._outputs))

    def do(self, job: Job) -> Message:
        """Do a job, whatever comes of it."""
        told = _Lines(self._send)
        try:
            with redirect_stderr(told), Interrupts():
                if isinstance(job, Look):
                    return self._look(job)
                with self._endpoints.held(job.config) as endpoint:
                    self._run(job.config, endpoint=endpoint, launch=job.launch, on_event=self._happened)
            ended: Message = Broken("not recorded")
        except ServerGone as gone:
            ended = Gone(str(gone))
        except ConfigError as error:
            ended = Unfit(str(error))
        except KeyboardInterrupt:
            ended = Broken("interrupted", interrupted=True)
        except (Exception, SystemExit) as error:  # the one boundary between runs
            ended = Broken(f"not recorded: {type(error).__name__}: {error}")
        # Whatever came last, a run that is recorded is over.
        return self._made() or ended

    def _look(self, job: Look) -> Message:
        here = [self._here(config) for config in job.configs]
        check(here)
        check_servers(here, self._endpoints.held)
        return Fit(confinements(here))

    def _made(self) -> Message | None:
        lines, self._end = self._outputs.ledger.since(self._end)
        if not lines:
            return None
        folder = self._outputs.folder(lines[-1]["run_id"]).path
        parcel, left = pack(folder)
        if not left:
            remove_tree(folder)
        return Made(lines[-1], parcel, left, f"{socket.gethostname()}:{folder}")

    def _here(self, config: RunConfig) -> RunConfig:
        """The config as far as it concerns this machine alone: nothing is written where the sweep writes."""
        return replace(config, log_dir=str(self._folder))

    def _happened(self, name: str, fields: Mapping[str, Any]) -> None:
        """Pass on what a display shows; the rest is in the transcript."""
        if name == "pass_started":
            self._send(Happened(name, {"number": fields["number"]}))
        elif name == "reply":
            usage = {"total_tokens": fields["usage"]["total_tokens"]}
            self._send(Happened(name, {"step": fields["step"], "usage": usage}))
        elif name == "waiting_for_workspace":
            self._send(Happened(name, {}))


class _Lines(io.TextIOBase):
    """Standard error of a job: each line is told to whoever watches the sweep."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in filter(None, lines):
            self._send(Said(line))
        return len(text)


class _Inbox:
    """Jobs as they come. When there will be none any more, a run under way is interrupted."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self) -> Job | None:
        """The next job; None once there will be no more."""
        return self._jobs.get()

    def _read(self) -> None:
        with suppress(EOFError, OSError, pickle.UnpicklingError):
            while True:
                self._jobs.put(pickle.load(self._source))
        self._jobs.put(None)
        # Again and again: a job may just be about to begin.
        while True:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)


def own_folder(name: str) -> Path:
    """The folder of a worker, which nobody else has while its process lives; it is emptied of earlier runs."""
    folder = cache_folder() / "workers" / name
    lock = folder / "worker.lock"
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        # An earlier worker may still be ending its run. The lock lasts as long as this process.
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
    """Take the folder away, unless something lies there that was too large to hand over."""
    if not any(Outputs(folder).runs.glob("*")):
        remove_tree(folder)


def main() -> None:
    """Do jobs until the input ends."""
    # A signal counts in a job alone: in between there is nothing to interrupt.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # what anything prints must not come between the messages

        def send(message: Message) -> None:
            with suppress(BrokenPipeError):
                pickle.dump(message, out)
                out.flush()

        setup: Setup = pickle.load(sys.stdin.buffer)
        with suppress(OSError):
            os.chdir(setup.cwd)
        with Subjects() as subjects:
            folder = own_folder(setup.name)
            worker = Worker(folder, setup, subjects, send)
            inbox = _Inbox(sys.stdin.buffer)
            send(Hello(socket.gethostname(), __version__, BEHAVIOUR_VERSION))
            while (job := inbox.next()) is not None:
                send(worker.do(job))
        with suppress(OSError):
            clear(folder)


if __name__ == "__main__":
    main()
