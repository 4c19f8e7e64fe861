"""Facts of the server as columns: `server.quant`, or any other place in what a record holds of its server."""

import re
from collections.abc import Iterable

from analysis.errors import AnalysisError

PREFIX = "server."

FINGERPRINT = "server.fingerprint"
"""The whole fingerprint, as a short hash: runs whose servers differ in anything that is known differ in it."""

COMMON = ("software", "version", "quant", "kv", "file", "owner", "template_sha256", "tools", "window", "endpoint")
"""Facts that servers report; a ledger in which none does has them empty."""

_NAME = re.compile(r"server(\.[A-Za-z0-9_-]+)+")


def is_server_fact(name: str) -> bool:
    """Return whether a column is one of the server's."""
    return name.startswith(PREFIX)


def server_facts(names: Iterable[str]) -> tuple[str, ...]:
    """Return those of some columns that are the server's, each once."""
    return tuple(dict.fromkeys(filter(is_server_fact, names)))


def check_name(name: str, option: str) -> str:
    """Return the name; raise AnalysisError unless it is a path of plain words."""
    if not _NAME.fullmatch(name):
        raise AnalysisError(f"{option} {name}: must be server. and a name, such as server.{COMMON[2]}")
    return name


def sql_of(name: str) -> str:
    """The expression that reads a fact from the JSON of `server`: its named levels, its fingerprint or the rest."""
    if name == FINGERPRINT:
        return "left(md5(server ->> '$.fingerprint'), 8)"
    path = "".join(f'."{part}"' for part in name.split(".")[1:])
    # A named level is what was asked for, and outweighs what a server may call by the same name.
    places = ("$.levels", "$.fingerprint", "$")
    values = (f"server ->> '{place}{path}'" for place in places)
    return f"coalesce({', '.join(values)})"


def refuse_unreported(missing: Iterable[str]) -> None:
    """Raise AnalysisError for facts that no run has, and that servers do not commonly report."""
    for name in missing:
        if name != FINGERPRINT and name.removeprefix(PREFIX) not in COMMON:
            known = ", ".join(PREFIX + fact for fact in COMMON)
            raise AnalysisError(f"{name}: no run has such a fact of its server; common are {known}")
