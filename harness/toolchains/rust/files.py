"""Roles of files in a Rust project."""

from pathlib import PurePath, PurePosixPath

SETTINGS = ("cargo.toml", "cargo.lock", "build.rs", "rust-toolchain", "rust-toolchain.toml", "clippy.toml")
"""Files that decide how a crate is built and tested."""


class RustFiles:
    """Tells specs, code and what decides the build. The unit of elision is a spec file."""

    specs = "Test files (everything in tests/, and *_test.rs)"
    unit = "file"

    def is_spec(self, path: PurePath) -> bool:
        """Return True for whatever is in a folder tests, and for *_test.rs and *_tests.rs, in either case."""
        *folders, name = (part.lower() for part in path.parts)
        return "tests" in folders or name.endswith(("_test.rs", "_tests.rs"))

    def is_code(self, path: PurePath) -> bool:
        return path.suffix.lower() == ".rs"

    def is_compiled(self, path: PurePath) -> bool:
        return path.suffix.lower() in (".rs", ".a", ".o", ".so", ".rlib")

    def is_pinned(self, path: PurePath) -> bool:
        """Return True for a spec, and for what decides how the crate is built."""
        *folders, name = (part.lower() for part in path.parts)
        return self.is_spec(path) or name in SETTINGS or ".cargo" in folders

    def unit_of(self, path: str) -> str:
        """Return the path of an integration test itself; empty for every other file."""
        pure = PurePosixPath(path)
        return path if pure.parent.name == "tests" and pure.suffix == ".rs" else ""


RUST_FILES = RustFiles()
