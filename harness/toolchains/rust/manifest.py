"""The manifest of a crate, as far as the proof can honour it."""

import tomllib
from dataclasses import dataclass
from typing import Any

from harness.gate.pins import Pins

EDITIONS = {"2018": (1, 31), "2021": (1, 56), "2024": (1, 85)}
"""Editions that the proof knows, with the first Rust that has each."""
TABLES = frozenset(("package", "lib", "dependencies", "dev-dependencies", "features"))
PACKAGE = frozenset(
    ("name", "version", "edition", "authors", "description", "license", "publish", "readme", "repository", "keywords")
)


@dataclass(frozen=True)
class CrateManifest:
    """Name, edition and source of a library crate without dependencies."""

    name: str
    """Name by which code imports it."""
    edition: str
    source: str
    """Path of its root source file, relative to the workspace."""


def read_manifest(pins: Pins) -> CrateManifest | str:
    """Return the manifest of a pinned Cargo.toml, or why the proof cannot honour it."""
    if "Cargo.toml" not in pins.files:
        return "Cargo.toml is missing, or may be written"
    try:
        content: dict[str, Any] = tomllib.loads(pins.files["Cargo.toml"].content.decode())
        return _read(content, pins)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        return f"Cargo.toml cannot be read: {error}"


def _read(content: dict[str, Any], pins: Pins) -> CrateManifest | str:
    if more := sorted(set(content) - TABLES):
        return f"Cargo.toml has [{more[0]}]"
    package, library = content["package"], content.get("lib", {})
    if more := sorted(set(package) - PACKAGE):
        return f"Cargo.toml has package.{more[0]}"
    if more := sorted(set(library) - {"name", "path"}):
        return f"Cargo.toml has lib.{more[0]}"
    for table in ("dependencies", "dev-dependencies"):
        if content.get(table):
            return f"the crate has {table}: {', '.join(sorted(content[table]))}"
    if content.get("features", {}).get("default"):
        return "Cargo.toml has default features"
    others = [name for name in pins.files if name == "build.rs" or name.startswith(".cargo/")]
    if others:
        return f"{min(others)} decides how the crate is built"
    if package.get("edition") not in EDITIONS:
        return f"package.edition is none of {', '.join(EDITIONS)}"
    name = str(library.get("name", package["name"])).replace("-", "_")
    return CrateManifest(name, package["edition"], str(library.get("path", "src/lib.rs")))
