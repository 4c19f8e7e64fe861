"""One pass of the built-in agent: a fresh context, then model calls and tool calls until something ends it."""

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from harness.levers import LeverHooks
from harness.llm.errors import ModelError
from harness.llm.types import JSON, ChatModel, Reply, ToolCall
from harness.meter.pass_meter import PassLimits, PassMeter, PassResult
from harness.outcome import PassReason
from harness.record import Metrics, PassRecord
from harness.tools.registry import Completed, Registry, ToolError, ToolKind, ToolRequest
from harness.transcript import Transcript

MAX_REFUSALS = 3
"""Refused `done` calls, without a write between them, after which a pass ends."""


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
        self._limits = PassLimits(ctx_limit, max_steps)  # the client ends a call with the run
        self._next_seed = next_seed

    def run(self, system: str, prompt: str, last: PassRecord | None = None) -> PassResult:
        """Run one pass over the prompt and return its result.

        The context starts with the two texts alone, and with what the lever adds about the pass before (`last`).
        """
        meter = PassMeter(self._transcript, self._totals, self._limits)
        fired = self._lever.fired
        try:
            self._converse(system, prompt + self._added("opening", self._lever.opening(last)), meter)
        finally:
            meter.count(Metrics(lever_fired=self._lever.fired - fired))
        return meter.result

    def _converse(self, system: str, prompt: str, meter: PassMeter) -> None:
        messages: list[JSON] = [{"role": "system", "content": system}, {"role": "user", "content": prompt}]
        refusals, result = _Refusals(), meter.result
        while (step := meter.next_call()) is not None:
            peak = result.peak_tokens
            try:
                reply = self._call(step, messages, meter)
            except ModelError as error:
                meter.fail(error)
                break
            if reply.empty:
                result.reason = PassReason.EMPTY
                break
            if reply.cut:
                # None of its calls is carried out. Servers differ: one sends an unfinished call with broken
                # arguments, another drops it. A file that was cut may still look complete.
                result.reason = PassReason.CONTEXT if reply.filled or meter.due else PassReason.LENGTH
                break
            messages.append(self._restated(reply).as_message())
            if not reply.tool_calls:
                result.reason = PassReason.MODEL_STOP
                break
            reason = self._act(reply, messages, meter, refusals) or meter.due
            if reason is not None:
                result.reason = reason
                break
            messages[-1]["content"] += self._added("result", self._lever.wind_down(peak, result.peak_tokens))

    def _added(self, place: str, text: str) -> str:
        if text:
            self._transcript.write("lever", place=place, text=text)
        return text

    def _call(self, step: int, messages: list[JSON], meter: PassMeter) -> Reply:
        started = time.monotonic()
        reply = self._model.complete(messages, self._tools.specs, seed=self._next_seed())
        meter.reply(step, reply, time.monotonic() - started)
        return reply

    def _act(self, reply: Reply, messages: list[JSON], meter: PassMeter, refusals: "_Refusals") -> PassReason | None:
        """Carry out the calls of a turn in order; return the reason if one of them ends the pass."""
        for call in reply.tool_calls:
            request = self._tools.understand(call.name, call.arguments)
            try:
                text = self._use(call, request, meter)
            except Completed:
                return PassReason.COMPLETED
            messages.append(call.answer(text))
            if refusals.after(request.kind) >= MAX_REFUSALS:
                return PassReason.DONE_LOOP
        return None

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

    def _use(self, call: ToolCall, request: ToolRequest, meter: PassMeter) -> str:
        started = time.monotonic()
        leniencies = Counter((*filter(None, [call.form]), *request.forms))
        meter.count(Metrics(tool_calls=1, tool_counts=Counter([request.name]), salvaged_calls=leniencies))
        try:
            text = self._tools.carry_out(request)
        except ToolError as error:
            # A name that the model made up may hold half a character, which no request can carry back.
            text = f"ERROR: {error}".encode(errors="replace").decode()
        if request.name == "read_file":
            meter.count(Metrics(read_bytes=len(text.encode(errors="replace"))))
        seconds = round(time.monotonic() - started, 3)
        understood = {"name": request.name, "arguments": request.arguments} if request.repaired else None
        event = {"step": meter.result.steps, "name": call.name, "id": call.id, "seconds": seconds}
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
