"""Modules of the workspace: an import hook that serves proxies for them, and never runs their code here."""

from __future__ import annotations

import importlib.machinery
import os
import sys
import types
from collections.abc import Sequence
from typing import Any

from .proxies import LINK, do

__tracebackhide__ = True  # pytest leaves these frames out

LOCAL = frozenset(
    [
        "__name__",
        "__spec__",
        "__loader__",
        "__path__",
        "__file__",
        "__package__",
        "__class__",
        "__builtins__",
        "__cached__",
        "_split_handle",
        "_split_path",
        "__repr__",
        "__warningregistry__",
        "__getattr__",
        "__setattr__",
    ]
)


class RemoteModule(types.ModuleType):
    """A module of the code."""

    def __init__(self, name: str, handle: int) -> None:
        super().__init__(name)
        object.__setattr__(self, "_split_handle", handle)

    def __getattribute__(self, name: str) -> Any:
        if name in LOCAL:
            return super().__getattribute__(name)
        if name == "__dict__":
            return {**super().__getattribute__(name), **do("vars", self)}
        if name == "__all__":
            return do("names", self)
        if "__path__" in super().__getattribute__("__dict__"):
            known = sys.modules.get(f"{super().__getattribute__('__name__')}.{name}")
            if isinstance(known, types.ModuleType) and known.__class__ is not RemoteModule:
                return known
        return LINK.request("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in LOCAL:
            object.__setattr__(self, name, value)
        elif not isinstance(value, types.ModuleType):
            LINK.request("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        LINK.request("del", self, name)

    def __dir__(self) -> list[str]:
        return list(do("dir", self))


class WorkspaceFinder:
    """Find modules: those of the spec on this side, and others that the workspace has, in the code's process."""

    def __init__(self, spec_root: str, code_root: str) -> None:
        self._spec_root = spec_root
        self._code_root = code_root
        self.imported: list[str] = []

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:  # noqa: ARG002
        """Return the spec of a module of the workspace; None for all others."""
        if path is None and not self._may_be_workspace(name):
            return None
        folders = list(sys.path if path is None else path)
        last = name.rpartition(".")[2]
        # A module of the spec comes first, wherever it is: the code must not put one of its own in its place.
        if any(self._in_copy(folder) and _is_module(os.path.join(folder, last)) for folder in folders):
            return None
        for folder in folders:
            inside = self._in_copy(folder)
            if inside is None:
                continue
            place = os.path.join(inside, last)
            if _is_module(place) or os.path.isdir(place):
                loader: Any = WorkspaceLoader(self, os.path.join(folder, last))
                return importlib.machinery.ModuleSpec(name, loader, is_package=os.path.isdir(place))
        return None

    def paths(self) -> list[str]:
        """Return where the code's process looks for modules: where the spec does, in its own folder."""
        return [inside for folder in sys.path if (inside := self._in_copy(folder)) is not None]

    def _may_be_workspace(self, name: str) -> bool:
        """Nothing that the workspace has may stand in for the standard library, the framework or a package."""
        if name in sys.stdlib_module_names or name in sys.modules:
            return False
        others = [folder for folder in sys.path if self._in_copy(folder) is None]
        return importlib.machinery.PathFinder.find_spec(name, others) is None

    def _in_copy(self, folder: str) -> str | None:
        folder = os.path.abspath(folder)
        if folder == self._spec_root or folder.startswith(self._spec_root + os.sep):
            return self._code_root + folder[len(self._spec_root) :]
        return None


class WorkspaceLoader:
    """Import a module in the code's process."""

    def __init__(self, finder: WorkspaceFinder, place: str) -> None:
        self._finder = finder
        self._place = place

    def create_module(self, spec: Any) -> Any:
        """Return the proxy. Raises what the import raises."""
        module = LINK.request("import", spec.name, self._finder.paths())
        if type(module) is not RemoteModule:
            raise ImportError(f"the import of {spec.name} gives no module")
        self._finder.imported.append(spec.name)
        # Only now, and by the name that was asked for, may it have modules of the spec in it.
        object.__setattr__(module, "__name__", spec.name)
        object.__setattr__(module, "__path__", [self._place])
        return module

    def exec_module(self, module: Any) -> None:
        """Nothing runs here."""


def _is_module(place: str) -> bool:
    return os.path.isfile(place + ".py") or os.path.isfile(os.path.join(place, "__init__.py"))
