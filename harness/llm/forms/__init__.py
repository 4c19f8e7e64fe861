"""Text of a model, split into content, reasoning, and the calls that its server did not parse.

A piece of text is a call only if it is in one of `FORMS` and names a tool of the request.
"""

from harness.llm.forms.reading import TextCall
from harness.llm.forms.registry import FORMS
from harness.llm.forms.scan import Parts, split_text
from harness.llm.forms.tools import Tools

__all__ = ["FORMS", "Parts", "TextCall", "Tools", "split_text"]
