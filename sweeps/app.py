"""Runs and sweeps from a command line: what `harness key=value …` hands over to.

Exit codes of a single run: 0 completed or interrupted, 1 fault, 2 usage, 3 stagnated, 4 budget. Of a sweep: 0 every
planned run has a result, 1 faults are left, 2 usage, 130 interrupted.
"""

import os
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from typing import NoReturn

import hydra
from hydra._internal.utils import get_args_parser
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.core.plugins import Plugins
from hydra.types import RunMode
from omegaconf import DictConfig

from harness.config import ConfigError
from harness.installation import data_folder
from harness.interrupts import INTERRUPTED, Interrupts
from sweeps.compose import build, setting, values_of
from sweeps.errors import USAGE_ERRORS, one_line
from sweeps.overrides import readable
from sweeps.own_files import check_own_files
from sweeps.own_tasks import refuse_patterns, register_own_tasks
from sweeps.schema import register

USAGE, BROKEN = 2, 1

PLUGGED = ("hydra/launcher", "hydra/sweeper")
"""Replacements of parts of Hydra, which knows no plan and resumes nothing."""

MULTIRUN = "hydra.mode=MULTIRUN"
"""The other way to write --multirun."""


def main() -> NoReturn:
    """Read the command line, run what it asks for, and exit."""
    arguments = _arguments()
    _refuse_flags(arguments)
    # Hydra then raises what is wrong instead of printing it over many lines.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    register()
    with Interrupts(), errors_in_one_line():
        if not arguments.multirun and MULTIRUN not in arguments.overrides:
            refuse_patterns(arguments.overrides)
        overrides = readable(arguments.overrides, arguments.config_dir)
        check_own_files(arguments.config_dir, overrides)
        register_own_tasks(overrides, arguments.config_dir)
        _refuse_foreign(overrides)
        # Hydra's own parser takes overrides in one place only.
        sys.argv = [sys.argv[0], *overrides, *_flags(sys.argv[1:], arguments.overrides)]
        _front_door()
    sys.exit(0)


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Exit on an error, with one line on it and the code that tells its kind."""
    try:
        yield
    except KeyboardInterrupt:
        _leave("interrupted", INTERRUPTED)
    except Exception as error:
        if os.environ.get("HARNESS_DEBUG") == "1":
            raise
        if isinstance(error, USAGE_ERRORS):
            _leave(one_line(error), USAGE)
        reason = " ".join(str(error).split())
        _leave(f"{type(error).__name__}: {reason} (HARNESS_DEBUG=1 shows where)", BROKEN)


@hydra.main(config_path=str(data_folder("conf")), config_name="config", version_base="1.3")
def _front_door(config: DictConfig) -> NoReturn:
    """A single run. A sweep goes to the launcher, which Hydra finds by itself."""
    from sweeps.launcher import launch_single  # noqa: PLC0415

    # Inside, since Hydra has more to say about an exception that leaves here, and drops what is returned.
    with errors_in_one_line():
        if HydraConfig.get().mode is RunMode.MULTIRUN:
            raise ConfigError("hydra/launcher and hydra/sweeper: must be ours")
        for override in HydraConfig.get().overrides.task:
            if override.lstrip("+").startswith("sweep."):
                raise ConfigError(f"{override}: concerns a sweep, which needs -m")
            if setting(override) is None and override.startswith("sweep="):
                raise ConfigError(f"{override}: a declared grid makes a sweep, which needs -m")
        for override in HydraConfig.get().overrides.hydra:
            if override.startswith(PLUGGED):
                raise ConfigError(f"{override}: makes a sweep, which needs -m")
        composed = build(values_of(config))
        composed.check_overrides(HydraConfig.get().overrides.task)
        code = launch_single(composed)
    sys.exit(code)


def _refuse_foreign(overrides: Iterable[str]) -> None:
    """Raises ConfigError for a launcher or a sweeper that knows no plan, before it writes anything."""
    for override in overrides:
        group, _, choice = override.lstrip("+").partition("=")
        if group in PLUGGED and choice not in ours(group):
            raise ConfigError(f"{override}: must be one of {', '.join(ours(group))}")


def ours(group: str) -> list[str]:
    """The choices of a group of Hydra's that this program makes."""
    Plugins.instance()  # finds them
    store = ConfigStore.instance()
    nodes = {name: store.load(f"{group}/{name}") for name in store.list(group)}
    return sorted(name.removesuffix(".yaml") for name, node in nodes.items() if node.provider == "harness")


def _arguments() -> Namespace:
    """The command line, parsed. Exits on a flag that does not exist, to which the parser itself would answer with a
    page of usage."""
    said = StringIO()
    try:
        with redirect_stderr(said):
            return get_args_parser().parse_intermixed_args()
    except SystemExit:
        _leave(said.getvalue().splitlines()[-1].partition("error: ")[2], USAGE)


def _refuse_flags(arguments: Namespace) -> None:
    """Exit on flags that do not go together, and on those of Hydra's that have no meaning here."""
    modes = [flag for flag in ("run", "multirun", "cfg", "info", "shell_completion") if getattr(arguments, flag)]
    for flag in ("config_name", "config_path", "experimental_rerun"):
        if getattr(arguments, flag) not in (None, "config"):
            own = "files of your own are chosen by --config-dir DIR"
            _leave(f"--{flag.replace('_', '-')} {getattr(arguments, flag)}: not used here; {own}", USAGE)
    if len(modes) > 1:
        _leave(f"{' and '.join(f'--{flag}' for flag in modes)}: only one of them at a time".replace("_", "-"), USAGE)
    for flag in ("resolve", "package"):
        if getattr(arguments, flag) and not arguments.cfg:
            _leave(f"--{flag}: only with --cfg job, which shows the configuration", USAGE)
    completion = arguments.shell_completion and any(text.startswith("query=") for text in arguments.overrides)
    if completion and "COMP_LINE" not in os.environ:
        _leave("--shell-completion: only a shell asks this; type --shell-completion install=bash", USAGE)


def _flags(arguments: Iterable[str], overrides: Sequence[str]) -> Iterator[str]:
    """The arguments but the overrides, which come in this order among them."""
    rest = list(overrides)
    for text in arguments:
        if rest and rest[0] == text:
            rest.pop(0)
        else:
            yield text


def _leave(line: str, code: int) -> NoReturn:
    print(f"harness: {' '.join(line.split())}", file=sys.stderr)
    sys.exit(code)
