"""A server with places of its own beside the chat: what it tells of itself, and a rule for its replies."""

import json
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from serving import Serving

Rule = Callable[[dict[str, Any]], tuple[int, object]]
"""From the request of a chat completion to a status and a body."""


def said(**message: object) -> dict[str, Any]:
    """A reply that says this, with its usage counted by words."""
    return {"choices": [{"message": {"role": "assistant", **message}, "finish_reason": "stop"}]}


def counted(request: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """The same reply, with a usage that counts the words of prompt and tools, and twenty for the template."""
    prompt = 20 + sum(len(str(message["content"]).split()) for message in request["messages"])
    prompt += len(str(request.get("tools", "")).split())
    return body | {"usage": {"prompt_tokens": prompt, "completion_tokens": 5, "total_tokens": prompt + 5}}


def called(number: int = 7) -> dict[str, Any]:
    """A reply that makes the canned call."""
    function = {"name": "report_number", "arguments": json.dumps({"number": number})}
    return said(content=None, tool_calls=[{"id": "x", "type": "function", "function": function}])


class PlacedServer(Serving):
    """Answers each GET by its path, and each POST by a rule."""

    def __init__(
        self, places: Mapping[str, object], rule: Rule | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.places = dict(places)
        self.rule = rule or (lambda _: (404, None))
        self.asked: list[dict[str, Any]] = []
        handler = type("Handler", (_Handler,), {"owner": self, "told": dict(headers or {})})
        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), handler))


class _Handler(BaseHTTPRequestHandler):
    owner: PlacedServer
    told: dict[str, str]

    def do_GET(self) -> None:
        found = self.owner.places.get(self.path)
        self._tell(404 if found is None else 200, found)

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.owner.asked.append(request)
        self._tell(*self.owner.rule(request))

    def _tell(self, status: int, body: object) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": len(data), **self.told}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(data)

    def version_string(self) -> str:
        return "engine/1"

    def log_message(self, format: str, *args: object) -> None:
        """Tests are not asked to read logs."""
