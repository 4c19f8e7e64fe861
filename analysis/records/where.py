"""`--where key=value`: which runs a question is about."""

from dataclasses import dataclass

from analysis.errors import AnalysisError
from analysis.records.columns import FACTORS, HASHES, RAW
from analysis.records.fields import field_of

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
        field = field_of(column, "--where")
        return cls(field.name, tuple(_value(f"--where {text}", field.kind, part) for part in values.split(",")), text)

    @property
    def sql(self) -> str:
        """The condition, with a placeholder for each value."""
        # Hashes are shown shortened, and may be given shorter still.
        one = (
            f"starts_with({self.column}, ?)"
            if self.column in HASHES and FACTORS[self.column] == "VARCHAR"
            else f"{as_level(self.column)} = ?"
        )
        return " OR ".join([one] * len(self.values))


def as_level(column: str) -> str:
    """Return the SQL of a column as a level: a list is text, as reports show it."""
    return f'to_json("{column}")::VARCHAR' if RAW.get(column, "").endswith("[]") else f'"{column}"'


def known_column(name: str, option: str) -> str:
    """Return the name that records have for a field; raises AnalysisError for one that is unknown."""
    return field_of(name, option).name


def level(name: str, option: str, text: str) -> Value:
    """A level of a field, from its text."""
    return _value(f"{option} {text}", field_of(name, option).kind, text)


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
