"""What the tests of the client share: a prompt, the shape of their fixtures, and a sleep that only takes notes."""

from collections.abc import Callable

from harness.llm.client import OpenAIChat

from scripted import ScriptedServer

Opened = tuple[OpenAIChat, ScriptedServer]
Open = Callable[..., Opened]

PROMPT = [{"role": "user", "content": "hello"}]


class Slept(list[float]):
    """Stands in for sleep: the seconds that were asked for."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)
