"""Histories of a kit's specs: sequences of calls with their expected results, drawn by hash."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from harness.tasks.kit.stores import COMPOSER, StoreModel, StoreRules

STEPS = 10
"""Steps of a whole history."""
KEYS = ("ash", "Bay", "elm", "Yew", "willow", "Hazel")
LARGEST_AMOUNT = 9


@dataclass(frozen=True)
class StoreStep:
    """One call of a store."""

    verb: str
    """`put` or `take`."""
    key: str
    amount: int
    result: int | None
    """Amount that the key has afterwards; None for an error."""


@dataclass(frozen=True)
class StoreHistory:
    """Calls of one new store, and its state after them."""

    steps: tuple[StoreStep, ...]
    keys: tuple[str, ...]
    total: int


@dataclass(frozen=True)
class Transfer:
    """One call of the composer: an amount is put into a store, or moved there from another."""

    source: str | None
    """Store that it is moved from; None for an amount that is put."""
    target: str
    key: str
    amount: int
    total: int | None
    """Total of all stores afterwards; None for an error."""


def draw(count: int, *about: object) -> int:
    """Return a number below `count`, the same on every machine for the same arguments."""
    text = "/".join(map(str, about))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % count


def store_histories(rules: StoreRules, steps: int) -> list[StoreHistory]:
    """Return histories of one store that have so many steps together."""
    return [_store_history(rules, number, size) for number, size in enumerate(_sizes(steps))]


def transfers(stores: tuple[StoreRules, ...], steps: int) -> list[tuple[Transfer, ...]]:
    """Return histories of the composer that have so many steps together."""
    return [_transfers(stores, number, size) for number, size in enumerate(_sizes(steps))]


def sized(text_of: Callable[[int], str], size: int) -> str:
    """Return the longest text that has no more than `size` characters; `text_of` makes it of a number of steps."""
    low, high = 1, 2
    while len(text_of(high)) <= size:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if len(text_of(middle)) <= size else (low, middle)
    return text_of(low)


def _sizes(steps: int) -> Iterator[int]:
    yield from [STEPS] * (steps // STEPS)
    if steps % STEPS:
        yield steps % STEPS


@lru_cache(maxsize=1024)
def _store_history(rules: StoreRules, number: int, size: int) -> StoreHistory:
    store = StoreModel(rules)
    steps = tuple(_store_step(store, number, step) for step in range(size))
    return StoreHistory(steps, tuple(store.keys()), store.total())


def _store_step(store: StoreModel, number: int, step: int) -> StoreStep:
    about = (store.rules.name, number, step)
    key = _key(*about)
    match draw(12, "form", *about):
        case 0:
            key = f" {key} "
        case 1:
            key = key.upper()
        case 2:
            key = " "
        case _:
            pass
    if step > 1 and draw(10, "verb", *about) < 4:
        key = _held(store, *about) or key
        amount = _amount_to_take(store, key, *about)
        return StoreStep("take", key, amount, store.take(key, amount))
    amount = draw(LARGEST_AMOUNT + 1, "put", *about)
    return StoreStep("put", key, amount, store.put(key, amount))


@lru_cache(maxsize=1024)
def _transfers(stores: tuple[StoreRules, ...], number: int, size: int) -> tuple[Transfer, ...]:
    models = {rules.name: StoreModel(rules) for rules in stores}
    return tuple(_transfer(models, number, step) for step in range(size))


def _transfer(models: Mapping[str, StoreModel], number: int, step: int) -> Transfer:
    names = list(models)
    about = (COMPOSER, len(names), number, step)
    # Every store is named in turn, so that no store is left out of a short spec.
    target = names[(step + number * STEPS) % len(names)]
    key, source = _key(*about), names[draw(len(names), "source", *about)]
    match draw(10, "kind", *about):
        case 0:
            return Transfer(None, "sand", key, 1, None)
        case 1:
            return Transfer(source, "sand", key, 1, None)
        case 2 | 3 | 4:
            key = _held(models[source], *about) or key
            amount = _amount_to_take(models[source], key, *about)
            moved = models[source].take(key, amount) is not None and models[target].put(key, amount) is not None
            return Transfer(source, target, key, amount, _total(models) if moved else None)
        case _:
            amount = draw(LARGEST_AMOUNT + 1, "put", *about)
            placed = models[target].put(key, amount) is not None
            return Transfer(None, target, key, amount, _total(models) if placed else None)


def _total(models: Mapping[str, StoreModel]) -> int:
    return sum(model.total() for model in models.values())


def _key(*about: object) -> str:
    return KEYS[draw(len(KEYS), "key", *about)]


def _held(store: StoreModel, *about: object) -> str:
    """Return a key that a store holds, three times of four; else, or if it holds none, nothing."""
    held = [key for key in KEYS if store.get(key)]
    return held[draw(len(held), "held", *about)] if held and draw(4, "any", *about) else ""


def _amount_to_take(store: StoreModel, key: str, *about: object) -> int:
    """Return all that a key has, a part of it, or one too many."""
    has = store.get(key)
    return (has, 1 + draw(max(has, 1), "part", *about), has + 1)[draw(3, "take", *about)]
