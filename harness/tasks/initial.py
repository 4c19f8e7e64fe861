"""The first verification of a folder, before the first call of a model.

What the gate cannot verify, whatever is written into the folder, is bad input and no result of a model.
"""

import re
from pathlib import Path

from harness.config import ConfigError, RunConfig
from harness.gate.pins import Pins
from harness.gate.select import verifier_for
from harness.gate.spec import read_spec
from harness.gate.verdict import Verdict, VerifierError
from harness.sandbox.base import SandboxError
from harness.sandbox.process import limits_of
from harness.sandbox.select import open_sandbox
from harness.sandbox.toolchain import Toolchain
from harness.trees import scratch_folder
from harness.workspace import Workspace

OUT_OF_REACH = re.compile(r"^.*(?:module lookup disabled by GOPROXY=off|missing go\.sum entry).*$", re.MULTILINE)
"""Message of go for a module that is neither in the folder nor vendored: nothing is fetched here."""
MOST_SHOWN = 300

_known: dict[tuple[object, ...], Verdict] = {}


def initial_verdict(config: RunConfig, kind: str, toolchain: Toolchain) -> Verdict:
    """Verify a folder of the user's own as it is; the same files are not verified twice by one process.

    `kind` is the sandbox. Raises ConfigError, in one line, if no work of a model could ever be accepted.
    """
    workspace = Workspace(Path(config.task.workdir))
    key = (workspace.root, workspace.state(), config.task.verify, config.protect_tests, config.cmd_timeout, kind)
    if key not in _known:
        verdict = _verified(config, kind, toolchain, workspace.root)
        # The verification itself may leave files, which the run then starts from.
        _known.update({key: verdict, (key[0], workspace.state(), *key[2:]): verdict})
    return _known[key]


def _verified(config: RunConfig, kind: str, toolchain: Toolchain, root: Path) -> Verdict:
    command = config.task.verify_arguments
    pins = Pins.take(root) if config.protect_tests else None
    if pins and command[:2] == ["go", "test"] and not read_spec(pins.files):
        raise _refused(
            config, f"there are no test functions in {root}, and the model may not write any (protect_tests)"
        )
    try:
        with scratch_folder("harness-") as scratch:
            sandbox = open_sandbox(kind, toolchain, scratch, root, limits=limits_of(config.limits))
            verdict = verifier_for(
                command, sandbox=sandbox, go=toolchain.go, root=root, timeout=config.cmd_timeout, pins=pins
            ).verify()
    except (VerifierError, SandboxError) as error:
        raise _refused(config, str(error)) from error
    if missing := OUT_OF_REACH.search(verdict.feedback):
        raise _refused(config, f"{missing[0].strip()} (nothing is downloaded: run go mod vendor first)")
    if verdict.total == 0 and verdict.ran and pins and not verdict.accepted:
        raise _refused(config, "no test function of the folder is part of what it verifies")
    if not verdict.ran and _could_not_start(root, command):
        raise _refused(config, verdict.feedback)
    return verdict


def _could_not_start(root: Path, command: list[str]) -> bool:
    """Return True if a command that failed to start always will. Without a module, the model may make one."""
    return command[:2] != ["go", "test"] or (root / "go.mod").exists()


def _refused(config: RunConfig, why: str) -> ConfigError:
    line = " ".join(why.split())
    shown = f"{line[:MOST_SHOWN]}…" if len(line) > MOST_SHOWN else line
    return ConfigError(f"task.verify={config.task.verify}: cannot verify {config.task.workdir}: {shown}")
