"""Small command agents as scripts: the real sandbox, relay and meter, and an agent that does just one thing."""

import sys
from pathlib import Path

from harness.config import AgentConfig

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
