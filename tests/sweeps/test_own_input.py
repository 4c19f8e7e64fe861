"""What people give of their own: quoted text, verify commands, folders, ledgers, files of conf, folders of tasks."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Command

from harness.command_line import arguments, typed
from harness.config import ConfigError, TaskConfig
from harness.toolchains.go import standard_library
from harness.toolchains.go.installation import find_go
from sweeps.overrides import parse, readable

from lab import DONE
from scripted import ScriptedServer

FIELD = Path(__file__).parents[1] / "field"

REAL = ("model=openai_compatible", "model.name=x", "model.endpoint=http://127.0.0.1:9/v1")
FOLDER = (*REAL, "task=folder", "task.prompt=P.md", "task.workdir=W")


def in_shell(text: str) -> str:
    """What a POSIX shell makes of one typed argument."""
    return subprocess.run(["sh", "-c", f"printf %s {text}"], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    "value",
    [
        "ünï",
        "a=b",
        'sh -c "x"',
        "x && y",
        "sh -c 'x && y'",
        "(q4)",
        "a,b",
        "a # b",
        "~/x",
        "[a]",
        "{a: 1}",
        "a'b\"c",
        "back\\",
        'quote\\"',
        "$HOME",
        "`x`",
        "it's !",
        "é'$y\"\\\\",
        "  spaces  ",
        "a: b",
        "a@b",
    ],
)
def test_what_is_to_be_typed_reads_back_as_the_value(value: str) -> None:
    """Through the shell and through Hydra, whatever the value holds."""
    assert value == parse(in_shell(typed("model.name", value))).value()


@pytest.mark.parametrize(
    "text", ["7", "1e5", "0x10", "007", "null", "true", "True", "1_000", "1.0", "nan", "-1", "inf"]
)
def test_text_that_looks_like_something_else_stays_as_typed(text: str) -> None:
    """Where a field is text; in a list of levels each by itself; a number stays a number elsewhere."""
    [one, several, number] = readable([f"model.name={text}", f"model.name=a,{text}", "ctx_limit=7"])
    assert text == parse(one).value()
    assert ["a", text] == [level.strip('"') for level in parse(several).sweep_string_iterator()]
    assert 7 == parse(number).value()


UNREADABLE = [
    "ünï",
    "a=b",
    'sh -c "x"',
    "qwen (q4)",
    "a#b",
    "it's",
    '"open',
    "[a",
    "~/x",
    "a && b",
    "{a",
    "x=[1",
    "[a]",
    "{a:1}",
]


@pytest.mark.parametrize("value", UNREADABLE)
def test_what_cannot_be_read_is_answered_with_what_to_type(harness: Command, tmp_path: Path, value: str) -> None:
    """The answer, pasted into a shell, sets just that value; nothing of a grammar is shown."""
    told = harness(*REAL, f"model.name={value}")
    assert (2, 1, []) == (told.code, len(told.lines), list(tmp_path.iterdir()))
    found = re.fullmatch(r"harness: (.*): (?:needs quotes|must be text); type (.*)", told.lines[0])
    assert found is not None
    assert f"model.name={value}" == found[1]
    assert value == parse(in_shell(found[2])).value()


SHELL = {
    "go vet ./... && go test ./...": "&&",
    "go test ./... | cat": "|",
    "go test ./...; true": ";",
    "go test ./... > out": ">",
    "go test $(ls)": "$(",
    "go test $HOME": "$HOME",
    'go test "$(ls)"': "$(",
    "go test `ls`": "`",
    "go test &": "&",
    "go test -run (A|B)": "(",
    "X=1 go test": "X=",
}


@pytest.mark.parametrize("line", SHELL)
def test_shell_syntax_is_answered_with_the_command_of_a_shell(line: str) -> None:
    """There is no shell; what is to be typed instead is a command that hands the line to one, as it is."""
    with pytest.raises(ConfigError, match=re.escape(f"{SHELL[line]} needs a shell, and there is none")) as error:
        TaskConfig(name="folder", prompt="P", workdir="W", verify=line)
    instead = parse(in_shell(str(error.value).partition(": type ")[2])).value()
    command = TaskConfig(name="folder", prompt="P", workdir="W", verify=instead).verify_arguments
    assert ["sh", "-c", line] == command


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('go test -run "TestAdd|TestSub" ./...', ["go", "test", "-run", "TestAdd|TestSub", "./..."]),
        ('sh -c "go vet ./... && go test ./..."', ["sh", "-c", "go vet ./... && go test ./..."]),
        ("go test -run TestA$ ./...", ["go", "test", "-run", "TestA$", "./..."]),
        ("go test -run 'A$|B' ./...\n", ["go", "test", "-run", "A$|B", "./..."]),
    ],
)
def test_quotes_are_read_as_a_shell_reads_them(line: str, expected: list[str]) -> None:
    """An argument in quotes is one argument."""
    assert expected == arguments(line)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A finished folder of one's own with its prompt, and some that are of no use."""
    work = tmp_path / "W"
    work.mkdir()
    (work / "go.mod").write_text("module m\n\ngo 1.26\n")
    (work / "a.go").write_text("package m\n\nfunc Add(a, b int) int { return a + b }\n")
    (work / "a_test.go").write_text(
        'package m\n\nimport "testing"\n\nfunc TestAdd(t *testing.T) {\n\tif Add(1, 2) != 3 {\n\t\tt.Fail()\n\t}\n}\n'
    )
    (work / "plain.sh").write_text("x")
    (work / "lost.sh").write_text("#!/nowhere/sh\n")
    (work / "lost.sh").chmod(0o755)
    (tmp_path / "P.md").write_text("Do it.")
    (tmp_path / "empty.md").write_text(" \n")
    (tmp_path / "home").symlink_to(Path.home())
    (tmp_path / "taken" / "runs.jsonl").mkdir(parents=True)
    return tmp_path


REFUSED = {
    ("task.verify=nosuch x",): "task.verify=nosuch x: there is no program nosuch in ",
    ("task.verify=./plain.sh",): "task.verify=./plain.sh: ./plain.sh cannot be executed: chmod +x",
    ("task.verify=./lost.sh",): "task.verify=./lost.sh: ./lost.sh needs /nowhere/sh, which is not there",
    ("task.verify=./gone.sh",): "task.verify=./gone.sh: there is no program ./gone.sh",
    ("task.verify=cd",): "task.verify=cd: there is no program cd in ",
    ('task.verify="\'open"',): "task.verify='open: a quote in it does not end",
    ("task.workdir=/",): "task.workdir=/: is the root of this machine: ",
    ("task.workdir=home",): "task.workdir=home: is your home folder: ",
    ("task.workdir=.", "task.in_place=true"): "task.workdir=.: holds the log folder (",
    ("task.workdir=W", "log_dir=W/out", "task.in_place=true"): "task.workdir=W: holds the log folder (",
    ("task.workdir=W/logs", "log_dir=W"): "task.workdir=W/logs: must be a folder that exists",
    ("task.workdir=taken/runs.jsonl", "log_dir=taken"): "task.workdir=taken/runs.jsonl: lies in the log folder (",
    ("task.prompt=empty.md",): "task.prompt=empty.md: is empty: must hold the text for the model",
    ("system=empty.md",): "system=empty.md: is empty: must hold the text for the model",
    ("log_dir=taken",): "log_dir={0}/taken: its ledger {0}/taken/runs.jsonl must be a file",
    ("-m", "log_dir=taken", "sweep.dry_run=true"): "log_dir={0}/taken: its ledger {0}/taken/runs.jsonl must be a file",
    ("model.endpoint=http://",): "model.endpoint=http://: must be a URL",
    ("--config-dir", "gone"): "--config-dir gone: must be a folder that exists",
    ("task_root=gone",): "task_root=gone: must be a folder that exists",
    ("task_root=W",): "task_root=W: holds no task: each is a folder with PROMPT.md and workspace/",
}


@pytest.mark.parametrize("given", REFUSED, ids=" ".join)
def test_what_no_run_can_be_made_of_is_told_before_the_start(
    harness: Command, own: Path, given: tuple[str, ...]
) -> None:
    """In one line, with exit code 2, and no file is changed."""
    before = sorted(own.rglob("*"))
    told = harness(*FOLDER, *given)
    assert (2, 1) == (told.code, len(told.lines)), told.err
    assert told.err.startswith("harness: " + REFUSED[given].format(own))
    assert before == sorted(own.rglob("*"))


ALONE = {
    ("model.name=foo",): "model.name=foo: the model is simulated (resweep); for a real one type "
    "model=openai_compatible model.name=foo model.endpoint=URL",
    ("-m", "model.name=foo,bar"): "model.name=foo: the model is simulated (resweep); for a real one type ",
    ("model=sim_selective", "model.endpoint=http://x/v1"): "model.endpoint=http://x/v1: must be embedded, since the ",
    ("model.profile=foo",): "model.profile=foo: must be one of cheater, nop, oracle, resweep, selective",
    ("judge=v3",): "judge=v3: the rubric belongs to the judge, ",
    ("task=1",): "task=1: must be one of apikit, ",
    ("task=ünï",): "task=ünï: must be one of apikit, ",
    ("=x",): "=x: must be of the form key=value",
    ("key with blanks=1",): "key with blanks: no such key",
    ("model.top_p=(",): "model.top_p=(: must be a number",
}


@pytest.mark.parametrize("given", ALONE, ids=" ".join)
def test_choices_that_do_not_go_together_are_answered_with_those_that_do(
    harness: Command, tmp_path: Path, given: tuple[str, ...]
) -> None:
    """In one line, with exit code 2, and nothing is written."""
    told = harness(*given)
    assert (2, 1, []) == (told.code, len(told.lines), list(tmp_path.iterdir()))
    assert told.err.startswith(f"harness: {ALONE[given]}")


@pytest.mark.go
@pytest.mark.parametrize("number", [1, 2])
def test_a_verify_command_with_quotes_completes(harness: Command, own: Path, number: int) -> None:
    """Both examples of the field file, with a model that calls done in a finished folder."""
    line = (FIELD / "commands" / "verify_with_quotes.txt").read_text().splitlines()[number]
    with ScriptedServer([DONE]) as server:
        told = harness(*shlex.split(line)[3:], f"model.endpoint={server.endpoint}")
    assert 0 == told.code, told.err


def test_the_field_command_with_operators_is_told(harness: Command, own: Path) -> None:
    """Before the start, with what to type instead."""
    line = (FIELD / "commands" / "verify_with_shell_operators.txt").read_text().splitlines()[1]
    told = harness(*shlex.split(line)[3:])
    assert (2, 1) == (told.code, len(told.lines))
    assert '''type "task.verify=\\"sh -c 'go vet ./... && go test ./...'\\""''' in told.err


@pytest.mark.parametrize("place", ["HOME", "XDG_CACHE_HOME"])
def test_a_cache_that_cannot_be_kept_is_told(
    harness: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """A home folder that is missing or read-only stops a run before it starts."""
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv(place, "/proc/nowhere")
    told = harness("task=reverse", "model=nop")
    assert (2, 1, []) == (told.code, len(told.lines), list(tmp_path.iterdir()))
    assert told.err.startswith("harness: the cache folder /proc/nowhere")


@pytest.mark.parametrize("command", [("tasks", "check", "reverse"), ("signals", ".")], ids=" ".join)
def test_without_go_every_command_says_so(tmp_path: Path, command: tuple[str, ...]) -> None:
    """In one line, with exit code 2."""
    done = subprocess.run(
        [sys.executable, "-m", f"harness.{command[0]}", *command[1:]],
        cwd=Path(__file__).parents[2],
        env={"PATH": "/nowhere", "HARNESS_GO": "/nowhere/go", "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (2, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert "HARNESS_GO=/nowhere/go is no Go: Go 1.26 or newer is needed" in done.stderr


@pytest.mark.go
def test_the_standard_library_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there is not compiled again, and nothing is said of it; what was deleted is compiled anew."""
    said: list[str] = []
    standard_library.prepare(find_go(), "none", lambda line, _last: said.append(line))
    assert [] == said
    monkeypatch.setattr(standard_library, "LASTING", 0)
    standard_library.prepare(find_go(), "bwrap", lambda line, _last: said.append(line))
    assert ("it takes about a minute", "done") == (said[0].rpartition(": ")[2], said[-1].rpartition(": ")[2][:4])
