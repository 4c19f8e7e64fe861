"""One pass of the built-in agent: a fresh context, then model calls and tool calls until something ends it."""

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from harness.levers import LeverHooks
from harness.llm.errors import ContextOverflow, HistoryRefused, ModelError, RunTimeUp, Stalled
from harness.llm.types import JSON, ChatModel, Reply, ToolCall
from harness.outcome import PassReason
from harness.record import Metrics, PassRecord
from harness.tools.registry import Completed, Registry, ToolError, ToolKind, ToolRequest
from harness.transcript import Transcript

MAX_REFUSALS = 3
"""Refused `done` calls, without a write between them, after which a pass ends."""


@dataclass
class PassResult:
    """Result and cost of a pass. `error` is the message where the server failed."""

    reason: PassReason = PassReason.MAX_STEPS
    steps: int = 0
    peak_tokens: int = 0
    metrics: Metrics = field(default_factory=Metrics)
    error: str | None = None
    stalled: bool = False
    """True if the pass ended because the server kept a call waiting too long."""


class Session:
    """Runs passes. It keeps nothing between two of them: only files carry over."""

    def __init__(
        self,
        model: ChatModel,
        tools: Registry,
        lever: LeverHooks,
        transcript: Transcript,
        totals: Metrics,
        *,
        ctx_limit: int,
        max_steps: int,
        next_seed: Callable[[], int | None],
    ) -> None:
        """`totals` are the counters of the run. Each cost is added as it arises, so an interrupted pass loses none."""
        self._model = model
        self._tools = tools
        self._lever = lever
        self._transcript = transcript
        self._totals = totals
        self._ctx_limit = ctx_limit
        self._max_steps = max_steps
        self._next_seed = next_seed

    def run(self, system: str, prompt: str, last: PassRecord | None = None) -> PassResult:
        """Run one pass over the prompt and return its result.

        The context starts with the two texts alone, and with what the lever adds about the pass before (`last`).
        """
        result, fired = PassResult(), self._lever.fired
        try:
            self._converse(system, prompt + self._added("opening", self._lever.opening(last)), result)
        finally:
            self._count(result, Metrics(lever_fired=self._lever.fired - fired))
        return result

    def _count(self, result: PassResult, cost: Metrics) -> None:
        result.metrics.add(cost)
        self._totals.add(cost)

    def _converse(self, system: str, prompt: str, result: PassResult) -> None:
        messages: list[JSON] = [{"role": "system", "content": system}, {"role": "user", "content": prompt}]
        refusals = _Refusals()
        for result.steps in range(1, self._max_steps + 1):
            peak = result.peak_tokens
            try:
                reply = self._call(messages, result)
            except ModelError as error:
                result.reason, result.error = _failure(error, result), str(error)
                result.stalled = isinstance(error, Stalled)
                break
            if reply.empty:
                result.reason = PassReason.EMPTY
                break
            if reply.cut:
                result.reason = self._cut_by(reply)
                break
            messages.append(self._restated(reply).as_message())
            if not reply.tool_calls:
                result.reason = PassReason.MODEL_STOP
                break
            reason = self._act(reply, messages, result, refusals)
            if reason is not None:
                result.reason = reason
                break
            messages[-1]["content"] += self._added("result", self._lever.wind_down(peak, result.peak_tokens))

    def _added(self, place: str, text: str) -> str:
        if text:
            self._transcript.write("lever", place=place, text=text)
        return text

    def _call(self, messages: list[JSON], result: PassResult) -> Reply:
        started = time.monotonic()
        reply = self._model.complete(messages, self._tools.specs, seed=self._next_seed())
        usage, timing = reply.usage, reply.timing
        self._count(
            result,
            Metrics(
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
            ),
        )
        result.peak_tokens = max(result.peak_tokens, usage.total_tokens)
        self._transcript.write(
            "reply",
            step=result.steps,
            seconds=round(time.monotonic() - started, 3),
            reasoning=reply.reasoning,
            content=reply.content,
            tool_calls=[{"id": call.id, "name": call.name, "arguments": call.arguments} for call in reply.tool_calls],
            finish_reason=reply.finish_reason,
            usage=vars(usage),
            timing=timing.as_dict(),
        )
        return reply

    def _act(self, reply: Reply, messages: list[JSON], result: PassResult, refusals: "_Refusals") -> PassReason | None:
        """Carry out the calls of a turn in order; return the reason if one of them, or their cost, ends the pass."""
        for call in reply.tool_calls:
            request = self._tools.understand(call.name, call.arguments)
            try:
                text = self._use(call, request, result)
            except Completed:
                return PassReason.COMPLETED
            messages.append(call.answer(text))
            if refusals.after(request.kind) >= MAX_REFUSALS:
                return PassReason.DONE_LOOP
        return PassReason.CONTEXT if self._at_limit(reply) else None

    def _restated(self, reply: Reply) -> Reply:
        """Return the turn as it was understood: calls that took leniency are replaced by those carried out."""
        requests = [(call, self._tools.understand(call.name, call.arguments)) for call in reply.tool_calls]
        calls = [
            replace(call, name=request.name, arguments=json.dumps(request.arguments, ensure_ascii=False))
            if request.repaired
            else call
            for call, request in requests
        ]
        return replace(reply, tool_calls=tuple(calls))

    def _cut_by(self, reply: Reply) -> PassReason:
        """Return the reason for which a reply was cut. None of its calls is carried out, whatever the server sends.

        Servers differ: one sends an unfinished call with broken arguments, another drops it. A file that was cut may
        still look complete.
        """
        return PassReason.CONTEXT if reply.filled or self._at_limit(reply) else PassReason.LENGTH

    def _at_limit(self, reply: Reply) -> bool:
        return 0 < self._ctx_limit <= reply.usage.total_tokens

    def _use(self, call: ToolCall, request: ToolRequest, result: PassResult) -> str:
        started = time.monotonic()
        leniencies = Counter((*filter(None, [call.form]), *request.forms))
        self._count(result, Metrics(tool_calls=1, tool_counts=Counter([request.name]), salvaged_calls=leniencies))
        try:
            text = self._tools.carry_out(request)
        except ToolError as error:
            # A name that the model made up may hold half a character, which no request can carry back.
            text = f"ERROR: {error}".encode(errors="replace").decode()
        if request.name == "read_file":
            self._count(result, Metrics(read_bytes=len(text.encode(errors="replace"))))
        seconds = round(time.monotonic() - started, 3)
        understood = {"name": request.name, "arguments": request.arguments} if request.repaired else None
        event = {"step": result.steps, "name": call.name, "id": call.id, "seconds": seconds}
        self._transcript.write("tool", **event, result=text, understood=understood)
        return text


class _Refusals:
    """Counts refused `done` calls in a row. Any attempt to write resets the count."""

    def __init__(self) -> None:
        self._count = 0

    def after(self, kind: ToolKind | None) -> int:
        if kind is ToolKind.ACT:
            self._count = 0
        elif kind is ToolKind.END:
            self._count += 1
        return self._count


def _failure(error: ModelError, result: PassResult) -> PassReason:
    # A prompt that outgrew the server's window in mid-pass is a context at its end; one that never fitted
    # says nothing about the model.
    if result.metrics.model_calls and isinstance(error, ContextOverflow):
        return PassReason.CONTEXT
    if isinstance(error, HistoryRefused):
        return PassReason.REJECTED
    if isinstance(error, RunTimeUp):
        return PassReason.RUN_TIMEOUT
    return PassReason.ERROR
