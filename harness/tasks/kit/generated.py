"""Generated tasks: prompt, seed and solution, made by rule from their arguments."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path

from harness.config import digest
from harness.kit_config import KITS, MOST_PACKAGES, KitConfig
from harness.requirements import ConfigError
from harness.tasks.entry import CATALOGUE, describe, read_entries, write_entries
from harness.tasks.kit.golang import GoKit
from harness.tasks.kit.histories import sized, store_histories, transfers
from harness.tasks.kit.language import KitLanguage
from harness.tasks.kit.prompt import prompt_text
from harness.tasks.kit.python import PythonKit
from harness.tasks.kit.stores import COMPOSER, StoreRules, store_rules
from harness.tasks.seed import difference

GO_KIT, PYTHON_KIT = KITS
LANGUAGES: Mapping[str, KitLanguage] = {GO_KIT: GoKit(), PYTHON_KIT: PythonKit()}
"""By the name of the task."""


@dataclass(frozen=True)
class KitPackage:
    """One package of a kit: its solution, and the packages that it imports."""

    name: str
    code: str
    imports: tuple[str, ...] = ()


@dataclass(frozen=True)
class KitContract:
    """All of a kit but its specs: a contract and its solution. No size of a spec changes either."""

    name: str
    """Name of the task: kit or kit_py."""
    prompt: str
    packages: tuple[KitPackage, ...]

    @property
    def solution(self) -> dict[str, str]:
        """Return the files that satisfy the specs, by path."""
        return {LANGUAGES[self.name].code_path(one.name): one.code for one in self.packages}


@dataclass(frozen=True)
class GeneratedKit:
    """A generated task."""

    contract: KitContract
    specs: Mapping[str, str]
    """Text of each spec, by the name of its package."""

    @property
    def name(self) -> str:
        return self.contract.name

    @property
    def seed(self) -> dict[str, str]:
        """Return the files that a run starts from, by path."""
        language = LANGUAGES[self.name]
        return {**language.beside, **{language.spec_path(name): text for name, text in self.specs.items()}}

    def write(self, parent: Path) -> Path:
        """Write the task below a folder, with the catalogue that knows it, and return that catalogue's folder.

        A folder that holds the task already is left as it is; any other of the same name is replaced as a whole.
        """
        files = {
            f"{self.name}/{path}": text
            for path, text in {
                "PROMPT.md": self.contract.prompt,
                **{f"workspace/{path}": text for path, text in self.seed.items()},
                **{f"solution/{path}": text for path, text in self.contract.solution.items()},
            }.items()
        }
        folder = parent / f"{self.name}-{digest(files)[:16]}"
        if _holds(folder, self.name, files):
            return folder
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, prefix=".building-") as work:
            fresh = Path(work, "kit")
            _write_files(fresh, files)
            write_entries(fresh, {self.name: describe(fresh / self.name)})
            if folder.exists():
                shutil.rmtree(folder)
            try:
                fresh.rename(folder)
            except OSError:  # another run has made the same folder meanwhile, and may be reading it
                if not _holds(folder, self.name, files):
                    raise
        return folder


def generate(name: str, arguments: KitConfig) -> GeneratedKit:
    """Return the task of that name with these arguments: always the same files for the same arguments."""
    return _generated(name, arguments.packages, arguments.composer, arguments.spec_bytes)


def contracts(name: str) -> Iterator[KitContract]:
    """Yield the contract of every kit of that name."""
    for packages in range(1, MOST_PACKAGES + 1):
        for composer in (False, True):
            yield _contract(name, packages, composer)


@lru_cache(maxsize=256)
def _generated(name: str, packages: int, composer: bool, spec_bytes: int) -> GeneratedKit:
    language, stores = LANGUAGES[name], store_rules(packages)
    specs = {}
    for place, rules in enumerate(stores):
        # Evenly from the whole size to half of it.
        size = spec_bytes - spec_bytes * place // (2 * max(packages - 1, 1))
        specs[rules.name] = sized(partial(_store_spec, language, rules), size)
    if composer:
        specs[COMPOSER] = sized(lambda steps: language.composer_spec(transfers(stores, steps)), spec_bytes)
    return GeneratedKit(_contract(name, packages, composer), specs)


def _store_spec(language: KitLanguage, rules: StoreRules, steps: int) -> str:
    return language.store_spec(rules, store_histories(rules, steps))


def _contract(name: str, packages: int, composer: bool) -> KitContract:
    language, stores = LANGUAGES[name], store_rules(packages)
    made = [KitPackage(rules.name, language.store_code(rules)) for rules in stores]
    if composer:
        imports = tuple(rules.name for rules in stores)
        made.append(KitPackage(COMPOSER, language.composer_code(stores), imports))
    return KitContract(name, prompt_text(language, stores, composer=composer), tuple(made))


def _holds(folder: Path, name: str, files: Mapping[str, str]) -> bool:
    """Return whether a folder holds these files, and a catalogue that knows the seed among them."""
    expected = {path: sha256(text.encode()).hexdigest() for path, text in files.items()}
    seed = f"{name}/workspace/"
    known = {path.removeprefix(seed): value for path, value in expected.items() if path.startswith(seed)}
    try:
        entries = read_entries(folder)
    except ConfigError:
        return False
    return difference(folder, expected) == f"added: {CATALOGUE}" and name in entries and entries[name].files == known


def _write_files(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())
