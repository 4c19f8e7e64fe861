"""The fit of the simulated subjects, as it was written down when it was made."""

import json
from importlib.resources import files
from typing import Any

from analysis.render import Column, Table, markdown_table


class FitResult:
    """What one fit tried and chose, as it wrote it down."""

    def __init__(self, subject: str) -> None:
        text = (files("analysis.study.calibration") / "data" / "fit.json").read_text(encoding="utf-8")
        self._told: dict[str, Any] = json.loads(text)[subject]

    @property
    def grid(self) -> str:
        """The values tried of each parameter, and the one that the fit chose."""
        columns = [Column(name, name, "text") for name in ("parameter", "tried", "chosen")]
        rows = [
            {"parameter": f"`{name}`", "tried": ", ".join(map(str, values)), "chosen": str(self._told["chosen"][name])}
            for name, values in self._told["grid"].items()
        ]
        return markdown_table(Table("grid", "", columns, rows))

    @property
    def tolerance(self) -> str:
        """Of each figure, as the logarithm that counts for half a unit of loss."""
        return ", ".join(f"{name} {value:g}" for name, value in self._told["tolerance"].items())

    @property
    def targets(self) -> str:
        """What the simulated runs were held against, taken together where arms share a setting."""
        columns = [Column(name, name, "text") for name in ("setting", "completed", "other figures")]
        rows = [
            {
                "setting": target["setting"],
                "completed": f"{target['completed']}/{target['runs']}",
                "other figures": ", ".join(f"{name} {value:g}" for name, value in target["figures"].items()),
            }
            for target in self._told["targets"]
        ]
        return markdown_table(Table("targets", "", columns, rows))

    def __getattr__(self, name: str) -> str:
        return str(self._told[name])
