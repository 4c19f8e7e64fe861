"""The Go module of a workspace: the fields of go.mod, and the folders of import paths."""

import re
from collections.abc import Iterable
from pathlib import Path

GO_LINE = re.compile(r"^\s*go\s+(\d+(?:\.\d+)*)", re.MULTILINE)
REQUIRED = re.compile(r"^\s*(?:require\s+)?([^\s()/\"]\S*)\s+v\d\S*", re.MULTILINE)
MODULE_LINE = re.compile(
    r'^\s*module(?:\s+|\s*\(\s*)(?:"([^"\s]+)"|`([^`\s]+)`|([^"`\s/(][^\s]*))\s*(?://.*)?$', re.MULTILINE
)
"""The directive as a line or as a block."""


def module_path(go_mod: str) -> str:
    """Return the module path that a go.mod declares; empty if there is none."""
    match = MODULE_LINE.search(go_mod)
    return next(filter(None, match.groups()), "") if match else ""


def go_version(go_mod: str) -> str:
    """Return the language version of a go.mod, such as 1.26; empty if there is none."""
    match = GO_LINE.search(go_mod)
    return match[1] if match else ""


def required_modules(go_mod: str) -> list[str]:
    """Return the paths of the modules that a go.mod requires."""
    return [path for path in REQUIRED.findall(go_mod) if path not in ("require", "replace", "exclude")]


def folder_of(import_path: str, module: str) -> str | None:
    """Return the folder of a package relative to the module's root (`.`); None if it is in another module."""
    if not module:
        return None
    if import_path == module:
        return "."
    return import_path.removeprefix(f"{module}/") if import_path.startswith(f"{module}/") else None


def folders_of(import_paths: Iterable[str], module: str) -> frozenset[str]:
    """Return the folders of those packages that are in the module."""
    folders = (folder_of(path, module) for path in import_paths)
    return frozenset(folder for folder in folders if folder is not None)


def read_module_path(root: Path) -> str:
    """Return the module path of the workspace at `root`; empty without a readable go.mod."""
    try:
        return module_path((root / "go.mod").read_text(errors="replace"))
    except OSError:
        return ""
