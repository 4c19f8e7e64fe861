"""Options that all commands share: ledgers, filters and output format."""

import inspect
import json
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from analysis.errors import AnalysisError
from analysis.records.pool import RunPool
from analysis.records.where import RunFilter, known_column
from analysis.render import CommandReport, OutputFormat
from harness.record import REQUIRED

SMALL = 4096
"""Bytes that a ledger without a line may have."""

LEDGERS = [Path("outputs/runs.jsonl")]
"""Ledgers read by default."""


By = Annotated[
    str,
    typer.Option(
        "--by",
        help="Fields of record, config or server to count by, with commas; the rest is pooled, and said so.",
    ),
]

Where = Annotated[list[str], typer.Option("--where", help="Only runs with column=value[,value]; repeatable.")]


@dataclass(frozen=True)
class RunSelection:
    """The runs that a command is about."""

    paths: list[Path]
    where: list[RunFilter]
    pool_original: bool = False

    def pool(self, *, measures: bool = False, listed: Sequence[str] = (), by: Sequence[str] = ()) -> RunPool:
        """The runs of the ledgers, with the fields `by` beside the factors."""
        warn_of_empty(self.paths)
        return RunPool.read(
            self.paths, self.where, measures=measures, listed=listed, facts=by, pool_original=self.pool_original
        )


_SHARED: dict[str, tuple[Any, Any]] = {
    "runs": (
        Annotated[list[Path], typer.Option("--runs", help="A ledger; may be given several times.")],
        LEDGERS,
    ),
    "where": (Where, []),
    "pool_original": (
        Annotated[
            bool,
            typer.Option(
                "--pool-original", help="Count lines of the original instrument together with those of harness."
            ),
        ],
        False,
    ),
}

_FORMS: dict[str, tuple[Any, Any]] = {
    "json": (Annotated[bool, typer.Option("--json", help="Write JSON, unrounded.")], False),
    "csv": (Annotated[bool, typer.Option("--csv", help="Write CSV, unrounded.")], False),
    "markdown": (Annotated[bool, typer.Option("--markdown", help="Write Markdown.")], False),
}


def warn_of_empty(paths: Iterable[Path]) -> None:
    """Name each ledger that holds nothing, for no table says so of one among several."""
    for path in paths:
        if path.is_file() and path.stat().st_size < SMALL and not path.read_bytes().removeprefix(BOM_UTF8).strip():
            typer.echo(f"warning: {path}: is empty: no run is recorded in it yet", err=True)


def require_no_ledger(target: Path) -> None:
    """Raise AnalysisError for a place to write that is a file with records of runs: none is replaced."""
    if target.is_file() and _holds_records(target):
        raise AnalysisError(f"{target}: is a ledger, which no command replaces: choose another file")


FIRST_LINES, LONGEST_LINE = 10, 1 << 20
"""Lines in which a record shows that a file is a ledger, and the bytes that are read of each."""


def _holds_records(path: Path) -> bool:
    with path.open("rb") as file:
        for _ in range(FIRST_LINES):
            try:
                line = json.loads(file.readline(LONGEST_LINE))
            except (ValueError, RecursionError):
                continue
            if isinstance(line, dict) and all(line.get(name) is not None for name in REQUIRED):
                return True
    return False


def over_runs(app: typer.Typer) -> Callable[[Callable[..., CommandReport]], None]:
    """Register a question to ledgers: its own options, and those that all such questions share."""

    def register(question: Callable[..., CommandReport]) -> None:
        def answer(**options: Any) -> None:
            selection = RunSelection(
                options.pop("runs"),
                [RunFilter.parse(text) for text in options.pop("where")],
                options.pop("pool_original"),
            )
            form = _form(options)
            write(question(selection, **options), form)

        _register(app, question, answer, _SHARED | _FORMS, skip=1)

    return register


def over_nothing(app: typer.Typer) -> Callable[[Callable[..., CommandReport | None]], None]:
    """Register a question that needs no ledger; one that answers None has done what it was asked, and says nothing."""

    def register(question: Callable[..., CommandReport | None]) -> None:
        def answer(**options: Any) -> None:
            form = _form(options)
            report = question(**options)
            if report is not None:
                write(report, form)
                if report.exit_code:
                    raise typer.Exit(report.exit_code)

        _register(app, question, answer, _FORMS, skip=0)

    return register


def write(report: CommandReport, form: OutputFormat) -> None:
    """Print a report; beside CSV, which holds rows only, what must be said goes to standard error."""
    typer.echo(report.text(form))
    if form is OutputFormat.CSV:
        said = [*report.head, *(note for table in report.tables for note in table.notes), *report.notes]
        for line in said:
            typer.echo(line, err=True)


def option(name: str, what: str) -> Any:
    """Return the command-line option of a field."""
    return typer.Option(f"--{name}", help=what)


def command(app: typer.Typer, name: str, *kinds: type[Any]) -> Callable[[Callable[..., int]], None]:
    """Register a function that takes one object of each kind and returns the exit code."""

    def register(answer: Callable[..., int]) -> None:
        def called(**options: Any) -> None:
            arguments = [kind(**{one.name: options[one.name] for one in fields(kind)}) for kind in kinds]
            raise typer.Exit(answer(*arguments))

        parameters = [parameter for kind in kinds for parameter in _parameters(kind)]
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        app.command(name=name, help=answer.__doc__)(called)

    return register


def columns(option: str, text: str) -> list[str]:
    """Names of fields, separated by commas; raises AnalysisError for one that no record, config or server has."""
    return list(dict.fromkeys(known_column(name, option) for name in text.split(",") if name))


def _register(
    app: typer.Typer,
    question: Callable[..., CommandReport | None],
    answer: Callable[..., None],
    shared: dict[str, tuple[Any, Any]],
    skip: int,
) -> None:
    """Typer reads a function's signature: give the answering one the question's own and the shared options."""
    own = list(inspect.signature(question).parameters.values())[skip:]
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
        for name, (kind, default) in shared.items()
    ]
    answer.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
    app.command(name=question.__name__.replace("_", "-"), help=question.__doc__)(answer)


def _form(options: dict[str, Any]) -> OutputFormat:
    chosen = [form for form in (OutputFormat.JSON, OutputFormat.CSV, OutputFormat.MARKDOWN) if options.pop(form.value)]
    if len(chosen) > 1:
        raise AnalysisError(f"--{chosen[0]} and --{chosen[1]}: only one form at a time")
    return chosen[0] if chosen else OutputFormat.PLAIN


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
