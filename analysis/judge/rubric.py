"""Rubrics: dimensions and weights from `conf/judge/<version>.yaml`, identified by hash."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from analysis.errors import AnalysisError
from harness.installation import data_folder

DIMENSIONS = (
    "contract_fidelity",
    "simplicity",
    "idiomaticity",
    "readability",
    "robustness",
    "security",
    "concurrency_safety",
    "performance",
)
"""Dimensions of every rubric, in this order; rubrics differ in weights and words."""

_SHAPE = "must hold name, version and dimensions, each dimension with weight and judged"


@dataclass(frozen=True)
class Rubric:
    """One version of the rubric."""

    version: str
    """Such as `judge/v3`."""
    sha256: str
    """Hash of the file's bytes."""
    weights: Mapping[str, float]
    """They sum to 1."""
    judged: Mapping[str, str]
    """Description of each dimension, in words for the judge."""


def load_rubric(which: str) -> Rubric:
    """The bundled rubric of that version, or the one in a YAML file. Raises AnalysisError for what is no rubric."""
    named = which.endswith((".yaml", ".yml"))
    path = Path(which) if named else data_folder("conf") / "judge" / f"{which}.yaml"
    if not path.is_file():
        there = ", ".join(sorted(file.stem for file in (data_folder("conf") / "judge").glob("*.yaml")))
        raise AnalysisError(f"--rubric {which}: no such rubric; there is {there}, or name a .yaml file")
    data = path.read_bytes()
    try:
        plain = yaml.safe_load(data)
        version = f"{plain['name']}/{plain['version']}"
        weights = {name: _weight(one) for name, one in plain["dimensions"].items()}
        judged = {name: str(one["judged"]) for name, one in plain["dimensions"].items()}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise AnalysisError(f"--rubric {which}, line {line}: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise AnalysisError(f"--rubric {which}: {_SHAPE} ({type(error).__name__})") from error
    if {*weights} != {*DIMENSIONS}:
        raise AnalysisError(f"--rubric {which}: its dimensions must be {', '.join(DIMENSIONS)}")
    if abs(sum(weights.values()) - 1) > 1e-9 or min(weights.values()) <= 0:
        raise AnalysisError(
            f"--rubric {which}: its weights must be above 0 and sum to 1, not {sum(weights.values()):g}"
        )
    ordered = {name: weights[name] for name in DIMENSIONS}
    return Rubric(version, hashlib.sha256(data).hexdigest(), ordered, judged)


def _weight(dimension: Any) -> float:
    weight = dimension["weight"]
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise TypeError
    return float(weight)
