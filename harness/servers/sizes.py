"""Measure the prompt size that a server really reads, by sending a prompt."""

import re

from harness.llm.errors import ContextOverflow, ModelError
from harness.servers.asking import ProbeClient
from harness.servers.facts import ServerFacts
from harness.servers.finding import CheckVerdict, Finding

LIGHT = 10_000
"""Tokens of the largest prompt sent where a check must be quick; the windows that servers default to are smaller."""

SMALL, LARGE = 100, 400
"""Words of the two prompts that tell how many tokens a word is."""

KEPT = 0.9
"""Share of the tokens sent that must have been counted; a server that cuts a prompt counts what it kept."""

ROOM = 1024
"""Tokens that a reply should find above ctx_limit, or model.max_tokens where that is less. A pass ends by what its last
call came to, so that this call may begin just below ctx_limit."""

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
        found = f"{size} tokens leave {size - ctx_limit} for a reply above ctx_limit={ctx_limit}: it may be cut"
        lower = f", or set ctx_limit={size - room} or less" if size > room else ""
        return Finding("window", CheckVerdict.WARN, found, f"serve a window of {ctx_limit + room} or more{lower}")
    return Finding("window", CheckVerdict.OK, f"{size} tokens")


def truncation(asker: ProbeClient, tokens: int) -> Finding:
    """Check that a prompt of so many tokens is read whole. A silently cut one looks like a forgetful model."""
    try:
        small, large = (_counted(asker, words) for words in (SMALL, LARGE))
        if small is None or large is None or large <= small:
            return Finding("truncation", CheckVerdict.WARN, "cannot be told: tokens are not counted")
        each = (large - small) / (LARGE - SMALL)
        words = int((tokens - small) / each) + SMALL
        counted = _counted(asker, words)
    except ContextOverflow as error:
        told = _told(str(error), tokens)
        return Finding("truncation", CheckVerdict.FAIL, f"a prompt of {tokens} tokens is refused{told}", SERVE_MORE)
    except ModelError as error:
        return Finding("truncation", CheckVerdict.WARN, f"cannot be told: {error}")
    if counted is None or counted < KEPT * tokens:
        found = f"of a prompt of {tokens} tokens {counted or 0} were read, and nothing was said"
        return Finding("truncation", CheckVerdict.FAIL, found, SERVE_MORE)
    return Finding("truncation", CheckVerdict.OK, f"{counted} tokens are read whole")


def beyond(asker: ProbeClient, size: int) -> Finding:
    """Check that a prompt over the declared window is refused in words that are understood."""
    finding = truncation(asker, int(size * 1.2))
    if finding.verdict is CheckVerdict.FAIL and "refused" in finding.found:
        return Finding("overflow", CheckVerdict.OK, "a prompt over the window is refused as such")
    if finding.verdict is CheckVerdict.FAIL:
        return Finding("overflow", CheckVerdict.WARN, finding.found, "runs end such a pass before it is sent")
    return Finding("overflow", CheckVerdict.WARN, finding.found)


def _counted(asker: ProbeClient, words: int) -> int | None:
    """Tokens that the server counts of a prompt of so many words; None where it does not count."""
    # Numbers keep the words apart, so that no cache and no compression of repetitions can serve them.
    prompt = " ".join(f"word {number % 10}" for number in range(words // 2)) + " Answer with the word yes."
    usage = asker.ask(prompt, max_tokens=1).reply.usage
    return None if usage.estimated else usage.prompt_tokens


def _told(error: str, most: int) -> str:
    """The window that a refusal names, if it names just one."""
    told = error.partition(" HTTP ")[2].partition(":")[2]
    numbers = map(int, re.findall(r"(?<!\d)\d{3,7}(?!\d)", told))
    sizes = {number for number in numbers if 256 <= number < KEPT * most}
    return f" by a window of {sizes.pop()}" if len(sizes) == 1 else ""
