"""Model server as a child process: started, logged, restarted after a crash, and stopped with its descendants."""

import json
import os
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import IO, Self

import httpx

from harness.config import ConfigError, RunConfig
from harness.llm.connection import LISTING_TIMEOUT, api_key, authorization, connect, reachable, transport

POLL = 0.25
"""Seconds between two checks of a server that is not ready."""

CHECK_TIMEOUT = 5.0
"""Seconds allowed for the answer to one check."""

ARGS = "{args}"
"""Place of `server.args` in a command; at its end by default."""

STOP_TIMEOUT = 10.0
"""Seconds that a server may take to stop before it is killed."""

MOST_CRASHES = 5
"""Restarts after a crash; a server that crashes more often stays down."""

CRASH_PAUSE = 1.0
"""Seconds between a crash and the next start."""

STARTS = Path("servers") / "starts.jsonl"
"""File of start times in a log folder: one line a start."""


def command_of(config: RunConfig) -> list[str]:
    """Return the command that serves the config's model, with its placeholders filled in.

    Raises ConfigError for a text that is no command.
    """
    url = httpx.URL(config.model.endpoint)
    values = {
        "model": config.model.path or config.model.name,
        "name": config.model.name,
        "host": url.host,
        "port": url.port or 80,
        "window": config.server.window,
    }
    try:
        parts, more = shlex.split(config.server.command), shlex.split(config.server.args)
        if ARGS not in parts:
            parts.append(ARGS)
        # Placeholders are not filled in here, because the arguments of some servers hold JSON with braces.
        return [word for part in parts for word in (more if part == ARGS else [part.format(**values)])]
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        known = ", ".join(f"{{{name}}}" for name in values)
        raise ConfigError(f"server.command={config.server.command}: must be a command with {known} ({error})") from None


def requested_window(config: RunConfig) -> int | None:
    """Tokens of the window that a managed server was started with; None where its command does not set one."""
    sets_it = config.server.managed and "{window}" in config.server.command
    return config.server.window if sets_it else None


class ManagedServer:
    """One server process and its descendants, from construction to `stop`."""

    def __init__(self, config: RunConfig, log: Path, report: Callable[[str], None]) -> None:
        """Start the server and wait until it answers. Raises ConfigError, in one line, if it does not.

        `report` receives a line for each crash.
        """
        self.command = command_of(config)
        self._config = config
        self._log = log
        self._report = report
        if reachable(config.model.endpoint, CHECK_TIMEOUT) is None:
            raise ConfigError(
                f"server.command: something answers at {config.model.endpoint} already: stop it, or use server=external"
            )
        log.parent.mkdir(parents=True, exist_ok=True)
        self._stopping = threading.Event()
        self._file: IO[bytes] = log.open("ab")
        self._process = self._started()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        self._watcher.start()

    @property
    def pid(self) -> int:
        """Return the id of the current process, which leads a process group of its own."""
        return self._process.pid

    def stop(self) -> None:
        """Stop the server and all of its descendants."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        _end(self._process)
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _started(self) -> "subprocess.Popen[bytes]":
        try:
            # In a group of its own the server gets no Ctrl-C: the sweep stops it.
            return subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=self._file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self._file.close()
            raise ConfigError(f"server.command: {self.command[0]} cannot be started: {error.strerror}") from None

    def _wait_until_ready(self) -> None:
        seconds = self._config.server.ready_timeout
        until = time.monotonic() + seconds
        with connect(
            transport(self._config.model.endpoint),
            httpx.Timeout(CHECK_TIMEOUT),
            authorization(api_key(self._config.model.api_key_env)),
        ) as http:
            while not self._answers(http):
                if (code := self._process.poll()) is not None:
                    raise ConfigError(f"server.command: it ended with exit code {code}; see {self._log}")
                if time.monotonic() > until:
                    raise ConfigError(f"server.command: no answer within {seconds:g} s; see {self._log}")
                time.sleep(POLL)

    def _answers(self, http: httpx.Client) -> bool:
        """Return True if the server has loaded its model. Some answer 503 while loading, but list it already."""
        endpoint = self._config.model.endpoint.rstrip("/")
        try:
            if http.get(f"{endpoint}/models", timeout=LISTING_TIMEOUT).status_code >= 500:
                return False
        except httpx.RemoteProtocolError:
            pass  # the server runs, and cannot list its models
        except httpx.HTTPError:
            return False
        try:
            properties = http.get(f"{endpoint.removesuffix('/v1')}/props")
        except httpx.HTTPError:
            return True
        return properties.status_code != httpx.codes.SERVICE_UNAVAILABLE

    def _watch(self) -> None:
        """Restart the server whenever it ends by itself."""
        crashes = 0
        while not self._stopping.wait(POLL):
            code = self._process.poll()
            if code is None:
                continue
            crashes += 1
            _end(self._process)  # its descendants may outlive it
            if crashes > MOST_CRASHES:
                self._report(f"the server crashed {crashes} times and stays down; see {self._log}")
                return
            self._report(f"the server ended with exit code {code} and is started again; see {self._log}")
            if not self._stopping.wait(CRASH_PAUSE):
                with suppress(ConfigError):
                    self._process = self._started()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Stop a process group: first with SIGTERM, then with SIGKILL."""
    _signal(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=STOP_TIMEOUT)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def record_start(log_dir: Path, seconds: float) -> None:
    """Log one start, in seconds until the server was ready. A failed write is ignored: the log only informs."""
    with suppress(OSError), (log_dir / STARTS).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"seconds": round(seconds, 3)}) + "\n")


def median_start(log_dirs: Iterable[str]) -> float | None:
    """Return the median seconds of a start in some log folders; None if no start is logged there."""
    seconds = []
    for log_dir in log_dirs:
        with suppress(OSError):
            for line in (Path(log_dir) / STARTS).read_text(encoding="utf-8", errors="replace").splitlines():
                with suppress(ValueError, KeyError, TypeError):
                    seconds.append(float(json.loads(line)["seconds"]))
    return median(seconds) if seconds else None
