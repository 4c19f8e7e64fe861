"""Tools as text: described in the system prompt, called in the reply, answered in a message of the user.

For models whose chat template has no tools, or whose server drops them. Such templates know no message of a tool
either, so that the whole conversation is put into messages of system, user and assistant. Calls are shown in one form,
that of Hermes; whatever form the model then writes is read like any call in text.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from harness.llm.text import text_of
from harness.llm.types import JSON

HOW = """\
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
    """The system prompt with the tools described at its end. Tools are in the form of OpenAI's interface."""
    functions = [tool["function"] for tool in tools]
    if not functions:
        return system
    names = ", ".join(function["name"] for function in functions)
    how = HOW.replace("{names}", names).replace("{example}", _example(functions[0]))
    parts = [system, how, *map(_described, functions)]
    return "\n\n".join(part for part in parts if part)


def as_text(messages: Sequence[JSON], tools: Sequence[JSON]) -> list[JSON]:
    """The same conversation without the field for tools and what belongs to it.

    Each message depends on those before it alone, so that a growing history keeps its beginning, as caches of prompts
    need it. Results that follow each other become one message: many templates want user and assistant to take turns.
    """
    plain: list[JSON] = []
    if tools and not any(message["role"] == "system" for message in messages[:1]):
        plain.append({"role": "system", "content": system_text("", tools)})
    answered = False
    for message in messages:
        content = text_of(message.get("content"))
        if message["role"] == "tool":
            content = f"<tool_response>\n{content}\n</tool_response>"
            if answered:
                plain[-1] = {"role": "user", "content": f"{plain[-1]['content']}\n{content}"}
            else:
                plain.append({"role": "user", "content": content})
        elif message["role"] == "system":
            plain.append({"role": "system", "content": system_text(content, tools)})
        else:
            plain.append({"role": message["role"], "content": "\n".join([*filter(None, [content]), *_calls(message)])})
        answered = message["role"] == "tool"
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
