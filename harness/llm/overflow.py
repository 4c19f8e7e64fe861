"""Recognising that a prompt did not fit: every server says it in words of its own."""

import re

_WINDOW = r"(?:context|sequence)[ _](?:length|size|window|limit)|max_seq_len|max_model_len"
_BEYOND = r"exceed|overflow|greater|longer|larger|too (?:long|large|big)|only|maximum|at most|reduce"

_WORDINGS = re.compile(
    "|".join(
        (
            r"context_length_exceeded|exceed_context_size|context_window_exceeded",
            rf"(?:{_WINDOW})[^\n]{{0,200}}?(?:{_BEYOND})",
            rf"(?:{_BEYOND})[^\n]{{0,200}}?(?:{_WINDOW})",
            r"context (?:the )?overflow",
            r"(?:prompt|input)s?(?: \w+)? (?:is|are)? ?too (?:long|large)",
            r"(?:input|prompt) (?:token count|tokens|length)[^\n]{0,80}?(?:exceeds?|must be (?:<|less|at most))",
            r"max_new_tokens`? must be <=",
            r"reduce the length of the (?:messages|prompt|input)",
        )
    ),
    re.IGNORECASE,
)


def tells_of_overflow(text: str) -> bool:
    """Return True if an error text says that the prompt exceeds the context window."""
    return _WORDINGS.search(text) is not None
