"""The first verification of a folder, before the first call of a model.

What the gate cannot verify, whatever is written into the folder, is bad input and no result of a model.
"""

from dataclasses import replace
from pathlib import Path

from harness.config import ConfigError, RunConfig
from harness.gate.pins import Pins
from harness.gate.verdict import Verdict, VerifierError
from harness.sandbox.base import SandboxError
from harness.sandbox.process import limits_of
from harness.sandbox.select import open_sandbox
from harness.tasks.own_folder import OwnFolder
from harness.toolchains.base import Toolchain
from harness.toolchains.select import environment_for
from harness.trees import scratch_folder
from harness.workspace import Workspace

MOST_SHOWN = 300

_known: dict[tuple[object, ...], Verdict] = {}


def initial_verdict(config: RunConfig, kind: str, toolchain: Toolchain, own: OwnFolder | None, root: Path) -> Verdict:
    """Verify a folder of the user's own as it is; the same files are not verified twice by one process.

    `own` is laid into the workspace `root` for it; without one the run works in `root` in place. `kind` is the sandbox.
    Raises ConfigError, in one line, if no work of a model could ever be accepted.
    """
    workspace = Workspace(root)
    settings = (config.task.verify, config.protect_tests, config.cmd_timeout, config.sandbox_paths)
    state = own.content.sha256 if own else workspace.state()
    key = (workspace.root, state, *settings, toolchain.name, config.toolchain.python, kind)
    if key not in _known:
        if own:
            own.lay(workspace)
        verdict = _verified(config, kind, toolchain, workspace.root)
        # The verification itself may leave files, which the run then starts from.
        _known.update({key: verdict, (key[0], state if own else workspace.state(), *key[2:]): verdict})
    return _known[key]


def _verified(config: RunConfig, kind: str, toolchain: Toolchain, root: Path) -> Verdict:
    command = config.task.verify_arguments
    pins = Pins.take(root, toolchain.files) if config.protect_tests else None
    if why := toolchain.why_unverifiable(command, root, pins):
        raise _refused(config, why)
    try:
        with scratch_folder("harness-") as scratch:
            sandbox = open_sandbox(kind, environment_for(config), scratch, root, limits=limits_of(config.limits))
            verifier = toolchain.verifier(command, sandbox=sandbox, root=root, timeout=config.cmd_timeout, pins=pins)
            weaker = toolchain.why_weaker(command, sandbox=sandbox, root=root, pins=pins)
            verdict = replace(verifier.verify(), weaker=weaker)
    except (VerifierError, SandboxError) as error:
        raise _refused(config, str(error)) from error
    if why := toolchain.why_unverified(command, root, verdict):
        raise _refused(config, why)
    if verdict.total == 0 and verdict.ran and pins and not verdict.accepted:
        raise _refused(config, "no test function of the folder is part of what it verifies")
    return verdict


def _refused(config: RunConfig, why: str) -> ConfigError:
    line = " ".join(why.split())
    shown = f"{line[:MOST_SHOWN]}…" if len(line) > MOST_SHOWN else line
    return ConfigError(f"task.verify={config.task.verify}: cannot verify {config.task.workdir}: {shown}")
