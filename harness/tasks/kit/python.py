"""Files of a kit in Python: specs and solutions."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from harness.tasks.kit.histories import StoreHistory, StoreStep, Transfer
from harness.tasks.kit.language import template
from harness.tasks.kit.stores import KeyForm, KeyOrder, StoreRules, Victim

CLEAN = {
    KeyForm.LOWER: "key.strip().lower()",
    KeyForm.UPPER: "key.strip().upper()",
    KeyForm.REVERSED: "key.strip()[::-1]",
    KeyForm.SHORT: "key.strip()[:4]",
}
ORDER = {
    KeyOrder.ARRIVAL: "list(self._amounts)",
    KeyOrder.ASCENDING: "sorted(self._amounts)",
    KeyOrder.DESCENDING: "sorted(self._amounts, reverse=True)",
}
VICTIM = {
    Victim.OLDEST: "list(self._amounts)[0]",
    Victim.NEWEST: "list(self._amounts)[-1]",
    Victim.SMALLEST: "min(self._amounts, key=lambda key: self._amounts[key])",
    Victim.LARGEST: "max(self._amounts, key=lambda key: self._amounts[key])",
}

STORE_PROMISE = """\
```python
class Store:
    def put(self, key: str, amount: int) -> None
    def take(self, key: str, amount: int) -> None
    def get(self, key: str) -> int
    def keys(self) -> list[str]
    def total(self) -> int
```
"""
COMPOSER_PROMISE = """\
```python
class Depot:
    def put(self, target: str, key: str, amount: int) -> None
    def move(self, source: str, target: str, key: str, amount: int) -> None
    def total(self) -> int
```
"""


class PythonKit:
    """A kit in Python: a module a file."""

    place = """\
The workspace holds a test file for each module and no code yet. Write the modules beside them: `NAME.py` for
`test_NAME.py`, which is its spec. Use the standard library only."""
    unit = "module"
    error = "a `ValueError`"
    names: Mapping[str, str] = MappingProxyType(
        {"put": "put", "take": "take", "get": "get", "keys": "keys", "total": "total", "move": "move"}
    )
    store_promise = STORE_PROMISE
    composer_promise = COMPOSER_PROMISE

    @property
    def beside(self) -> dict[str, str]:
        """Return the files of the seed that are no spec."""
        return {}

    def spec_path(self, name: str) -> str:
        return f"test_{name}.py"

    def code_path(self, name: str) -> str:
        return f"{name}.py"

    def store_spec(self, rules: StoreRules, histories: Iterable[StoreHistory]) -> str:
        return template("store_spec.py").substitute(name=rules.name) + "".join(map(_history, histories)) + "]\n"

    def composer_spec(self, histories: Iterable[Sequence[Transfer]]) -> str:
        return template("depot_spec.py").template + "".join(map(_transfers, histories)) + "]\n"

    def store_code(self, rules: StoreRules) -> str:
        return template("store.py").substitute(
            factor=rules.factor,
            limit=rules.limit,
            order=ORDER[rules.order],
            victim=VICTIM[rules.victim],
            clean=CLEAN[rules.form],
        )

    def composer_code(self, stores: Sequence[StoreRules]) -> str:
        return template("depot.py").substitute(
            imports="".join(f"import {rules.name}\n" for rules in stores),
            made="".join(f'            "{rules.name}": {rules.name}.Store(),\n' for rules in stores),
        )


def _history(history: StoreHistory) -> str:
    steps = "".join(f"        {_step(step)},\n" for step in history.steps)
    return f"    ([\n{steps}    ], {_listed(history.keys)}, {history.total}),\n"


def _step(step: StoreStep) -> str:
    return f'("{step.verb}", "{step.key}", {step.amount}, {step.result})'


def _listed(keys: Sequence[str]) -> str:
    quoted = ", ".join(f'"{key}"' for key in keys)
    return f"[{quoted}]"


def _transfers(history: Sequence[Transfer]) -> str:
    return f"    [\n{''.join(map(_transfer, history))}    ],\n"


def _transfer(one: Transfer) -> str:
    source = None if one.source is None else f'"{one.source}"'
    return f'        ({source}, "{one.target}", "{one.key}", {one.amount}, {one.total}),\n'
