"""The meter of one pass: calls, tokens and speed, the transcript of both, and the limits at which the pass ends."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from harness.limits import Deadline
from harness.llm.errors import ContextOverflow, HistoryRefused, ModelError, ReplyTooLong, RunTimeUp, Stalled
from harness.llm.types import Reply, Usage
from harness.meter.tool_kinds import ToolKinds
from harness.metrics import Metrics
from harness.outcome import PassReason
from harness.transcript import Transcript

MOST_FAILURES = 20
"""Failed calls in a row after which a pass ends: some agents repeat a call for ever."""

SETTLING = 5.0
"""Seconds allowed for the end of the calls of an agent that has exited."""


@dataclass
class PassResult:
    """Result and cost of a pass. `error` is the message where the server failed."""

    reason: PassReason = PassReason.MAX_STEPS
    steps: int = 0
    peak_tokens: int = 0
    metrics: Metrics = field(default_factory=Metrics)
    error: str | None = None
    agent_broken: bool = False
    """True if a command agent ended before it had a reply, and its server did not fail."""
    exit_code: int | None = None
    """Exit code of a command agent; None for the built-in one, and where the pass was ended."""
    stalled: bool = False
    """True if the pass ended because the server kept a call waiting too long."""
    kinds: ToolKinds | None = None
    """Kinds of a command agent's tools; None for the built-in agent, whose names the record knows."""

    @property
    def loads(self) -> int | None:
        """Return the calls of tools that read; None where they are unknown."""
        return self.metrics.loads if self.kinds is None else self.kinds.loads_of(self.metrics)

    @property
    def acts(self) -> int | None:
        """Return the calls of tools that change files; None where they are unknown."""
        return self.metrics.acts if self.kinds is None else self.kinds.acts_of(self.metrics)


@dataclass(frozen=True)
class PassLimits:
    """Limits of a pass. The session of the built-in agent leaves the deadline to its client."""

    ctx_limit: int = 0
    """Total tokens of a call that end the pass; 0 is no limit."""
    max_steps: int = 0
    """Most calls; 0 is no limit."""
    deadline: Deadline = field(default_factory=Deadline)
    refuses: bool = False
    """True if calls as long as one that reached `ctx_limit` are refused, and the pass goes on."""


class PassMeter:
    """Counts the calls of one pass and says when the pass is over.

    A limit that is reached ends the pass at the next call, so that the tool calls of the last reply are still carried
    out, with every agent. Calls may come from several threads.
    """

    def __init__(
        self,
        transcript: Transcript,
        totals: Metrics,
        limits: PassLimits,
        *,
        kinds: ToolKinds | None = None,
        on_end: Callable[[PassReason], None] = lambda _: None,
    ) -> None:
        """`totals` are the counters of the run. Each cost is added as it arises, so an interrupted pass loses none.

        `on_end` is called once, from the thread of the call, when a call was turned away because the pass is over:
        whoever runs the agent then ends its processes.
        """
        self.result = PassResult(kinds=kinds)
        self.transcript = transcript
        self._totals = totals
        self.limits = limits
        self._on_end = on_end
        self._lock = threading.RLock()
        self._due: PassReason | None = None
        self._over = False
        self._failed = 0
        self._failed_in_a_row = 0
        self._offers_tools = False
        self._under_way = 0
        self._idle = threading.Condition(self._lock)

    @property
    def due(self) -> PassReason | None:
        """Return the limit that was reached, at which the next call ends the pass; None before that."""
        return self._due

    @property
    def over(self) -> bool:
        """Return True once a call was turned away because a limit had been reached."""
        return self._over

    @property
    def busy(self) -> bool:
        """Return True while a call of a command agent is under way."""
        return self._under_way > 0

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Keep the pass from being concluded while a call of a command agent is under way."""
        with self._lock:
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                self._idle.notify_all()

    def next_call(self) -> int | None:
        """Return the number of the call that begins, from 1; None if the pass is over."""
        with self._lock:
            if self._due is None and 0 < self.limits.max_steps <= self.result.steps - self._failed:
                self._due = PassReason.MAX_STEPS
            if self._due is None and self._failed_in_a_row >= MOST_FAILURES:
                self._due = self.result.reason
            if self._due is None and self.limits.deadline.passed:
                self._due = PassReason.RUN_TIMEOUT
            if self._due is None:
                self.result.steps += 1
                return self.result.steps
        self.end(self._due)
        return None

    def end(self, reason: PassReason) -> None:
        """End the pass for a reason; only the first counts."""
        with self._lock:
            if self._over:
                return
            self._over, self._due = True, reason
            self.result.reason = reason
        self._on_end(reason)

    def count(self, cost: Metrics) -> None:
        """Add a cost to the pass and to the run."""
        with self._lock:
            self.result.metrics.add(cost)
            self._totals.add(cost)

    def reply(self, step: int, reply: Reply, seconds: float) -> None:
        """Count a reply and write it down; `seconds` is the duration of the call."""
        usage, timing = reply.usage, reply.timing
        cost = Metrics(
            model_calls=1,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            total_tokens=usage.total_tokens,
            cached_tokens=usage.cached_tokens,
            server_time_sec=usage.server_time_sec,
            first_token_sec=timing.first_token_sec,
            drafted_tokens=timing.drafted_tokens,
            accepted_tokens=timing.accepted_tokens,
            **timing.pairs,
            usage_estimated=usage.estimated,
            cut_replies=int(reply.cut),
            unparsed_calls=reply.unparsed,
        )
        with self._lock:
            self.count(cost)
            self.result.peak_tokens = max(self.result.peak_tokens, usage.total_tokens)
            self._failed_in_a_row = 0
            self.result.error, self.result.stalled = None, False
            if self._due is None and self.at_limit(usage) and not self.limits.refuses:
                self._due = PassReason.CONTEXT
            self.transcript.write(
                "reply",
                step=step,
                seconds=round(seconds, 3),
                reasoning=reply.reasoning,
                content=reply.content,
                tool_calls=[
                    {"id": call.id, "name": call.name, "arguments": call.arguments} for call in reply.tool_calls
                ],
                finish_reason=reply.finish_reason,
                usage=vars(usage),
                timing=timing.as_dict(),
            )

    def at_limit(self, usage: Usage) -> bool:
        """Return True if the tokens of a call reach `ctx_limit`."""
        return 0 < self.limits.ctx_limit <= usage.total_tokens

    def fail(self, error: ModelError) -> None:
        """Note that a call failed for good. It is none of `max_steps`, and a later reply makes up for it."""
        with self._lock:
            self._failed += 1
            self._failed_in_a_row += 1
            self.result.reason, self.result.error = self._reason_of(error), str(error)
            self.result.stalled = isinstance(error, Stalled)
            if isinstance(error, ReplyTooLong):
                # Its tokens are unknown, which a record can say by this flag alone.
                self.count(Metrics(model_calls=1, cut_replies=1, usage_estimated=True))

    def exited(self) -> PassResult:
        """Return the result of a pass whose command agent has exited.

        The reason is the limit that ended it, else what its last call failed for, else that the model stopped.
        """
        with self._lock:
            # Its connections were closed with it, which ends the calls of it that are still under way.
            self._idle.wait_for(lambda: not self.busy, SETTLING)
            if not (self._over or self._failed_in_a_row):
                self.result.reason = PassReason.MODEL_STOP
            self.settle()
            return self.result

    def offer(self, *, tools: bool) -> None:
        """Note that a command agent made a call, with or without tools."""
        self._offers_tools |= tools

    def settle(self) -> None:
        """Make unknown what a command agent does not show: calls of tools written as text, bytes that a shell read."""
        counted, kinds = self.result.metrics, self.result.kinds
        if kinds is None or not counted.model_calls:
            return
        with self._lock:
            if not self._offers_tools:
                counted.tool_calls = self._totals.tool_calls = None
            if kinds.loads_of(counted) is None:
                counted.read_bytes = self._totals.read_bytes = None

    def _reason_of(self, error: ModelError) -> PassReason:
        # A prompt that outgrew the server's window in mid-pass is a context at its end; one that never fitted
        # says nothing about the model.
        if self.result.metrics.model_calls and isinstance(error, ContextOverflow):
            return PassReason.CONTEXT
        if isinstance(error, HistoryRefused):
            return PassReason.REJECTED
        if isinstance(error, ReplyTooLong):
            return PassReason.LENGTH
        if isinstance(error, RunTimeUp):
            return PassReason.RUN_TIMEOUT
        return PassReason.ERROR
