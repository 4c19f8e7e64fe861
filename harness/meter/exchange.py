"""One call of an agent: sent on to the server, its answer passed back as it arrives, and metered."""

import time
from collections.abc import Iterator
from typing import Any

import httpx

from harness.llm import refusal
from harness.llm.connection import PeerClosed, fault_line, named, run_out
from harness.llm.draft import Draft
from harness.llm.errors import FieldRefused, HistoryRefused, ModelError, Stalled, Transient, Unfinished, error_of_status
from harness.llm.limits import MAX_BODY, MAX_STREAM, CallLimits, bounded, error_text
from harness.llm.replies import read_body, read_stream
from harness.llm.sse import is_stream, peek
from harness.llm.types import JSON
from harness.llm.usage import ReplyClock
from harness.llm.wire import OPTIONAL, encoded
from harness.meter.agent_connection import AgentGone
from harness.meter.answers import Answer
from harness.meter.pass_meter import PassMeter
from harness.meter.upstream import Link, Upstream

DISCONNECTED = "disconnected"
"""Finish reason in the transcript of a reply that the agent did not wait for."""


class ChatCall:
    """One chat completion of an agent."""

    def __init__(self, upstream: Upstream, meter: PassMeter, fields: JSON, headers: dict[str, str]) -> None:
        """`fields` are the body of the request, and `headers` those that are sent on."""
        self._upstream = upstream
        self._meter = meter
        self._fields = fields
        self._headers = headers
        self._url = f"{upstream.endpoint}/chat/completions"
        self._streamed = bool(fields.get("stream"))
        self.messages = _objects(fields.get("messages"))
        self.tools = _objects(fields.get("tools"))

    def run(self, step: int, link: Link, answer: Answer) -> None:
        """Make the call. Raises AgentGone if the agent cannot have the whole answer."""
        started = time.monotonic()
        try:
            draft = self._draft(link, answer)
        except _Abandoned as abandoned:
            if abandoned.draft is not None:
                abandoned.draft.end(DISCONNECTED)
                self._count(step, abandoned.draft, started)
            raise AgentGone from None
        except ModelError as error:
            fault = self._described(error)
            self._meter.fail(fault)
            if not answer.begun:
                answer.fail(504 if isinstance(fault, Stalled) else 502, str(fault))
            elif not answer.finished:
                raise AgentGone from None
        else:
            self._count(step, draft, started)
            answer.finish()

    def _count(self, step: int, draft: Draft, started: float) -> None:
        reply = draft.reply(self.messages, self.tools, salvage=False)
        self._upstream.window.add(self.messages, self.tools, reply.usage)
        self._meter.reply(step, reply, time.monotonic() - started)

    def _draft(self, link: Link, answer: Answer) -> Draft:
        """Return the reply once it is passed on. The call is repeated without forced fields that the server refuses."""
        limits = CallLimits(self._upstream.model, self._upstream.deadline, streamed=self._streamed)
        link.transport.limit(limits)
        forced = self._upstream.forced(self._fields)
        while True:
            fields = {name: value for name, value in forced.items() if name not in self._upstream.dropped}
            try:
                return self._exchange(fields, link, limits, answer)
            except FieldRefused as refused:
                self._upstream.dropped.append(refused.field)

    def _exchange(self, fields: JSON, link: Link, limits: CallLimits, answer: Answer) -> Draft:
        limits.start_request()
        clock = ReplyClock()
        try:
            with link.http.stream("POST", self._url, content=encoded(fields), headers=self._headers) as response:
                self._upstream.identity.add_headers(response.headers)
                if response.is_success:
                    return self._passed_on(response, limits, clock, answer)
                raise self._refused(response, fields, answer)
        except httpx.RequestError as error:
            if isinstance(error.__cause__, PeerClosed):
                raise _Abandoned from None
            raise limits.fault() or Transient(named(error)) from error
        except RecursionError:
            raise ModelError("the reply is nested too deeply to be read") from None

    def _refused(self, response: httpx.Response, fields: JSON, answer: Answer) -> ModelError:
        """Pass an error of the server on, and return it; one over a forced field is not passed on."""
        detail = error_text(response)
        sent = [name for name in OPTIONAL if name in fields]
        fault = error_of_status(response.status_code, response.headers, detail, sent)
        fault.status = response.status_code
        if not isinstance(fault, FieldRefused):
            answer.refuse(response.status_code, response.headers.raw, detail.encode())
        return fault

    def _passed_on(self, response: httpx.Response, limits: CallLimits, clock: ReplyClock, answer: Answer) -> Draft:
        """Pass the answer on as it arrives, and read it by its content, as the client of the built-in agent does."""
        kind = response.headers.get("content-type", "")
        head, chunks = peek(bounded(response.iter_bytes(), MAX_STREAM))
        if not is_stream(head, expected="event-stream" in kind or (self._streamed and "json" not in kind)):
            body = b"".join(bounded(chunks, MAX_BODY))
            answer.whole(response, body)
            return read_body(body)
        answer.begin(response)
        tee = _Tee(chunks, answer)
        parts = tee.parts()
        try:
            draft = read_stream(parts, limits, clock=clock)
        except Unfinished as error:
            if tee.agent_gone:
                raise _Abandoned(error.draft) from None
            return self._ended_early(error, answer)
        run_out(parts, limits)
        return draft

    def _ended_early(self, error: Unfinished, answer: Answer) -> Draft:
        """Return the reply of a stream that ended early: as cut, if it filled the window. Raises the error if not."""
        draft = error.draft
        if draft.has_choice and self._upstream.window.filled(draft.reply(self.messages, self.tools).usage):
            draft.end("length")
            return draft
        if error.__cause__ is None:  # the body itself is whole
            answer.finish()
        raise error

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
    """Passes the chunks of a stream on to the agent, and then to the reader that meters them."""

    def __init__(self, chunks: Iterator[bytes], answer: Answer) -> None:
        self._chunks = chunks
        self._answer = answer
        self.agent_gone = False

    def parts(self) -> Iterator[bytes]:
        """Yield the chunks; the stream ends where the agent hangs up."""
        try:
            for chunk in self._chunks:
                self._answer.part(chunk)
                yield chunk
        except AgentGone:
            self.agent_gone = True
        except httpx.ReadError as error:
            if not isinstance(error.__cause__, PeerClosed):
                raise
            self.agent_gone = True


def _objects(value: Any) -> list[JSON]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
