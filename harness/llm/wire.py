"""The body of a request: its fields, and tools as text for a chat template without tools."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from harness.config import ModelConfig, ToolsMode
from harness.llm.text import text_of
from harness.llm.types import JSON

INSTRUCTIONS = """\
# Calling tools

You can call the tools below. To call one, write its name and its arguments as one JSON object between <tool_call> and \
</tool_call>:

<tool_call>
{example}
</tool_call>

Write the call itself, not a description of it, and use no other form. Stop after your calls: their results come in \
the next message, between <tool_response> and </tool_response>. Never write <tool_response> yourself. A reply \
without a call ends your work.

There are no other tools than {names}. These are their arguments:"""

SAMPLES: dict[str, Any] = {"string": "...", "integer": 1, "number": 1, "boolean": True, "array": ["..."], "object": {}}
"""Placeholder for a value of each type in the example of a call."""


def system_text(system: str, tools: Sequence[JSON]) -> str:
    """Return the system prompt with the tools described at its end. Tools are in the form of OpenAI's interface."""
    functions = [tool["function"] for tool in tools]
    if not functions:
        return system
    names = ", ".join(function["name"] for function in functions)
    instructions = INSTRUCTIONS.replace("{names}", names).replace("{example}", _example(functions[0]))
    parts = [system, instructions, *map(_described, functions)]
    return "\n\n".join(part for part in parts if part)


def as_text(messages: Sequence[JSON], tools: Sequence[JSON]) -> list[JSON]:
    """Return the conversation with calls and results as text, for a request without the field for tools.

    Each message depends on earlier ones alone, so that a growing history keeps its prefix for the prompt cache.
    Consecutive results become one message, because many templates require user and assistant to alternate.
    """
    plain: list[JSON] = []
    if tools and not any(message["role"] == "system" for message in messages[:1]):
        plain.append({"role": "system", "content": system_text("", tools)})
    after_result = False
    for message in messages:
        content = text_of(message.get("content"))
        if message["role"] == "tool":
            content = f"<tool_response>\n{content}\n</tool_response>"
            if after_result:
                plain[-1] = {"role": "user", "content": f"{plain[-1]['content']}\n{content}"}
            else:
                plain.append({"role": "user", "content": content})
        elif message["role"] == "system":
            plain.append({"role": "system", "content": system_text(content, tools)})
        else:
            plain.append({"role": message["role"], "content": "\n".join([*filter(None, [content]), *_calls(message)])})
        after_result = message["role"] == "tool"
    return plain


def _calls(message: JSON) -> Iterator[str]:
    for call in message.get("tool_calls") or ():
        function = call["function"]
        yield f"<tool_call>\n{_call(function['name'], _object(function['arguments']))}\n</tool_call>"


def _object(arguments: str) -> JSON:
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _call(name: str, arguments: JSON) -> str:
    return json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)


def _example(function: JSON) -> str:
    parameters = function["parameters"]
    required = parameters.get("required", ())
    names = [name for name in parameters["properties"] if name in required]
    return _call(function["name"], {name: SAMPLES[parameters["properties"][name]["type"]] for name in names})


def _described(function: JSON) -> str:
    parameters = function["parameters"]
    required = parameters.get("required", ())
    lines = [f"{function['name']}: {function['description']}"]
    for name, schema in parameters["properties"].items():
        kind = f"{schema['type']} of {schema['items']['type']}s" if "items" in schema else schema["type"]
        need = "required" if name in required else "optional"
        lines.append(f"- {name} ({kind}, {need}): {schema.get('description', '')}".rstrip(": "))
    return "\n".join([*lines, f"Example: {_example(function)}"])


SAMPLING = {
    "temperature": ("temperature",),
    "top_p": ("top_p",),
    "top_k": ("top_k",),
    "min_p": ("min_p",),
    "repetition_penalty": ("repetition_penalty", "repeat_penalty"),
    "presence_penalty": ("presence_penalty",),
}
"""The sampling fields of a config, each with the names that it is sent under. llama.cpp, LM Studio and others read
`repeat_penalty`, and ignore `repetition_penalty` silently."""

CORE = ("temperature", "top_p")
"""Sampling fields that every server accepts."""

OPTIONAL = (
    *(name for field, names in SAMPLING.items() if field not in CORE for name in names),
    "seed",
    "stream_options",
)
"""Fields that some servers refuse; a call works without them."""


def request(
    model: ModelConfig,
    messages: Sequence[JSON],
    tools: Sequence[JSON],
    *,
    stream: bool,
    seed: int | None,
    without: Collection[str] = (),
) -> JSON:
    """Return the request as plain data.

    The constant fields come first, then the messages, so that each request of a pass begins with the bytes of the one
    before it up to its last message.
    """
    fields: JSON = {"model": model.name}
    if model.tools is ToolsMode.text:
        messages = as_text(messages, tools)
    elif tools:
        fields["tools"] = list(tools)
    fields |= {
        "messages": list(messages),
        "stream": stream,
        "max_tokens": model.max_tokens,
        **{name: getattr(model, field) for field, names in SAMPLING.items() for name in names},
    }
    if stream:
        fields["stream_options"] = {"include_usage": True}
    if seed is not None:
        fields["seed"] = seed
    return {name: value for name, value in fields.items() if name not in without}


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encoded(value: object) -> bytes:
    """Return compact JSON in UTF-8; the same data always gives the same bytes."""
    return _COMPACT.encode(value).encode(errors="replace")


def size_of(messages: Sequence[JSON], tools: Sequence[JSON]) -> int:
    """Return the bytes of messages and tools as JSON."""
    return len(encoded(list(messages))) + len(encoded(list(tools)))
