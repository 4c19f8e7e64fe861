"""Measure the prompt size that a server really reads, by sending a prompt."""

import re

from harness.llm.errors import ContextOverflow, ModelError
from harness.servers.checks import CheckVerdict, Finding
from harness.servers.facts import ServerFacts
from harness.servers.probe import ProbeClient

LIGHT = 10_000
"""Tokens of the largest prompt sent where a check must be quick; the windows that servers default to are smaller."""

SMALL, LARGE = 100, 400
"""Words of the two prompts that measure the tokens per word."""

KEPT = 0.9
"""Share of the tokens sent that must have been counted; a server that cuts a prompt counts what it kept."""

ROOM = 1024
"""Tokens that the window should hold above ctx_limit, or model.max_tokens if that is less. A pass ends after the call
that reaches ctx_limit, so its last call may begin just below."""

SERVE_MORE = "serve a larger window, or lower ctx_limit"


def window(facts: ServerFacts, ctx_limit: int, max_tokens: int = ROOM) -> Finding:
    """Check that the declared window holds a pass and the reply that ends it. All sizes are tokens."""
    size = facts.window
    if size is None:
        return Finding("window", CheckVerdict.OK, "not declared")
    if ctx_limit > size:
        remedy = f"serve a window of {ctx_limit} or more, or set ctx_limit={size} or less"
        return Finding("window", CheckVerdict.FAIL, f"{size} tokens, less than ctx_limit={ctx_limit}", remedy)
    room = min(max_tokens, ROOM)
    if ctx_limit and size - ctx_limit < room:
        result = f"{size} tokens leave {size - ctx_limit} for a reply above ctx_limit={ctx_limit}: it may be cut"
        lower = f", or set ctx_limit={size - room} or less" if size > room else ""
        return Finding("window", CheckVerdict.WARN, result, f"serve a window of {ctx_limit + room} or more{lower}")
    return Finding("window", CheckVerdict.OK, f"{size} tokens")


def truncation(probe: ProbeClient, tokens: int) -> Finding:
    """Check that a prompt of so many tokens is read whole. If it were cut silently, the model would seem forgetful."""
    try:
        small, large = (_counted(probe, words) for words in (SMALL, LARGE))
        if small is None or large is None or large <= small:
            return Finding("truncation", CheckVerdict.WARN, "cannot be told: tokens are not counted")
        each = (large - small) / (LARGE - SMALL)
        words = int((tokens - small) / each) + SMALL
        counted = _counted(probe, words)
    except ContextOverflow as error:
        size = _refused_window(str(error), tokens)
        return Finding("truncation", CheckVerdict.FAIL, f"a prompt of {tokens} tokens is refused{size}", SERVE_MORE)
    except ModelError as error:
        return Finding("truncation", CheckVerdict.WARN, f"cannot be told: {error}")
    if counted is None or counted < KEPT * tokens:
        result = f"of a prompt of {tokens} tokens {counted or 0} were read, and nothing was said"
        return Finding("truncation", CheckVerdict.FAIL, result, SERVE_MORE)
    return Finding("truncation", CheckVerdict.OK, f"{counted} tokens are read whole")


def beyond(probe: ProbeClient, size: int) -> Finding:
    """Check that a prompt over the declared window is refused with an error that is recognised."""
    finding = truncation(probe, int(size * 1.2))
    if finding.verdict is CheckVerdict.FAIL and "refused" in finding.found:
        return Finding("overflow", CheckVerdict.OK, "a prompt over the window is refused as such")
    if finding.verdict is CheckVerdict.FAIL:
        return Finding("overflow", CheckVerdict.WARN, finding.found, "runs end such a pass before it is sent")
    return Finding("overflow", CheckVerdict.WARN, finding.found)


def _counted(probe: ProbeClient, words: int) -> int | None:
    """Return the server's token count of a prompt of so many words; None if it does not count."""
    # Numbers make the words differ, so that neither a cache nor compression can shorten the prompt.
    prompt = " ".join(f"word {number % 10}" for number in range(words // 2)) + " Answer with the word yes."
    usage = probe.request(prompt, max_tokens=1).reply.usage
    return None if usage.estimated else usage.prompt_tokens


def _refused_window(error: str, most: int) -> str:
    """Return text on the window that a refusal names; empty unless it names exactly one."""
    answer = error.partition(" HTTP ")[2].partition(":")[2]
    numbers = map(int, re.findall(r"(?<!\d)\d{3,7}(?!\d)", answer))
    sizes = {number for number in numbers if 256 <= number < KEPT * most}
    return f" by a window of {sizes.pop()}" if len(sizes) == 1 else ""
