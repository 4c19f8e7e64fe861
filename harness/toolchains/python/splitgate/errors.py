"""Exceptions of the code as the spec gets them.

None of them ends the spec's process, skips a test or speaks for the test framework: such classes become plain errors of
the same name.
"""

from __future__ import annotations

import unittest
from typing import Any

from .names import type_name


def blank_error(kind: type[BaseException], arguments: tuple[Any, ...]) -> BaseException:
    """Make an exception with these arguments."""
    try:
        error = kind(*arguments)
    except Exception:
        error = kind.__new__(kind)
    if error.args != arguments:
        error.args = arguments
    return error


def set_attributes(error: BaseException, attributes: Any) -> None:
    """Set the attributes of an exception of a class that both sides have."""
    for name, value in attributes:
        if type(name) is str and not name.startswith("__"):
            try:
                setattr(error, name, value)
            except (AttributeError, TypeError):
                continue


def is_builtin_error(kind: type) -> bool:
    """Return True for exceptions of the language and its library that may be raised in the spec's process."""
    return issubclass(kind, BaseException) and bool(type_name(kind))


def is_outcome(error: BaseException) -> bool:
    """Return True for what ends or skips a test, or the process."""
    return not isinstance(error, Exception) or isinstance(error, unittest.SkipTest)


def trace_text(facts: dict[str, Any]) -> str:
    """Return where in the code an exception was raised, as pytest's short tracebacks show it."""
    lines = [f"{str(file)[:200]}:{line}: in {str(name)[:100]}" for file, line, name in facts["trace"][:12]]
    return "\n".join([*lines, f"E   {str(facts['repr'])[:1000]}"])
