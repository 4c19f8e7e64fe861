"""What is said of a sweep before its first run, and what its command line may not hold."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from hydra.core.override_parser.types import Override

from harness.checks import confinement
from harness.config import ConfigError, Confinement, RunConfig
from harness.sandbox.select import described, why_none
from sweeps.plan.run import PlannedRun


def confinements(configs: Iterable[RunConfig]) -> str:
    """One line on what confines the code of these runs, and why nothing does where something was hoped for."""
    kinds = {confinement(config): config.sandbox for config in configs}
    line = f"sandbox: {', '.join(map(described, sorted(kinds)))}"
    return f"{line} (nothing confines here: {why_none()})" if kinds.get("none") is Confinement.auto else line


def warnings(runs: Sequence[PlannedRun]) -> Iterator[str]:
    """What is allowed, but may not be meant."""
    in_place = (Path(run.config.task.workdir).resolve() for run in runs if run.config.task.in_place)
    for folder, times in Counter(in_place).items():
        if times > 1:
            yield f"warning: {times} runs work in {folder}, in place: each starts from what the one before left there"


def check_sweep_overrides(overrides: Iterable[Override]) -> None:
    """Raises ConfigError for several values of what a sweep has one of."""
    for override in overrides:
        key = override.key_or_group
        if key == "sweep" and override.is_sweep_override():
            raise ConfigError(f"{override.input_line}: one declared grid at a time, each in a command of its own")
        if key.startswith("sweep.") and override.is_sweep_override():
            raise ConfigError(f"{override.input_line}: concerns the whole sweep: give one value")
