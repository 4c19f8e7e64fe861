"""Stores of a kit: the rules of each, and a model of their behaviour that the specs are computed with."""

from dataclasses import dataclass, field
from enum import Enum

NAMES = ("amber", "birch", "cedar", "drift", "ember", "flint", "grove", "heath", "islet", "jetty", "knoll", "larch")
"""Names of the packages. All have five letters, and none is a module of Python's standard library."""

COMPOSER = "depot"


class KeyForm(Enum):
    """Form in which a store keeps a key, once the spaces around it are gone."""

    LOWER = "in lower case"
    REVERSED = "with the letters in reverse order"
    SHORT = "cut after its first four letters"
    UPPER = "in upper case"


class Victim(Enum):
    """Key that a full store drops for a new one."""

    OLDEST = "the key that came first"
    SMALLEST = "the key with the smallest amount (of several, the one that came first)"
    NEWEST = "the key that came last"
    LARGEST = "the key with the largest amount (of several, the one that came first)"


class KeyOrder(Enum):
    """Order in which a store lists its keys."""

    ASCENDING = "in ascending order"
    ARRIVAL = "in the order in which they came"
    DESCENDING = "in descending order"


@dataclass(frozen=True)
class StoreRules:
    """Rules of one store."""

    name: str
    form: KeyForm
    victim: Victim
    order: KeyOrder
    factor: int
    """Factor by which an amount is multiplied when it is put."""
    limit: int
    """Most keys at a time."""


@dataclass
class StoreModel:
    """Behaviour of a store; errors are None."""

    rules: StoreRules
    amounts: dict[str, int] = field(default_factory=dict)
    """By key, in the order in which the keys came."""

    def put(self, key: str, amount: int) -> int | None:
        """Return the amount that the key then has."""
        key = self._clean(key)
        if not key or amount < 1:
            return None
        if key not in self.amounts and len(self.amounts) == self.rules.limit:
            del self.amounts[self._victim()]
        self.amounts[key] = self.amounts.get(key, 0) + self.rules.factor * amount
        return self.amounts[key]

    def take(self, key: str, amount: int) -> int | None:
        """Return the amount that is left of the key."""
        left = self.get(key) - amount
        if amount < 1 or left < 0:
            return None
        self.amounts[self._clean(key)] = left
        if left == 0:
            del self.amounts[self._clean(key)]
        return left

    def get(self, key: str) -> int:
        return self.amounts.get(self._clean(key), 0)

    def keys(self) -> list[str]:
        if self.rules.order is KeyOrder.ARRIVAL:
            return list(self.amounts)
        return sorted(self.amounts, reverse=self.rules.order is KeyOrder.DESCENDING)

    def total(self) -> int:
        return sum(self.amounts.values())

    def _clean(self, key: str) -> str:
        key = key.strip()
        match self.rules.form:
            case KeyForm.LOWER:
                return key.lower()
            case KeyForm.UPPER:
                return key.upper()
            case KeyForm.REVERSED:
                return key[::-1]
            case KeyForm.SHORT:
                return key[:4]

    def _victim(self) -> str:
        match self.rules.victim:
            case Victim.OLDEST:
                return next(iter(self.amounts))
            case Victim.NEWEST:
                return next(reversed(self.amounts))
            case Victim.SMALLEST:
                return min(self.amounts, key=self.amounts.__getitem__)
            case Victim.LARGEST:
                return max(self.amounts, key=self.amounts.__getitem__)


def store_rules(count: int) -> tuple[StoreRules, ...]:
    """Return the rules of the first stores: no two have the same form and order."""
    forms, victims, orders = list(KeyForm), list(Victim), list(KeyOrder)
    return tuple(
        StoreRules(
            name=name,
            form=forms[index % len(forms)],
            victim=victims[(index + index // len(forms)) % len(victims)],
            order=orders[index % len(orders)],
            factor=2 + index % 5,
            limit=2 + index % 3,
        )
        for index, name in enumerate(NAMES[:count])
    )
