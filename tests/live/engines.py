"""Real servers that the tests start, runs against them, and what they left."""

import json
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import python_engines
import real_model
import spoken
import yaml

from harness.config import ModelConfig, RunConfig, ServerConfig, TaskConfig
from harness.installation import data_folder
from harness.record import RunRecord
from harness.runner import run

WINDOW = 32768
"""Tokens of the window of a server that declares one."""


@dataclass(frozen=True)
class Engine:
    """A kind of server, with the checkpoint that it serves."""

    name: str
    command: str
    """As `server.command` has it."""
    checkpoint: Path
    software: str
    """How its `Server` header begins."""
    reasoning: str
    """How it gives the text between `<think>` and `</think>`."""
    begun: str
    """What its log says whenever it starts."""
    window: int | None
    """Tokens of the window that it declares."""
    ample: int
    """A ctx_limit that no pass of a script comes near: one checkpoint counts words, the other bytes."""
    generating: Callable[[RunConfig, Path], bool]
    """Whether it is at a reply now, by its config and its log."""

    def config(self, folder: Path, *, window: int = WINDOW) -> RunConfig:
        """A run of the task `reverse` on this server, at a port that is free."""
        return RunConfig(
            model=ModelConfig(
                name=str(self.checkpoint),
                endpoint=f"http://127.0.0.1:{free_port()}/v1",
                max_tokens=2000,
                seed=1,
            ),
            task=TaskConfig(name="reverse"),
            server=ServerConfig(managed=True, command=self.command, window=window, ready_timeout=120),
            log_dir=str(folder),
        )


def mlx_lm(folder: Path) -> Engine:
    """mlx-lm's server, of this Python."""
    spoken.write(folder / "tiny")
    return Engine(
        name="mlx_lm",
        command=f"{sys.executable} -m mlx_lm server --model {{model}} --host {{host}} --port {{port}}",
        checkpoint=folder / "tiny",
        software="BaseHTTP",
        reasoning="reasoning",
        begun="Starting httpd",
        window=None,
        ample=3000,
        generating=lambda _, log: "Prompt processing progress" in log.read_text(),
    )


def llama_cpp(folder: Path) -> Engine:
    """llama.cpp's server, by the command of conf/server. Raises UnsupportedError where it cannot run."""
    spoken.write_gguf(folder / "tiny.gguf", window=WINDOW)
    return Engine(
        name="llama_cpp",
        command=llama_command(),
        checkpoint=folder / "tiny.gguf",
        software="llama.cpp",
        reasoning="inline",
        begun="model loaded",
        window=WINDOW,
        ample=12000,
        generating=lambda config, _: bool(slot(config)),
    )


def transformers_serve(folder: Path) -> Engine:
    """The server of transformers. Raises UnsupportedError where it is not installed."""
    spoken.write(folder / "tiny")
    program = python_engines.environment("transformers") / "transformers"
    return Engine(
        name="transformers_serve",
        command=f"{program} serve --host {{host}} --port {{port}} {{model}}",
        checkpoint=folder / "tiny",
        software="uvicorn",
        reasoning="reasoning_content",
        begun="Application startup complete",
        window=None,
        ample=3000,
        generating=_answered,
    )


def llama_cpp_python(folder: Path) -> Engine:
    """The server of llama-cpp-python. Raises UnsupportedError where it is not installed."""
    spoken.write_gguf(folder / "tiny.gguf", window=WINDOW)
    program = f"{python_engines.environment('llama_cpp_python') / 'python'} -m llama_cpp.server"
    return Engine(
        name="llama_cpp_python",
        command=f"{program} --model {{model}} --model_alias {{name}} --host {{host}} --port {{port}} --n_ctx {{window}}"
        " --n_threads 1",
        checkpoint=folder / "tiny.gguf",
        software="uvicorn",
        reasoning="inline",
        begun="Application startup complete",
        window=None,
        ample=12000,
        generating=_answered,
    )


def _answered(_: RunConfig, log: Path) -> bool:
    return "POST /v1/chat/completions" in log.read_text()


def llama_command() -> str:
    """The command of conf/server/llama_cpp.yaml, its program by its path."""
    template = yaml.safe_load((data_folder("conf") / "server" / "llama_cpp.yaml").read_text(encoding="utf-8"))[
        "command"
    ]
    program, _, rest = template.partition(" ")
    assert program == "llama-server"
    return f"{real_model.llama_server()} {rest}"


def packaged_model(name: str) -> RunConfig:
    """A run of a real model on llama.cpp's server. Raises UnsupportedError where that cannot run."""
    return RunConfig(
        model=ModelConfig(name=name, path=str(real_model.model(name)), seed=1),
        task=TaskConfig(name="reverse"),
        server=ServerConfig(managed=True, command=llama_command(), window=8192, ready_timeout=120),
    )


def at_free_port(config: RunConfig) -> RunConfig:
    """The same run on a server at a port that nobody listens at."""
    return replace(config, model=replace(config.model, endpoint=f"http://127.0.0.1:{free_port()}/v1"))


def slot(config: RunConfig) -> int:
    """Tokens that llama.cpp's server has generated of the reply that it is at; 0 where it is at none."""
    try:
        answer = httpx.get(config.model.endpoint.replace("/v1", "/slots"), timeout=5)
    except httpx.HTTPError:
        return 0
    if not answer.is_success:  # it still loads its model
        return 0
    [state] = answer.json()
    return int(state["next_token"][0]["n_decoded"]) if state["is_processing"] else 0


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Live:
    """Runs whose subject is the tiny checkpoint."""

    def __init__(self, config: RunConfig, folder: Path) -> None:
        self._config = replace(config, server=ServerConfig(), log_dir=str(folder / "logs"))
        self._folder = folder

    @property
    def model(self) -> ModelConfig:
        return self._config.model

    def run(self, script: str = "solve", **changes: Any) -> RunRecord:
        """One run in which the model speaks that script."""
        system = self._folder / f"{script}.txt"
        system.write_text(f"You are a program. SCRIPT={script} is what you follow.")
        config = replace(self._config, system=str(system), **changes)
        return run(config, endpoint=config.model.endpoint)

    def replies(self, record: RunRecord) -> list[dict[str, Any]]:
        """The replies of a run, as its transcript tells them."""
        return replies(self._folder / "logs", record)


def replies(log_dir: Path, record: RunRecord) -> list[dict[str, Any]]:
    """The replies of a run, as its transcript tells them."""
    lines = (log_dir / "runs" / record.run_id / "transcript.jsonl").read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == "reply"]
