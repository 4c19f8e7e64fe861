"""The Go module of a workspace, as far as the gate needs it: which import path lies in which folder."""

import re
from collections.abc import Iterable
from pathlib import Path

GO_LINE = re.compile(r"^\s*go\s+(\d+(?:\.\d+)*)", re.MULTILINE)
REQUIRED = re.compile(r"^\s*(?:require\s+)?([^\s()/\"]\S*)\s+v\d\S*", re.MULTILINE)
MODULE_LINE = re.compile(r'^\s*module\s+(?:"([^"\s]+)"|`([^`\s]+)`|([^"`\s/(][^\s]*))\s*(?://.*)?$', re.MULTILINE)


def module_path(go_mod: str) -> str:
    """The path that a go.mod declares; empty if it declares none."""
    found = MODULE_LINE.search(go_mod)
    return next(filter(None, found.groups()), "") if found else ""


def go_version(go_mod: str) -> str:
    """The version of the language that a go.mod names, such as 1.26; empty if it names none."""
    found = GO_LINE.search(go_mod)
    return found[1] if found else ""


def required_modules(go_mod: str) -> list[str]:
    """The paths of the modules that a go.mod requires."""
    return [path for path in REQUIRED.findall(go_mod) if path not in ("require", "replace", "exclude")]


def folder_of(import_path: str, module: str) -> str | None:
    """The folder of a package relative to its module's root, `.` for the root; None if it lies elsewhere."""
    if not module:
        return None
    if import_path == module:
        return "."
    return import_path.removeprefix(f"{module}/") if import_path.startswith(f"{module}/") else None


def folders_of(import_paths: Iterable[str], module: str) -> frozenset[str]:
    """The folders of those packages that lie in the module."""
    folders = (folder_of(path, module) for path in import_paths)
    return frozenset(folder for folder in folders if folder is not None)


def read_module_path(root: Path) -> str:
    """The module path of the workspace at `root`; empty without a readable go.mod."""
    try:
        return module_path((root / "go.mod").read_text(errors="replace"))
    except OSError:
        return ""
