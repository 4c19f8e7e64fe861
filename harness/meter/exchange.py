"""One call of an agent: sent on to the server, its answer passed back as it arrives, and metered."""

import time
from collections.abc import Iterator
from typing import Any

import httpx

from harness.llm import refusal
from harness.llm.connection import PeerClosed, fault_line, named, run_out
from harness.llm.draft import Draft
from harness.llm.errors import (
    ContextOverflow,
    FieldRefused,
    HistoryRefused,
    ModelError,
    Stalled,
    Transient,
    Unfinished,
    error_of_status,
)
from harness.llm.limits import MAX_BODY, MAX_STREAM, CallLimits, bounded, error_text
from harness.llm.replies import read_body, read_stream
from harness.llm.sse import is_stream, peek
from harness.llm.types import JSON, Reply
from harness.llm.usage import ReplyClock
from harness.llm.wire import OPTIONAL, encoded, size_of
from harness.meter.agent_connection import AgentGone, Headers
from harness.meter.answers import Answer
from harness.meter.conversation import ConversationLog
from harness.meter.full_context import FullContext
from harness.meter.pass_meter import PassMeter
from harness.meter.tool_kinds import ToolKinds
from harness.meter.upstream import Link, Upstream

DISCONNECTED = "disconnected"
"""Finish reason in the transcript of a reply that the agent did not wait for."""

CLOSED = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
"""Errors of a connection that the server has closed."""


class MeteredPass:
    """The parts of a pass that all of its calls share."""

    def __init__(self, upstream: Upstream, meter: PassMeter) -> None:
        """A meter without the kinds of the agent's tools gets none: their loads and acts are unknown."""
        self.upstream = upstream
        self.meter = meter
        meter.result.kinds = kinds = meter.result.kinds or ToolKinds()
        self.log = ConversationLog(meter.transcript, meter, kinds)
        self.full = FullContext(meter.limits.ctx_limit) if meter.limits.refuses and meter.limits.ctx_limit else None


class ChatCall:
    """One chat completion of an agent."""

    def __init__(self, metered: "MeteredPass", fields: JSON, headers: Headers) -> None:
        """`fields` are the body of the request, and `headers` those that are sent on."""
        self._pass = metered
        self._upstream = upstream = metered.upstream
        self._meter = metered.meter
        self._fields = fields
        self._headers = list(headers)
        self._url = f"{upstream.endpoint}/chat/completions"
        self._streamed = bool(fields.get("stream"))
        self._started = time.monotonic()
        self._step = 0
        self._sent: JSON = {}
        self.messages = [
            one for one in _objects(fields.get("messages")) if isinstance(one.get("tool_calls") or [], list)
        ]
        self.tools = _objects(fields.get("tools"))

    def run(self, link: Link, answer: Answer) -> None:
        """Make the call. Raises AgentGone if the agent cannot have the whole answer, and where the pass is over.

        The call is counted before the agent has the end of the answer: its next call may come at once.
        """
        step = self._meter.next_call()
        self._pass.log.request(step, self.messages, self.tools)
        if step is None:
            raise AgentGone
        self._step = step
        if self._pass.full and (full := self._pass.full.refusal(self.messages, self.tools)):
            self._fail(full)
            answer.overflow(str(full), self._pass.full.limit)
            return
        try:
            self._send(link, answer)
        except _Abandoned as abandoned:
            if abandoned.draft is not None and abandoned.draft.has_choice:
                abandoned.draft.end(DISCONNECTED)
                self._count(abandoned.draft)
            raise AgentGone from None
        except ModelError as error:
            fault = self._fail(error)
            if answer.begun:
                raise AgentGone from None
            answer.fail(504 if isinstance(fault, Stalled) else 502, str(fault))

    def _fail(self, error: ModelError) -> ModelError:
        """Note that the call failed, and return the error in one line."""
        fault = self._described(error)
        self._meter.fail(fault)
        self._meter.transcript.write("call_failed", step=self._step, error=str(fault))
        return fault

    def _count(self, draft: Draft) -> Reply:
        reply = draft.reply(self.messages, self.tools, salvage=False)
        self._upstream.window.add(size_of(self.messages, self.tools), reply.usage)
        if self._pass.full:
            self._pass.full.add(self.messages, self.tools, reply.usage)
        self._meter.reply(self._step, reply, time.monotonic() - self._started)
        self._pass.log.reply(self._step, reply)
        return reply

    def _send(self, link: Link, answer: Answer) -> None:
        """Send the call, and send it again at once without each forced field that the server refuses."""
        limits = CallLimits(self._upstream.model, self._upstream.deadline, streamed=self._streamed)
        link.transport.limit(limits)
        forced = self._upstream.forced(self._fields)
        while True:
            self._sent = {name: value for name, value in forced.items() if name not in self._upstream.dropped}
            try:
                return self._exchange(self._sent, link, limits, answer)
            except FieldRefused as refused:
                self._upstream.drop(refused.field)

    def _exchange(self, fields: JSON, link: Link, limits: CallLimits, answer: Answer) -> None:
        """Make the call, and once more if the server closed a connection unanswered: it may have been idle too long."""
        try:
            if not self._attempt(fields, link, limits, answer):
                self._attempt(fields, link, limits, answer, last=True)
        except RecursionError:
            raise ModelError("the reply is nested too deeply to be read") from None

    def _attempt(self, fields: JSON, link: Link, limits: CallLimits, answer: Answer, *, last: bool = False) -> bool:
        """Return False if the server closed the connection unanswered, unless this is the last attempt."""
        limits.start_request()
        clock, answered = ReplyClock(), False
        try:
            with link.http.stream("POST", self._url, content=encoded(fields), headers=self._headers) as response:
                answered = True
                self._upstream.identity.add_headers(response.headers)
                if response.is_success:
                    self._pass_on(response, limits, clock, answer)
                else:
                    self._refuse(response, fields, answer)
        except httpx.RequestError as error:
            if isinstance(error.__cause__, PeerClosed):
                raise _Abandoned from None
            if isinstance(error, CLOSED) and not (answered or last):
                return False
            raise limits.fault() or Transient(named(error)) from error
        return True

    def _refuse(self, response: httpx.Response, fields: JSON, answer: Answer) -> None:
        """Pass an error of the server on. Raises FieldRefused, for the error is over a field that was forced."""
        detail = error_text(response)
        sent = [name for name in OPTIONAL if name in fields]
        fault = error_of_status(response.status_code, response.headers, detail, sent)
        fault.status = response.status_code
        if isinstance(fault, FieldRefused):
            raise fault
        self._fail(fault)
        answer.refuse(response.status_code, response.headers.raw, detail.encode())

    def _pass_on(self, response: httpx.Response, limits: CallLimits, clock: ReplyClock, answer: Answer) -> None:
        """Pass the answer on as it arrives, and read it by its content, as the client of the built-in agent does."""
        kind = response.headers.get("content-type", "")
        head, chunks = peek(bounded(response.iter_bytes(), MAX_STREAM))
        if is_stream(head, expected="event-stream" in kind or (self._streamed and "json" not in kind)):
            answer.begin(response)
            self._pass_on_stream(_Tee(chunks, answer), limits, clock, answer)
            return
        body = b"".join(bounded(chunks, MAX_BODY))
        reply: Reply | None = None
        try:
            reply = self._count(read_body(body))
        except ModelError as error:
            self._fail(error)
        answer.whole(response, body, reply)

    def _pass_on_stream(self, tee: "_Tee", limits: CallLimits, clock: ReplyClock, answer: Answer) -> None:
        parts, reply = tee.parts(), None
        try:
            reply = self._count(read_stream(parts, limits, answer.on_delta, clock))
        except Unfinished as error:
            if tee.agent_gone:
                raise _Abandoned(error.draft) from None
            if self._filled(error.draft):
                error.draft.end("length")
                reply = self._count(error.draft)
            elif error.__cause__ is None:  # the stream ended, and not the connection
                self._fail(error if error.draft.has_choice else self._why_empty(error))
            else:
                raise
        except ModelError as error:
            self._fail(error)
        run_out(parts, limits)
        answer.finish(reply)

    def _why_empty(self, error: ModelError) -> ModelError:
        """Return the error of a stream without content: some servers say of a whole body alone that it is too long."""
        fields = self._sent | {"stream": False, "max_tokens": refusal.PROBE_TOKENS}
        fields.pop("stream_options", None)
        try:
            with self._upstream.link() as link:
                link.transport.limit(CallLimits(self._upstream.model, self._upstream.deadline, streamed=False))
                with link.http.stream("POST", self._url, content=encoded(fields), headers=self._headers) as response:
                    detail = "" if response.is_success else error_text(response)
        except httpx.RequestError:
            return error
        fault = error_of_status(response.status_code, response.headers, detail, ())
        return fault if isinstance(fault, ContextOverflow) else error

    def _filled(self, draft: Draft) -> bool:
        """Return True if a stream that ended early filled the window: then its reply was cut."""
        return draft.has_choice and self._upstream.window.filled(draft.reply(self.messages, self.tools).usage)

    def _described(self, error: ModelError) -> ModelError:
        """Return the error in one line; a refusal of the model's own words is named as one."""
        named_history = refusal.has_history(self.messages) and refusal.is_refusal(error)
        if refusal.names_the_reply(error) or (named_history and refusal.names_the_history(error)):
            error = HistoryRefused(error.what, error.detail)
        line = fault_line(error, self._url, self._upstream.key, self._upstream.model.api_key_env)
        return Transient(line) if isinstance(error, Unfinished) else type(error)(line)


class _Abandoned(Exception):  # noqa: N818
    """The agent hung up; `draft` is what it had of a streamed reply."""

    def __init__(self, draft: Draft | None = None) -> None:
        super().__init__()
        self.draft = draft


class _Tee:
    """Passes the chunks of a stream on to the agent, each once the reader that meters them has read it."""

    def __init__(self, chunks: Iterator[bytes], answer: Answer) -> None:
        self._chunks = chunks
        self._answer = answer
        self.agent_gone = False

    def parts(self) -> Iterator[bytes]:
        """Yield the chunks; the stream ends where the agent hangs up."""
        try:
            for chunk in self._chunks:
                yield chunk
                self._answer.part(chunk)
        except AgentGone:
            self.agent_gone = True
        except httpx.ReadError as error:
            if not isinstance(error.__cause__, PeerClosed):
                raise
            self.agent_gone = True


def _objects(value: Any) -> list[JSON]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
