"""Selection of the toolchain of a run."""

from collections.abc import Sequence
from pathlib import Path

from harness.config import RunConfig, ToolchainName
from harness.sandbox.environment import CommandEnvironment, WidenedEnvironment
from harness.toolchains.base import Toolchain
from harness.toolchains.command.toolchain import CommandToolchain
from harness.toolchains.go.toolchain import GoToolchain
from harness.toolchains.javascript.files import JAVASCRIPT_FILES
from harness.toolchains.javascript.toolchain import JavaScriptToolchain
from harness.toolchains.python.files import PythonFiles
from harness.toolchains.python.toolchain import PythonToolchain
from harness.toolchains.rust.toolchain import RustToolchain

PYTHON = ("python", "python3")
PYTHON_TESTS = ("pytest", "unittest")
"""Modules that run tests."""


def toolchain_for(config: RunConfig) -> Toolchain:
    """Return the toolchain of a config. Nothing is looked up before it is needed."""
    folder = Path(config.task.workdir) if config.task.own_folder else None
    name = config.toolchain.name
    chosen = name_for(config.task.verify_arguments, folder) if name is ToolchainName.auto else name
    if chosen is ToolchainName.go:
        return GoToolchain()
    if chosen is ToolchainName.python:
        return PythonToolchain(config.toolchain.python)
    if chosen is ToolchainName.javascript:
        return JavaScriptToolchain(config.toolchain.node)
    if chosen is ToolchainName.rust:
        return RustToolchain()
    return CommandToolchain(config.task.verify_arguments, config.toolchain.allowed_commands)


def toolchain_of(command: Sequence[str]) -> Toolchain:
    """Return the toolchain of a verify command by itself, as for a bundled task."""
    match name_for(command):
        case ToolchainName.go:
            return GoToolchain()
        case ToolchainName.python:
            return PythonToolchain()
        case ToolchainName.javascript:
            return JavaScriptToolchain()
        case ToolchainName.rust:
            return RustToolchain()
    return CommandToolchain(command)


def name_for(command: Sequence[str], folder: Path | None = None) -> ToolchainName:
    """Return the toolchain that a verify command names; else Go in a folder with a go.mod, and command elsewhere."""
    program, *rest = command
    if program == "go":
        return ToolchainName.go
    is_module = program in PYTHON and len(rest) > 1 and rest[0] == "-m" and rest[1] in PYTHON_TESTS
    if program == "pytest" or is_module:
        return ToolchainName.python
    if program == "node" and rest[:1] == ["--test"]:
        return ToolchainName.javascript
    if program == "cargo" and rest[:1] == ["test"]:
        return ToolchainName.rust
    return ToolchainName.go if folder and (folder / "go.mod").is_file() else ToolchainName.command


def verify_of(seed: Path) -> str:
    """Return the usual verify command of a seed, by the files in it."""
    if (seed / "go.mod").is_file():
        return "go test ./..."
    files = PythonFiles()
    if any(files.is_spec(path.relative_to(seed)) for path in seed.rglob("*.py")):
        return "python -m pytest"
    scripts = (path.relative_to(seed).as_posix() for path in seed.rglob("*.*s"))
    return "node --test" if any(map(JAVASCRIPT_FILES.unit_of, scripts)) else "go test ./..."


def environment_for(config: RunConfig) -> CommandEnvironment:
    """Return the environment of a run's commands. Raises SandboxError if the toolchain is not there."""
    environment = toolchain_for(config).environment
    folders = config.sandbox_path_list
    return WidenedEnvironment(environment, folders) if folders else environment
