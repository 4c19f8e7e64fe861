"""What the tiny checkpoint says: turns of whole runs, and answers to the preflight."""

import json
from pathlib import Path

from checkpoint import Script, write_checkpoint

from lab import REVERSE

WORDS = ("apple ", "river ", "stone ", "cloud ", "night ", "bread ", "glass ", "horse\n")
"""One ends a line, as far as which the server looks back at each token."""


def call(name: str, **arguments: object) -> str:
    """A tool call as the model writes it."""
    return "<tool_call>\n" + json.dumps({"name": name, "arguments": arguments}) + "\n</tool_call>"


SOLVE = (
    "<think>First I look at what is there.</think>I look around." + call("list_dir"),
    call("read_file", path="stringutil/stringutil_test.go") + "\n" + call("list_dir", path="stringutil"),
    "<think>Now I write it.</think>" + call("write_file", path="stringutil/stringutil.go", content=REVERSE),
    call("done", summary="Reverse works by rune"),
)
"""The task `reverse`, with one turn of two calls."""

TEMPLATE = """\
{%- set heard = namespace(name='solve', turn=0, last=5) -%}
{%- for message in messages -%}
{%- if message.role == 'system' and 'SCRIPT=' in message.content -%}
{%- set heard.name = message.content.split('SCRIPT=')[1].split()[0] -%}
{%- endif -%}
{%- if message.role == 'user' and 'random English words' in message.content -%}{%- set heard.name = 'words' -%}
{%- elif message.role == 'user' and 'with the word yes' in message.content -%}{%- set heard.name = 'yes' -%}
{%- endif -%}
{%- endfor -%}
{%- if tools and tools[0].function.name == 'report_number' -%}{%- set heard.name = 'report' -%}{%- endif -%}
{%- if tools -%}<|im_start|>system\n{%- for tool in tools %} {{ tool | tojson }}{% endfor -%}<|im_end|>\n{%- endif -%}
{%- for message in messages -%}
<|im_start|>{{ message.role }}\n
{%- if message.role == 'assistant' -%}<|{{ heard.name }}_{{ heard.turn }}|>{%- set heard.turn = heard.turn + 1 -%}
{%- endif -%}
{{ message.content or '' }}
{%- for tool_call in message.tool_calls or [] -%}
{%- if tool_call.function -%}{%- set tool_call = tool_call.function -%}{%- endif -%}
<tool_call>\n{"name": "{{ tool_call.name }}", "arguments": {{ tool_call.arguments | tojson }}}\n</tool_call>
{%- endfor -%}
<|im_end|>\n
{%- endfor -%}
{%- if add_generation_prompt -%}<|im_start|>assistant\n<|{{ heard.name }}_{{ heard.turn }}|>{%- endif -%}
"""
"""Ends a prompt with the turn that is due: of the script that the system prompt names, counted by its replies."""


def script() -> Script:
    """Every turn that can be asked for."""
    told = Script()
    for number, text in enumerate(SOLVE):
        told.turn(f"solve_{number}", text)
    _babbling(told)
    told.turn("malformed_0", '<tool_call>\n{"name": "write_file", "arguments": {"path": </tool_call>')
    told.turn("noobject_0", '<tool_call>\n{"name": "read_file", "arguments": ["no", "object"]}\n</tool_call>')
    told.turn("noobject_1", "I stop here.")
    told.turn("writing_0", call("write_file", path="NOTES.md", content=" ".join(map(str, range(1000)))))
    told.turn("reading_0", call("read_file", path="stringutil/stringutil_test.go"))
    told.turn("reading_1", "I stop here.")
    told.turn("astext_0", '```\n<tool_use>{"name": "list_dir"}</tool_use>\n```')
    told.loop(told.state("endless_0"), ("on ", "and\n"))
    told.turn("report_0", "<think>Seven it is.</think>" + call("report_number", number=7))
    told.end(told.loop(told.state("words_0"), WORDS, length=200))
    told.turn("yes_0", "yes")
    return told


def _babbling(told: Script) -> None:
    """The same run, but its first turn thinks for long before it acts."""
    thought = told.chain(told.state("babble_0"), "<think>")
    told.end(told.chain(told.loop(thought, WORDS, length=1000), "</think>" + call("list_dir")))
    for number, text in enumerate(SOLVE[1:], 1):
        told.turn(f"babble_{number}", text)


def write_gguf(path: Path, *, window: int) -> None:
    """Write the same checkpoint for llama.cpp's server; `window` is the one that it claims to be trained for."""
    import gguf_checkpoint  # noqa: PLC0415 - only make test-live installs what it needs

    gguf_checkpoint.write_gguf(path, script(), TEMPLATE, window=window)


def write(folder: Path) -> None:
    """Write the checkpoint that says all this."""
    write_checkpoint(folder, script(), TEMPLATE)
