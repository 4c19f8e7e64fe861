"""The endpoint of the simulated judges: OpenAI's chat completions, without streaming, called simulated throughout."""

import asyncio
import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from analysis.judge.simulated.behaviour import NAMES, BiasSettings, behaviour_of, message

SIMULATED = ("x-simulated", "true")
"""The header of every response, so that no record can take it for a real judge's."""

BYTES_PER_TOKEN = 4


class JudgeEndpoint:
    """Serves all simulated judges by their names. It has no state."""

    def __init__(self, settings: BiasSettings, latency: float = 0.0) -> None:
        self._settings = settings
        self._latency = latency

    def app(self) -> Starlette:
        """The application to serve."""
        return Starlette(
            routes=[
                Route("/v1/models", self.models, methods=["GET"]),
                Route("/v1/chat/completions", self.complete, methods=["POST"]),
            ]
        )

    async def models(self, _: Request) -> Response:
        """All judges, marked as what they are."""
        entries = [{"id": name, "object": "model", "owned_by": "analysis.judge", "simulated": True} for name in NAMES]
        return JSONResponse({"object": "list", "data": entries})

    async def complete(self, http: Request) -> Response:
        """One chat completion."""
        body = await http.body()
        try:
            request = json.loads(body)
            model, messages = request["model"], [*request["messages"]]
        except (ValueError, TypeError, KeyError):
            return _error(400, "the body must be a chat completion request in JSON, with model and messages")
        if model not in NAMES:
            return _error(404, f"there is no model {model!r} here; there are {', '.join(NAMES)}")
        behaviour = behaviour_of(model, messages)
        if behaviour == "sim-judge-text" and request.get("tools"):
            return _error(400, f"{model} does not support tools")
        if behaviour == "sim-judge-silent":
            await _until_gone(http)
        if self._latency:
            await asyncio.sleep(self._latency)
        choices = [] if behaviour == "sim-judge-mute" else [_choice(message(behaviour, request, self._settings))]
        return JSONResponse(_envelope(model, choices, len(body)))


async def _until_gone(http: Request) -> None:
    while not await http.is_disconnected():
        await asyncio.sleep(0.05)


def _choice(said: dict[str, Any]) -> dict[str, Any]:
    return {"index": 0, "message": said, "finish_reason": "tool_calls" if "tool_calls" in said else "stop"}


def _envelope(model: str, choices: list[dict[str, Any]], prompt_bytes: int) -> dict[str, Any]:
    prompt, completion = prompt_bytes // BYTES_PER_TOKEN, len(json.dumps(choices)) // BYTES_PER_TOKEN
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    head = {"id": "chatcmpl-judge", "object": "chat.completion", "created": 0, "model": model}
    return head | {"choices": choices, "usage": usage}


def _error(status: int, text: str) -> Response:
    return JSONResponse({"error": {"message": text, "type": "invalid_request_error"}}, status_code=status)
