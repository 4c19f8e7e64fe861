"""What the package declares is what it uses."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
ROOMS = ("harness", "sweeps", "analysis", "hydra_plugins")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _declared() -> set[str]:
    extras = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *extras["go"], *extras["plots"], *extras["ray"], *extras["inspect"]]
    return {_canonical(re.split(r"[<>=!~;\[ ]", line)[0]) for line in lines}


def _imported() -> set[str]:
    """The top-level modules that the code of the package imports from elsewhere."""
    modules = set()
    # This package runs in the interpreter that a task names, with the pytest that is there.
    apart = ROOT / "harness" / "toolchains" / "python" / "splitgate"
    paths = (path for room in ROOMS for path in (ROOT / room).rglob("*.py") if apart not in path.parents)
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=names):
                    modules |= {alias.name.partition(".")[0] for alias in names}
                case ast.ImportFrom(module=str(module), level=0):
                    modules.add(module.partition(".")[0])
    return modules - set(sys.stdlib_module_names) - set(ROOMS)


def test_everything_that_is_imported_is_declared() -> None:
    """A library that comes along with another one may go away with its next release."""
    distributions = packages_distributions()
    homes = {module: {_canonical(name) for name in distributions.get(module, [module])} for module in _imported()}
    assert {} == {module: names for module, names in homes.items() if not names & _declared()}


def test_the_workflows_call_the_targets_of_the_makefile() -> None:
    """What is tested there can be run here, with the same words; and the matrix is what pyproject.toml promises."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    commands = set()
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        jobs = yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"].values()
        commands |= {step["run"] for job in jobs for step in job["steps"] if "run" in step}
    assert set() == {command for command in commands if not set(command.split()[1:]) <= targets}
    assert {"make"} == {command.split()[0] for command in commands}


def test_the_citation_names_the_version() -> None:
    """Of the package as it is."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert PROJECT["version"] == citation["version"]
