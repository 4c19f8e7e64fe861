"""Judging from end to end: real HTTP, a simulated judge, and all that it may do wrong."""

import json
import signal
import subprocess
import sys
from dataclasses import fields
from itertools import product
from pathlib import Path

import pytest
from judged_runs import QUICK, ROOT, Judge, Judged, simulated_judge

from analysis.judge.record import CandidateJudgment, DimensionScore, weighted
from analysis.judge.rubric import DIMENSIONS
from analysis.judge.sessions import MOST_UNANSWERED
from analysis.judge.simulated.behaviour import FAILING

from lab import REVERSE

NOBODY = "http://127.0.0.1:9/v1"
"""Where nobody listens."""


def test_every_session_judges_both_orders_and_leaves_two_lines(judged: Judged, endpoint: str, told: Judge) -> None:
    """Each line holds every field; a candidate stands once as A and once as B; the score is the weighted mean."""
    judged.add("run-1")
    assert 0 == told(*judged.command(endpoint), "--sessions", 2)[0]
    lines = judged.lines
    expected = {*product((0, 1), ("AB", "BA"), ("subject", "baseline"))}
    assert expected == {(line["session"], line["order"], line["role"]) for line in lines}
    assert [{field.name for field in fields(CandidateJudgment)}] * 8 == [{*line} for line in lines]
    assert {("AB", "subject", "A"), ("AB", "baseline", "B"), ("BA", "subject", "B"), ("BA", "baseline", "A")} == {
        (line["order"], line["role"], line["position"]) for line in lines
    }
    for line in lines:
        assert {*DIMENSIONS} == {*line["dimensions"]} == {*line["weights"]}
        said = {name: DimensionScore(**verdict) for name, verdict in line["dimensions"].items()}
        assert weighted(said, line["weights"]) == line["score"]


def test_a_line_says_who_was_judged_by_whom_and_on_what(judged: Judged, endpoint: str, told: Judge) -> None:
    """The names of the published study, the run, the tools' own counts, and that the judge is simulated."""
    judged.add("run-1")
    told(*(part for part in judged.command(endpoint) if part not in QUICK))
    line = next(line for line in judged.lines if line["role"] == "subject")
    fixed = ("method", "judge_model", "rubric_version", "subject_model", "task", "contract", "blind_to_tests")
    assert ["head-to-head", "sim-judge", "judge/v3", "small-model", "reverse", "examples/reverse/PROMPT.md", True] == [
        line[name] for name in fixed
    ]
    assert ("run-1", "runs/run-1/workspace", ["judge"]) == (line["run_id"], line["target"], line["simulated_parts"])
    assert (True, True) == (line["judge_simulated"], line["judge_server"]["simulated"])
    assert (0, True) == (line["modernize_findings"], line["modernize_tool"].startswith("go fix go1."))
    other = next(line for line in judged.lines if line["role"] == "baseline")
    assert ("bar-model", None, line["pair_id"]) == (other["subject_model"], other["run_id"], other["pair_id"])


def test_a_simulated_candidate_is_told_apart(judged: Judged, endpoint: str, told: Judge) -> None:
    """Each line names which parts of it are simulated, and the screen says so."""
    judged.add("run-1", simulated=True, model="sim-resweep")
    out = told(*judged.command(endpoint))[1]
    assert [["judge", "subject"]] * 4 == [line["simulated_parts"] for line in judged.lines]
    assert "simulated: judge, subject" in out


@pytest.mark.parametrize("failing", FAILING)
def test_a_judge_that_cannot_answer_leaves_faults_and_no_score(
    judged: Judged, endpoint: str, told: Judge, failing: str
) -> None:
    """Every reply is kept as it came, and the exit code says that something is left."""
    judged.add("run-1")
    assert 1 == told(*judged.command(endpoint, failing))[0]
    lines = judged.lines
    assert [("fault", None, {}, 3)] * 4 == [
        (line["outcome"], line["score"], line["dimensions"], line["attempts"]) for line in lines
    ]
    assert all(line["reason"].startswith("no valid answer in 3 replies: ") for line in lines)
    raw = judged.raw(lines[0])
    assert [1, 2, 3] == [exchange["attempt"] for exchange in raw]
    # Each later request tells the fault of the reply before it.
    told_so = [exchange["messages"][-1]["content"] for exchange in raw[1:]]
    assert [True, True] == [one["error"] in text for one, text in zip(raw, told_so, strict=False)]


@pytest.mark.parametrize("failing", FAILING)
def test_a_judge_that_mends_its_answer_is_heard(judged: Judged, endpoint: str, told: Judge, failing: str) -> None:
    """Told what was wrong, it answers; the line says how many replies that took, and counts the tokens of all."""
    judged.add("run-1")
    assert 0 == told(*judged.command(endpoint, f"{failing}-once"))[0]
    assert [("judged", 2)] * 4 == [(line["outcome"], line["attempts"]) for line in judged.lines]
    line = judged.lines[0]
    used = [exchange["reply"]["usage"]["total_tokens"] for exchange in judged.raw(line)]
    assert sum(used) == line["total_tokens"]


def test_a_judge_that_keeps_one_waiting_is_a_fault(judged: Judged, endpoint: str, told: Judge) -> None:
    """The limit of time is that of any model, and the reason names it."""
    judged.add("run-1")
    assert 1 == told(*judged.command(endpoint, "sim-judge-silent"), "--set", "call_timeout=0.3")[0]
    assert ["fault"] * 4 == [line["outcome"] for line in judged.lines]
    assert "no whole reply within 0.3 s (model.call_timeout)" in judged.lines[0]["reason"]


def test_a_judge_without_tools_answers_in_text(judged: Judged, endpoint: str, told: Judge) -> None:
    """Where the server refuses tools the same form is asked for as text, and found between other words."""
    judged.add("run-1")
    assert 0 == told(*judged.command(endpoint, "sim-judge-text"))[0]
    told(*judged.command(endpoint, "sim-judge"))
    assert judged.gaps()[:2] == judged.gaps()[2:]


def test_a_judge_that_is_gone_is_not_asked_for_ever(judged: Judged, told: Judge) -> None:
    """After some judgments without any reply the rest is left, and said to be."""
    for number in range(3):
        judged.add(f"run-{number}")
    code, out, _ = told(*judged.command(NOBODY))
    assert (1, MOST_UNANSWERED * 2) == (code, len(judged.lines))
    assert "the judge does not answer: 3 judgments were not tried" in out


def test_a_judge_that_prefers_the_first_shows_it_in_the_orders(judged: Judged, endpoint: str, told: Judge) -> None:
    """Both orders together cancel a bias of position, and each alone shows it."""
    judged.add("run-1", REVERSE)
    told(*judged.command(endpoint, "sim-judge-biased"))
    first, second = judged.gaps()
    assert (0, True) == (pytest.approx(first + second), abs(first) > 0.01)


def test_sessions_draw_apart_and_repeatably(tmp_path: Path, endpoint: str, told: Judge) -> None:
    """Every judgment has a sampling seed of its own, the same for the same `--seed`."""
    scores = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        judged = Judged(tmp_path / name)
        judged.add("run-1")
        told(*judged.command(endpoint, "sim-judge-noisy"), "--sessions", 3)
        scores.append([line["score"] for line in judged.lines])
    assert scores[0] == scores[1]
    assert 12 == len({*scores[0]})


def test_what_is_judged_is_not_asked_again(judged: Judged, endpoint: str, told: Judge) -> None:
    """More sessions add to those that are there; the same command adds nothing, and faults are tried again."""
    judged.add("run-1")
    told(*judged.command(endpoint))
    before = judged.lines
    out = told(*judged.command(NOBODY))[1]
    assert (before, 2) == (judged.lines, judged.asked)
    assert "0 judged, 2 were judged before, 0 faults" in out
    told(*judged.command(endpoint), "--sessions", 2, "--seed", 7)
    assert (before, 8, 4) == (judged.lines[:4], len(judged.lines), judged.asked)


def test_a_fault_is_tried_again(judged: Judged, endpoint: str, told: Judge) -> None:
    """It stays in the ledger, and the judgment comes after it."""
    judged.add("run-1")
    told(*judged.command(NOBODY, "sim-judge", "--attempts", 1))
    told(*judged.command(endpoint, "sim-judge", "--attempts", 1))
    assert ["fault"] * 4 + ["judged"] * 4 == [line["outcome"] for line in judged.lines]
    assert {line["judgment_id"] for line in judged.lines[:4]} == {line["judgment_id"] for line in judged.lines[4:]}


@pytest.mark.parametrize("kept", [0, 1])
def test_an_answer_that_was_paid_for_is_never_lost(judged: Judged, endpoint: str, told: Judge, kept: int) -> None:
    """A kill between the reply and its lines, or between the two, leaves the raw file; the lines are made of it."""
    judged.add("run-1")
    told(*judged.command(endpoint))
    ledger = judged.root / "judgments.jsonl"
    whole = ledger.read_text()
    ledger.write_text("".join(whole.splitlines(keepends=True)[:kept]) + '{"torn":')
    assert 0 == told(*judged.command(NOBODY))[0]
    found = [json.loads(text) for text in ledger.read_text().splitlines() if text != '{"torn":']
    known = {"judge_server"}  # nobody was there to be asked who he is
    assert [[line[name] for name in line if name not in known] for line in map(json.loads, whole.splitlines())] == [
        [line[name] for name in line if name not in known] for line in found
    ]


def test_a_kill_loses_nothing_that_was_judged(judged: Judged, told: Judge) -> None:
    """After kill -9 the same command makes what is missing, and every judgment is there once."""
    judged.add("run-1")
    with simulated_judge("--latency", "0.2") as slow:
        command = [sys.executable, "-m", "analysis", *judged.command(slow, "sim-judge", "--sessions", 3)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            assert any(line.startswith("[2/6]") for line in process.stdout)
            process.send_signal(signal.SIGKILL)
        before = len(judged.lines)
        assert 0 == told(*judged.command(slow, "sim-judge", "--sessions", 3))[0]
    assert (True, 12) == (4 <= before < 12, len(judged.lines))
    assert 12 == len({(line["judgment_id"], line["role"]) for line in judged.lines})


def test_ctrl_c_ends_it_in_order(judged: Judged) -> None:
    """The exit code is 130, one line says how to go on, and no traceback does."""
    judged.add("run-1")
    with simulated_judge("--latency", "0.2") as slow:
        command = [sys.executable, "-m", "analysis", *judged.command(slow, "sim-judge", "--sessions", 3)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert any(line.startswith("[1/6]") for line in process.stdout)
            process.send_signal(signal.SIGINT)
            said = process.stderr.read()
    assert (130, "interrupted: what was recorded stays, and the same command goes on\n") == (process.returncode, said)
    assert 0 == len(judged.lines) % 2
