"""Configuration of the generated tasks `kit` and `kit_py`: the size of the task, as factors of a sweep."""

from dataclasses import dataclass

from harness.requirements import require

KITS = ("kit", "kit_py")
"""Names of the generated tasks: in Go and in Python."""

MOST_PACKAGES = 12
LEAST_SPEC, MOST_SPEC = 3000, 20000


@dataclass
class KitConfig:
    """Arguments of a generated task; the same arguments make the same files on every machine."""

    packages: int = 4
    """`task=kit` and `kit_py` only: number of packages that hold no other, beside the composer."""
    composer: bool = True
    """`task=kit` and `kit_py` only: one more package imports all others."""
    spec_bytes: int = 3000
    """`task=kit` and `kit_py` only: bytes of the largest spec. Those of the packages fall evenly to half of it; the
    composer's is as large as the largest."""

    def __post_init__(self) -> None:
        require(1 <= self.packages <= MOST_PACKAGES, "kit.packages", self.packages, f"1 to {MOST_PACKAGES}")
        fits = LEAST_SPEC <= self.spec_bytes <= MOST_SPEC
        require(fits, "kit.spec_bytes", self.spec_bytes, f"{LEAST_SPEC} to {MOST_SPEC} bytes")

    def require_used(self, task: str) -> None:
        """Raise ConfigError if an argument is set for a task that is not generated."""
        usual = vars(KitConfig())
        for key, value in vars(self).items():
            shown = str(value).lower() if isinstance(value, bool) else value
            fits = task in KITS or value == usual[key]
            require(fits, f"kit.{key}", shown, f"used with task={' or task='.join(KITS)}, not with task={task}")
