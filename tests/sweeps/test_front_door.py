"""What the command line takes and refuses."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Command

from harness.commands import COMMANDS
from harness.config import Lever
from harness.installation import data_folder
from sweeps.app import ours
from sweeps.reference.keys import GROUPS, SECTIONS, keys
from sweeps.reference.keys import choices as every_choice

ROOT = Path(__file__).parents[2]

TASKS, MODELS, SWEEPS = (
    ", ".join(sorted(file.stem for file in (data_folder("conf") / group).glob("*.yaml")))
    for group in ("task", "model", "sweep")
)

SWEEPERS = "contrast, floor, grid, threshold"
LAUNCHERS = ", ".join(ours("hydra/launcher"))

LEVERS = ", ".join(lever.name for lever in Lever)

WRONG = {
    ("ctx_limt=9000",): "ctx_limt: no such key, did you mean ctx_limit?",
    ("temperature=1",): "temperature: no such key, did you mean model.temperature?",
    ("+zzz=1",): "zzz: no such key; --help lists them all",
    ("ctx_limit=many",): "ctx_limit=many: must be a whole number",
    ("ctx_limit=1.5",): "ctx_limit=1.5: must be a whole number",
    ("memory=2",): "memory=2: must be true or false",
    ("lever=crowbar",): f"lever=crowbar: must be one of: {LEVERS}",
    ("ctx_limit=-5",): "ctx_limit=-5: must be 0 (no limit) or more tokens",
    ("model.temperature=inf",): "model.temperature=inf: must be a finite number",
    ("task=nope",): f"task=nope: must be one of {TASKS}",
    ("model=nope",): f"model=nope: must be one of {MODELS}",
    ("model.name=",): "model.name is empty: must be the name of a model, as its server knows it",
    ("model=openai_compatible",): "model.name is empty: must be the name of a model, as its server knows it",
    ("task=folder",): "task.prompt is empty: must be the path of a file that holds the prompt",
    ("task=folder", "task.prompt=gone.md", "task.workdir=."): (
        "task.prompt=gone.md: cannot be read: No such file or directory"
    ),
    ("system=gone.md",): "system=gone.md: cannot be read: No such file or directory",
    ("model.api_key_env=HARNESS_NO_KEY",): ("model.api_key_env=HARNESS_NO_KEY: this environment variable is not set"),
    ("ctx_limit",): "ctx_limit: must be of the form key=value; harness help ctx_limit says what it takes",
    ("memory=true", "ctx_limit"): "ctx_limit: must be of the form key=value",
    ("run",): "run: there is no such command; for one run, type harness key=value …",
    ("run", "task=reverse"): "run: there is no such command; for one run, type harness task=reverse",
    ("sweep", "ctx_limit=1,2"): "sweep: there is no such command; for a sweep, type harness -m ctx_limit=1,2",
    ("list",): (
        "list: there is no such command; "
        "type harness tasks list for the tasks, or harness --help for the models, servers and sweeps"
    ),
    ("taskz",): "taskz: no such command or key; did you mean harness tasks?",
    ("analyse",): "analyse: no such command or key; did you mean harness analysis?",
    ("rates",): "rates: there is no such command; type harness analysis rates",
    ("oracle",): "oracle: there is no such command; type model=oracle",
    ("models",): "models: no such command or key; did you mean model=NAME?",
    ("ctx_limt", "9000"): "ctx_limt: no such command or key; did you mean ctx_limit=VALUE?",
    ("zzzz",): "zzzz: no such command or key; harness --help lists all commands and keys",
    ("help", "zzzz"): "zzzz: no such command or key; harness --help lists all commands and keys",
    ("--config-dir", "gone", "--help"): "--config-dir gone: must be a folder that exists",
    ("--resolve",): "--resolve: only with --cfg job, which shows the configuration",
    ("--package", "model"): "--package: only with --cfg job, which shows the configuration",
    ("-m", "--info"): "--multirun and --info: only one of them at a time",
    ("-m", "--cfg", "job"): "--multirun and --cfg: only one of them at a time",
    ("--config-name", "x"): "--config-name x: not used here; files of your own are chosen by --config-dir DIR",
    ("--config-path", "/"): "--config-path /: not used here; files of your own are chosen by --config-dir DIR",
    (
        "--experimental-rerun",
        "x",
    ): "--experimental-rerun x: not used here; files of your own are chosen by --config-dir DIR",
    ("-sc", "query=bash"): "--shell-completion: only a shell asks this; type --shell-completion install=bash",
    ("ctx_limit=[1",): "ctx_limit=[1: must be a whole number",
    ("ctx_limit=1,2",): "ctx_limit=1,2: several values make a sweep, which needs -m",
    ("replicate=range(1,3)",): "replicate=range(1,3): several values make a sweep, which needs -m",
    ("--ctx_limit=9000",): "unrecognized arguments: --ctx_limit=9000",
    ("-m", "replicate=range(3,3)"): "the sweep is empty: one of its factors has no level",
    ("sweep=a",): f"sweep=a: must be one of {SWEEPS}",
    ("sweep=part_06_graphkit_elide",): "sweep=part_06_graphkit_elide: a declared grid makes a sweep, which needs -m",
    ("sweep.replicates=3",): "sweep.replicates=3: concerns a sweep, which needs -m",
    ("task=reverse", "sweep.dry_run=true"): "sweep.dry_run=true: concerns a sweep, which needs -m",
    ("-m", "sweep.replicates=0"): "sweep.replicates=0: must be 1 or more",
    ("hydra/launcher=basic", "-m"): f"hydra/launcher=basic: must be one of {LAUNCHERS}",
    ("hydra/sweeper=basic", "-m"): f"hydra/sweeper=basic: must be one of {SWEEPERS}",
    ("hydra/sweeper=basic", "hydra/launcher=basic", "-m"): f"hydra/sweeper=basic: must be one of {SWEEPERS}",
    ("hydra/sweeper=nope", "-m"): f"hydra/sweeper=nope: must be one of {SWEEPERS}",
    ("hydra/sweeper=floor",): "hydra/sweeper=floor: makes a sweep, which needs -m",
    # Of a sweep every run is checked before the first is started.
    ("-m", "ctx_limit=9000,-5"): "ctx_limit=-5: must be 0 (no limit) or more tokens",
    ("-m", "ctx_limit=9000,many"): "ctx_limit=many: must be a whole number",
    ("-m", "memory=true,2"): "memory=2: must be true or false",
    ("-m", "task=reverse,nope"): f"task=nope: must be one of {TASKS}",
    ("-m", "task=reverse,folder"): "task.prompt is empty: must be the path of a file that holds the prompt",
    ("-m", "ctx_limit=1,2", "system=gone.md"): "system=gone.md: cannot be read: No such file or directory",
    ("-m", "sweep=a"): f"sweep=a: must be one of {SWEEPS}",
    ("-m", "sweep=a,b"): "sweep=a,b: one declared grid at a time, each in a command of its own",
    ("-m", "sweep.seed=1,2"): "sweep.seed=1,2: concerns the whole sweep: give one value",
    ("-m", "hydra.job.name=a,b"): "Sweeping over Hydra's configuration is not supported : 'hydra.job.name=a,b'",
}


@pytest.mark.parametrize("argv", WRONG, ids=" ".join)
def test_bad_input_is_told_in_one_line_and_leaves_nothing_behind(
    harness: Command, tmp_path: Path, argv: tuple[str, ...]
) -> None:
    """The line names the key, the value and what is allowed; the exit code is 2; no file is written."""
    told = harness(*argv)
    assert (2, "", [f"harness: {WRONG[argv]}"]) == (told.code, told.out, told.lines)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "levels", ["ctx_limit=9000,9000", "model.seed=1,1", "log_dir=one,two", "replicate=1,2 sweep.replicates=2"]
)
def test_a_sweep_that_repeats_a_run_is_refused(harness: Command, tmp_path: Path, levels: str) -> None:
    """Two runs of one cell and replicate would be one result counted twice."""
    told = harness("-m", *levels.split())
    assert (2, 1) == (told.code, len(told.lines))
    assert re.match("harness: runs [12] and [23] repeat one cell and replicate", told.err)
    assert [] == list(tmp_path.iterdir())


def test_a_log_folder_that_cannot_be_made_is_told_in_one_line(harness: Command, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "taken").touch()
    told = harness("log_dir=taken")
    assert 2 == told.code
    assert [f"harness: log_dir={tmp_path / 'taken'}: cannot be written: Not a directory"] == told.lines


def test_the_configuration_is_shown_and_nothing_is_run(harness: Command, tmp_path: Path) -> None:
    """`--cfg job` shows what a command line comes to, Hydra's own affairs left out."""
    told = harness("--cfg", "job", "ctx_limit=11000")
    assert (0, True, False) == (told.code, "ctx_limit: 11000" in told.out, "hydra" in told.out)
    assert [] == list(tmp_path.iterdir())


def test_a_process_of_its_own_says_the_same(python_m_harness: Command, tmp_path: Path) -> None:
    """`python -m harness` is the same front door, whichever folder it is called from."""
    told = python_m_harness("-m", "ctx_limit=9000,-5")
    assert (2, ["harness: ctx_limit=-5: must be 0 (no limit) or more tokens"]) == (told.code, told.lines)
    assert [] == list(tmp_path.iterdir())


def test_help_says_what_every_choice_key_and_command_is(harness: Command) -> None:
    """Nobody has to look into the sources: each key comes with its meaning, range and default."""
    told = harness("--help")
    shown = told.out.splitlines()
    choices = [choice.name for group in GROUPS for choice in every_choice(group)]
    named = {line.split()[0] for line in shown if line.startswith("  ")}
    assert (0, []) == (told.code, [word for word in (*COMMANDS, *choices) if word not in named])
    for _, prefix, schema in SECTIONS:
        for key in keys(prefix, schema):
            line = shown.index(f"  {key.name}={key.default}    ({key.allowed})")
            assert shown[line + 1].strip() and key.meaning.startswith(shown[line + 1].strip())
    assert "  max_iters=25    (a whole number: 1 or more)" in shown


def test_help_for_one_word_is_what_the_page_says_of_it(harness: Command) -> None:
    """Keys, sections, groups and choices by name; a command answers for itself."""
    page = harness("--help").out
    for word in ("ctx_limit", "limits", "model", "oracle", "sweep"):
        told = harness("help", word)
        assert (0, True) == (told.code, bool(told.out.strip()))
        assert [] == [line for line in told.lines if line not in page]
    assert "usage: harness tasks" in harness("help", "tasks").out


def test_help_lists_the_choices_under_config_dir(harness: Command, tmp_path: Path) -> None:
    """A model of one's own stands beside the bundled ones."""
    (tmp_path / "mine" / "model").mkdir(parents=True)
    (tmp_path / "mine" / "model" / "pet.yaml").write_text("# My pet model.\nname: pet\n")
    assert "  pet                     My pet model" in harness("--config-dir", "mine", "-h").out.splitlines()


@pytest.mark.parametrize("argv", [("--help",), ("tasks", "list"), ("--version",), ("signals", "--help"), ("help",)])
def test_a_command_loads_no_more_than_it_needs(tmp_path: Path, argv: tuple[str, ...]) -> None:
    """Help, and commands that compose nothing and analyse nothing, import neither Hydra nor data frames."""
    heavy = "{'hydra', 'omegaconf', 'pandas', 'numpy', 'scipy', 'duckdb', 'ray'} & set(sys.modules)"
    program = f"""
import sys, harness.__main__
sys.argv = ["harness", *{list(argv)!r}]
try:
    harness.__main__.main()
finally:
    print(sorted({heavy}), file=sys.stderr)
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env=_environment(), capture_output=True, text=True, check=False)
    assert (0, "[]\n") == (done.returncode, done.stderr)


@pytest.mark.parametrize("argv", [("tasks", "lsit"), ("preflight",), ("signals",), ("simulator", "--profile", "x")])
def test_a_wrong_request_to_a_command_is_told_in_one_line(harness: Command, argv: tuple[str, ...]) -> None:
    """Exit code 2, and where to read more."""
    told = harness(*argv)
    assert (2, "", 1) == (told.code, told.out, len(told.lines))
    assert told.err.endswith(f"harness {argv[0]} --help says more\n")


def test_the_old_names_of_the_commands_keep_working(tmp_path: Path) -> None:
    """`python -m` with each of them is the same command."""
    for module in ("harness.tasks", "harness.preflight", "harness.signals", "harness.simulator", "analysis"):
        command = [sys.executable, "-m", module, "--help"]
        done = subprocess.run(command, cwd=tmp_path, env=_environment(), capture_output=True, text=True, check=False)
        name = module.removeprefix("harness.")
        assert (0, True) == (done.returncode, f"sage: harness {name} " in done.stdout)


FOREIGN = ("analysis", "harness", "sweeps", "hydra_plugins")


@pytest.mark.parametrize("door", ["script", "module"])
@pytest.mark.parametrize("argv", [("doctor", "--help"), ("--cfg", "job"), ("tasks", "list")], ids=" ".join)
def test_a_folder_that_has_packages_of_the_same_names_does_not_mislead(
    tmp_path: Path, door: str, argv: tuple[str, ...]
) -> None:
    """The installed script works in any folder; `python -m harness` in one that holds no `harness` of its own."""
    for name in FOREIGN if door == "script" else set(FOREIGN) - {"harness"}:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong one')\n")
    script = tmp_path / "bin" / "harness"
    script.parent.mkdir()
    script.write_text("import sys\nfrom harness.__main__ import main\nsys.exit(main())\n")
    command = [sys.executable, str(script)] if door == "script" else [sys.executable, "-m", "harness"]
    environment = _environment()
    done = subprocess.run([*command, *argv], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.parametrize("command", ["--help", "tasks list"])
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, command: str) -> None:
    """`harness --help | head` says nothing of a broken pipe."""
    line = f"{sys.executable} -u -m harness {command} | head -n 1"
    done = subprocess.run(
        line, shell=True, cwd=tmp_path, env=_environment(), capture_output=True, text=True, check=True
    )
    assert ("", 1) == (done.stderr, len(done.stdout.splitlines()))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def test_the_version_is_the_programs_own(python_m_harness: Command) -> None:
    """Not that of the library that reads the command line."""
    told = python_m_harness("--version")
    assert (0, "harness") == (told.code, told.out.split()[0])


def test_a_traceback_is_shown_to_those_who_ask_for_it(python_m_harness: Command) -> None:
    """HARNESS_DEBUG=1 hides nothing."""
    told = python_m_harness("ctx_limit=-5", HARNESS_DEBUG="1")
    assert (1, True) == (told.code, "Traceback" in told.err)
