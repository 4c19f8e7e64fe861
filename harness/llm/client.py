"""Client of an OpenAI-compatible server: a call returns one whole reply, whether the server streams or not."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self

import httpx

from harness.config import ModelConfig, ToolsMode
from harness.limits import Deadline
from harness.llm import refusal
from harness.llm.connection import Posts, api_key, authorization, connect, fault_line, named, run_out, transport
from harness.llm.draft import Draft
from harness.llm.errors import (
    FieldRefused,
    HistoryRefused,
    ModelError,
    RunTimeUp,
    Transient,
    Unfinished,
    error_of_status,
)
from harness.llm.growing import RequestEncoder
from harness.llm.identity import ServerIdentity
from harness.llm.limits import MAX_BODY, MAX_LISTING, MAX_STREAM, CallLimits, bounded, error_text, with_retries
from harness.llm.replies import read_body, read_stream
from harness.llm.sse import is_stream, peek
from harness.llm.types import JSON, ChatModel, OnDelta, Reply
from harness.llm.usage import ReplyClock, Window
from harness.llm.wire import OPTIONAL, request

LISTING_TIMEOUT = 5.0
"""Seconds allowed for the list of models, which only the record needs."""


class OpenAIChat(ChatModel):
    """A model behind an OpenAI-compatible server; its connection lasts from construction to `close`."""

    def __init__(
        self,
        model: ModelConfig,
        endpoint: str,
        *,
        stream: bool = False,
        on_delta: OnDelta | None = None,
        window: int | None = None,
        deadline: Deadline | None = None,
        supervised: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """With `model.salvage` calls that the model wrote as text are executed; without, they are content.

        `window` is the server's window in tokens, if known; a prompt that cannot fit it is not sent. A `supervised`
        server is restarted when it crashes, so a refused connection is retried as if it were loading.
        """
        self._model = model
        self._endpoint = endpoint.rstrip("/")
        self._key = api_key(model.api_key_env)
        self._deadline = deadline or Deadline()
        self._transport = transport(self._endpoint)
        timeout = httpx.Timeout(None, connect=model.connect_timeout)
        self._http = connect(self._transport, timeout, {"Content-Type": "application/json", **authorization(self._key)})
        self._url = httpx.URL(f"{self._endpoint}/chat/completions")
        self._posts = Posts(self._http, self._transport, self._url)
        self._stream = stream
        self._on_delta = on_delta
        self._window = Window(window)
        self._encoder = RequestEncoder()
        # As text the conversation is sent in another form than the one by which the window is reckoned.
        self._sizes = RequestEncoder() if model.tools is ToolsMode.text else self._encoder
        self._supervised = supervised
        self._sleep = sleep
        self._identity = ServerIdentity(model.name)
        self._listed = False
        self._dropped: list[str] = []
        self._reasoning = ""

    def complete(self, messages: Sequence[JSON], tools: Sequence[JSON], *, seed: int | None) -> Reply:
        """Return one reply to the messages. Raises ModelError, in one line, if the call failed for good."""
        try:
            size = self._sizes.size(messages, tools)
            self._window.check(size)
            draft = self._draft(messages, tools, seed)
        except ModelError as fault:
            raise type(fault)(fault_line(fault, str(self._url), self._key, self._model.api_key_env)) from None
        finally:
            self._transport.limit(None)
        reply = draft.reply(messages, tools, salvage=self._model.salvage)
        self._window.add(size, reply.usage)
        self._reasoning = draft.reasoning_field or self._reasoning
        return replace(reply, filled=self._window.filled(reply.usage)) if reply.cut else reply

    @property
    def server(self) -> JSON:
        """Return the facts of the server so far. The list of models is requested until it was read once."""
        if not self._listed:
            self._list_models()
        facts = self._identity.as_dict()
        if self._dropped:
            facts["dropped_fields"] = list(self._dropped)
        if self._reasoning:
            facts["reasoning"] = self._reasoning
        return facts

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _draft(self, messages: Sequence[JSON], tools: Sequence[JSON], seed: int | None) -> Draft:
        """Return the reply, after retries where they can help. Raises the error of a call that failed for good."""
        try:
            return self._retried(self._model, messages, tools, seed, stream=self._stream)
        except ModelError as fault:
            if isinstance(fault.__cause__, Unfinished):
                return self._ended_early(fault, fault.__cause__.draft, messages, tools, seed)
            if refusal.names_the_reply(fault) or self._refuses_history(fault, messages, tools):
                raise HistoryRefused(fault.what, fault.detail) from fault
            if self._stream or not refusal.failed_inside(fault):
                raise
            return self._streamed(fault, messages, tools, seed)

    def _streamed(self, fault: ModelError, messages: Sequence[JSON], tools: Sequence[JSON], seed: int | None) -> Draft:
        """Repeat the call as a stream: some servers fail only while they parse a whole reply with a malformed call."""
        limits = CallLimits(self._model, self._deadline, streamed=True)
        self._transport.limit(limits)
        try:
            return self._attempt(self._model, messages, tools, seed, limits, stream=True)
        except RunTimeUp:
            raise
        except ModelError:
            raise fault from None

    def _ended_early(
        self, fault: ModelError, draft: Draft, messages: Sequence[JSON], tools: Sequence[JSON], seed: int | None
    ) -> Draft:
        """Return the reply of a stream that ended early in every attempt: as cut, if it filled the window.

        A stream without content is requested again in one body, because some servers report only there that a prompt
        is too long.
        """
        if draft.has_choice:
            if not self._window.filled(draft.reply(messages, tools).usage):
                raise fault
            draft.end("length")
            return draft
        return self._retried(self._model, messages, tools, seed, stream=False)

    def _refuses_history(self, fault: ModelError, messages: Sequence[JSON], tools: Sequence[JSON]) -> bool:
        """Return True if the server accepts the request without the model's words, and refuses it with them."""
        if not refusal.is_refusal(fault) or not refusal.has_history(messages):
            return False
        if refusal.names_the_history(fault):
            return True
        return self._is_accepted(refusal.neutral(messages, tools), tools) and not self._is_accepted(messages, tools)

    def _is_accepted(self, messages: Sequence[JSON], tools: Sequence[JSON]) -> bool:
        short = replace(self._model, max_tokens=min(refusal.PROBE_TOKENS, self._model.max_tokens))
        try:
            self._retried(short, messages, tools, None, stream=False)
        except RunTimeUp:
            raise
        except ModelError:
            return False
        return True

    def _retried(
        self, model: ModelConfig, messages: Sequence[JSON], tools: Sequence[JSON], seed: int | None, *, stream: bool
    ) -> Draft:
        limits = CallLimits(self._model, self._deadline, streamed=stream)
        self._transport.limit(limits)
        attempt = partial(self._attempt, model, messages, tools, seed, limits, stream=stream)
        return with_retries(attempt, lambda seconds: self._sleep(limits.wait(seconds)))

    def _attempt(
        self,
        model: ModelConfig,
        messages: Sequence[JSON],
        tools: Sequence[JSON],
        seed: int | None,
        limits: CallLimits,
        *,
        stream: bool,
    ) -> Draft:
        """Make one exchange, and repeat it at once without each optional field that the server refuses."""
        while True:
            fields = request(model, messages, tools, stream=stream, seed=seed, without=self._dropped)
            try:
                return self._exchange(fields, limits)
            except FieldRefused as refusal:
                self._dropped.append(refusal.field)

    def _exchange(self, fields: JSON, limits: CallLimits) -> Draft:
        limits.start_request()
        clock = ReplyClock()
        try:
            with self._posts.send(self._encoder.body(fields)) as response:
                self._identity.add_headers(response.headers)
                if not response.is_success:
                    sent = [name for name in OPTIONAL if name in fields]
                    fault = error_of_status(response.status_code, response.headers, error_text(response), sent)
                    fault.status = response.status_code
                    raise fault
                return self._read(response, limits, clock, stream=fields["stream"])
        except httpx.RequestError as error:
            down = self._supervised and isinstance(error, httpx.ConnectError)
            raise limits.fault() or Transient(self._reason(error), loading=down) from error
        except RecursionError:
            raise ModelError("the reply is nested too deeply to be read") from None

    def _reason(self, fault: httpx.RequestError) -> str:
        if isinstance(fault, httpx.ConnectTimeout):
            return f"no connection within {self._model.connect_timeout:g} s (model.connect_timeout)"
        return named(fault)

    def _read(self, response: httpx.Response, limits: CallLimits, clock: ReplyClock, *, stream: bool) -> Draft:
        """Read the reply by its content, not by the request: some servers always stream, some never do."""
        kind = response.headers.get("content-type", "")
        head, chunks = peek(bounded(response.iter_bytes(), MAX_STREAM))
        if not is_stream(head, expected="event-stream" in kind or (stream and "json" not in kind)):
            chunks = bounded(chunks, MAX_BODY)
            return read_body(b"".join(chunks))
        draft = read_stream(chunks, limits, self._on_delta, clock)
        run_out(chunks, limits)
        return draft

    def _list_models(self) -> None:
        """Read the list of models. Without one the facts are unknown, and the server is usable all the same."""
        self._transport.limit(CallLimits(self._model, Deadline(LISTING_TIMEOUT), streamed=False))
        try:
            with self._http.stream("GET", f"{self._endpoint}/models") as response:
                self._listed = response.status_code < 500
                self._identity.add_headers(response.headers)
                self._identity.add_listing(json.loads(b"".join(bounded(response.iter_bytes(), MAX_LISTING))))
        except (httpx.HTTPError, ModelError, ValueError, RecursionError):
            return
        finally:
            self._transport.limit(None)
