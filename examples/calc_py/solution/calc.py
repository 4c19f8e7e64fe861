"""Arithmetic expressions."""

BLANKS = " \t\r\n"
DEEPEST = 100
"""The deepest nesting, so that no input can exhaust the stack."""


def evaluate(expr: str) -> float:
    """Return the value of an expression made of decimal numbers, + - * /, unary minus and parentheses.

    Raises ValueError for a malformed expression, and ZeroDivisionError for a division by zero.
    """
    parser = _Parser(expr)
    value = parser.sum()
    if parser.peek():
        raise ValueError(f"unexpected {parser.rest!r}")
    return value


class _Parser:
    """A recursive-descent parser that evaluates as it reads."""

    def __init__(self, text: str) -> None:
        self.rest = text
        self._depth = 0

    def peek(self) -> str:
        """Skip blanks and return the next character, or nothing at the end."""
        self.rest = self.rest.lstrip(BLANKS)
        return self.rest[:1]

    def sum(self) -> float:
        """Read products joined by + and -."""
        left = self._product()
        while (operator := self.peek()) in ("+", "-"):
            self._skip()
            right = self._product()
            left = left + right if operator == "+" else left - right
        return left

    def _product(self) -> float:
        """Read factors joined by * and /."""
        left = self._factor()
        while (operator := self.peek()) in ("*", "/"):
            self._skip()
            right = self._factor()
            left = left * right if operator == "*" else left / right
        return left

    def _factor(self) -> float:
        """Read a number, a negated factor or a sum in parentheses."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise ValueError("the expression is nested too deeply")
        try:
            match self.peek():
                case "-":
                    self._skip()
                    return -self._factor()
                case "(":
                    self._skip()
                    return self._group()
                case _:
                    return self._number()
        finally:
            self._depth -= 1

    def _group(self) -> float:
        """Read the rest of a parenthesis that has been opened."""
        value = self.sum()
        if self.peek() != ")":
            raise ValueError("a closing parenthesis is missing")
        self._skip()
        return value

    def _number(self) -> float:
        """Read a whole or decimal number."""
        after = self.rest.lstrip("0123456789.")
        text, self.rest = self.rest[: len(self.rest) - len(after)], after
        if not text:
            raise ValueError(f"expected a number at {after!r}")
        return float(text)

    def _skip(self) -> None:
        """Consume the character that peek showed."""
        self.rest = self.rest[1:]
