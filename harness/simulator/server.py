"""The endpoint: OpenAI's chat completions over HTTP, answered by one simulated subject."""

import asyncio
import time
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from harness.simulator import tokens, wire
from harness.simulator.subject import Subject

SIMULATED = ("x-simulated", "true")
"""The header of every response, so that no record can take it for a real model's."""


class SubjectEndpoint:
    """One subject's endpoint. Its only state is the last request, of which a repeated prefix counts as cached."""

    def __init__(self, subject: Subject, latency: float = 0.0) -> None:
        self._subject = subject
        self._latency = latency
        self._last: list[Any] = []

    def app(self) -> Starlette:
        """The application to serve."""
        routes = [
            Route("/v1/models", self.models, methods=["GET"]),
            Route("/v1/chat/completions", self.complete, methods=["POST"]),
        ]
        handlers: dict[Any, Any] = {wire.RequestError: _refused, HTTPException: _not_served}
        return Starlette(routes=routes, exception_handlers=handlers)

    async def models(self, _: HttpRequest) -> Response:
        """The one model that is served, marked as what it is."""
        entry = {"id": self._subject.name, "object": "model", "owned_by": "harness.simulator", "simulated": True}
        meta = {"fingerprint": self._subject.profile.fingerprint}
        return JSONResponse({"object": "list", "data": [entry | {"meta": meta}]})

    async def complete(self, http: HttpRequest) -> Response:
        """One chat completion."""
        started = time.monotonic()
        request = wire.parse(await http.body())
        if request.model != self._subject.name:
            served = f"there is no model {request.model!r} here; the model served is {self._subject.name}"
            raise wire.RequestError(404, served)
        reply = self._reply(request)
        if self._latency:
            await asyncio.sleep(self._latency)
        reply.usage["total_time"] = round(time.monotonic() - started, 6)
        if not request.stream:
            return JSONResponse(wire.whole(reply))
        events = wire.pieces(reply, include_usage=request.include_usage)
        return StreamingResponse(events, media_type="text/event-stream")

    def _reply(self, request: wire.ChatRequest) -> wire.ChatCompletion:
        answer = self._subject.answer(request.messages, request.tools, request.seed)
        message, finish, completion = wire.message_of(answer, request.max_tokens)
        parts = tokens.of_request(request.messages, request.tools)
        cached = self._cached(request, parts)
        usage = {
            "prompt_tokens": sum(parts),
            "completion_tokens": completion,
            "total_tokens": sum(parts) + completion,
            "prompt_tokens_details": {"cached_tokens": cached},
        }
        name = answer.ids[0] if answer.ids else "none"
        return wire.ChatCompletion(f"chatcmpl-{name}", request.model, message, finish, usage)

    def _cached(self, request: wire.ChatRequest, parts: list[int]) -> int:
        """Tokens of the parts at the head of a request that the last one began with too."""
        sent = [request.tools, *request.messages]
        same = 0
        while same < min(len(sent), len(self._last)) and sent[same] == self._last[same]:
            same += 1
        self._last = sent
        return sum(parts[:same])


async def _refused(_: HttpRequest, error: Exception) -> Response:
    status = error.status if isinstance(error, wire.RequestError) else 500
    return _error(status, str(error))


async def _not_served(http: HttpRequest, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _error(status, f"{http.method} {http.url.path} is not served here")


def _error(status: int, text: str) -> Response:
    return JSONResponse({"error": {"message": text, "type": "invalid_request_error"}}, status_code=status)
