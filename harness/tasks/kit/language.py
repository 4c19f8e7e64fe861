"""Protocol of a language that kits are made in."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Template
from typing import Protocol

from harness.tasks.kit.histories import StoreHistory, Transfer
from harness.tasks.kit.stores import StoreRules


@cache
def template(name: str) -> Template:
    """Return the text of a file with places for the rules of a store, such as `store.go`."""
    return Template((files("harness.tasks.kit") / "templates" / f"{name}.txt").read_text(encoding="utf-8"))


class KitLanguage(Protocol):
    """Files and words of a kit in one language."""

    @property
    def place(self) -> str:
        """Return the layout of the workspace in words."""
        ...

    @property
    def unit(self) -> str:
        """Return the word for a package."""
        ...

    @property
    def error(self) -> str:
        """Return the words for the result of a call that fails."""
        ...

    @property
    def names(self) -> Mapping[str, str]:
        """Return the names of the functions: put, take, get, keys, total and move."""
        ...

    @property
    def store_promise(self) -> str:
        """Return the signatures of a store."""
        ...

    @property
    def composer_promise(self) -> str:
        """Return the signatures of the composer."""
        ...

    @property
    def beside(self) -> Mapping[str, str]:
        """Return the files of the seed that are no spec."""
        ...

    def spec_path(self, name: str) -> str:
        """Return the path of a package's spec."""
        ...

    def code_path(self, name: str) -> str:
        """Return the path of a package's code."""
        ...

    def store_spec(self, rules: StoreRules, histories: Iterable[StoreHistory]) -> str:
        """Return the spec of a store."""
        ...

    def composer_spec(self, histories: Iterable[Sequence[Transfer]]) -> str:
        """Return the spec of the composer."""
        ...

    def store_code(self, rules: StoreRules) -> str:
        """Return the solution of a store."""
        ...

    def composer_code(self, stores: Sequence[StoreRules]) -> str:
        """Return the solution of the composer."""
        ...
