"""Checks before a run starts, while nothing is lost yet."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from harness.agents.installed import installed_agent
from harness.agents.templates import require_passable
from harness.cell import InputHashes
from harness.config import EMBEDDED, ConfigError, Lever, RunConfig, ToolchainName
from harness.gate.command import why_unstartable
from harness.gate.verdict import Verdict
from harness.identity import Assignment, assignment
from harness.llm.connection import api_key, transport
from harness.outputs import Outputs
from harness.sandbox.base import SandboxError
from harness.sandbox.environment import holds_home, require_cache
from harness.sandbox.select import open_sandbox, settle
from harness.tasks.initial import initial_verdict
from harness.toolchains.base import Show, Toolchain
from harness.toolchains.progress import shown_on
from harness.toolchains.select import environment_for, toolchain_for
from harness.trees import readable, scratch_folder

NOT_WRITTEN = ("javascript", "rust")
"""Toolchains whose language no simulated subject writes."""
MOST_SHOWN = 5
"""Most names on a line of warning."""


def check(configs: Sequence[RunConfig]) -> None:
    """Raises ConfigError, in one line, for what would keep a run from starting; then compiles what all of them need,
    and verifies each folder of the user's own. What the user should know is said on standard error.

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
        from harness.simulator.profiles import PROFILES, name_of  # noqa: PLC0415

        if model.profile not in PROFILES:
            raise ConfigError(f"model.profile={model.profile}: must be one of {', '.join(sorted(PROFILES))}")
        if model.name != name_of(model.profile):
            why = f"since the model is simulated (model.profile={model.profile})"
            raise ConfigError(f"model.name={model.name}: must be {name_of(model.profile)}, {why}")
    started: set[tuple[object, ...]] = set()
    for config in {_what_is_checked(config): config for config in configs}.values():
        prepare(config, started)
    warm_up(configs, shown_on(sys.stderr))
    for line in _own_folders(configs):
        print(line, file=sys.stderr)


def _what_is_checked(config: RunConfig) -> tuple[object, ...]:
    task = config.task
    toolchain = config.toolchain
    gate = (config.protect_tests, config.cmd_timeout, config.lever, config.sandbox_paths)
    language = (toolchain.name, toolchain.python, toolchain.commands, *vars(config.kit).values())
    agent = config.agent.name, config.agent.command
    where = config.log_dir, config.sandbox, config.task_root, task.name, task.verify, task.workdir, task.in_place
    return *where, *gate, *language, *agent


def _own_folders(configs: Sequence[RunConfig]) -> Iterator[str]:
    """Verify each folder of the user's own once, and yield what the user should know of it.

    Raises ConfigError for a sweep on a folder whose verify command accepts it before any work, unless in place.
    """
    for config in {_what_is_checked(config): config for config in configs}.values():
        task, assigned = config.task, assignment(config) if config.task.own_folder else None
        if assigned is None:
            continue
        if assigned.folder and assigned.folder.content.left_out:
            links = ", ".join(readable(name) for name in assigned.folder.content.left_out[:MOST_SHOWN])
            yield f"warning: links that lead out of {task.workdir} are no part of the copies: {links}"
        verdict = initial(config, Outputs(Path(config.log_dir)), assigned)
        if verdict is not None and verdict.weaker:
            proven = f"{task.verify} cannot be proven to have run the tests"
            yield f"warning: {proven}: {verdict.weaker} (docs/gate.md)"
        if verdict is not None and verdict.accepted:
            accepts = f"{task.verify} accepts {task.workdir} as it is: nothing is left to do there"
            if len(configs) > 1 and not task.in_place:
                raise ConfigError(f"{accepts}, so that a sweep would measure nothing")
            yield f"warning: {accepts}, and a run measures nothing"
        if task.in_place and len(configs) == 1:
            yield f"warning: the run works in {task.workdir} itself: what it changes there stays (task.in_place=true)"


def prepare(config: RunConfig, started: set[tuple[object, ...]] | None = None) -> InputHashes:
    """Check everything that a run needs before it starts, without starting it; returns its hashes.

    `started` holds the verify commands that were seen to start; a set of thousands of tasks has few. Raises
    ConfigError, in one line, for whatever is missing or cannot be used.
    """
    assigned = assignment(config)
    installed_agent(config)
    require_passable(config.agent, f"{assigned.prompt}{assigned.system}")
    _require_paths(config)
    _require_lever(config, installed(config))
    _require_language(config, installed(config).name)
    _require_verifier(config, assigned, set() if started is None else started)
    Outputs(Path(config.log_dir)).check()
    return assigned.inputs


def _require_language(config: RunConfig, language: str) -> None:
    """Raises ConfigError for a simulated subject in a language that it does not write: it would do nothing."""
    if config.model.simulated and config.model.profile != "nop" and language in NOT_WRITTEN:
        raise ConfigError(
            f"model.profile={config.model.profile}: simulated subjects write Go and Python, not {language}: "
            "choose a real model, nop, or a task in another language"
        )


def warm_up(configs: Iterable[RunConfig], show: Show) -> None:
    """Compile what all runs on this machine need, if it is not there yet. Raises ConfigError if nothing can be kept."""
    try:
        ready = {(toolchain.name, kind): toolchain for toolchain, kind in map(_toolchain_and_sandbox, configs)}
        for (_, kind), toolchain in sorted(ready.items(), key=lambda one: one[0]):
            toolchain.prepare(kind, show)
    except SandboxError as error:
        raise ConfigError(str(error)) from error


def _toolchain_and_sandbox(config: RunConfig) -> tuple[Toolchain, str]:
    return installed(config), confinement(config)


def initial(config: RunConfig, outputs: Outputs, assigned: Assignment) -> Verdict | None:
    """The verdict on a folder of the user's own before the first call of a model; None for any other task.

    Raises ConfigError if the folder cannot be verified, whatever is written into it.
    """
    if not config.task.own_folder:
        return None
    own = assigned.folder.freeze(outputs) if assigned.folder else None
    with outputs.workspace(config, lambda path: None) as root:  # noqa: ARG005 - the run says that it waits
        return initial_verdict(config, confinement(config), installed(config), own, root)


def confinement(config: RunConfig) -> str:
    """The sandbox that a run will have on this machine. Raises ConfigError if it cannot have what it asks for."""
    try:
        return settle(config.sandbox.value)
    except SandboxError as error:
        raise ConfigError(str(error)) from error


def _require_verifier(config: RunConfig, assigned: Assignment, started: set[tuple[object, ...]]) -> None:
    """Raises ConfigError if the command that decides cannot be started where the run would start it."""
    toolchain = toolchain_for(config)
    command = toolchain.started_as(config.task.verify_arguments)
    folder = (assigned.task.seed if assigned.task else Path(config.task.workdir)).resolve()
    kind = confinement(config)
    # The program of a language is the same for every task; any other may be a file of the folder.
    where = folder if toolchain.name == ToolchainName.command.value or assigned.task is None else None
    key = (toolchain.name, tuple(command), where, kind, config.sandbox_paths, *vars(config.toolchain).values())
    if key in started:
        return
    started.add(key)
    with scratch_folder("harness-") as scratch:
        sandbox = open_sandbox(kind, environment_for(config), Path(scratch), folder, cache=False)
        reason = why_unstartable(sandbox, command, folder)
    if reason:
        raise ConfigError(f"task.verify={config.task.verify}: {reason} (sandbox: {kind})")


def _require_paths(config: RunConfig) -> None:
    """Raises ConfigError for a path of sandbox_paths that is no folder, or holds more than code may see."""
    for path in config.sandbox_path_list:
        if not path.is_absolute() or not path.is_dir():
            raise ConfigError(f"sandbox_paths={path}: must be a folder that exists, by its whole path")
        if holds_home(path):
            raise ConfigError(f"sandbox_paths={path}: holds your home folder, which code must not see: name its parts")


def _require_lever(config: RunConfig, toolchain: Toolchain) -> None:
    """Raises ConfigError for a lever that needs what the toolchain does not know."""
    units, interfaces = bool(toolchain.files.unit), bool(toolchain.interface_source)
    lacks = {Lever.digest: "units of tests" * (not units), Lever.impl_doc: "interfaces of packages" * (not interfaces)}
    if missing := lacks.get(config.lever):
        raise ConfigError(f"lever={config.lever.value}: toolchain {toolchain.name} knows no {missing}")


def installed(config: RunConfig) -> Toolchain:
    """The toolchain of a config. Raises ConfigError if this machine does not have it, or no folder for its cache."""
    toolchain = toolchain_for(config)
    try:
        require_cache()
        environment_for(config)
    except SandboxError as error:
        raise ConfigError(str(error)) from error
    return toolchain
