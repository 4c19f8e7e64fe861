"""Roles of files in a Go module."""

from pathlib import PurePath, PurePosixPath

MODULE_FILES = ("go.mod", "go.sum", "go.work", "go.work.sum")
VENDORED = "vendor"
OBJECT_FILES = (".s", ".S", ".sx", ".syso")
"""Suffixes of assembly and object code that Go takes into a build."""


def is_test_file(path: PurePath) -> bool:
    """Return True if a resolved path names a Go test file, on file systems that ignore case too."""
    return path.name.lower().endswith("_test.go")


class GoFiles:
    """Tells Go's specs, code and module files. The unit of elision is a package: a folder."""

    specs = "Go test files (*_test.go)"
    unit = "package"

    def is_spec(self, path: PurePath) -> bool:
        return is_test_file(path)

    def is_code(self, path: PurePath) -> bool:
        return path.suffix == ".go"

    def is_compiled(self, path: PurePath) -> bool:
        return path.name.endswith((".go", *OBJECT_FILES))

    def is_pinned(self, path: PurePath) -> bool:
        """Return True for a spec, a module file or vendored code."""
        return is_test_file(path) or path.name.lower() in MODULE_FILES or path.parts[0] == VENDORED

    def unit_of(self, path: str) -> str:
        return str(PurePosixPath(path).parent)


GO_FILES = GoFiles()
