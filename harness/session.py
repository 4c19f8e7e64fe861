"""One pass: a fresh context, and the model and its tools in turn until something ends it."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from harness.levers import LeverHooks
from harness.llm.errors import ContextOverflow, HistoryRefused, RunTimeUp, Stalled
from harness.llm.types import JSON, ChatModel, ModelError, Reply, ToolCall
from harness.outcome import PassReason
from harness.record import ACTS, Metrics, PassRecord
from harness.tools.registry import Completed, Registry, ToolError, ToolRequest
from harness.transcript import Transcript

MAX_REFUSALS = 3
"""Refused `done` calls without a write between them that end a pass: the model is only knocking."""


@dataclass
class PassResult:
    """How a pass ended and what it cost; `error` says why, where the reason is an error."""

    reason: PassReason = PassReason.MAX_STEPS
    steps: int = 0
    peak_tokens: int = 0
    metrics: Metrics = field(default_factory=Metrics)
    error: str | None = None
    stalled: bool = False
    """Whether it ended since the server kept a call waiting too long."""


class Session:
    """Runs passes. It keeps nothing from one to the next: that is what files are for."""

    def __init__(
        self,
        model: ChatModel,
        tools: Registry,
        lever: LeverHooks,
        transcript: Transcript,
        *,
        ctx_limit: int,
        max_steps: int,
        next_seed: Callable[[], int | None],
    ) -> None:
        self._model = model
        self._tools = tools
        self._lever = lever
        self._transcript = transcript
        self._ctx_limit = ctx_limit
        self._max_steps = max_steps
        self._next_seed = next_seed

    def run(self, system: str, prompt: str, result: PassResult, last: PassRecord | None = None) -> None:
        """One pass over the prompt, from a context that holds nothing else but what a lever makes of the pass before.

        `result` is filled in as it goes, so that what an interrupted pass has cost is not lost.
        """
        fired = self._lever.fired
        try:
            self._converse(system, prompt + self._lever.opening(last), result)
        finally:
            result.metrics.lever_fired = self._lever.fired - fired

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
            messages[-1]["content"] += self._lever.wind_down(peak, result.peak_tokens)

    def _call(self, messages: list[JSON], result: PassResult) -> Reply:
        started = time.monotonic()
        reply = self._model.complete(messages, self._tools.specs, seed=self._next_seed())
        usage, counted = reply.usage, result.metrics
        counted.add(
            Metrics(
                model_calls=1,
                prompt_tokens=usage.prompt_tokens,
                completion_tokens=usage.completion_tokens,
                total_tokens=usage.total_tokens,
                cached_tokens=usage.cached_tokens,
                server_time_sec=usage.server_time_sec,
                usage_estimated=usage.estimated,
                cut_replies=int(reply.cut),
                unparsed_calls=reply.unparsed,
            )
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
        )
        return reply

    def _act(self, reply: Reply, messages: list[JSON], result: PassResult, refusals: "_Refusals") -> PassReason | None:
        """Carry out a turn's calls in order; returns the reason if one of them, or their cost, ends the pass."""
        for call in reply.tool_calls:
            request = self._tools.understand(call.name, call.arguments)
            try:
                text = self._use(call, request, result)
            except Completed:
                return PassReason.COMPLETED
            messages.append(call.answer(text))
            if refusals.after(request.name) >= MAX_REFUSALS:
                return PassReason.DONE_LOOP
        return PassReason.CONTEXT if self._at_limit(reply) else None

    def _restated(self, reply: Reply) -> Reply:
        """The turn as it was understood: a call that took leniency goes back as the call that was carried out."""
        requests = [(call, self._tools.understand(call.name, call.arguments)) for call in reply.tool_calls]
        calls = [
            replace(call, name=request.name, arguments=json.dumps(request.arguments, ensure_ascii=False))
            if request.forms and request.error is None
            else call
            for call, request in requests
        ]
        return replace(reply, tool_calls=tuple(calls))

    def _cut_by(self, reply: Reply) -> PassReason:
        """What cut a reply. None of its calls is carried out, so that its end is the same with every server.

        One server sends a call that was under way with its arguments broken off, another drops it, and a file that was
        cut may still be a whole text.
        """
        return PassReason.CONTEXT if reply.filled or self._at_limit(reply) else PassReason.LENGTH

    def _at_limit(self, reply: Reply) -> bool:
        return 0 < self._ctx_limit <= reply.usage.total_tokens

    def _use(self, call: ToolCall, request: ToolRequest, result: PassResult) -> str:
        started = time.monotonic()
        result.metrics.add(Metrics(tool_calls=1))
        result.metrics.tool_counts[request.name] += 1
        result.metrics.salvaged_calls.update((*filter(None, [call.form]), *request.forms))
        try:
            text = self._tools.carry_out(request)
        except ToolError as error:
            # A name that the model made up may hold half a character, which no request can carry back.
            text = f"ERROR: {error}".encode(errors="replace").decode()
        if request.name == "read_file":
            result.metrics.read_bytes += len(text.encode(errors="replace"))
        seconds = round(time.monotonic() - started, 3)
        self._transcript.write("tool", step=result.steps, name=call.name, id=call.id, seconds=seconds, result=text)
        return text


class _Refusals:
    """Refused `done` calls in a row; any attempt to write starts the count anew."""

    def __init__(self) -> None:
        self._count = 0

    def after(self, tool: str) -> int:
        if tool in ACTS:
            self._count = 0
        elif tool == "done":
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
