"""Slips in Go."""

from harness.simulator.language import rule

UNCOMPILABLE = (
    rule(r"^(func [^\n]*\{)$", r"\1\n\tunused := 0"),
    rule(r"^(\t+return [^\n]*)\)$", r"\1"),
    rule(r"^\t\"[a-z/]+\"\n", ""),
)
"""Slips that the compiler finds: a variable without use, a parenthesis left open, an import forgotten."""

MISTAKEN = (
    rule(r"\bhttp\.StatusCreated\b", "http.StatusOK"),
    rule(r"\bhttp\.StatusNoContent\b", "http.StatusOK"),
    rule(r"\bhttp\.StatusConflict\b", "http.StatusBadRequest"),
    rule(r"\bhttp\.StatusNotFound\b", "http.StatusBadRequest"),
    rule(r"\bhttp\.StatusMethodNotAllowed\b", "http.StatusNotFound"),
    rule(r"(\"(?:[A-Z]+ )?/\w+)/\"", r'\1"'),
    rule(r"^(\t+return [^\n]*\b)true$", r"\1false"),
    rule(r"^(\t+return [^\n]*)\bfalse$", r"\1true"),
    rule(r"^(\t+return [^\n]*) == ", r"\1 != "),
    rule(r"^(\t+return [^\n]*) != ", r"\1 == "),
    rule(r"^(\t+return [^\n]*) < ", r"\1 > "),
    rule(r"^(\t+return [^\n]*) \+ ", r"\1 - "),
    rule(r"^(\t+return) -(\w)", r"\1 \2"),
    rule(r"^\t+(?:sort|slices)\.\w+\([^\n]*\)\n", ""),
    rule(r"\bslices\.Sorted\(", "slices.Collect("),
    rule(r"^\t+\w+\.Handle(?:Func)?\([^\n]*\)\n", ""),
    rule(r"\bstrings\.TrimSpace\(([^()\n]+)\)", r"\1"),
    rule(r"(map\[\w+\]\w+)\{[^{}\n]+\}", r"\1{}"),
    rule(r"^\tif (?:!\w+\.|len\()[^\n]*\{\n(?:\t+//[^\n]*\n)*\t\treturn [^\n]+\n\t\}\n", ""),
)
"""Slips that only a test finds: a wrong status, a lost route, a verdict turned round, an order or a guard forgotten."""
