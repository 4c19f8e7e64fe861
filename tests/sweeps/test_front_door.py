"""What the command line takes and refuses."""

import re
from pathlib import Path

import pytest
from commands import Command

from harness.config import Lever
from harness.packed import packed
from sweeps.app import ours

TASKS, MODELS, SWEEPS = (
    ", ".join(sorted(file.stem for file in (packed("conf") / group).glob("*.yaml")))
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
    ("ctx_limit",): "ctx_limit: must be of the form key=value",
    ("ctx_limit=[1",): "ctx_limit=[1: must be a whole number",
    ("ctx_limit=1,2",): "ctx_limit=1,2: several values make a sweep, which needs -m",
    ("replicate=range(1,3)",): "replicate=range(1,3): several values make a sweep, which needs -m",
    ("--ctx_limit=9000",): "unrecognized arguments: --ctx_limit=9000",
    ("-m", "replicate=range(3,3)"): "the sweep is empty: one of its factors has no level",
    ("sweep=a",): f"sweep=a: must be one of {SWEEPS}",
    ("sweep=part_06_graphkit_elide",): "sweep=part_06_graphkit_elide: a declared grid makes a sweep, which needs -m",
    ("sweep.replicates=0",): "sweep.replicates=0: must be 1 or more",
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
    "levels", ["ctx_limit=9000,9000", "model.seed=1,2", "log_dir=one,two", "replicate=1,2 sweep.replicates=2"]
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


def test_help_names_every_choice_and_key(python_m_harness: Command) -> None:
    """Nobody has to look into the sources to find out what can be set."""
    told = python_m_harness("--help")
    assert 0 == told.code
    assert [] == [
        word
        for word in (f"task: {TASKS}", f"model: {MODELS}", f"sweep: {SWEEPS}", "ctx_limit:")
        if word not in told.out
    ]


def test_the_version_is_the_programs_own(python_m_harness: Command) -> None:
    """Not that of the library that reads the command line."""
    told = python_m_harness("--version")
    assert (0, "harness") == (told.code, told.out.split()[0])


def test_a_traceback_is_shown_to_those_who_ask_for_it(python_m_harness: Command) -> None:
    """HARNESS_DEBUG=1 hides nothing."""
    told = python_m_harness("ctx_limit=-5", HARNESS_DEBUG="1")
    assert (1, True) == (told.code, "Traceback" in told.err)
