"""Files of a kit in Go: specs and solutions."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from harness.tasks.kit.histories import StoreHistory, StoreStep, Transfer
from harness.tasks.kit.language import template
from harness.tasks.kit.stores import KeyForm, KeyOrder, StoreRules, Victim

MODULE = "kit"

CLEAN = {
    KeyForm.LOWER: "\treturn strings.ToLower(strings.TrimSpace(key))\n",
    KeyForm.UPPER: "\treturn strings.ToUpper(strings.TrimSpace(key))\n",
    KeyForm.REVERSED: "\tletters := []rune(strings.TrimSpace(key))\n\tslices.Reverse(letters)\n"
    "\treturn string(letters)\n",
    KeyForm.SHORT: "\tkey = strings.TrimSpace(key)\n\treturn key[:min(len(key), 4)]\n",
}
ORDER = {
    KeyOrder.ARRIVAL: "",
    KeyOrder.ASCENDING: "\tslices.Sort(keys)\n",
    KeyOrder.DESCENDING: "\tslices.Sort(keys)\n\tslices.Reverse(keys)\n",
}
EXTREME = """\
	chosen := s.keys[0]
	for _, key := range s.keys {
		if s.amounts[key] SIGN s.amounts[chosen] {
			chosen = key
		}
	}
	return chosen
"""
VICTIM = {
    Victim.OLDEST: "\treturn s.keys[0]\n",
    Victim.NEWEST: "\treturn s.keys[len(s.keys)-1]\n",
    Victim.SMALLEST: EXTREME.replace("SIGN", "<"),
    Victim.LARGEST: EXTREME.replace("SIGN", ">"),
}

STORE_PROMISE = """\
```go
func New() *Store
func (s *Store) Put(key string, amount int) error
func (s *Store) Take(key string, amount int) error
func (s *Store) Get(key string) int
func (s *Store) Keys() []string
func (s *Store) Total() int
```
"""
COMPOSER_PROMISE = """\
```go
func New() *Depot
func (d *Depot) Put(to, key string, amount int) error
func (d *Depot) Move(from, to, key string, amount int) error
func (d *Depot) Total() int
```
"""


class GoKit:
    """A kit in Go: a package a folder."""

    place = """\
The workspace is a Go module, `kit`, with a test file in each folder and no code yet. Write a package in each folder,
with the folder's name. The test file there is its spec. Use the standard library only."""
    unit = "package"
    error = "an error"
    names: Mapping[str, str] = MappingProxyType(
        {"put": "Put", "take": "Take", "get": "Get", "keys": "Keys", "total": "Total", "move": "Move"}
    )
    store_promise = STORE_PROMISE
    composer_promise = COMPOSER_PROMISE

    @property
    def beside(self) -> dict[str, str]:
        """Return the files of the seed that are no spec."""
        return {"go.mod": f"module {MODULE}\n\ngo 1.26\n"}

    def spec_path(self, name: str) -> str:
        return f"{name}/{name}_test.go"

    def code_path(self, name: str) -> str:
        return f"{name}/{name}.go"

    def store_spec(self, rules: StoreRules, histories: Iterable[StoreHistory]) -> str:
        return template("store_spec.go").substitute(name=rules.name) + "".join(map(_history, histories)) + "}\n"

    def composer_spec(self, histories: Iterable[Sequence[Transfer]]) -> str:
        return template("depot_spec.go").template + "".join(map(_transfers, histories)) + "}\n"

    def store_code(self, rules: StoreRules) -> str:
        return template("store.go").substitute(
            name=rules.name,
            factor=rules.factor,
            limit=rules.limit,
            order=ORDER[rules.order],
            victim=VICTIM[rules.victim],
            clean=CLEAN[rules.form],
        )

    def composer_code(self, stores: Sequence[StoreRules]) -> str:
        return template("depot.go").substitute(
            imports="".join(f'\t"{MODULE}/{rules.name}"\n' for rules in stores),
            made="".join(f'\t\t"{rules.name}": {rules.name}.New(),\n' for rules in stores),
        )


def _history(history: StoreHistory) -> str:
    steps = "".join(f"\t\t{_step(step)},\n" for step in history.steps)
    return f'\t{{[]step{{\n{steps}\t}}, "{",".join(history.keys)}", {history.total}}},\n'


def _step(step: StoreStep) -> str:
    want = -1 if step.result is None else step.result
    return f'{{"{step.verb}", "{step.key}", {step.amount}, {want}}}'


def _transfers(history: Sequence[Transfer]) -> str:
    return f"\t{{\n{''.join(map(_transfer, history))}\t}},\n"


def _transfer(one: Transfer) -> str:
    total = -1 if one.total is None else one.total
    return f'\t\t{{"{one.source or ""}", "{one.target}", "{one.key}", {one.amount}, {total}}},\n'
