"""One pass of a command agent: its process in the sandbox, metered, and why it ended."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from harness.limits import Deadline
from harness.llm.text import one_line
from harness.meter.pass_meter import PassMeter, PassResult
from harness.outcome import PassReason
from harness.record import PassRecord
from harness.sandbox.base import FinishedCommand, Sandbox, SandboxError
from harness.transcript import Transcript
from harness.trees import readable

LONGEST_PASS = 30 * 24 * 3600.0
"""Seconds of a pass that nothing else bounds."""
MOST_OUTPUT = 64 << 10
"""Bytes of what an agent prints that are kept, of both ends."""


@dataclass(frozen=True)
class PassConnection:
    """The way to the model in one pass."""

    meter: PassMeter
    origin: str
    """URL without a path at which the agent finds the model."""


Metered = Callable[[], AbstractContextManager[PassConnection]]
"""Opens the way to the model for one pass."""
Opened = Callable[[str], tuple[Sandbox, list[str]]]
"""Returns the sandbox and the command of a pass with the model at this URL."""


class IdleWatch:
    """Ends an agent whose pass is over, or that has gone without a call of the model for too long."""

    def __init__(self, connection: PassConnection, idle_timeout: float) -> None:
        self._meter = connection.meter
        self._limit = idle_timeout
        self._calls = -1
        self._since = time.monotonic()
        self.idle = False
        """True if the agent was ended because it was idle."""

    def excess(self, leader: int) -> str:  # noqa: ARG002
        """Return why the agent has to end, in words; empty if it may go on."""
        if self._meter.over:
            return "its whole pass"
        calls, now = self._meter.result.steps, time.monotonic()
        if calls != self._calls or self._meter.busy:
            self._calls, self._since = calls, now
        elif 0 < self._limit <= now - self._since:
            self.idle = True
            return f"{self._limit:g} s without a call of the model"
        return ""


class CommandAgent:
    """Runs passes of a command. Nothing is kept between two of them but the files of the workspace."""

    def __init__(
        self,
        opened: Opened,
        workspace: Path,
        metered: Metered,
        transcript: Transcript,
        *,
        restore: Callable[[], tuple[str, ...]],
        still_starts: Callable[[], bool],
        idle_timeout: float,
        deadline: Deadline,
    ) -> None:
        """`restore` puts protected files back that the agent changed, and returns their names; `still_starts` says
        whether the agent can be started elsewhere."""
        self._opened = opened
        self._workspace = workspace
        self._metered = metered
        self._transcript = transcript
        self._restore = restore
        self._still_starts = still_starts
        self._idle_timeout = idle_timeout
        self._deadline = deadline
        self._answered = False

    def run(self, system: str, prompt: str, last: PassRecord | None = None) -> PassResult:  # noqa: ARG002
        """Run the command once, to its end or to that of the pass.

        The prompt is a part of the command. Raises SandboxError if the command cannot be started: a fault.
        """
        with self._metered() as connection:
            meter = connection.meter
            sandbox, command = self._opened(connection.origin)
            watch = IdleWatch(connection, self._idle_timeout)
            begun = time.monotonic()
            try:
                finished = sandbox.run(
                    command, cwd=self._workspace, timeout=self._remaining(), max_output=MOST_OUTPUT, watch=watch
                )
            except SandboxError as error:
                if not meter.result.metrics.model_calls:
                    raise
                # It was started, for it made a call: the words are its own, though they look like the sandbox's.
                finished = FinishedCommand(1, timed_out=False, output=str(error))
            finally:
                put_back = self._restore()
            seconds = time.monotonic() - begun
            result = meter.exited()
        self._conclude(result, finished, over=meter.over, idle=watch.idle)
        self._transcript.write(
            "agent",
            exit_code=result.exit_code,
            seconds=round(seconds, 3),
            output=finished.output,
            put_back=sorted(map(readable, {*put_back, *finished.put_back})),
        )
        return result

    def _remaining(self) -> float:
        at = self._deadline.at
        return LONGEST_PASS if at is None else max(at - time.monotonic(), 0.0)

    def _conclude(self, result: PassResult, finished: FinishedCommand, *, over: bool, idle: bool) -> None:
        """Set the reason of the pass.

        An agent that had a reply is the subject: however it ends then is a result. Without a reply nothing is known of
        the model, and the pass is an error, unless only the files of an earlier pass can have kept the agent from it.
        """
        ended = bool(finished.excess) or finished.timed_out
        result.exit_code = None if ended else finished.exit_code
        answered, self._answered = self._answered, self._answered or bool(result.metrics.model_calls)
        if over or result.reason is not PassReason.MODEL_STOP:
            return
        if finished.timed_out:
            result.reason = PassReason.RUN_TIMEOUT
        elif not result.metrics.model_calls and not (answered and self._still_starts()):
            result.reason, result.error, result.agent_broken = PassReason.ERROR, _without_reply(finished), True
        elif idle:
            result.reason = PassReason.AGENT_IDLE
        elif finished.excess:
            result.reason = PassReason.AGENT_LIMIT
        else:
            result.reason = PassReason.AGENT_FAILED if finished.exit_code else PassReason.AGENT_EXIT


def _without_reply(finished: FinishedCommand) -> str:
    how = f"was ended, for it used {finished.excess}" if finished.excess else f"exited with {finished.exit_code}"
    lines = [line.strip() for line in finished.output.splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith("[e")][-1:]
    words = f": {one_line(said[0])[:300]}" if said else ""
    return f"the agent {how} before it had a reply of the model{words}"
