"""Commands whose options are the fields of dataclasses, so that each option is named once."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

import typer


def option(name: str, what: str) -> Any:
    """Return the command-line option of a field."""
    return typer.Option(f"--{name}", help=what)


def command(app: typer.Typer, name: str, *kinds: type[Any]) -> Callable[[Callable[..., int]], None]:
    """Register a function that takes one object of each kind and returns the exit code."""

    def register(answer: Callable[..., int]) -> None:
        def called(**given: Any) -> None:
            told = [kind(**{one.name: given[one.name] for one in fields(kind)}) for kind in kinds]
            raise typer.Exit(answer(*told))

        parameters = [parameter for kind in kinds for parameter in _parameters(kind)]
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        app.command(name=name, help=answer.__doc__)(called)

    return register


def _parameters(kind: type[Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(
            one.name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=hints[one.name],
            default=one.default if one.default_factory is MISSING else one.default_factory(),
        )
        for one in fields(kind)
    ]
