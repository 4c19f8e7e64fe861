"""Slips in Python."""

from harness.simulator.language import rule

UNCOMPILABLE = (
    rule(r"^( *def [^\n]*):$", r"\1"),
    rule(r"^( +(?:if|for|with) [^\n]*):$", r"\1"),
    rule(r"^( +return [^\n]*)\)$", r"\1"),
)
"""Slips for which no module can be imported: a colon forgotten, a parenthesis left open."""

MISTAKEN = (
    rule(r"\bHTTPStatus\.CREATED\b", "HTTPStatus.OK"),
    rule(r"\bHTTPStatus\.NO_CONTENT\b", "HTTPStatus.OK"),
    rule(r"\bHTTPStatus\.CONFLICT\b", "HTTPStatus.BAD_REQUEST"),
    rule(r"\bHTTPStatus\.NOT_FOUND\b", "HTTPStatus.BAD_REQUEST"),
    rule(r"\bHTTPStatus\.METHOD_NOT_ALLOWED\b", "HTTPStatus.NOT_FOUND"),
    rule(r'"200 OK"', '"201 Created"'),
    rule(r'"404 Not Found"', '"400 Bad Request"'),
    rule(r'"405 Method Not Allowed"', '"404 Not Found"'),
    rule(r"^( +return [^\n]*\b)True$", r"\1False"),
    rule(r"^( +return [^\n]*)\bFalse$", r"\1True"),
    rule(r"^( +return [^\n]*) == ", r"\1 != "),
    rule(r"^( +return [^\n]*) != ", r"\1 == "),
    rule(r"^( +return [^\n]*) < ", r"\1 > "),
    rule(r"^( +return [^\n]*) > ", r"\1 < "),
    rule(r"^( +return [^\n]*) in ", r"\1 not in "),
    rule(r"^( +return [^\n]*) & ", r"\1 | "),
    rule(r"^( +return) -(\w)", r"\1 \2"),
    rule(r"^( +return [^\n]*)\[::-1\]$", r"\1"),
    rule(r"^( +return [^\n]*)\[-1\]$", r"\1[0]"),
    rule(r"^( +return [^\n]*)\[0\]$", r"\1[-1]"),
    rule(r"\bsorted\(([^()\n]+)\)", r"list(\1)"),
    rule(r"\breversed\(g\.(\w+\([^()\n]*\))\)", r"g.\1"),
    rule(r"^ +(?:heapq\.heapify|\w+\.sort)\([^\n]*\)\n", ""),
    rule(r"\.strip\(\)", ""),
    rule(r"^ +\"\w+\": \w+\.create_app\(\),\n", ""),
    rule(r"^ +case [^\n]*:\n +return [^\n]*\n", ""),
    rule(r"^( +)if (?:not |len\(|\w+ < )[^\n]*:\n(?: +#[^\n]*\n)*\1    (?:return|raise) [^\n]+\n", ""),
)
"""Slips that only a test finds: a wrong status, a lost route, a verdict turned round, an order or a guard forgotten."""
