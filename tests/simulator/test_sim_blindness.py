"""A subject sees messages, tools and a seed: no budget, no lever, no file system, no task's name."""

import ast
import dataclasses
import inspect
from pathlib import Path

import pytest
from served import Served, opening

import harness.simulator
from harness.config import Lever
from harness.simulator.go.language import GO
from harness.simulator.knowledge import Knowledge
from harness.simulator.parameters import SubjectParameters
from harness.simulator.profiles import PROFILES
from harness.simulator.situation import Situation
from harness.simulator.view import view_of
from harness.tasks.catalogue import EXAMPLES, names

ROOM = Path(harness.simulator.__file__).parent
DECIDES = (
    "cheater",
    "coder",
    "controls",
    "exercise",
    "go.language",
    "go.notices",
    "go.report",
    "go.slips",
    "go.tricks",
    "habits",
    "language",
    "languages",
    "mutation",
    "passages",
    "python.code",
    "python.language",
    "python.notices",
    "python.report",
    "python.slips",
    "python.tricks",
    "situation",
    "thoughts",
    "turn",
    "view",
    "wording",
)
"""The modules in which a turn is decided."""
HARMLESS = {"collections", "dataclasses", "functools", "json", "math", "posixpath", "random", "re", "typing"}


def path_of(module: str) -> Path:
    """The file of a module of the room."""
    return ROOM.joinpath(*module.split(".")).with_suffix(".py")


def imported(module: str) -> set[str]:
    """The modules that a module of the room imports."""
    tree = ast.parse(path_of(module).read_text())
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("module", DECIDES)
def test_what_decides_a_turn_can_reach_nothing_else(module: str) -> None:
    """No module that decides imports a way to files, processes, the network, clocks or the harness itself."""
    outside = {name for name in imported(module) if not name.startswith("harness.simulator")}
    assert set() == {name for name in outside if name.split(".")[0] not in HARMLESS}


def test_every_module_that_a_policy_uses_is_watched() -> None:
    """The list above is closed: what decides uses only what decides, what it knows, and plain data."""
    data = {"go", "knowledge", "parameters", "python", "tokens"}
    used = {
        name.removeprefix("harness.simulator").strip(".")
        for module in DECIDES
        for name in imported(module)
        if name.startswith("harness.simulator")
    } - {""}
    assert used <= {*DECIDES, *data}


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_a_policy_takes_view_knowledge_parameters_draws_and_mood(profile: str) -> None:
    """These five and nothing else, by their types."""
    taken = inspect.signature(PROFILES[profile].policy).parameters.values()
    assert ["View", "Knowledge", "SubjectParameters", "Random", "str"] == [one.annotation.__name__ for one in taken]


def test_a_view_is_made_of_messages_and_tools() -> None:
    """So no budget, lever or sampling setting can be in it."""
    assert ["messages", "tools"] == list(inspect.signature(view_of).parameters)


def test_no_parameter_is_about_a_task_a_budget_or_a_lever() -> None:
    """No name of a field, and no text of a policy, speaks of what must not matter."""
    words = {word for item in dataclasses.fields(SubjectParameters) for word in item.name.split("_")}
    limits = {"ctx", "limit", "budget", "max", "iters", "steps", "elide", "elided", "lever", "protect"}
    assert set() == words & (limits | set(names()))
    levers = {lever.value for lever in Lever} - {"none"}
    for module in DECIDES:
        text = path_of(module).read_text()
        assert [] == [name for name in (*names(), *levers, "ctx_limit", "elide_passing") if f'"{name}"' in text]


def test_a_situation_holds_nothing_but_what_a_policy_takes() -> None:
    """View, what is known of the exercise, parameters, draws and mood."""
    fields = [item.name for item in dataclasses.fields(Situation)]
    assert ["view", "exercise", "parameters", "random", "mood"] == fields


@pytest.mark.parametrize(
    "unseen",
    [
        {"max_tokens": 4096},
        {"temperature": 0.0, "top_p": 0.5, "top_k": 3, "min_p": 0.1},
        {"ctx_limit": 9000, "elide_passing": False, "lever": "x", "task": "calc", "memory": False},
        {"user": "somebody", "metadata": {"budget": 1}},
    ],
)
def test_requests_that_differ_in_what_must_not_be_seen_get_the_same_reply(
    resweep: Served, unseen: dict[str, object]
) -> None:
    """Limits, sampling settings and fields that nobody defined change nothing."""
    messages = opening("graphkit")
    assert resweep.ask(messages)["choices"] == resweep.ask(messages, **unseen)["choices"]


def test_the_name_of_a_task_s_folder_is_not_known(tmp_path: Path) -> None:
    """Knowledge read from folders with other names is the same knowledge."""
    prompts = sorted(EXAMPLES.glob("*/PROMPT.md"))
    for number, prompt in enumerate(prompts):
        (tmp_path / f"x{number}").symlink_to(prompt.parent)
    here, there = Knowledge.load(EXAMPLES), Knowledge.load(tmp_path)
    for text in (prompt.read_text() for prompt in prompts):
        assert here.recognise(text, GO) == there.recognise(text, GO)
