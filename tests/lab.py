"""Whole runs against a scripted conversation: the real loop, tools, gate and HTTP; only the model is a script."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.config import ModelConfig, RunConfig, TaskConfig
from harness.record import RunRecord
from harness.runner import run
from harness.transcript import OnEvent

from dialects import FULL_USAGE, PLAIN, Dialect, Say
from scripted import Raw, Refuse, ScriptedServer

REVERSE = """package stringutil

func Reverse(s string) string {
	runes := []rune(s)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}
"""
"""What completes the task `reverse`, as the file stringutil/stringutil.go."""


def use(name: str, identity: str = "call_1", /, **arguments: Any) -> tuple[str, str, str]:
    """One tool call, as `Say` takes it."""
    return identity, name, json.dumps(arguments)


def turn(
    *calls: tuple[str, str, str],
    content: str = "",
    reasoning: str = "",
    tokens: int = 100,
    dialect: Dialect = PLAIN,
) -> Say:
    """An assistant turn that costs so many tokens in all."""
    usage = FULL_USAGE | {"prompt_tokens": tokens - 30, "total_tokens": tokens}
    return Say(content, reasoning, calls, usage=usage, dialect=dialect)


STOP = turn(content="I stop here.")
SOLVE = turn(use("write_file", path="stringutil/stringutil.go", content=REVERSE))
DONE = turn(use("done", summary="finished"))


class Lab:
    """A log folder, and runs in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(
        self,
        replies: Sequence[Say | Raw],
        *,
        models: object = None,
        places: Mapping[str, object] | None = None,
        refuse: Refuse = lambda _: None,
        on_event: OnEvent | None = None,
        **changes: Any,
    ) -> RunRecord:
        """Run the task `reverse` against the replies; the requests that came are then in `asked`."""
        with ScriptedServer(replies, models=models, places=places, refuse=refuse) as server:
            model = changes.pop("model", ModelConfig(name="scripted", endpoint=server.endpoint))
            config = RunConfig(model=model, task=TaskConfig(name="reverse"), log_dir=str(self.folder))
            record = run(replace(config, **changes), endpoint=server.endpoint, on_event=on_event)
            self.asked = server.asked
        return record

    def results(self) -> list[str]:
        """What the model was told by its tools, in the order in which it was told, each once."""
        return [message["content"] for message in self._messages() if message["role"] == "tool"]

    def _messages(self) -> Iterator[dict[str, Any]]:
        seen = 0
        for request in self.asked:
            messages = request["messages"]
            seen = seen if len(messages) > seen else 0
            yield from messages[seen:]
            seen = len(messages)

    @property
    def ledger(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "runs.jsonl").read_text().splitlines()]

    @property
    def workspace(self) -> Path:
        return self.folder / "work" / "reverse"
