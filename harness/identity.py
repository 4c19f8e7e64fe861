"""Identity of a run by content: the task with its texts."""

import hashlib
import os
import pwd
import shlex
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.agents.installed import version_of
from harness.cell import InputHashes
from harness.command_line import typed
from harness.config import ConfigError, RunConfig, TaskConfig, Toolset, digest
from harness.outputs import Outputs
from harness.prompts import memory_note, system_prompt
from harness.tasks.catalogue import Task, check_seed, load
from harness.tasks.own_folder import OwnFolder, own_folder
from harness.toolchains.select import toolchain_for


@dataclass(frozen=True)
class Assignment:
    """The task of a run, with every file that its config names read."""

    label: str
    """Name of the task in the record: the path of its prompt, or the name of a folder of the user's own."""
    prompt: str
    system: str
    task: Task | None
    """The bundled task; None where the run works in a folder of the user's own."""
    inputs: InputHashes
    folder: OwnFolder | None = None
    """The folder of the user's own that the run copies; None for other tasks, and where it is worked in in place."""

    @property
    def task_sha256(self) -> str | None:
        """Hash of what makes the task: prompt, seed, verify command, and the files that the subject may change."""
        if self.task is None:
            return None
        texts = [self.inputs.prompt_sha256, self.task.seed_sha256, self.task.verify, sorted(self.task.writable)]
        return digest(texts)


def assignment(config: RunConfig, folder_sha256: str | None = None) -> Assignment:
    """Read and check all that a config names. Raises ConfigError, in one line, on whatever is missing.

    `folder_sha256` is the content of a folder of the user's own that a sweep was planned with; it outlives changes.
    """
    folder = None
    words = toolchain_for(config).words
    full = config.toolset is Toolset.full
    built_in = system_prompt(words, memory=config.memory, full=full)
    if not config.agent.builtin:
        built_in = memory_note(memory=config.memory)
    system = _text("system", config.system) if config.system else built_in
    if config.task.own_folder:
        label, task, prompt = config.task.title, None, _text("task.prompt", config.task.prompt)
        path = _own_folder(config.task.workdir, config.log_dir, in_place=config.task.in_place)
        seed = sha256_of(str(path))
        if not config.task.in_place:
            kept = Outputs(Path(config.log_dir)).folder_copy(path.name, folder_sha256) if folder_sha256 else None
            folder = own_folder(path, Path(config.log_dir), folder_sha256, kept)
            seed = folder.content.sha256
    else:
        task = load(config.task.name, task_root=config.task_root, kit=config.kit)
        check_seed(task)
        _require_language(config, task)
        label, prompt, seed = task.label, _text("task", str(task.prompt)), task.seed_sha256
    inputs = InputHashes(sha256_of(prompt), sha256_of(system), seed, _subject(config.model.profile), version_of(config))
    return Assignment(label, prompt, system, task, inputs, folder)


def _require_language(config: RunConfig, task: Task) -> None:
    """Raises ConfigError for a verify command in another language than the task's."""
    apart = toolchain_for(config).name != task.toolchain.name
    if apart and config.task.verify == TaskConfig.verify:
        raise ConfigError(
            f"task.verify={config.task.verify}: the task {task.name} is no Go: type {typed('task.verify', task.verify)}"
        )


def _subject(profile: str) -> str:
    """The fingerprint of a simulated subject's parameters and version; empty where there is none."""
    if not profile:
        return ""
    # Only a run that simulates pays for importing the simulator.
    from harness.simulator.profiles import PROFILES  # noqa: PLC0415

    return PROFILES[profile].fingerprint if profile in PROFILES else ""


def _text(key: str, path: str) -> str:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{key}={path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{key}={path}: must be UTF-8 text") from error
    if not text.strip():
        raise ConfigError(f"{key}={path}: is empty: must hold the text for the model")
    return text


def _own_folder(workdir: str, log_dir: str, *, in_place: bool) -> Path:
    """The folder of the user's own that a run copies, or works in. Raises ConfigError for a folder that holds more than
    the work: what the model reads there, and in place writes and throws away, is the user's own."""
    path = Path(workdir)
    if not path.is_dir():
        raise ConfigError(f"task.workdir={workdir}: must be a folder that exists")
    real, logs = path.resolve(), Path(log_dir).resolve()
    if home := next((home for home in _homes() if home.is_relative_to(real)), None):
        what = "your home folder" if home == real else "a folder above your home folder"
        raise ConfigError(
            f"task.workdir={workdir}: is {what if len(real.parts) > 1 else 'the root of this machine'}: {_OWN}"
        )
    if in_place and logs.is_relative_to(real):
        raise ConfigError(
            f"task.workdir={workdir}: holds the log folder ({logs}), which a run must not touch: "
            f"{_OWN}, or type log_dir={shlex.quote(str(real.parent / 'outputs'))}"
        )
    if real.is_relative_to(logs):
        raise ConfigError(f"task.workdir={workdir}: lies in the log folder ({logs}): {_OWN}, or another log_dir")
    if in_place:
        _require_writable(path, workdir)
    return real


def _require_writable(path: Path, workdir: str) -> None:
    """Raise ConfigError for a folder that cannot be worked in."""
    probe = path / ".harness-probe"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigError(f"task.workdir={workdir}: cannot be written: {error.strerror}") from error


_OWN = "give a folder that holds the work alone"


def _homes() -> list[Path]:
    """The user's home folder, as the environment and as the system has it; the root of the file system at least."""
    homes = [Path("/")]
    with suppress(KeyError):
        homes.append(Path(pwd.getpwuid(os.getuid()).pw_dir))
    if home := os.environ.get("HOME"):
        homes.append(Path(home))
    return [home.resolve() for home in homes]


def sha256_of(text: str) -> str:
    """The SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
