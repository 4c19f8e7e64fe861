"""Surroundings of the spec: its folder, environment, arguments, input and seed, as far as they changed.

What pytest itself puts into the environment names the test and its parameters, so it is never passed on.
"""

from __future__ import annotations

import io
import logging
import os
import random
import sys
from collections.abc import Callable
from typing import Any

__tracebackhide__ = True  # pytest leaves these frames out

HIDDEN = frozenset(("PYTEST_CURRENT_TEST", "PYTEST_VERSION"))


class Surroundings:
    """The surroundings of the spec, as the code knows them."""

    def __init__(self, root: str, code_root: str) -> None:
        self._root, self._code_root = root, code_root
        self._environment = self._visible()
        self._folder = os.getcwd()
        self._arguments = list(sys.argv)
        self._input = False
        self._level = logging.getLogger().level
        self._seeds: list[Any] = []
        seed = random.seed

        def remembered(a: Any = None, version: int = 2) -> None:
            seed(a, version)
            self._seeds = [a]

        random.seed = remembered

    def changes(self, encode: Callable[[Any], Any]) -> dict[str, Any]:
        """Return what changed since the last call."""
        result: dict[str, Any] = {}
        environment = self._visible()
        if environment != self._environment:
            result["environment"] = {
                name: environment.get(name)
                for name in {*environment, *self._environment}
                if environment.get(name) != self._environment.get(name)
            }
            self._environment = environment
        folder = os.getcwd()
        if folder != self._folder:
            self._folder = folder
            result["folder"] = self._code_root + folder[len(self._root) :] if folder.startswith(self._root) else folder
        if sys.argv != self._arguments:
            self._arguments = list(sys.argv)
            result["arguments"] = [str(one) for one in sys.argv]
        sent = isinstance(sys.stdin, (io.StringIO, io.TextIOWrapper)) and sys.stdin is not sys.__stdin__
        if sent and not type(sys.stdin).__module__.startswith("_pytest"):
            result["input"] = encode(sys.stdin)
            self._input = True
        elif self._input:
            result["input"], self._input = None, False
        if self._seeds:
            result["seed"] = encode(self._seeds.pop())
        level = logging.getLogger().level
        if level != self._level:
            result["level"] = self._level = level
        return result

    def _visible(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name not in HIDDEN}
