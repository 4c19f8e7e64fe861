"""Checks of a sweep before its first run, and of its command line."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from hydra.core.override_parser.types import Override

from harness.checks import confinement
from harness.config import ConfigError, Confinement, RunConfig
from harness.sandbox.select import described, why_none
from harness.servers.weights import check_weights
from sweeps.plan.run import PlannedRun


def confinements(configs: Iterable[RunConfig]) -> str:
    """Return a line on what confines the code of these runs, and why nothing does where something was hoped for; and a
    warning where a command agent is not confined."""
    kinds: dict[str, Confinement] = {}
    loose: set[str] = set()
    for config in configs:
        kind = confinement(config)
        kinds[kind] = config.sandbox
        if kind == "none" and not config.agent.builtin:
            loose.add(config.agent.name)
    line = f"sandbox: {', '.join(map(described, sorted(kinds)))}"
    line += f" (nothing confines here: {why_none()})" if kinds.get("none") is Confinement.auto else ""
    names = ", ".join(sorted(loose))
    warned = f"warning: {names}: not confined, so your files and the network are in reach (docs/agents.md)"
    return f"{line}\n{warned}" if loose else line


def warnings(runs: Sequence[PlannedRun]) -> Iterator[str]:
    """Return warnings on what is allowed, but perhaps not meant."""
    in_place = (Path(run.config.task.workdir).resolve() for run in runs if run.config.task.in_place)
    for folder, times in Counter(in_place).items():
        if times > 1:
            yield f"warning: {times} runs work in {folder}, in place: each starts from what the one before left there"


def problem_of_arms(configs: Sequence[RunConfig]) -> str | None:
    """Say in one line what is wrong with the weights and labels of the arms; None if nothing is."""
    try:
        check_weights(configs)
        _refuse_one_thing_twice(configs)
    except ConfigError as error:
        return str(error)
    return None


def _refuse_one_thing_twice(configs: Iterable[RunConfig]) -> None:
    """Raise ConfigError for two labels of a variant behind which everything else is the same."""
    labels: dict[object, str] = {}
    models: set[tuple[object, ...]] = set()
    for config in configs:
        model, server = config.model, config.server
        # Ten thousand runs have few models, and a path costs a look at the disk.
        subject = (*vars(model).values(), server.command, server.args)
        if not model.variant or subject in models:
            continue
        models.add(subject)
        fields = {key: value for key, value in vars(model).items() if key not in ("variant", "path")}
        path = Path(model.path).resolve() if model.path and Path(model.path).exists() else model.path
        same = (*fields.items(), path, server.command, server.args)
        other = labels.setdefault(same, model.variant)
        if other != model.variant:
            what = f" ({model.path})" if model.path else ""
            raise ConfigError(
                f"model.variant={other} and model.variant={model.variant} are the same model{what}: variants differ in "
                "model.path, or in another field that `variants` in the file of the model gives"
            )


def check_sweep_overrides(overrides: Iterable[Override]) -> None:
    """Raises ConfigError for several values of what a sweep has one of."""
    for override in overrides:
        key = override.key_or_group
        if key == "sweep" and override.is_sweep_override():
            raise ConfigError(f"{override.input_line}: one declared grid at a time, each in a command of its own")
        if key.startswith("sweep.") and override.is_sweep_override():
            raise ConfigError(f"{override.input_line}: concerns the whole sweep: give one value")
