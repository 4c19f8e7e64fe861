"""Situation of a subject: its view of each package, and its knowledge of the exercise."""

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from random import Random

from harness.simulator.knowledge import Exercise, PackageKnowledge
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

    @cached_property
    def told_to_take_notes(self) -> bool:
        return NOTES in self.view.system

    @cached_property
    def folders(self) -> list[str]:
        """Folders that the root's listing names, in the order in which the prompt does."""
        names = [name.rstrip("/") for name in self.view.listings.get(".", ()) if name.endswith("/")]
        return sorted(names, key=self._place)

    @cached_property
    def packages(self) -> list[PackageKnowledge]:
        """Packages to write, each after those that it needs, otherwise as the prompt names them."""
        known = self.exercise.packages if self.exercise else ()
        return sorted(known, key=lambda package: (package.level, self._place(package.name)))

    def _place(self, name: str) -> tuple[int, str]:
        found = re.search(rf"\b{re.escape(name)}\b", self.view.prompt)
        return (found.start() if found else len(self.view.prompt), name)

    def listed(self, folder: str) -> bool:
        return folder in self.view.listings or folder in self.view.absent

    def specs(self, folder: str) -> list[str]:
        """Paths of a folder's specs, as far as it was listed."""
        return [path for path in self._files(folder) if path.endswith("_test.go")]

    def code(self, folder: str) -> list[str]:
        """Paths of a folder's code: listed, or written in this context."""
        written = [path for path in self.view.written if _folder(path) == folder]
        files = dict.fromkeys([*self._files(folder), *written])
        return [path for path in files if path.endswith(".go") and not path.endswith("_test.go")]

    def _files(self, folder: str) -> list[str]:
        names = self.view.listings.get(folder, ())
        return [posixpath.normpath(f"{folder}/{name}") for name in names if not name.endswith("/")]

    def unread(self, paths: list[str]) -> list[str]:
        """Those of the paths that were neither read here nor found to be of no use."""
        view = self.view
        return [path for path in paths if not (path in view.texts or path in view.left_out or path in view.absent)]

    def satisfied(self, folder: str) -> bool:
        """Return True if a package is known to pass, and was not changed since."""
        report = self.view.report
        if report is not None and folder in self._folders_of(report.green) and not self._touched(folder):
            return True
        # A notice tells of the last verification, so what was written or seen to fail since outweighs it.
        written = any(_folder(path) == folder for path in self.view.written)
        left_out = any(_folder(path) == folder for path in self.view.left_out)
        return left_out and not written and not self.failing(folder)

    def failing(self, folder: str) -> bool:
        """Return True if the last test output says that a package fails."""
        report = self.view.report
        return report is not None and folder in self._folders_of(report.red)

    def _folders_of(self, import_paths: frozenset[str]) -> set[str]:
        return {self.exercise.folder_of(path) for path in import_paths} if self.exercise else set()

    def _touched(self, folder: str) -> bool:
        return self.view.report_is_old and any(_folder(path) == folder for path in self.view.written)

    @cached_property
    def missing(self) -> list[PackageKnowledge]:
        """Packages without any code, as far as can be seen."""
        return [p for p in self.packages if not (self.code(p.folder) or self.satisfied(p.folder))]

    def lacking(self, package: PackageKnowledge) -> list[str]:
        """Paths to read before a package can be written: its spec, and the code of every package that it needs."""
        needed = [path for folder in sorted(package.needs) for path in self.code(folder)]
        return self.unread([*self.specs(package.folder), *needed])

    @cached_property
    def ready(self) -> list[PackageKnowledge]:
        """Missing packages that can be written now."""
        absent = {package.folder for package in self.missing}
        return [
            package
            for package in self.missing
            if self.listed(package.folder) and not package.needs & absent and not self.lacking(package)
        ]

    @cached_property
    def broken(self) -> list[PackageKnowledge]:
        """Packages with code that fail, unless what fails cannot lie in that code."""
        suspects = [p for p in self.packages if self.failing(p.folder) and self.code(p.folder)]
        return [package for package in suspects if not self.sound(package)]

    def sound(self, package: PackageKnowledge) -> bool:
        """Return True if the code of a package, all of it in this context, looks right to the subject."""
        return all(self._looks_right(self.view.texts.get(path), text) for path, text in self.right(package).items())

    def _looks_right(self, text: str | None, wanted: str) -> bool:
        return text == wanted or (text is not None and Random(text).random() < self.parameters.overlooks)

    def right(self, package: PackageKnowledge) -> dict[str, str]:
        """The files of a package as the subject would have them, by path."""
        return {path: worded(text, self.parameters.wordiness) for path, text in package.files.items()}


def _folder(path: str) -> str:
    return posixpath.dirname(path) or "."
