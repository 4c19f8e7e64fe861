"""A client of a simulated subject, and conversations to have with it."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from harness.tasks.catalogue import load

JSON = dict[str, Any]

TOOLS: list[JSON] = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
    for name in ("read_file", "write_file", "edit_file", "list_dir", "go", "done")
]


@dataclass(frozen=True)
class Served:
    """One endpoint and the model behind it."""

    http: httpx.Client
    endpoint: str
    model: str

    def post(self, messages: list[JSON], **fields: Any) -> httpx.Response:
        body = {"model": self.model, "messages": messages, "tools": TOOLS, "seed": 1} | fields
        return self.http.post(f"{self.endpoint}/chat/completions", json=body)

    def ask(self, messages: list[JSON], **fields: Any) -> JSON:
        reply = self.post(messages, **fields)
        assert reply.status_code == 200, reply.text
        return dict(reply.json())


def opening(task: str, system: str = "You work alone.") -> list[JSON]:
    """The messages that a pass over a bundled task begins with."""
    prompt = load(task).prompt.read_text()
    return [{"role": "system", "content": system}, {"role": "user", "content": prompt}]


def used(name: str, result: str, identity: str = "call_0", /, **arguments: Any) -> list[JSON]:
    """A tool call of the subject's, and what it returned, as they stand in the history."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    call = {"id": identity, "type": "function", "function": function}
    return [
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": identity, "content": result},
    ]
