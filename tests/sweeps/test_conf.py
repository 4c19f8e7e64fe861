"""The files of conf/: complete, true to the schema, and true to what was published."""

import re
from dataclasses import MISSING, fields
from enum import Enum
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from harness.config import ModelConfig, RunConfig, ServerConfig, TaskConfig
from harness.installation import data_folder
from harness.servers.managed import command_of
from harness.tasks.catalogue import names
from sweeps.compose import Composer
from sweeps.reference.configuration import page
from sweeps.schema import SweepConfig, leaves

GROUPS = {
    group: sorted(
        file.relative_to(data_folder("conf") / group).with_suffix("").as_posix()
        for file in (data_folder("conf") / group).rglob("*.yaml")
    )
    for group in ("task", "model", "server", "agent", "sweep")
}


def _shown() -> dict[str, str]:
    """Every key that config.yaml shows, Hydra's own left out, and the comment beside it."""
    text = (data_folder("conf") / "config.yaml").read_text(encoding="utf-8")
    ours = text[text.index("# A run") : text.index("\nhydra:")]
    comments: dict[str, str] = {}
    section = ""
    for indent, key, rest in re.findall(r"^( *)([a-z_]+):(.*)$", ours, re.M):
        if rest:
            comments[section * bool(indent) + key] = rest.partition(" # ")[2]
        else:
            section = f"{key}."
    return comments


def test_one_page_shows_every_knob_with_a_comment() -> None:
    """conf/config.yaml holds each key of the schema once, in its words, and nothing else."""
    shown = _shown()
    assert sorted(leaves()) == sorted(shown)
    assert [] == [key for key, comment in shown.items() if not comment]


def test_the_page_shows_the_defaults_of_the_schema() -> None:
    """A default is written down twice, and is the same in both places."""
    config = OmegaConf.load(data_folder("conf") / "config.yaml")
    schemas = {
        "": RunConfig,
        "model.": ModelConfig,
        "task.": TaskConfig,
        "server.": ServerConfig,
        "sweep.": SweepConfig,
    }
    for prefix, schema in schemas.items():
        defaults = {prefix + entry.name: entry.default for entry in fields(schema) if entry.default is not MISSING}
        plain = {key: value.value if isinstance(value, Enum) else value for key, value in defaults.items()}
        assert plain == {key: OmegaConf.select(config, key) for key in plain}


@pytest.mark.parametrize("task", GROUPS["task"])
def test_every_choice_of_task_is_in_the_catalogue(composer: Composer, task: str) -> None:
    """What can be chosen can be run; a folder of one's own says what else it needs."""
    own = ["task.prompt=PROMPT.md", "task.workdir=."] if task == "folder" else []
    assert task == composer([f"task={task}", *own]).run.task.name
    assert task in (*names(), "folder")


def test_every_bundled_task_can_be_chosen() -> None:
    """And what is in the catalogue can be chosen."""
    assert sorted([*names(), "folder"]) == GROUPS["task"]


@pytest.mark.parametrize("model", GROUPS["model"])
def test_every_choice_of_model_makes_a_run(composer: Composer, model: str) -> None:
    """A simulated subject is embedded and says so; a real one has a server."""
    named = ["model.name=any"] if model == "openai_compatible" else []
    made = composer([f"model={model}", *named]).run.model
    assert (made.endpoint == "embedded") == made.simulated == made.name.startswith("sim-")


@pytest.mark.parametrize("agent", GROUPS["agent"])
def test_every_choice_of_agent_makes_a_run(composer: Composer, agent: str) -> None:
    """Each by the name of its file; a command of one's own says what it runs."""
    own = ['agent.command="own {endpoint} {prompt}"'] if agent == "command" else []
    made = composer([f"agent={agent}", "elide_passing=false", *own]).run.agent
    assert (agent, agent == "builtin") == (made.name, made.builtin)
    assert made.builtin or "{model}" in "".join(made.texts) or agent == "command"


@pytest.mark.parametrize("server", GROUPS["server"])
def test_every_choice_of_server_makes_a_command(composer: Composer, server: str) -> None:
    """A managed one fills in its model, place and window; another is started by nobody."""
    own = ["server.command='serve {model} {port}'"] if server == "managed" else []
    run = composer(["model=openai_compatible", "model.name=any", "model.path=weights", f"server={server}", *own]).run
    assert (server != "external") == run.server.managed
    if run.server.managed:
        told = " ".join(command_of(run))
        assert ("{" in told, "1234" in told) == (False, True)


def test_the_published_subjects_are_sampled_as_published(composer: Composer) -> None:
    """Other sampling would make other subjects of them."""
    qwen = composer(["model=qwen3_6_35b"]).run.model
    gemma = composer(["model=gemma_26b"]).run.model
    assert ("Qwen3.6-35B-A3B-oQ6-mtp", 32768, 0.6, 0.95, 20) == _sampling(qwen)
    assert ("gemma-4-26B-A4B-it-oQ4-fp16", 32768, 1.0, 0.95, 64) == _sampling(gemma)
    assert (0.0, 1.0, 0.0) == (qwen.min_p, qwen.repetition_penalty, qwen.presence_penalty)


def _sampling(model: ModelConfig) -> tuple[str, int, float, float, int]:
    return model.name, model.max_tokens, model.temperature, model.top_p, model.top_k


def test_the_reference_says_something_of_every_key() -> None:
    """One row for each key, and none without a meaning."""
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    assert list(leaves()) == sorted((row.split("`")[1] for row in rows), key=list(leaves()).index)
    assert [] == [row for row in rows if not row.split(" | ")[-1].strip(" |")]


def test_every_choice_says_what_it_is() -> None:
    """A file of conf/ opens with a comment, which the reference repeats."""
    files = [Path(data_folder("conf"), group, f"{name}.yaml") for group, choices in GROUPS.items() for name in choices]
    assert [] == [file for file in files if not file.read_text(encoding="utf-8").startswith("# ")]
