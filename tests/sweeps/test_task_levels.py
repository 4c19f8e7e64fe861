"""Tasks as levels of a sweep: globs and lists of names, what they stand for, and what is written down of it."""

import json
from functools import partial
from pathlib import Path

import pytest
from commands import Command
from hydra import compose, initialize_config_dir

from harness.installation import data_folder
from harness.tasks.catalogue import survey
from harness.tasks.entry import write_entries
from sweeps.compose import Composer
from sweeps.own_tasks import OwnTasks, TaskExpansion, choice, matches
from sweeps.schema import register

SPEC = 'package a\n\nimport "testing"\n\nfunc TestA(t *testing.T) {\n\tif A() != 1 {\n\t\tt.Fail()\n\t}\n}\n'
SWEEP = ("-m", "task_root=tasks", "model=nop", "sweep.dry_run=true")


def make(root: Path, *names: str, python: bool = False) -> None:
    """Write small tasks and their catalogue."""
    for name in names:
        seed = root / name / "workspace"
        seed.mkdir(parents=True)
        (root / name / "PROMPT.md").write_text("Write A.\n", encoding="utf-8")
        if python:
            (seed / "test_a.py").write_text(
                "def test_a():\n    from a import a\n    assert a() == 1\n", encoding="utf-8"
            )
        else:
            (seed / "go.mod").write_text("module a\n\ngo 1.26\n", encoding="utf-8")
            (seed / "a_test.go").write_text(SPEC, encoding="utf-8")
    write_entries(root, survey(root))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A task root with two sets and a task of one's own."""
    make(tmp_path / "tasks", "ex/go/bob", "ex/go/acronym", "ex/go/bowling", "mine", "two words/für")
    make(tmp_path / "tasks", "ex/python/bob", python=True)
    return tmp_path / "tasks"


def planned(out: str) -> list[str]:
    """Return the names of the tasks of a dry run, in order."""
    rows = [line.removesuffix("missing").split(maxsplit=3)[3] for line in out.splitlines() if line.endswith("missing")]
    return [row.strip().removesuffix(" r1") for row in rows]


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("levels", "names"),
    [
        ("ex/go/*", ["ex/go/acronym", "ex/go/bob", "ex/go/bowling"]),
        ("ex/*/bob", ["ex/go/bob", "ex/python/bob"]),
        ("*", ["mine"]),
        ("**/bo*", ["ex/go/bob", "ex/go/bowling", "ex/python/bob"]),
        ("ex/go/[ab]o?", ["ex/go/bob"]),
        ("ex/go/bo*,reverse,ex/go/bob,ex/go/b*", ["ex/go/bob", "ex/go/bowling", "reverse"]),
        ("two*/*", ["two words/für"]),
    ],
)
def test_a_glob_stands_for_the_tasks_that_it_fits_each_once_and_sorted(
    harness: Command, levels: str, names: list[str]
) -> None:
    """A star stays within a part of the path, two stars do not; names and globs mix."""
    told = harness(*SWEEP, f"task={levels}")
    assert (0, names) == (told.code, planned(told.out)), told.err


@pytest.mark.usefixtures("root")
def test_without_a_root_a_glob_is_of_the_bundled_tasks(harness: Command) -> None:
    """With one it is of the tasks there alone."""
    told = harness("-m", "model=nop", "sweep.dry_run=true", "task=calc*")
    assert ["calc", "calc_js", "calc_py"] == planned(told.out)
    told = harness(*SWEEP, "task=calc*")
    assert (2, ["harness: task=calc*: matches none of the 6 tasks of task_root=tasks"]) == (told.code, told.lines)


def test_a_list_names_tasks_line_by_line(harness: Command, tmp_path: Path, root: Path) -> None:
    """With comments, globs, a mark at the beginning and line ends of any system."""
    text = "\ufeff# the short ones\r\nex/go/bob   # twice\r\n\r\n  ex/go/b*\r\ncalc\r\ntwo words/für\r\n"
    (tmp_path / "my list.txt").write_text(text, encoding="utf-8")
    told = harness(*SWEEP, "task=@my list.txt,mine")
    expected = ["calc", "ex/go/bob", "ex/go/bowling", "mine", "two words/für"]
    assert (0, expected) == (told.code, planned(told.out)), told.err
    assert root.is_dir()


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ex/go/bob\n# x\nex/go/bobb\n", "harness: list.txt:3: ex/go/bobb: must be one of "),
        ("ex/go/bob\nex/rust/*\n", "harness: list.txt:2: ex/rust/*: matches none of the 6 tasks of task_root=tasks"),
        ("mine\n@other.txt\n", "harness: list.txt:2: a list holds names and globs, and no other list"),
        ("# nothing\n\n", "harness: task=@list.txt: holds no name of a task"),
        ("", "harness: task=@list.txt: holds no name of a task"),
        (b"\xff\xfe\x00", "harness: task=@list.txt: must be UTF-8 text"),
        (None, "harness: task=@list.txt: cannot be read: No such file or directory"),
    ],
)
def test_a_bad_line_of_a_list_is_told_with_its_number(
    harness: Command, tmp_path: Path, text: str | bytes | None, reason: str
) -> None:
    """In one line, before anything is written."""
    if text is not None:
        (tmp_path / "list.txt").write_bytes(text.encode() if isinstance(text, str) else text)
    told = harness(*SWEEP, "task=mine,@list.txt")
    assert (2, 1, True) == (told.code, len(told.lines), told.err.startswith(reason)), told.err
    assert not (tmp_path / "outputs").exists()


@pytest.mark.usefixtures("root")
def test_what_names_no_task_is_one_line(harness: Command) -> None:
    """A glob that fits none, a name among globs that there is not, a list without its path, and one run."""
    for words, reason in {
        (*SWEEP, "task=ex/rust/*"): "task=ex/rust/*: matches none of the 6 tasks of task_root=tasks",
        (*SWEEP, "task=ex/go/*,nope"): "task=nope: must be one of ",
        (*SWEEP, "task=@"): "task=@: must be followed by the path of a file with the name of a task on each line",
        ("task_root=tasks", "task=ex/go/*"): "task=ex/go/*: names any number of tasks, which makes a sweep, which",
        ("preflight", "task_root=tasks", "task=@l"): "task=@l: names any number of tasks, which makes a sweep, which",
        ("task_root=tasks", "task=ex/go/bobb"): "task=ex/go/bobb: must be one of ",
    }.items():
        told = harness(*words)
        assert (2, 1) == (told.code, len(told.lines)), told.err
        assert told.err.startswith(f"harness: {reason}"), told.err


@pytest.mark.usefixtures("root")
def test_a_grid_of_a_file_takes_globs_too(harness: Command, tmp_path: Path) -> None:
    """As levels and in arms, with the root in the file; the command line replaces them, whatever they name."""
    grid = tmp_path / "own" / "sweep" / "bobs.yaml"
    grid.parent.mkdir(parents=True)
    head = "# @package _global_\ntask_root: tasks\n"
    grid.write_text(f"{head}hydra:\n  sweeper:\n    params:\n      task: ex/*/bob,mine\n", encoding="utf-8")
    own = ("-m", "--config-dir", "own", "sweep=bobs", "model=nop", "sweep.dry_run=true")
    assert ["ex/go/bob", "ex/python/bob", "mine"] == planned(harness(*own).out)
    assert ["mine"] == planned(harness(*own, "task=min*").out)
    arms = "[task=ex/go/b* ctx_limit=9000, task=mine ctx_limit=11000]"
    grid.write_text(f"{head}hydra:\n  sweeper:\n    arms: {arms}\n", encoding="utf-8")
    expected = ["ex/go/bob ctx_limit=9000", "ex/go/bowling ctx_limit=9000", "mine ctx_limit=11000"]
    assert expected == planned(harness(*own).out)
    assert ["calc ctx_limit=9000", "calc ctx_limit=11000"] == planned(harness(*own, "task=calc").out)


@pytest.mark.go
def test_a_set_that_grew_is_told_and_written_down(harness: Command, tmp_path: Path, root: Path) -> None:
    """The declaration holds what the globs stood for, the sweep keeps its name, and only what is new is run."""
    sweep = ("-m", "task_root=tasks", "task=ex/go/b*", "model=nop", "max_stale=1")
    first = harness(*sweep)
    assert 0 == first.code, first.err
    make(root, "ex/go/book")
    told = harness(*sweep)
    assert 0 == told.code, told.err
    news = [line for line in told.lines if "new in this sweep" in line]
    assert [True] == [line.startswith("1 task is new in this sweep (declared ") for line in news], told.err
    assert news[0].endswith(": ex/go/book")
    [path] = (tmp_path / "outputs" / "sweeps").iterdir()
    before, after = json.loads(path.read_text(encoding="utf-8"))
    assert {"patterns": ["ex/go/b*"], "names": ["ex/go/bob", "ex/go/bowling"]} == before["tasks"]
    assert ["ex/go/bob", "ex/go/book", "ex/go/bowling"] == after["tasks"]["names"]
    lines = [json.loads(line) for line in (tmp_path / "outputs" / "runs.jsonl").read_text().splitlines()]
    assert ["ex/go/bob", "ex/go/bowling", "ex/go/book"] == [line["task"] for line in lines]
    assert ["ex/go/b*"] * 3 == [line["sweep"] for line in lines]


def test_many_tasks_are_composed_once_for_each_way_to_verify(root: Path) -> None:
    """Hydra takes a tenth of a second to compose a choice, and a sweep may have thousands of tasks."""
    composed: list[list[str]] = []

    def counted(overrides: list[str]) -> object:
        composed.append(overrides)
        return compose("config", overrides)

    register()
    with initialize_config_dir(str(data_folder("conf")), version_base="1.3"):
        own = OwnTasks(str(root))
        composer = Composer(counted, own.stand_ins())  # type: ignore[arg-type]
        names = TaskExpansion(own, tuple)(["ex/**"])
        runs = [composer([choice(name), f"task_root={root}"]).run for name in names]
        plain = Composer(partial(compose, "config"))
        own.register(names)
        assert [plain([choice(name), f"task_root={root}"]).run for name in names] == runs
    assert (4, 2) == (len(runs), len(composed))


@pytest.mark.parametrize(
    ("name", "glob", "fits"),
    [
        ("a/b/c", "a/*", False),
        ("a/b/c", "a/**", True),
        ("a", "**/a", True),
        ("a/b/c", "**/b/**", True),
        ("A", "a", False),
        ("a.b", "a?b", True),
        ("a/b", "a?b", False),
    ],
)
def test_globs_keep_to_the_parts_of_a_path(name: str, glob: str, fits: bool) -> None:
    """A star and a question mark fit no slash, and letters count as they are."""
    assert fits == matches(name, glob)
