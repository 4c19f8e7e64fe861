"""What must hold before the first run of a sweep starts: every run is checked while nothing is lost yet."""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from hydra.core.override_parser.types import Override

from harness.config import EMBEDDED, ConfigError, Confinement, RunConfig
from harness.llm.connection import transport
from harness.llm.key import api_key
from harness.outputs import Outputs
from harness.run import confinement, initial, prepare, warm_up
from harness.sandbox.select import described, why_none
from harness.sandbox.standard_library import shown_on
from sweeps.plan.run import PlannedRun


def check(configs: Sequence[RunConfig]) -> None:
    """Raises ConfigError, in one line, for what would keep a run from starting; then compiles what all of them need,
    and verifies each folder of the user's own.

    Only log folders and caches are made.
    """
    for name in sorted({config.model.api_key_env for config in configs} - {""}):
        if not os.environ.get(name):
            raise ConfigError(f"model.api_key_env={name}: this environment variable is not set")
        api_key(name)
    for endpoint in sorted({config.model.endpoint for config in configs} - {EMBEDDED}):
        transport(endpoint).close()
    for model in (config.model for config in configs if config.model.simulated):
        # Only a sweep that simulates pays for importing the simulator.
        from harness.simulator.profiles import PROFILES  # noqa: PLC0415

        if model.profile not in PROFILES:
            raise ConfigError(f"model.profile={model.profile}: must be one of {', '.join(sorted(PROFILES))}")
    for config in {_what_is_checked(config): config for config in configs}.values():
        prepare(config)
    warm_up(configs, shown_on(sys.stderr))
    for line in _in_place(configs):
        print(line, file=sys.stderr)


def _what_is_checked(config: RunConfig) -> tuple[object, ...]:
    task = config.task
    gate = (config.protect_tests, config.cmd_timeout)
    return config.log_dir, config.sandbox, config.task_root, task.name, task.verify, task.workdir, *gate


def _in_place(configs: Iterable[RunConfig]) -> Iterator[str]:
    """Verify each folder that runs work in once; one line for each in which nothing is left to do."""
    for config in {_what_is_checked(config): config for config in configs}.values():
        verdict = initial(config, Outputs(Path(config.log_dir)))
        if verdict is not None and verdict.accepted:
            yield f"warning: {config.task.verify} accepts {config.task.workdir} as it is: nothing is left to do there"


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
