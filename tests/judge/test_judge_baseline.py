"""Baselines: who writes them, how, and what keeps them what they were."""

import json
from pathlib import Path
from typing import Any

import pytest
from judged_runs import CODE, NESTED, QUICK, Judge, Judged

from analysis.judge.direct_baseline import TOOL
from harness.tasks.catalogue import load

from dialects import Say
from lab import REVERSE, use
from scripted import ScriptedServer


def files(*pairs: tuple[str, str]) -> Say:
    """A reply that hands in files."""
    return Say("", "", (use(TOOL, files=[{"path": path, "content": content} for path, content in pairs]),))


def recorded(judged: Judged) -> list[dict[str, Any]]:
    path = judged.root / "baselines.jsonl"
    return [json.loads(text) for text in path.read_text().splitlines()] if path.exists() else []


def direct(judged: Judged, told: Judge, *replies: Say, model: str = "writer") -> tuple[tuple[int, str, str], list[Any]]:
    """Ask for a baseline in one reply; what came of it, and the requests that were made."""
    with ScriptedServer(replies) as server:
        asked = ["judge", "baseline", "--task", "reverse", "--how", "direct", "--model", model]
        came = told(*asked, "--endpoint", server.endpoint, "--log-dir", judged.root)
        return came, server.asked


def test_a_run_writes_a_baseline_and_runs_are_held_against_it(judged: Judged, endpoint: str, told: Judge) -> None:
    """The newest of the same contract is taken where none is named; its run is in no table of the runs."""
    code, out, _ = told("judge", "baseline", "--task", "reverse", "--conf", "oracle", "--log-dir", judged.root)
    assert (0, True) == (code, "simulated: it says nothing about quality" in out)
    [line] = recorded(judged)
    assert ("sim-oracle", True, "completed", "run") == tuple(
        line[name] for name in ("model", "simulated", "outcome", "method")
    )
    judged.add("run-1")
    judged_by = ["judge", "run", "--endpoint", endpoint, "--model", "sim-judge", "--runs", judged.runs, *QUICK]
    assert 0 == told(*judged_by)[0]
    bars = [row for row in judged.lines if row["role"] == "baseline"]
    assert [(line["run_id"], line["folder"], ["judge", "baseline"])] * 2 == [
        (row["run_id"], row["target"], row["simulated_parts"]) for row in bars
    ]
    assert 1 == len(judged.runs.read_text().splitlines())


def test_code_that_does_not_pass_is_no_bar(judged: Judged, told: Judge) -> None:
    """A run that does not complete is recorded as the run that it is, and not as a baseline."""
    code, out, _ = told("judge", "baseline", "--task", "reverse", "--conf", "nop", "--log-dir", judged.root)
    assert (1, []) == (code, recorded(judged))
    assert "ended as stagnated, and a baseline is code that passes" in out


def test_one_reply_writes_a_baseline(judged: Judged, endpoint: str, told: Judge) -> None:
    """Over a copy of the seed, with the reply kept; that no gate has seen it stands in its line."""
    (code, _, _), asked = direct(judged, told, files((CODE, REVERSE)))
    [line] = recorded(judged)
    fixed = ("model", "method", "run_id", "outcome", "simulated")
    assert (0, ["writer", "direct", None, None, False]) == (code, [line[name] for name in fixed])
    folder = judged.root / line["folder"]
    assert REVERSE == (folder / CODE).read_text()
    assert (load("reverse").seed / "go.mod").read_bytes() == (folder / "go.mod").read_bytes()
    assert "func TestReverse" in asked[0]["messages"][1]["content"]
    assert [None] == [json.loads(text)["error"] for text in (judged.root / line["raw"]).read_text().splitlines()]
    judged.add("run-1")
    told("judge", "run", "--endpoint", endpoint, "--model", "sim-judge", "--runs", judged.runs, *QUICK)
    assert ["writer", "writer"] == [row["subject_model"] for row in judged.lines if row["role"] == "baseline"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("../x.go", "must be one from the root of the module"),
        ("/etc/x.go", "must be one from the root of the module"),
        ("stringutil/stringutil_test.go", "is a test file"),
        ("stringutil/X_Test.go", "is a test file"),
        ("stringutil", "cannot be a file"),
        ("go.mod/x.go", "cannot be a file"),
        ("a\0.go", "is not a path that can be used"),
    ],
)
def test_a_reply_cannot_write_where_it_must_not(judged: Judged, told: Judge, path: str, said: str) -> None:
    """Such a path is told, nothing of the reply is written, and the next reply counts."""
    came, asked = direct(judged, told, files((path, "package x"), (CODE, REVERSE)), files((CODE, REVERSE)))
    assert (0, 2) == (came[0], len(asked))
    assert said in asked[1]["messages"][-1]["content"]
    [line] = recorded(judged)
    folder = judged.root / line["folder"]
    seed = {path.relative_to(load("reverse").seed).as_posix() for path in load("reverse").seed.rglob("*")}
    assert seed | {CODE} == {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_a_reply_without_files_is_no_baseline(judged: Judged, told: Judge) -> None:
    """What was said is kept, and where it lies is said."""
    (code, out, _), _ = direct(judged, told, *[Say("I would rather not.")] * 3)
    assert (1, []) == (code, recorded(judged))
    [raw] = (judged.root / "baselines" / "direct").rglob("raw.jsonl")
    assert (3, True) == (len(raw.read_text().splitlines()), str(raw) in out)


def test_a_baseline_that_was_changed_is_none(judged: Judged, endpoint: str, told: Judge) -> None:
    """Its files must be those that were recorded; another contract's is never taken."""
    judged.add("run-1")
    command = ["judge", "run", "--endpoint", endpoint, "--model", "sim-judge", "--runs", judged.runs, *QUICK]
    assert "no baseline of reverse is recorded" in told(*command)[2]
    direct(judged, told, files((CODE, REVERSE)))
    (judged.root / recorded(judged)[0]["folder"] / CODE).write_text(NESTED)
    code, _, err = told(*command)
    assert (2, True) == (code, "was changed after it was recorded" in err)


@pytest.mark.parametrize("named", ["baseline_id", "folder", "run"])
def test_a_baseline_is_named_by_id_folder_or_run(judged: Judged, endpoint: str, told: Judge, named: str) -> None:
    """Who wrote it is known from its line; a run of the ledger serves too, and is not held against itself."""
    direct(judged, told, files((CODE, REVERSE)))
    [line] = recorded(judged)
    judged.add("run-1")
    judged.add("run-2", REVERSE, model="other-model")
    which = {"baseline_id": line["baseline_id"], "folder": judged.root / line["folder"], "run": "run-2"}[named]
    command = ["judge", "run", "--endpoint", endpoint, "--model", "sim-judge", "--runs", judged.runs, *QUICK]
    out = told(*command, "--baseline", which)[1]
    bars = {row["subject_model"] for row in judged.lines if row["role"] == "baseline"}
    assert {"other-model" if named == "run" else "writer"} == bars
    assert (named == "run") == ("run run-2: it is the baseline itself" in out)


def test_bad_input_makes_no_baseline(judged: Judged, told: Judge, tmp_path: Path) -> None:
    """One line, exit code 2."""
    for given, said in (
        (["--task", "nothing"], "task=nothing: must be one of"),
        (["--task", "reverse", "--how", "magic"], "--how magic: must be run or direct"),
        (["--task", "reverse", "--how", "direct"], "--model: which model is to be asked?"),
        (["--task", "reverse", "--how", "direct", "--conf", "oracle"], "a simulated subject writes in runs only"),
    ):
        code, out, err = told("judge", "baseline", "--log-dir", judged.root, *given)
        assert (2, "", 1) == (code, out, len(err.splitlines()))
        assert said in err
    assert [] == recorded(judged)
