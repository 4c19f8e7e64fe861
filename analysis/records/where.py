"""`--where key=value`: which runs a question is about."""

from dataclasses import dataclass

from analysis.errors import AnalysisError
from analysis.records.columns import FACTORS, HASHES, PLACE
from analysis.records.server_facts import check_name, is_server_fact

Value = str | int | float | bool

_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class RunFilter:
    """One condition: a column and the values that it may have."""

    column: str
    values: tuple[Value, ...]
    text: str

    @classmethod
    def parse(cls, text: str) -> "RunFilter":
        """`ctx_limit=9000,11000`; raises AnalysisError for unknown columns and values of the wrong kind."""
        column, sign, values = text.partition("=")
        if not sign or not values:
            raise AnalysisError(f"--where {text}: must be column=value or column=value,value")
        allowed = FACTORS | PLACE
        if is_server_fact(column):
            return cls(check_name(column, "--where"), tuple(values.split(",")), text)
        if column not in allowed:
            raise AnalysisError(f"--where {text}: no column {column}; there are {', '.join(allowed)}")
        return cls(column, tuple(_value(f"--where {text}", allowed[column], part) for part in values.split(",")), text)

    @property
    def sql(self) -> str:
        """The condition, with a placeholder for each value."""
        # Hashes are shown shortened, and may be given shorter still.
        one = f"starts_with({self.column}, ?)" if self.column in HASHES else f'"{self.column}" = ?'
        return " OR ".join([one] * len(self.values))


def known_factor(name: str, option: str) -> str:
    """The name itself; raises AnalysisError unless it is a factor."""
    if name not in FACTORS:
        raise AnalysisError(f"{option} {name}: no such factor; there are {', '.join(FACTORS)}")
    return name


def known_column(name: str, option: str) -> str:
    """The name itself; raises AnalysisError unless it is a factor or a fact of the server."""
    return check_name(name, option) if is_server_fact(name) else known_factor(name, option)


def level(name: str, option: str, text: str) -> Value:
    """A level of a factor, from its text."""
    return _value(f"{option} {text}", FACTORS[known_factor(name, option)], text)


def _value(where: str, kind: str, text: str) -> Value:
    try:
        if kind == "BOOLEAN":
            return _BOOLEANS[text.lower()]
        if kind == "BIGINT":
            return int(text)
        if kind == "DOUBLE":
            return float(text)
    except (KeyError, ValueError) as error:
        allowed = {"BOOLEAN": "true or false", "BIGINT": "a whole number", "DOUBLE": "a number"}[kind]
        raise AnalysisError(f"{where}: {text} must be {allowed}") from error
    return text
