"""Situation of a subject: its view of each package, and its knowledge of the exercise."""

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from random import Random

from harness.simulator.exercise import Exercise, PackageKnowledge
from harness.simulator.language import Language
from harness.simulator.parameters import SubjectParameters
from harness.simulator.view import View
from harness.simulator.wording import worded

NOTES = "PROGRESS.md"


@dataclass
class Situation:
    """One turn's standing. Nothing in it comes from anywhere but the view, the knowledge and the draws."""

    view: View
    exercise: Exercise | None
    parameters: SubjectParameters
    random: Random
    """For this turn alone."""
    mood: str
    """The same through one context; see `inclined`."""

    def inclined(self, share: float, *about: str) -> bool:
        """A draw that one context keeps to: the same question has the same answer until it ends."""
        return Random("/".join((self.mood, *about))).random() < share

    @property
    def language(self) -> Language:
        return self.view.language

    @cached_property
    def told_to_take_notes(self) -> bool:
        return NOTES in self.view.system

    @cached_property
    def folders(self) -> list[str]:
        """Folders that the root's listing names, in the order in which the prompt does."""
        names = [name.rstrip("/") for name in self.view.listings.get(".", ()) if name.endswith("/")]
        return sorted(names, key=self._place)

    @cached_property
    def units(self) -> list[str]:
        """Units that the root's listing names, in the order in which the prompt does."""
        return sorted(self.language.units(self.view.listings.get(".", ())), key=self._place)

    @cached_property
    def packages(self) -> list[PackageKnowledge]:
        """Packages to write, each after those that it needs, otherwise as the prompt names them."""
        known = self.exercise.packages if self.exercise else ()
        return sorted(known, key=lambda package: (package.level, self._place(package.name)))

    def _place(self, name: str) -> tuple[int, str]:
        found = re.search(rf"\b{re.escape(name)}\b", self.view.prompt)
        return (found.start() if found else len(self.view.prompt), name)

    def listed(self, unit: str) -> bool:
        """Return True if the folder of a unit was listed."""
        return self.has_listed(self.language.folder_of(unit))

    def has_listed(self, folder: str) -> bool:
        return folder in self.view.listings or folder in self.view.absent

    def specs(self, unit: str) -> list[str]:
        """Paths of a unit's specs, as far as they were listed."""
        return [path for path in self._listed_files(unit) if self.language.is_spec(path)]

    def code(self, unit: str) -> list[str]:
        """Paths of a unit's code: listed, or written in this context."""
        files = dict.fromkeys([*self._listed_files(unit), *self._within(unit, self.view.written)])
        return [path for path in files if self.language.is_code(path)]

    def _listed_files(self, unit: str) -> list[str]:
        folder = self.language.folder_of(unit)
        names = [name for name in self.view.listings.get(folder, ()) if not name.endswith("/")]
        return self._within(unit, [posixpath.normpath(f"{folder}/{name}") for name in names])

    def _within(self, unit: str, paths: Iterable[str]) -> list[str]:
        return [path for path in paths if self.language.unit_of(path) == unit]

    def unread(self, paths: list[str]) -> list[str]:
        """Those of the paths that were neither read here nor found to be of no use."""
        view = self.view
        return [path for path in paths if not (path in view.texts or path in view.left_out or path in view.absent)]

    def satisfied(self, unit: str) -> bool:
        """Return True if a unit is known to pass, and was not changed since."""
        report, written = self.view.report, bool(self._within(unit, self.view.written))
        touched = written and self.view.report_is_old
        if report is not None and unit in self._units_of(report.green) and not touched:
            return True
        # A notice tells of the last verification, so what was written or seen to fail since outweighs it.
        return bool(self._within(unit, self.view.left_out)) and not written and not self.failing(unit)

    def failing(self, unit: str) -> bool:
        """Return True if the last test output says that a unit fails."""
        report = self.view.report
        return report is not None and unit in self._units_of(report.red)

    def _units_of(self, names: frozenset[str]) -> set[str]:
        return {self.language.tested_unit(name, self.exercise.module) for name in names} if self.exercise else set()

    @cached_property
    def missing(self) -> list[PackageKnowledge]:
        """Packages without any code, as far as can be seen."""
        return [p for p in self.packages if not (self.code(p.unit) or self.satisfied(p.unit))]

    def lacking(self, package: PackageKnowledge) -> list[str]:
        """Paths to read before a package can be written: its spec, and the code of every package that it needs."""
        needed = [path for unit in sorted(package.needs) for path in self.code(unit)]
        return self.unread([*self.specs(package.unit), *needed])

    @cached_property
    def ready(self) -> list[PackageKnowledge]:
        """Missing packages that can be written now."""
        absent = {package.unit for package in self.missing}
        return [
            package
            for package in self.missing
            if self.listed(package.unit) and not package.needs & absent and not self.lacking(package)
        ]

    @cached_property
    def broken(self) -> list[PackageKnowledge]:
        """Packages with code that fail, unless what fails cannot lie in that code."""
        suspects = [p for p in self.packages if self.failing(p.unit) and self.code(p.unit)]
        return [package for package in suspects if not self.sound(package)]

    def sound(self, package: PackageKnowledge) -> bool:
        """Return True if the code of a package, all of it in this context, looks right to the subject."""
        return all(self._looks_right(self.view.texts.get(path), text) for path, text in self.right(package).items())

    def _looks_right(self, text: str | None, wanted: str) -> bool:
        return text == wanted or (text is not None and Random(text).random() < self.parameters.overlooks)

    def right(self, package: PackageKnowledge) -> dict[str, str]:
        """The files of a package as the subject would have them, by path."""
        return {path: worded(text, self.parameters.wordiness, self.language) for path, text in package.files.items()}
