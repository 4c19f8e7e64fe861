"""The habits of a simulated subject, in numbers. None depends on a task's name, a budget or a lever."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ParametersError(ValueError):
    """Parameters that no subject can be made of; its text is one line."""


@dataclass(frozen=True)
class SubjectParameters:
    """Parameters of looking, writing, erring and thinking. A share is a probability from 0 to 1."""

    recalls: float = 1.0
    """Share of contexts that begin with PROGRESS.md, where the system prompt tells of it."""
    tests_first: float = 0.0
    """Share of contexts in which the tests are run before anything is read."""
    lists: float = 1.0
    """Share of the folders that are listed before anything is read."""
    sweeps_specs: float = 0.97
    """Share of the specs that are read before anything is written."""
    sweeps_code: float = 0.92
    """Share of the code found that is read before anything is written."""
    sweeps_satisfied: float = 0.95
    """The same share for packages that are known to pass: by the tests' output, or by a notice in place of a file."""
    sweeps_rest: float = 0.15
    """Share of the other files, such as go.mod, that are read before anything is written."""
    retests: float = 0.5
    """Share of contexts in which code was found and the tests are run before anything is written."""
    writes_early: float = 0.0
    """Share of contexts in which a package is written once it can be, not after all is read."""
    batches: float = 0.3
    """Share of contexts in which one turn holds several calls."""
    batch_calls: int = 6
    """Most calls of such a turn."""
    batch_bytes: int = 4000
    """Most bytes written in such a turn, unless its first file alone has more."""
    tests_each: float = 0.3
    """Share of writes after which the tests are run at once, though there is more to write."""
    takes_notes: float = 0.9
    """Share of contexts in which PROGRESS.md is begun after the first write, where there is none."""
    wordiness: float = 1.5
    """Length of the code written, as a multiple of the reference solution's."""
    slips: float = 0.08
    """Share of kilobytes of code that are written with a slip; one makes the whole file wrong."""
    slips_composing: float = 0.7
    """The same share for packages that build on more than one other."""
    uncompilable: float = 0.3
    """Share of slips that the compiler finds; the others fail a test, or none."""
    repairs: float = 0.9
    """Share of kilobytes of code that a repair gets right; a file is right if all of it is."""
    repairs_composing: float = 0.3
    """The same share for packages that build on more than one other."""
    overlooks: float = 0.1
    """Share of wrong files that look right to it. The text decides: no fresh context sees more than the last."""
    edits: float = 0.7
    """Share of repairs made by edit_file, not by writing the file anew."""
    thought_looking: int = 60
    """Median tokens of reasoning before a turn that reads, lists or tests; 0 is none at all."""
    thought_acting: int = 350
    """Median tokens of reasoning before a turn that writes; 0 is none at all."""
    thought_spread: float = 0.7
    """Standard deviation of the logarithm of the tokens of reasoning."""

    def __post_init__(self) -> None:
        for item in dataclasses.fields(self):
            _check(item.name, item.type, getattr(self, item.name))

    def with_overrides(self, overrides: Mapping[str, Any]) -> "SubjectParameters":
        """These parameters with some replaced. Raises ParametersError on a name or value that will not do."""
        names = [item.name for item in dataclasses.fields(self)]
        for name in overrides:
            if name not in names:
                raise ParametersError(f"there is no parameter {name!r}; the parameters are {', '.join(names)}")
        return dataclasses.replace(self, **overrides)

    def with_file(self, path: Path) -> "SubjectParameters":
        """These parameters with those replaced that a JSON file names. Raises ParametersError."""
        try:
            overrides = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise ParametersError(f"{path} cannot be read as JSON: {error}") from error
        if not isinstance(overrides, dict):
            raise ParametersError(f"{path} must hold a JSON object of parameters")
        return self.with_overrides(overrides)


NOT_SHARES = ("wordiness", "thought_spread")


def _check(name: str, kind: object, value: object) -> None:
    whole = kind is int
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise ParametersError(f"{name}={value!r}: must be {'a whole number' if whole else 'a number'}")
    if value < 0 or (not whole and name not in NOT_SHARES and value > 1):
        raise ParametersError(f"{name}={value!r}: must be {'0 or more' if whole else '0 to 1'}")
