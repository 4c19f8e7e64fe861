"""Names of fields that runs are counted and compared by: of the record, the config and the server."""

import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from enum import Enum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from analysis.errors import AnalysisError
from analysis.records.columns import FACTORS, PLACE
from analysis.records.server_facts import COMMON, PREFIX, check_name, is_server_fact
from harness.cell import MODEL_NOT_COMPARED, NOT_COMPARED, SERVER_NOT_COMPARED
from harness.config import RunConfig
from harness.record import Metrics, RunRecord

SQL_TYPES = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN"}

OF_LINE = {
    "model.name": "model",
    "task.name": "task",
    "model.endpoint": "server.endpoint",
    "server.chosen": "server_levels",
}
"""Keys of the config that a record holds under another name."""

_PLACES = ("task.prompt", "task.workdir", "server.managed")


class FieldSource(StrEnum):
    """Place from which the value of a field is read."""

    LINE = "line"
    """A field of the ledger's line."""
    SERVER = "server"
    """A fact in the line's `server`."""
    CELL = "cell"
    """The config in a run folder; all runs of a cell have the same value."""
    RUN = "run"
    """The config in the run's own folder."""


@dataclass(frozen=True)
class Field:
    """A field by which runs can be counted and compared."""

    name: str
    kind: str
    """Its SQL type."""
    source: FieldSource

    @property
    def read(self) -> bool:
        """Return whether it is read for every question."""
        return self.name in FACTORS


def field_of(name: str, option: str) -> Field:
    """Return the field of a name. Raises AnalysisError, in one line, for a name that is none."""
    name = canonical(name)
    if name in FACTORS:
        return Field(name, FACTORS[name], FieldSource.LINE)
    if name in config_fields() and name not in record_fields() and not _is_reported(name):
        return Field(name, config_fields()[name], FieldSource.CELL if in_cell(name) else FieldSource.RUN)
    if is_server_fact(name):
        return Field(check_name(name, option), "VARCHAR", FieldSource.SERVER)
    if name in record_fields():
        kind = record_fields()[name]
        return Field(name, kind if kind in SQL_TYPES.values() else "VARCHAR", FieldSource.LINE)
    near = close_to(name)
    hint = f"did you mean {', '.join(near)}?" if near else "docs/record.md and docs/configuration.md list all"
    raise AnalysisError(f"{option} {name}: no field of a record, a config or a server; {hint}")


def canonical(name: str) -> str:
    """Return the name of a field in records; that of the config where records have none."""
    if name in OF_LINE:
        return OF_LINE[name]
    section, _, last = name.rpartition(".")
    return last if section == "model" and last in FACTORS else name


def close_to(name: str) -> list[str]:
    """Return at most four names that resemble one, best first."""
    names = [
        *dict.fromkeys([*FACTORS, *PLACE, *record_fields(), *config_fields(), *(PREFIX + fact for fact in COMMON)])
    ]
    last = name.rpartition(".")[2].lower()
    alike = difflib.get_close_matches(name, names, 4, 0.6)
    return list(dict.fromkeys([*alike, *(one for one in names if last and last in one.lower())]))[:4]


def in_cell(name: str) -> bool:
    """Return whether all runs of a cell agree in a field of the config."""
    section, _, last = name.rpartition(".")
    apart = {"": NOT_COMPARED, "model": MODEL_NOT_COMPARED, "server": SERVER_NOT_COMPARED}.get(section, ())
    return last not in apart and name not in _PLACES


@cache
def config_fields() -> dict[str, str]:
    """Return the SQL type of each key of the config."""
    return dict(_config_fields(RunConfig, ""))


@cache
def record_fields() -> dict[str, str]:
    """Return the SQL type of each field of a line, the counters among them."""
    return {name: sql_type(kind) for name, kind in record_hints().items()}


def record_hints() -> dict[str, Any]:
    """Return the type of each field of a line, the counters among them."""
    hints = get_type_hints(RunRecord)
    return {name: kind for name, kind in hints.items() if name != "metrics"} | get_type_hints(Metrics)


def known_type(kind: Any) -> Any:
    """Return the type that a value has where it is known."""
    if get_origin(kind) is UnionType or type(kind) is UnionType:
        kind = next(part for part in get_args(kind) if part is not NoneType)
    return str if isinstance(kind, type) and issubclass(kind, Enum) else kind


def sql_type(kind: Any) -> str:
    """Return the SQL type of a field's values."""
    kind = known_type(kind)
    origin, parts = get_origin(kind), get_args(kind)
    if origin is list and parts[0] in SQL_TYPES:
        return f"{SQL_TYPES[parts[0]]}[]"
    if origin is Counter:
        return "MAP(VARCHAR, BIGINT)"
    return SQL_TYPES.get(kind, "JSON")


def _is_reported(name: str) -> bool:
    """Return whether a fact of the server is on the line, which then outweighs the config."""
    return is_server_fact(name) and name.removeprefix(PREFIX) not in set(SERVER_NOT_COMPARED) - {"command"}


def _config_fields(section: type[Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, kind in get_type_hints(section).items():
        if is_dataclass(kind) and isinstance(kind, type):
            yield from _config_fields(kind, f"{prefix}{name}.")
        else:
            found = sql_type(kind)
            yield prefix + name, found if found in SQL_TYPES.values() else "VARCHAR"
