"""The client of an OpenAI-compatible server: one call in, one whole reply out, whatever the server's manners."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import TracebackType
from typing import Self

import httpx

from harness.config import ModelConfig
from harness.deadline import Deadline
from harness.llm import complaint
from harness.llm.body import read_body
from harness.llm.calls import calls_made
from harness.llm.connection import connect, named, run_out, shown, transport
from harness.llm.draft import Draft
from harness.llm.errors import CallFault, FieldRefused, KeyRefused, Transient
from harness.llm.identity import Identity
from harness.llm.key import api_key, authorization, refused
from harness.llm.limits import Limits
from harness.llm.retry import persist
from harness.llm.stream import read_stream
from harness.llm.text import one_line
from harness.llm.textcalls import with_text_calls
from harness.llm.types import JSON, ChatModel, OnDelta, Reply
from harness.llm.window import Window
from harness.llm.wire import OPTIONAL, encoded, request

MAX_REPLY = 64 << 20
"""Bytes of the largest reply that is read, framing included."""

MAX_ERROR = 64 << 10
"""Bytes of an error's body that are read."""

LISTING_TIMEOUT = 5.0
"""Seconds allowed for the list of models, which is only asked for the record."""


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
        """With `model.salvage` calls that the model wrote as text are taken; without, they are content.

        A prompt that cannot fit `window`, the tokens that the server is known to serve, is not sent. A `supervised`
        server is started again when it crashes, and therefore waited for where nobody answers.
        """
        self._model = model
        self._endpoint = endpoint.rstrip("/")
        self._key = api_key(model.api_key_env)
        self._deadline = deadline or Deadline()
        self._way = transport(self._endpoint)
        timeout = httpx.Timeout(None, connect=model.connect_timeout)
        self._http = connect(self._way, timeout, {"Content-Type": "application/json", **authorization(self._key)})
        self._url = httpx.URL(f"{self._endpoint}/chat/completions")
        self._stream = stream
        self._on_delta = on_delta
        self._window = Window(window)
        self._supervised = supervised
        self._sleep = sleep
        self._identity = Identity(model.name)
        self._listed = False
        self._dropped: list[str] = []
        self._salvaged = 0
        self._reasoning = ""

    def complete(self, messages: Sequence[JSON], tools: Sequence[JSON], *, seed: int | None) -> Reply:
        """One reply to the messages. Raises ModelError when the call failed for good, in one line."""
        limits = Limits(self._model, self._deadline, streamed=self._stream)
        self._way.limit(limits)
        try:
            self._window.check(messages, tools)
            attempt = partial(self._attempt, messages, tools, seed, limits)
            draft = persist(attempt, lambda seconds: self._sleep(limits.wait(seconds)))
        except CallFault as fault:
            raise fault.error(self._told(fault)) from None
        finally:
            self._way.limit(None)
        reply = draft.reply(messages, tools)
        self._window.see(messages, tools, reply.usage)
        self._reasoning = draft.reasoning_field or self._reasoning
        return self._with_text_calls(reply, calls_made(messages)) if self._model.salvage else reply

    @property
    def server(self) -> JSON:
        """What is known of the server so far. The list of models is asked until it was answered once."""
        if not self._listed:
            self._list_models()
        facts = self._identity.as_dict()
        if self._dropped:
            facts["dropped_fields"] = list(self._dropped)
        if self._reasoning:
            facts["reasoning"] = self._reasoning
        if self._salvaged:
            facts["salvaged_calls"] = self._salvaged
        return facts

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _attempt(self, messages: Sequence[JSON], tools: Sequence[JSON], seed: int | None, limits: Limits) -> Draft:
        """One exchange, repeated at once without each optional field that the server turns out not to know."""
        while True:
            fields = request(self._model, messages, tools, stream=self._stream, seed=seed, without=self._dropped)
            try:
                return self._exchange(fields, limits)
            except FieldRefused as refusal:
                self._dropped.append(refusal.field)

    def _exchange(self, fields: JSON, limits: Limits) -> Draft:
        limits.asked()
        try:
            with self._http.stream("POST", self._url, content=encoded(fields)) as response:
                self._identity.see(response.headers)
                if not response.is_success:
                    sent = [name for name in OPTIONAL if name in fields]
                    raise complaint.by_status(response.status_code, response.headers, _error_text(response), sent)
                return self._read(response, limits)
        except httpx.RequestError as fault:
            down = self._supervised and isinstance(fault, httpx.ConnectError)
            raise limits.fault() or Transient(self._named(fault), loading=down) from fault
        except RecursionError:
            raise CallFault("the reply is nested too deeply to be read") from None

    def _named(self, fault: httpx.RequestError) -> str:
        if isinstance(fault, httpx.ConnectTimeout):
            return f"no connection within {self._model.connect_timeout:g} s (model.connect_timeout)"
        return named(fault)

    def _read(self, response: httpx.Response, limits: Limits) -> Draft:
        """The reply, by what came rather than by what was asked: some servers stream always, some never."""
        kind = response.headers.get("content-type", "")
        streamed = "event-stream" in kind or (self._stream and "json" not in kind)
        chunks = _bounded(response)
        if not streamed:
            return read_body(b"".join(chunks))
        draft = read_stream(chunks, limits, self._on_delta)
        run_out(chunks, limits)
        return draft

    def _with_text_calls(self, reply: Reply, first: int) -> Reply:
        salvaged = with_text_calls(reply, first)
        self._salvaged += len(salvaged.tool_calls) - len(reply.tool_calls)
        return salvaged

    def _list_models(self) -> None:
        """Ask for the list of models. A server that gives none is no less usable: nothing is known, that is all."""
        try:
            response = self._http.get(f"{self._endpoint}/models", timeout=LISTING_TIMEOUT)
            self._listed = response.status_code < 500
            self._identity.see(response.headers)
            self._identity.list(response.json())
        except (httpx.HTTPError, ValueError, RecursionError):
            return

    def _told(self, fault: CallFault) -> str:
        """The fault in one line. The key is taken out before anything is clipped, which could cut it in two."""
        what, detail = (text.replace(self._key, "…") if self._key else text for text in (fault.what, fault.detail))
        where = f"POST {shown(str(self._url))}"
        line = ": ".join(part for part in (where, one_line(what), one_line(detail)) if part)
        return f"{line} ({refused(self._model.api_key_env)})" if isinstance(fault, KeyRefused) else line


def _bounded(response: httpx.Response) -> Iterator[bytes]:
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > MAX_REPLY:
            raise CallFault(f"the reply exceeds {MAX_REPLY} bytes")
        yield chunk


def _error_text(response: httpx.Response) -> str:
    """The body of an error, as far as it can be had: the status alone decides what happens."""
    body = b""
    try:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_ERROR:
                break
    except httpx.RequestError:
        pass
    return body[:MAX_ERROR].decode(errors="replace")
