"""Files of the field, tried as their owner met them: by the command line, in folders, ledgers and servers."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Command
from tls import TLSServer, certify

from analysis.records.frames import runs_df
from harness.ledger import Ledger
from harness.toolchains.go.files import GO_FILES
from harness.tools.elision import Elision
from harness.tools.files import file_tools
from harness.tools.registry import Registry, ToolError
from harness.workspace import Workspace
from tests.gate.folders import read

from lab import DONE, SOLVE, turn, use
from scripted import ScriptedServer

TESTS = Path(__file__).parents[1]
FIELD = TESTS / "field"


def test_every_file_of_the_field_is_named_in_a_test() -> None:
    """None of them lies there unread."""
    code = "\n".join(path.read_text() for path in TESTS.rglob("test_*.py"))
    files = [path for path in FIELD.rglob("*") if path.is_file() and path.parent != FIELD]
    assert [] == sorted(path.name for path in files if path.stem not in code)
    assert len(files) > 30


def test_a_byte_order_mark_costs_no_run(tmp_path: Path) -> None:
    """byte_order_mark.jsonl holds three runs, for the sweep, for the data frames and for the tables alike."""
    ledger = tmp_path / "runs.jsonl"
    shutil.copy(FIELD / "ledgers" / "byte_order_mark.jsonl", ledger)
    command = [sys.executable, "-m", "analysis", "table", "--by", "ctx_limit", "--json", "--runs", str(ledger)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    frame = runs_df(ledger)
    assert (3, 3, 0) == (len(list(Ledger(ledger).read())), len(frame), shown.returncode), shown.stderr
    assert [str(ledger)] == list(frame["ledger"].unique())
    [row] = json.loads(shown.stdout)["tables"]["rates"]["rows"]
    assert (2, 3) == (row["completed"], row["runs"])


@pytest.mark.parametrize(
    "spelled", [".git/config", "./.git/config", "sub/.git/config", ".GIT/config", "x/../.git/config"]
)
def test_what_the_user_s_next_git_status_would_run_is_not_written(tmp_path: Path, spelled: str) -> None:
    """write_into_dot_git.json, at any depth and in any spelling, in a real repository."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    before = (tmp_path / ".git" / "config").read_text()
    call = json.loads((FIELD / "calls" / "write_into_dot_git.json").read_text())
    tools = Registry(file_tools(Workspace(tmp_path), Elision(GO_FILES, enabled=False), GO_FILES, protect_tests=True))
    with pytest.raises(ToolError):
        tools.call(call["name"], call["arguments"].replace(".git/config", spelled))
    assert (before, [".git"]) == ((tmp_path / ".git" / "config").read_text(), [one.name for one in tmp_path.iterdir()])


@pytest.mark.go
def test_a_server_whose_certificate_the_user_trusts_is_connected_to(python_m_harness: Command, tmp_path: Path) -> None:
    """The commands of https_server_with_a_private_ca.txt, as typed; a proxy of the environment stays ignored."""
    text = (FIELD / "commands" / "https_server_with_a_private_ca.txt").read_text()
    certify(tmp_path)
    [line] = [line for line in text.splitlines() if "harness" in line]
    variable, *argv = shlex.split(line)
    name, _, value = variable.partition("=")
    with TLSServer(tmp_path, SOLVE, DONE) as server:
        given = [f"model.endpoint={server.endpoint}" if one.startswith("model.endpoint=") else one for one in argv[3:]]
        told = python_m_harness(*given, **{name: value, "HTTPS_PROXY": "http://127.0.0.1:9"})
        refused = python_m_harness(*given)
    assert (0, 1) == (told.code, refused.code), told.err
    assert "SSL_CERT_FILE may name a file of the certificates to trust" in refused.err


@pytest.mark.go
def test_folders_too_deep_to_name_cost_neither_this_run_nor_the_next(harness: Command, tmp_path: Path) -> None:
    """code_that_nests_folders_too_deep_to_name.txtar as a task: both runs complete, each over a seed of its own."""
    folder = read("code_that_nests_folders_too_deep_to_name")
    nest = folder.files.pop("nest.go")
    folder.lay(tmp_path / "tasks" / "nest" / "workspace")
    (tmp_path / "tasks" / "nest" / "PROMPT.md").write_text("Finish it.")
    command = [sys.executable, "-m", "harness.tasks", "hash", "--root", str(tmp_path / "tasks")]
    subprocess.run(command, check=True, capture_output=True)
    wrote = turn(use("write_file", path="nest.go", content=nest))
    with ScriptedServer([wrote, turn(use("go", args=["test", "./..."])), DONE, DONE]) as server:
        given = ("model=openai_compatible", "model.name=x", f"model.endpoint={server.endpoint}", "stream=false")
        told = [harness(*given, "task_root=tasks", "task=nest") for _ in range(2)]
    assert [0, 0] == [one.code for one in told], told
    lines = [json.loads(line) for line in (tmp_path / "outputs" / "runs.jsonl").read_text().splitlines()]
    assert ["completed", "completed"] == [line["outcome"] for line in lines]


@pytest.mark.go
def test_a_name_that_is_not_utf8_costs_no_run(harness: Command, tmp_path: Path) -> None:
    """file_name_that_is_not_utf8.txtar: a folder of one's own completes, twice, and keeps its file."""
    root = read("file_name_that_is_not_utf8").lay(tmp_path / "W")
    odd = bytes(root) + b"/caf\xe9.txt"
    os.close(os.open(odd, os.O_CREAT))
    (tmp_path / "P.md").write_text("Finish it.")
    listed = turn(use("list_dir", path="."))
    with ScriptedServer([listed, DONE, DONE]) as server:
        given = ("model=openai_compatible", "model.name=x", f"model.endpoint={server.endpoint}", "task=folder")
        told = [harness(*given, "task.prompt=P.md", "task.workdir=W", "stream=false") for _ in range(2)]
    assert [0, 0] == [one.code for one in told], told
    lines = [json.loads(line) for line in (tmp_path / "outputs" / "runs.jsonl").read_text().splitlines()]
    assert ["completed", "completed"] == [line["outcome"] for line in lines]
    assert b"caf\xe9.txt" in [path.split(b"/")[-1] for path in map(bytes, root.iterdir())]
