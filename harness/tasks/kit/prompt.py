"""Prompt of a kit: the contract of its stores, and of the composer. The sizes of the specs are no part of it."""

from collections.abc import Sequence
from string import Template

from harness.tasks.kit.language import KitLanguage
from harness.tasks.kit.stores import COMPOSER, StoreRules

HEAD = Template("""\
# $title

$place

A store keeps amounts, whole numbers, by key. All stores have the same functions, and each has rules of its own below.

$promise
- Every function first drops the spaces around a key, and then changes it to the form that the store's rules name.
- `$put` multiplies the amount by the store's factor and adds it to the key. It is $error if the key is empty or the
  amount is less than 1. A store that has its most keys already makes room for a new one: it drops one key, with its
  amount.
- `$take` takes the amount away, without a factor. It is $error if the amount is less than 1, or more than the key has.
  A key with nothing left is dropped.
- `$get` is the amount of a key, 0 for one that is not there. `$keys` lists the keys in the store's order, and `$total`
  is the sum of all amounts.
- A call that fails changes nothing.
""")

STORE = Template("""\
## $name

- The form of a key is: $form.
- The factor is $factor.
- The store has at most $limit keys; a full one drops $victim.
- It lists its keys $order.
""")

COMPOSER_TEXT = Template("""\
## $name

The $unit `$name` imports all the others and keeps one store of each.

$promise
- `$put` puts an amount into the store of that name.
- `$move` takes an amount from one store and then puts it into the other. If it cannot be taken, nothing is put.
- `$total` is the sum of the totals of all stores.
- A name that no store has is $error, and so is an amount that a store refuses.
""")


def prompt_text(language: KitLanguage, stores: Sequence[StoreRules], *, composer: bool) -> str:
    """Return the prompt."""
    count = f"{len(stores)} store{'s' * (len(stores) > 1)}"
    parts = [
        HEAD.substitute(
            title=f"kit: {count}{' and a depot' * composer}",
            place=language.place,
            promise=language.store_promise,
            error=language.error,
            **language.names,
        ),
        *(_store(rules) for rules in stores),
    ]
    if composer:
        promise, unit, error = language.composer_promise, language.unit, language.error
        parts.append(COMPOSER_TEXT.substitute(name=COMPOSER, promise=promise, unit=unit, error=error, **language.names))
    return "\n".join(parts)


def _store(rules: StoreRules) -> str:
    values = {"form": rules.form.value, "victim": rules.victim.value, "order": rules.order.value}
    return STORE.substitute(name=rules.name, factor=rules.factor, limit=rules.limit, **values)
