"""Roles of files in a JavaScript project."""

from fnmatch import fnmatchcase
from pathlib import PurePath, PurePosixPath

SUFFIXES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx")
TEST_NAMES = ("*.test.*", "*.spec.*", "*_test.*", "*-test.*", "test-*.*", "test.*")
"""Names of test files, with any suffix of code, as `node --test` and jest find them."""
SPEC_FOLDERS = ("test", "tests", "__tests__", "__mocks__", "__fixtures__")
SETTINGS = (
    *("package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", ".npmrc"),
    *("jest.config.*", "jest.setup.*", "vitest.config.*", "babel.config.*", ".babelrc", ".babelrc.*", "tsconfig.json"),
)
"""Files that decide how code is loaded and which tests are run."""


class JavaScriptFiles:
    """Tells specs, code and settings of tests. The unit of elision is a spec file."""

    specs = "Test files (*.test.js, *.spec.js and the like, and everything in test/, tests/ and __tests__/)"
    unit = "file"

    def is_spec(self, path: PurePath) -> bool:
        """Return True for a test file, and for whatever is in a folder of tests, in either case."""
        *folders, name = (part.lower() for part in path.parts)
        return _is_test(name) or not set(SPEC_FOLDERS).isdisjoint(folders)

    def is_code(self, path: PurePath) -> bool:
        return path.suffix.lower() in SUFFIXES

    def is_compiled(self, path: PurePath) -> bool:
        return path.suffix.lower() in (*SUFFIXES, ".node", ".wasm")

    def is_pinned(self, path: PurePath) -> bool:
        """Return True for a spec, and for what decides how code is loaded and tested."""
        return self.is_spec(path) or any(fnmatchcase(path.name.lower(), pattern) for pattern in SETTINGS)

    def unit_of(self, path: str) -> str:
        """Return the path of a test file itself; empty for every other file."""
        return path if _is_test(PurePosixPath(path).name.lower()) else ""


def _is_test(name: str) -> bool:
    return name.endswith(SUFFIXES) and any(fnmatchcase(name, pattern) for pattern in TEST_NAMES)


JAVASCRIPT_FILES = JavaScriptFiles()
