"""Commands that the subject may run: pytest, a script, and a few modules of the standard library."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from harness.tools.registry import ToolError

PYTEST_FLAGS = ("-q", "-v", "-vv", "-x", "-s", "-l", "--tb", "--continue-on-collection-errors")
PYTEST_VALUED = ("-k",)
UNITTEST_FLAGS = ("-q", "-v", "-f", "-b", "--quiet", "--verbose", "--failfast", "--buffer", "--locals")
UNITTEST_VALUED = ("-k", "-s", "-p", "-t")
MODULES = ("pytest", "unittest", "py_compile", "compileall", "doctest", "tabnanny", "timeit")
"""Modules that `python -m` may run; for the others than pytest and unittest any arguments are allowed."""
PROGRAMS = ("pytest", "python")

ALLOWED = f'"pytest", "python FILE.py" and "python -m MODULE" (MODULE: {", ".join(MODULES)})'


def command_for(python: Path, args: Sequence[str]) -> list[str]:
    """Return the command for the arguments of a call: the harness chooses the interpreter. Raises ToolError."""
    program, *rest = args
    if program == "pytest":
        return [str(python), "-m", "pytest", *_checked("pytest", rest, PYTEST_FLAGS, PYTEST_VALUED)]
    if program not in ("python", "python3"):
        raise ToolError(f"{program} is not allowed; what may be run is {ALLOWED}")
    if not rest:
        raise ToolError("python needs a file or -m with a module, since there is nobody to type into it")
    if rest[0] != "-m":
        return [str(python), _script(rest[0]), *rest[1:]]
    module, arguments = (rest[1:2] or [""])[0], rest[2:]
    if module not in MODULES:
        raise ToolError(f"python -m {module} is not allowed; the modules are {', '.join(MODULES)}")
    if module == "pytest":
        _checked("pytest", arguments, PYTEST_FLAGS, PYTEST_VALUED)
    elif module == "unittest":
        _checked("unittest", arguments, UNITTEST_FLAGS, UNITTEST_VALUED)
    return [str(python), "-m", module, *arguments]


def _script(path: str) -> str:
    if PurePosixPath(path).suffix != ".py":
        raise ToolError(f"python {path} is not allowed: give a file that ends in .py, or -m with a module")
    return path


def _checked(program: str, args: Sequence[str], flags: Sequence[str], valued: Sequence[str]) -> Sequence[str]:
    """Return the arguments. Raises ToolError for a flag that is not on the list."""
    rest = iter(args)
    for arg in rest:
        name = arg.partition("=")[0]
        if arg in valued:
            next(rest, "")
        elif arg.startswith("-") and name not in (*flags, *valued):
            raise ToolError(f"the flag {arg} is not allowed; the flags of {program} are {' '.join((*flags, *valued))}")
    return args
