"""The catalogue: what can be loaded, and the watch over the seeds."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harness.config import ConfigError
from harness.tasks.catalogue import EXAMPLES, check_seed, load, names, seed_sha256, survey
from harness.tasks.entry import read_entries

KITS = ("apikit", "calc", "datakit", "graphkit")
TWINS = tuple(f"{name}_py" for name in (*KITS, "pipeline", "reverse"))
SCRIPTS = ("calc_js", "datakit_js", "reverse_js")
KATAS = (
    "add",
    "clamp",
    "digits",
    "largest",
    "month",
    "nesting",
    "receipt",
    "roman",
    "squeeze",
    "streak",
    "vowels",
    "words",
)
GENERATED = ("kit", "kit_py")
ORIGINALS = (*KITS, "pipeline", "reverse", "stuck", "todo")


def test_every_task_is_there() -> None:
    """The catalogue holds the eight tasks, the twins in Python of six and in JavaScript of three, the katas in Go and
    Python, the impossible variants of kits and katas, and the two generated tasks."""
    katas = tuple(f"kata/{name}{suffix}" for name in KATAS for suffix in ("", "_py"))
    kits = tuple(f"{name}{suffix}" for name in KITS for suffix in ("", "_py"))
    variants = tuple(f"impossible_{name}" for name in (*kits, "calc_js", "datakit_js", *katas))
    assert names() == tuple(sorted(ORIGINALS + TWINS + SCRIPTS + katas + variants + GENERATED))


def test_generated_file_is_up_to_date() -> None:
    """catalogue.json is what `harness tasks hash` would write now."""
    assert read_entries(EXAMPLES) == survey(EXAMPLES)


@pytest.mark.parametrize("name", names())
def test_task_is_complete(name: str, tmp_path: Path) -> None:
    """A task has a prompt, a solution, and the very seed that the catalogue knows."""
    task = load(name, tmp_path)
    check_seed(task)
    assert task.label == f"examples/{name}/PROMPT.md"
    assert task.prompt.read_text(encoding="utf-8").strip()
    assert task.solution is not None
    assert task.seed_sha256 == seed_sha256(task.seed)
    assert task.impossible == name.startswith("impossible_")
    commands = {"py": "python -m pytest", "js": "node --test"}
    assert task.verify == commands.get(name.rpartition("_")[2], "go test ./...")


def test_unknown_task_names_those_that_there_are() -> None:
    """A wrong name is answered in one line that lists every right one."""
    with pytest.raises(ConfigError) as error:
        load("calk")
    assert str(error.value) == f"task=calk: must be one of {', '.join(names())}, or folder"


@pytest.mark.parametrize("stray", ["calc/calc.go", ".DS_Store", "__pycache__/x.pyc", "PROGRESS.md"])
def test_polluted_seed_is_refused(tmp_path: Path, stray: str) -> None:
    """One file too many in a seed stops everything, by name."""
    task = replace(load("calc"), seed=tmp_path / "seed")
    shutil.copytree(load("calc").seed, task.seed)
    check_seed(task)
    (task.seed / stray).parent.mkdir(exist_ok=True)
    (task.seed / stray).write_text("left behind")
    with pytest.raises(ConfigError, match=f"seed of task calc is not the catalogue's own .added: {stray}.") as error:
        check_seed(task)
    assert "\n" not in str(error.value)


def test_changed_spec_is_refused(tmp_path: Path) -> None:
    """A spec that was made easier is another seed."""
    task = replace(load("calc"), seed=tmp_path / "seed")
    shutil.copytree(load("calc").seed, task.seed)
    (task.seed / "calc" / "calc_test.go").write_text("package calc_test\n")
    with pytest.raises(ConfigError, match=r"changed: calc/calc_test\.go"):
        check_seed(task)


def test_unreadable_catalogue_is_told(tmp_path: Path) -> None:
    """A catalogue that is missing or damaged is named, not a stack trace."""
    with pytest.raises(ConfigError, match=r"catalogue\.json"):
        read_entries(tmp_path)
    (tmp_path / "catalogue.json").write_text('{"calc": {"seed"')
    with pytest.raises(ConfigError, match=r"catalogue\.json"):
        read_entries(tmp_path)
