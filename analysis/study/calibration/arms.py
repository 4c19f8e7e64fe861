"""The published arms compared, and the simulated setting of each, derived from its row by rule."""

import re
from dataclasses import dataclass
from typing import Any

from analysis.study.published.ledger import PublishedArm, PublishedResults

FITTED = (
    "p04-A",
    "p05-A-interleaved",
    "p05-A-pooled",
    "p05-B",
    "rd-apikit-11k-mem-on",
    "rd-apikit-11k-mem-off",
    "rd-graphkit-11k-base",
    "rd-graphkit-11k-single",
    "rd-graphkit-16k-single",
    "p10-g-graphkit-6k",
    "p10-g-graphkit-9k-floor",
    "p10-g-graphkit-11k",
    "p10-g-apikit-9k",
    "p10-g-apikit-11k-floor",
)
"""Arms that the parameters were chosen by. Agreement with these shows that the fit worked, and nothing else."""

PREDICTED = (
    "rd-graphkit-13k-base",
    "p01-apikit-26000",
    "p11-26k",
    "p06-A",
    "p06-B",
    "p08-8k-A",
    "p08-8k-B",
    "p08-6k-A",
    "p08-6k-B",
    "p09-11k-A",
    "p09-9k-A",
    "p09-floor-9k",
    "p10-g-graphkit-9k-A",
    "p10-g-graphkit-9k-B",
    "p10-g-apikit-11k-A",
    "p10-g-apikit-11k-B",
)
"""Arms that no parameter was chosen by: these are the test."""

SELECTIVE = "gemma"
"""Prefix of the models that the selective subject simulates; the resweeping one simulates all others."""

MAX_ITERS, MAX_STEPS = 300, 60
"""Limits of the published ablations of the resweeping model."""

Record = dict[str, Any]


@dataclass(frozen=True)
class SweepSetting:
    """The settings of a sweep; two arms with the same setting are compared with the same simulated runs."""

    model: str
    task: str
    ctx_limit: int
    memory: bool
    elide_passing: bool
    max_iters: int

    def overrides(self) -> list[str]:
        """The setting on the command line."""
        flags = {name: str(value).lower() for name, value in vars(self).items()} | {"model": f"sim_{self.model}"}
        return [f"{name}={value}" for name, value in flags.items()] + [f"max_steps={MAX_STEPS}"]

    def holds(self, record: Record) -> bool:
        """Return whether a run was made with this setting."""
        factors = ("ctx_limit", "memory", "elide_passing", "max_iters")
        return (
            record["model"] == f"sim-{self.model}"
            and f"/{self.task}/" in record["task"]
            and record["max_steps"] == MAX_STEPS
            and all(record[name] == getattr(self, name) for name in factors)
        )


@dataclass(frozen=True)
class CalibrationArm:
    """One published arm, and how it is asked again."""

    arm: PublishedArm
    setting: SweepSetting
    fitted: bool
    new: bool
    """True if no fitted arm has its setting; otherwise its prediction is of other runs, but of nothing new."""

    @property
    def role(self) -> str:
        """Return the arm's role, in a word or two."""
        return "fitted" if self.fitted else "predicted" if self.new else "predicted again"


def calibration_arms() -> list[CalibrationArm]:
    """Every arm compared, those fitted first."""
    arms = PublishedResults().arms
    known = {_setting(arms[name]) for name in FITTED}
    named = [(arms[name], _setting(arms[name]), name in FITTED) for name in (*FITTED, *PREDICTED)]
    return [CalibrationArm(arm, setting, fitted, setting not in known) for arm, setting, fitted in named]


def settings() -> list[SweepSetting]:
    """Return all settings to run, each once, those of predicted arms first."""
    ordered = sorted(calibration_arms(), key=lambda one: one.fitted)
    return list(dict.fromkeys(one.setting for one in ordered))


def _setting(arm: PublishedArm) -> SweepSetting:
    row = arm.row
    selective = row["model"].startswith(SELECTIVE)
    return SweepSetting(
        model="selective" if selective else "resweep",
        task=row["task"],
        ctx_limit=int(row["ctx_limit"]),
        memory=row["memory"] != "false",
        elide_passing=row["elide"] == "true",
        max_iters=_most_passes(arm) if selective else MAX_ITERS,
    )


def _most_passes(arm: PublishedArm) -> int:
    """Return the limit noted in the row, else the most passes that any run of its model made."""
    noted = re.search(r"max-iters (\d+)", arm.row["note"])
    if noted:
        return int(noted[1])
    alike = [one.row["passes_max"] for one in PublishedResults().arms.values() if one.row["model"] == arm.row["model"]]
    return max(int(passes) for passes in alike if passes)
