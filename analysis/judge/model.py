"""The model that judges or writes a baseline: its settings, from `conf/model` and by key, and its name."""

import re
import unicodedata
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, get_type_hints

import yaml

from analysis.command import option
from analysis.errors import AnalysisError
from analysis.judge.record import CandidateRole
from harness.config import ConfigError, ModelConfig
from harness.installation import data_folder

SUFFIX = re.compile(
    r"[-_.:@ ](?:"
    r"[iot]?q\d+(?:_(?:[01ksmlnx]|x+[sl]|nl)+)*"  # Q4_K_M, IQ3_XXS, oQ6, q8_0
    r"|w\d+a\d+|\d+[-_]?bits?|int\d+|(?:mx|nv)?fp\d+(?:_?e\dm\d)?|bf16|f16|f32"
    r"|gguf|mlx|awq|gptq|exl[23]|dwq|ud|mtp|latest"
    r"|20\d{6}"  # the day of a release
    r")$"
)
"""Suffixes of names for the storage format of weights, and for the release date."""


@dataclass(frozen=True)
class JudgeModel:
    """The model that judges or writes."""

    endpoint: Annotated[str, option("endpoint", "Base URL of its OpenAI-compatible server.")] = ""
    model: Annotated[str, option("model", "Its name, as its server knows it.")] = ""
    conf: Annotated[str, option("conf", "A file of conf/model to take its settings from.")] = ""
    settings: Annotated[list[str], option("set", "key=value, any of a model's settings; repeatable.")] = field(
        default_factory=list
    )

    @property
    def config(self) -> ModelConfig:
        """The model's config. Raises AnalysisError, in one line, for keys and values that are none."""
        plain = _file(self.conf) if self.conf else {}
        plain |= dict(_setting(text) for text in self.settings)
        plain |= {name: value for name, value in (("endpoint", self.endpoint), ("name", self.model)) if value}
        if not plain.get("name"):
            raise AnalysisError("--model: which model is to be asked? --conf NAME takes one from conf/model")
        try:
            return ModelConfig(**plain)
        except ConfigError as error:
            raise AnalysisError(str(error)) from error


def normalised(name: str) -> str:
    """A model's name without what tells no model apart: case, path before the last slash, how weights are stored.

    `mlx-community/Qwen3.6-35B-A3B-oQ4-fp16-mtp` and `qwen3.6-35b-a3b:Q8_0.gguf` are both `qwen3.6-35b-a3b`.
    """
    text = unicodedata.normalize("NFKC", name).casefold().strip()
    text = re.split(r"[/\\]", text.rstrip("/\\"))[-1]
    while (shorter := SUFFIX.sub("", text)) != text and shorter:
        text = shorter
    return re.sub(r"[-_: ]+", "-", text)


def own_work(judge: str, authors: dict[CandidateRole, str]) -> str:
    """Why the judge may not judge the work of these authors, in one line; empty if it may."""
    for role, author in authors.items():
        if normalised(judge) == normalised(author):
            return f"the judge {judge} wrote the {role} itself ({author}): the judge must be another model"
    return ""


def _file(conf: str) -> dict[str, Any]:
    path = data_folder("conf") / "model" / f"{conf}.yaml"
    if not path.is_file():
        there = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml")))
        raise AnalysisError(f"--conf {conf}: no such model; there are {there}")
    plain = yaml.safe_load(path.read_text(encoding="utf-8"))
    return dict(_typed(f"conf/model/{conf}.yaml", name, value) for name, value in plain.items() if value != "???")


def _setting(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise AnalysisError(f"--set {text}: must be key=value")
    try:
        return _typed(f"--set {text}", name.removeprefix("model."), yaml.safe_load(value) if value else "")
    except yaml.YAMLError as error:
        raise AnalysisError(f"--set {text}: the value cannot be read") from error


def _typed(where: str, name: str, value: Any) -> tuple[str, Any]:
    """The key and its value, a whole number made a float where one is wanted."""
    known = [one.name for one in fields(ModelConfig)]
    if name not in known:
        raise AnalysisError(f"{where}: no key {name}; there are {', '.join(known)}")
    kind = get_type_hints(ModelConfig)[name]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return name, float(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise AnalysisError(f"{where}: {name} must be {getattr(kind, '__name__', 'int or null')}")
    return name, value
