"""Tasks as levels: those of a task_root as choices of `task`, and globs and lists that name many of them."""

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.types import ChoiceSweep, Override, Quote, QuotedString, ValueType

from harness.command_line import quoted
from harness.config import ConfigError, TaskConfig
from harness.installation import data_folder
from harness.tasks.catalogue import allowed, names, own_names, own_verify
from sweeps.overrides import KEY, LIST, is_pattern, levels_of_task, parse
from sweeps.plan.run import NO_PATTERNS, TaskLevels

PLAIN = re.compile(r"(?!(?:true|false|null|on|off|yes|no|nan|inf)$)[A-Za-z][A-Za-z0-9_/-]*", re.IGNORECASE)
"""Names that Hydra reads as text without quotes."""

MOST_LIST_BYTES = 16 << 20
"""Largest size of a file of names."""

Text = str
"""An override as it is written."""


class OwnTasks:
    """The tasks of the folders of a task_root. Raises ConfigError for a folder without any."""

    def __init__(self, task_root: str) -> None:
        self.task_root = task_root
        bundled = {file.stem for file in (data_folder("conf") / "task").glob("*.yaml")}
        self.names = [name for name in own_names(task_root) if name not in bundled] if task_root else []
        verify = own_verify(task_root) if task_root else {}
        self._verify = {name: verify.get(name, TaskConfig.verify) for name in self.names}

    def register(self, chosen: Iterable[str]) -> None:
        """Make tasks choices of `task`. Not all: Hydra copies every choice whenever it composes."""
        for name in chosen:
            verify = self._verify[name]
            # A name with slashes is a group of its own to Hydra; what it holds is a task all the same.
            group, _, last = f"{KEY}/{name}".rpartition("/")
            node = {"name": name} if verify == TaskConfig.verify else {"name": name, "verify": verify}
            ConfigStore.instance().store(group=group, name=last, node=node, package=KEY, provider="task_root")

    def stand_ins(self) -> dict[Text, tuple[Text, str]]:
        """Return for the choice of each task a choice that composes to the same but for the name, and the name.

        Hydra takes a tenth of a second to compose a choice, and a sweep may have thousands of tasks.
        """
        first: dict[str, str] = {}
        for name, verify in self._verify.items():
            first.setdefault(verify, name)
        self.register(first.values())
        named = ((name, choice(first[verify])) for name, verify in self._verify.items())
        return {text: (stand_in, name) for name, stand_in in named for text in (choice(name), f"{KEY}={name}")}


@dataclass
class TaskExpansion:
    """Expands the globs and lists of one sweep, and remembers what they stand for."""

    own: OwnTasks
    options: Callable[[], Collection[str]]
    """The names that have a file of conf/task, or of the user's own."""
    levels: TaskLevels = NO_PATTERNS

    def __call__(self, levels: Sequence[str]) -> list[str]:
        """Return the tasks that the levels stand for, each once and sorted. Raises ConfigError, in one line."""
        known = {*self.own.names, *self.options()}
        found = sorted({name for level in levels for name in self._names(level, known)})
        patterns = dict.fromkeys([*self.levels.patterns, *levels])
        self.levels = TaskLevels(tuple(patterns), tuple(sorted({*self.levels.names, *found})))
        return found

    def override(self, override: Override) -> Override:
        """Return an override with names in place of its globs and lists."""
        text = override.input_line or ""
        if not has_pattern(text):
            return override
        elements = [_element(name) for name in self(levels_of_task(text) or ())]
        return replace(override, value_type=ValueType.CHOICE_SWEEP, _value=ChoiceSweep(list=list(elements)))

    def arms(self, arms: Sequence[Sequence[Text]]) -> list[list[Text]]:
        """Return the arms, with one for each task of an arm whose task is a glob or a list."""
        return [expanded for arm in arms for expanded in self._arm(list(arm))]

    def _arm(self, arm: list[Text]) -> Iterator[list[Text]]:
        place = next((place for place, text in enumerate(arm) if has_pattern(text)), None)
        if place is None:
            yield arm
            return
        for name in self(levels_of_task(arm[place]) or ()):
            yield [*arm[:place], choice(name), *arm[place + 1 :]]

    def _names(self, level: str, known: Collection[str]) -> Iterable[str]:
        if level.startswith(LIST):
            return self._listed(level, known)
        return self._matching(level, known, f"{KEY}={level}")

    def _matching(self, level: str, known: Collection[str], where: str) -> list[str]:
        if not is_pattern(level):
            if level not in known:
                raise ConfigError(f"{where}: {allowed(level, sorted(known))}")
            return [level]
        candidates = self.own.names or names()
        if found := [name for name in candidates if matches(name, level)]:
            return found
        of = f"task_root={self.own.task_root}" if self.own.names else "this program; task_root=DIR names others"
        raise ConfigError(f"{where}: matches none of the {len(candidates)} tasks of {of}")

    def _listed(self, level: str, known: Collection[str]) -> list[str]:
        path = level.removeprefix(LIST)
        lines = list(_lines(path, f"{KEY}={level}"))
        if nested := next((number for number, line in lines if line.startswith(LIST)), None):
            raise ConfigError(f"{path}:{nested}: a list holds names and globs, and no other list")
        if not lines:
            raise ConfigError(f"{KEY}={level}: holds no name of a task")
        return [name for number, line in lines for name in self._matching(line, known, f"{path}:{number}: {line}")]


def choice(name: str) -> Text:
    """Return the override that chooses a task, as jobs are written."""
    return f"{KEY}={name if PLAIN.fullmatch(name) else quoted(name)}"


def _element(name: str) -> str | QuotedString:
    """Return a name as an element of a choice of Hydra's, which writes jobs of it as `choice` does."""
    return name if PLAIN.fullmatch(name) else QuotedString(name, Quote.double)


def has_pattern(text: Text) -> bool:
    """Return whether an override names tasks by a glob or a list."""
    return any(is_pattern(level) or level.startswith(LIST) for level in levels_of_task(text) or ())


def refuse_patterns(overrides: Iterable[str]) -> None:
    """Raise ConfigError for a glob or a list of tasks where there is one run."""
    for text in filter(has_pattern, overrides):
        raise ConfigError(f"{text}: names any number of tasks, which makes a sweep, which needs -m")


def register_own_tasks(overrides: Sequence[str], config_dir: str | None) -> None:
    """Make the tasks of a command line choices of `task`, as far as they lie in its task_root.

    Raises ConfigError for a root without tasks, and for a name that is neither there nor a file.
    """
    given = [str(parse(text).value()) for text in overrides if text.lstrip("+").startswith("task_root=")]
    if not given:
        return
    own = OwnTasks(os.pathsep.join(given))
    files = (data_folder("conf"), *([Path(config_dir)] if config_dir else []))
    for name in (name for text in overrides if not has_pattern(text) for name in levels_of_task(text) or ()):
        if name in own.names:
            own.register([name])
        elif not any((folder / KEY / f"{name}.yaml").is_file() for folder in files):
            raise ConfigError(f"{KEY}={name}: {allowed(name, [*own.names, *names()])}, or folder")


def matches(name: str, glob: str) -> bool:
    """Return whether a name fits a glob: `*`, `?` and `[…]` within a part of the path, `**` for any number of parts."""
    return _fits(name.split("/"), glob.split("/"))


def _fits(parts: Sequence[str], globs: Sequence[str]) -> bool:
    if not globs:
        return not parts
    if globs[0] == "**":
        return any(_fits(parts[skip:], globs[1:]) for skip in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], globs[0]) and _fits(parts[1:], globs[1:])


def _lines(path: str, where: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers, without comments and empty ones."""
    if not path:
        raise ConfigError(f"{where}: must be followed by the path of a file with the name of a task on each line")
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_LIST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{where}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{where}: must be UTF-8 text") from error
    if len(content) > MOST_LIST_BYTES:
        raise ConfigError(f"{where}: is larger than {MOST_LIST_BYTES >> 20} MB: must hold names of tasks")
    for number, line in enumerate(text.split("\n"), 1):
        name = "" if line.startswith("#") else line.partition(" #")[0].strip()
        if name:
            yield number, name
