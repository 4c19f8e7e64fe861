"""Roles of files in a Python project."""

from fnmatch import fnmatchcase
from pathlib import PurePath, PurePosixPath

TEST_NAMES = ("test_*.py", "*_test.py")
SPEC_NAMES = (*TEST_NAMES, "conftest.py")
SPEC_FOLDERS = ("test", "tests")
SETTINGS = ("pytest.ini", ".pytest.ini", "pytest.toml", "pyproject.toml", "setup.cfg", "tox.ini")
"""Files in which pytest looks for its settings, which choose what is run."""


class PythonFiles:
    """Tells specs, code and settings of tests. The unit of elision is a spec file."""

    specs = "Test files (test_*.py, *_test.py, conftest.py, and everything in tests/)"
    unit = "file"

    def is_spec(self, path: PurePath) -> bool:
        """Return True for a test file, conftest.py, and whatever is in a folder of tests, in either case."""
        *folders, name = (part.lower() for part in path.parts)
        return any(fnmatchcase(name, pattern) for pattern in SPEC_NAMES) or _is_below_tests(folders)

    def is_code(self, path: PurePath) -> bool:
        return path.suffix.lower() in (".py", ".pyi")

    def is_compiled(self, path: PurePath) -> bool:
        return path.suffix.lower() in (".py", ".pyi", ".so", ".pyd", ".pth")

    def is_pinned(self, path: PurePath) -> bool:
        """Return True for a spec, and for what holds settings of the tests."""
        return self.is_spec(path) or path.name.lower() in SETTINGS

    def unit_of(self, path: str) -> str:
        """Return the path of a file of tests itself; empty for every other file."""
        name = PurePosixPath(path).name.lower()
        return path if any(fnmatchcase(name, pattern) for pattern in TEST_NAMES) else ""


def _is_below_tests(folders: list[str]) -> bool:
    return not set(SPEC_FOLDERS).isdisjoint(folders)


PYTHON_FILES = PythonFiles()
