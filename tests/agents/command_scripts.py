"""Small command agents as scripts: the real sandbox, relay and meter, and an agent that does just one thing."""

import json
import sys
from pathlib import Path
from typing import Any

from harness.config import AgentConfig
from harness.record import RunRecord
from harness.sandbox.select import PRIVATE_NETWORK, probe

from lab import STOP, Lab

CONFINED = [kind for kind in PRIVATE_NETWORK if not probe(kind)]
EVERYWHERE = [*CONFINED, "none"]

PYTHON = str(Path(sys.executable).resolve())

HEAD = """
import json, os, socket, subprocess, sys, time, urllib.request

endpoint, model, prompt = sys.argv[1:4]


def call(text="go on"):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": text}]}).encode()
    request = urllib.request.Request(endpoint + "/chat/completions", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)["choices"][0]["message"]["content"]


"""


def scripted_agent(folder: Path, script: str, **more: object) -> AgentConfig:
    """An agent that is a Python script with the function `call`, which makes one call of the model."""
    path = folder / "agent.py"
    path.write_text(HEAD + script)
    command = f"{PYTHON} -I {path} {{endpoint}} {{model}} {{prompt}}"
    return AgentConfig(**{"name": "script", "command": command} | more)  # type: ignore[arg-type]


def made(lab: Lab, agent: AgentConfig, *replies: Any, **changes: Any) -> RunRecord:
    """One pass of the agent, unless told otherwise."""
    settings = {"elide_passing": False, "max_iters": 1} | changes
    return lab.run(list(replies) or [STOP] * 8, agent=agent, **settings)


def events(lab: Lab, kind: str) -> list[dict[str, Any]]:
    [transcript] = lab.folder.glob("runs/*/transcript.jsonl")
    lines = [json.loads(line) for line in transcript.read_text().splitlines()]
    return [line for line in lines if line["event"] == kind]
