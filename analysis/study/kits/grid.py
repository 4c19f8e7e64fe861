"""The declared grid of kits (conf/sweep/kit_floor.yaml), and the records that the rehearsal of it left."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import product
from typing import Any

import yaml

from harness.config import KitConfig
from harness.installation import data_folder

SUBJECT = "resweep"
"""Profile of the simulated subject."""


@dataclass(frozen=True)
class KitArm:
    """One combination of the grid."""

    packages: int
    composer: bool
    elide_passing: bool
    ctx_limit: int

    @property
    def kit(self) -> KitConfig:
        """Return the arguments of its task."""
        return KitConfig(self.packages, self.composer)


@dataclass(frozen=True)
class KitSize:
    """Sizes of one kit, in bytes, and the tokens that a pass begins with."""

    packages: int
    composer: bool
    opening: int
    """Tokens of the first request of a pass, as the simulated endpoint counts them: system prompt, tools and task."""
    specs: int
    """Bytes of all specs."""
    solution: int
    """Bytes of the whole solution."""
    costliest: str
    """Name of the package whose working set is the largest."""
    working_set: int
    """Bytes of that package's spec and solution, and of the solutions of all that it imports."""


@dataclass(frozen=True)
class KitCount:
    """Completions of one arm."""

    arm: KitArm
    completed: int
    runs: int


@dataclass(frozen=True)
class KitRehearsal:
    """Content of the data file."""

    fingerprint: str
    """Version of the subject that was run."""
    bytes_per_token: float
    sizes: tuple[KitSize, ...]
    counts: tuple[KitCount, ...]


def declared_arms() -> Iterator[KitArm]:
    """Yield the arms of the declared grid, in the order of its file."""
    text = (data_folder("conf") / "sweep" / "kit_floor.yaml").read_text(encoding="utf-8")
    levels: dict[str, Any] = yaml.safe_load(text)["hydra"]["sweeper"]["params"]
    names = ("kit.packages", "kit.composer", "elide_passing", "ctx_limit")
    for packages, composer, elide, limit in product(*(str(levels[name]).split(",") for name in names)):
        yield KitArm(int(packages), composer == "true", elide == "true", int(limit))


def rehearsed() -> KitRehearsal:
    """Read the data file."""
    plain = json.loads((files("analysis.study.kits") / "data" / "floors.json").read_text(encoding="utf-8"))
    return KitRehearsal(
        plain["fingerprint"],
        plain["bytes_per_token"],
        tuple(KitSize(**one) for one in plain["sizes"]),
        tuple(KitCount(KitArm(**one["arm"]), one["completed"], one["runs"]) for one in plain["counts"]),
    )
