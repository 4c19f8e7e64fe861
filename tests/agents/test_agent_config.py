"""What an agent is made of: its config, its placeholders, and what has to be in sight to run it."""

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.agent_config import PLACEHOLDERS, AgentConfig, Wire
from harness.agents.files import command_agents, read_agent
from harness.agents.programs import AgentMissing, locate
from harness.agents.templates import (
    PROMPT_FILE,
    PassValues,
    command_of,
    files_of,
    require_passable,
    variables_of,
)
from harness.config import ConfigError, Lever, ModelConfig, RunConfig, TaskConfig, Toolset, ToolsMode
from harness.installation import data_folder

VALUES = PassValues(
    origin="http://127.0.0.1:1",
    model='odd "model" {prompt}',
    prompt="Write\n'x'; $HOME `y` {model} --flag",
    workspace=Path("/work"),
    home=Path("/home"),
    ctx_limit=9000,
    window=65536,
    max_tokens=100,
)


def agent(**changes: Any) -> AgentConfig:
    return AgentConfig(**{"name": "a", "command": "a {endpoint} {prompt}"} | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"command": ""}, "agent.command is empty: must be empty for the built-in agent, and the command of a pass"),
        ({"name": "builtin"}, "agent.command=a {endpoint} {prompt}: must be empty for the built-in agent"),
        ({"name": " "}, "agent.name= : must be builtin, or a label for the command"),
        ({"command": "a {prompt}"}, "agent.command=a {prompt}: must be given {endpoint} or {origin}"),
        ({"command": "a {endpoint}"}, "agent.command=a {endpoint}: must be given {prompt} or {prompt_file}"),
        ({"command": "a {endpoint} {promt}"}, "agent.command=a {endpoint} {promt}: must be given {prompt}"),
        ({"command": "a {endpoint} {prompt} {modl}"}, "agent=…{modl}…: must be one of {endpoint}, {origin}, {model}"),
        ({"command": "a {endpoint} {prompt} | b"}, "agent.command=a X X | b: | needs a shell"),
        ({"command": "a '{endpoint} {prompt}"}, "agent.command=a 'X X: a quote in it does not end"),
        ({"version_command": "a && b"}, "agent.version_command=a && b: && needs a shell"),
        ({"env": {"PATH": "/x"}}, "agent.env=PATH: must be the name of a variable, and none of PATH"),
        ({"env": {"A B": "x"}}, "agent.env=A B: must be the name of a variable"),
        ({"files": {"../x": ""}}, "agent.files=../x: must be a path inside the home folder"),
        ({"files": {"/etc/x": ""}}, "agent.files=/etc/x: must be a path inside the home folder"),
        ({"tools": {"bash": "shell"}}, "agent.tools.bash=shell: must be one of read, load, act, other"),
        ({"idle_timeout": -1}, "agent.idle_timeout=-1: must be 0 (no limit) or more seconds"),
    ],
)
def test_an_agent_that_could_not_be_run_is_one_clear_line(changes: dict[str, Any], message: str) -> None:
    """What, where, and what is allowed."""
    with pytest.raises(ConfigError) as caught:
        agent(**changes)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"elide_passing": True}, "elide_passing=true: must be false"),
        ({"lever": Lever.digest}, "lever=digest: must be none"),
        ({"toolset": Toolset.full}, "toolset=full: must be classic"),
        ({"stream": True}, "stream=true: must be false"),
        ({"model": ModelConfig(name="m", tools=ToolsMode.text)}, "model.tools=text: must be auto"),
    ],
)
def test_what_acts_on_the_built_in_agent_alone_is_refused(changes: dict[str, Any], key: str) -> None:
    """A setting without effect would be a difference that is none; the neutral value is named."""
    settings = {"model": ModelConfig(name="m"), "task": TaskConfig(name="reverse"), "elide_passing": False}
    with pytest.raises(ConfigError) as caught:
        RunConfig(agent=agent(), **settings | changes)
    assert f"{key} with agent=a, which has tools and calls of its own" == str(caught.value)


def test_placeholders_are_filled_once_and_no_value_is_read_as_syntax() -> None:
    """Quotes, braces, dollars and line breaks in a value stay what they are, in a word of their own."""
    made = agent(
        command="a --x={endpoint} {prompt} {} {unclosed",
        env={"M": "{model}"},
        files={"s.json": '{"model": "{model}", "n": {ctx_limit}}', "s.txt": "{model}"},
    )
    assert ["a", "--x=http://127.0.0.1:1/v1", VALUES.prompt, "{}", "{unclosed"] == command_of(made, VALUES)
    assert {"M": VALUES.model} == variables_of(made, VALUES)
    files = files_of(made, VALUES)
    assert {"model": VALUES.model, "n": 9000} == json.loads(files["s.json"])
    assert (VALUES.model, VALUES.prompt) == (files["s.txt"], files[PROMPT_FILE])
    assert set(PLACEHOLDERS) == set(VALUES.by_name())


@pytest.mark.parametrize(
    ("prompt", "why"), [("x" * 100_001, "of 100001 bytes is longer than 100000"), ("a\0b", "holds a")]
)
def test_a_prompt_that_is_no_argument_is_refused(prompt: str, why: str) -> None:
    """A file takes any prompt; an argument has a length, and no null character."""
    require_passable(agent(command="a {endpoint} {prompt_file}"), prompt)
    with pytest.raises(ConfigError, match=why):
        require_passable(agent(), prompt)


def test_every_shipped_agent_can_be_read_and_says_how_it_is_installed() -> None:
    """The files of conf/agent, as the check reads them."""
    shipped = list(command_agents())
    names = {file.stem for file in (data_folder("conf") / "agent").glob("*.yaml")} - {"builtin", "command"}
    assert names == {one.name for one in shipped}
    assert all(one.install and one.version_command for one in shipped)
    assert {"codex"} == {one.name for one in shipped if one.wire is not Wire.chat}


def test_a_file_that_is_no_agent_is_one_line(tmp_path: Path) -> None:
    """The file is named, and what is wrong with it."""
    (tmp_path / "agent").mkdir()
    (tmp_path / "agent" / "x.yaml").write_text(yaml.safe_dump({"name": "x", "command": "x {prompt}"}))
    with pytest.raises(ConfigError, match=r"x\.yaml: is no agent: agent\.command"):
        list(command_agents(tmp_path))
    with pytest.raises(TypeError):
        read_agent({"name": "x", "wrong": 1})


def script(path: Path, first: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{first}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_program_is_shown_with_its_installation_and_its_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of npm the folder of modules, of a virtual environment the environment with the Python that it was made from."""
    modules = tmp_path / "lib" / "node_modules"
    tool = script(modules / "tool" / "cli.js", "#!/usr/bin/env mynode")
    node = script(tmp_path / "runtime" / "mynode", "")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tool").symlink_to(tool)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{node.parent}:/usr/bin:/bin")
    found = locate("tool")
    assert (tool, (node.parent,), {modules, node.parent}) == (found.path, found.folders, set(found.readable))
    environment = tmp_path / "venv"
    own = script(environment / "bin" / "own", f"#!{sys.executable}")
    (environment / "pyvenv.cfg").write_text(f"home = {sys.base_prefix}/bin\n")
    found = locate(str(own))
    assert (own, (), environment) == (found.path, found.folders, found.readable[0])


@pytest.mark.parametrize(
    ("first", "message"),
    [(None, "tool: not found, or not executable"), ("#!/usr/bin/env nothing-here", "nothing-here: not found")],
)
def test_a_missing_program_or_interpreter_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str | None, message: str
) -> None:
    """One line for either."""
    if first:
        script(tmp_path / "tool", first)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AgentMissing, match=message):
        locate("tool")
