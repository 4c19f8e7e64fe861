"""Selection of the way in which tools reach a model, by its config or by its server."""

from harness.config import ModelConfig, ToolsMode
from harness.llm.types import JSON
from harness.servers.facts import ServerFacts


def settled(model: ModelConfig, facts: ServerFacts, seen: ToolsMode | None = None) -> ToolsMode:
    """Native or text. `seen` is what a preflight saw; None where there was none, or where it could not tell.

    What is not known to fail is taken to work: calls that come as text are read in both modes.
    """
    if model.tools is not ToolsMode.auto:
        return model.tools
    if facts.tools is False:
        return ToolsMode.text
    return seen or ToolsMode.native


def with_tools(server: JSON, mode: ToolsMode) -> JSON:
    """The facts of a server as the record keeps them, with the mode in the fingerprint where it is text.

    A server that is spoken to in another way is another one: runs of both kinds must not be pooled without a word.
    """
    if mode is not ToolsMode.text:
        return server
    return server | {"fingerprint": (server.get("fingerprint") or {}) | {"tools": mode.value}}
