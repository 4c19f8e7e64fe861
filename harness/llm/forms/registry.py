"""All forms, in the order in which they are tried where several could begin at one place."""

from harness.llm.forms.channels import Harmony, Thoughts
from harness.llm.forms.jsonforms import BareJSON, FencedJSON, OtherFence, Tagged
from harness.llm.forms.markup import FUNCTION_TAGS, GLM_TAGS, INVOKE_TAGS, ToolTags
from harness.llm.forms.pythonic import PythonList, ToolCode
from harness.llm.forms.reading import Form
from harness.llm.forms.tokens import DEEPSEEK, KIMI, Announced, Gemma4, Mistral, PythonTag

REASONING: tuple[Form, ...] = (Thoughts(), Harmony())
"""Forms that are read even if no text is a call."""

FORMS: tuple[Form, ...] = (
    FUNCTION_TAGS,
    INVOKE_TAGS,
    GLM_TAGS,
    Tagged("hermes", "Hermes, Qwen2.5, Qwen3", "tool_call"),
    Tagged("tools_tag", "Qwen2.5-Coder", "tools"),
    Tagged("function_call_tag", "Granite, older models", "function_call"),
    FencedJSON(),
    ToolCode(),
    BareJSON(),
    PythonList(),
    Mistral(),
    PythonTag(),
    DEEPSEEK,
    KIMI,
    Gemma4(),
    Announced(),
    Harmony(),
    ToolTags(),
)
"""The forms of a call. The documentation lists them, and the record counts calls by their names."""

TEXT: tuple[Form, ...] = (OtherFence(),)
"""Forms that protect their text from being read as a call."""
