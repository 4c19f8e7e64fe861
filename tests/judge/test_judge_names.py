"""Who may judge whom, which runs are judged, and against what."""

import shutil
from pathlib import Path

import pytest
from judged_runs import NESTED, Judge, Judged

from analysis.errors import AnalysisError
from analysis.judge.model import normalised
from analysis.judge.rubric import load_rubric
from harness.installation import data_folder


@pytest.mark.parametrize(
    "name",
    [
        "Qwen3.6-35B-A3B",
        "qwen3.6-35b-a3b",
        "mlx-community/Qwen3.6-35B-A3B-oQ4-fp16-mtp",
        "models/Qwen3.6-35B-A3B-oQ6-mtp/",
        "Qwen3.6-35B-A3B-Q4_K_M.gguf",
        "qwen3.6-35b-a3b:IQ3_XXS",
        "Qwen3.6-35B-A3B-MLX-4bit",
        "Qwen3.6-35B-A3B-UD-Q4_K_XL",
        "Qwen3.6-35B-A3B-MXFP4",
        "qwen3.6-35b-a3b:latest",
    ],
)
def test_names_of_one_model_are_one_name(name: str) -> None:
    """Case, path, and how the weights are stored tell no model apart."""
    assert "qwen3.6-35b-a3b" == normalised(name)


def test_names_of_different_models_stay_apart() -> None:
    """Size, version and kind are part of the name, and no name is worn away to nothing."""
    names = ["qwen3-8b", "qwen3-32b", "qwen3.6-35b-a3b", "gemma-4-26B-A4B-it", "gemma-4-26B-A4B", "gpt-oss-20b", "q8_0"]
    assert len(names) == len({normalised(name) for name in names} - {""})


@pytest.mark.parametrize("judge", ["Small-Model", "lab/small-model-Q4_K_M.gguf", "bar-model:latest"])
def test_nobody_judges_work_of_his_own(judged: Judged, endpoint: str, told: Judge, judge: str) -> None:
    """Neither the subject's author nor the baseline's: one line, exit code 2, nothing asked."""
    judged.add("run-1")
    code, out, err = told(*judged.command(endpoint, judge))
    assert (2, "", 1, 0) == (code, out, len(err.splitlines()), judged.asked)
    assert f"the judge {judge} wrote the " in err


def test_runs_that_cannot_be_judged_are_named_and_the_rest_goes_on(judged: Judged, endpoint: str, told: Judge) -> None:
    """Each with its reason: its author, its workspace, its code."""
    judged.add("run-own", model="sim-judge")
    judged.add("run-gone", keep=False)
    judged.add("run-empty", NESTED)
    shutil.rmtree(judged.root / "runs" / "run-empty" / "workspace" / "stringutil")
    judged.add("run-stagnated", outcome="stagnated")
    judged.add("run-good")
    code, out, _ = told(*judged.command(endpoint))
    assert (0, {"run-good", None}) == (code, {line["run_id"] for line in judged.lines})
    assert "run run-own: the judge sim-judge wrote the subject itself" in out
    assert "run run-gone: its workspace is not in" in out
    assert "kept beside its record unless it holds over 64 MiB" in out
    assert "runs/run-empty/workspace holds no source file" in out
    assert "1 of 4 runs, 2 judgments" in out
    assert "1 results that ended otherwise are left out" in out


def test_a_folder_is_the_baseline_of_one_contract(judged: Judged, endpoint: str, told: Judge) -> None:
    """Runs of two prompts cannot be held against it; and of a prompt whose words are gone nothing can be judged."""
    judged.add("run-1", prompt_sha256="0" * 64)
    assert "nowhere any more in the words" in told(*judged.command(endpoint))[2]
    judged.add("run-2")
    code, out, err = told(*judged.command(endpoint))
    assert (2, "", []) == (code, out, judged.lines)
    assert "a folder is of one contract, and these runs have 2 (reverse)" in err


def test_runs_are_chosen_by_name_and_by_filter(judged: Judged, endpoint: str, told: Judge) -> None:
    """A run that is named is judged however it ended; faults are no results, and cannot be."""
    judged.add("run-1", ctx_limit=9000)
    judged.add("run-2", outcome="stagnated")
    judged.add("run-3", outcome="fault")
    told(*judged.command(endpoint), "--where", "ctx_limit=9000")
    assert {"run-1", None} == {line["run_id"] for line in judged.lines}
    told(*judged.command(endpoint), "--run-id", "run-2")
    assert {"run-1", "run-2", None} == {line["run_id"] for line in judged.lines}
    assert 2 == told(*judged.command(endpoint), "--run-id", "run-3")[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--outcome", "won"], "--outcome won: must be completed, stagnated, budget or all"),
        (["--sessions", "0"], "--sessions 0: must be 1 or more"),
        (["--rubric", "v9"], "--rubric v9: no such rubric; there is v3"),
        (["--set", "top_k=many"], "--set top_k=many: top_k must be int"),
        (["--set", "colour=red"], "--set colour=red: no key colour; there are name, endpoint"),
        (["--set", "top_p=2"], "model.top_p=2.0: must be more than 0, at most 1"),
        (["--set", "api_key_env=NOT_SET_HERE"], "model.api_key_env=NOT_SET_HERE: must be"),
        (["--conf", "nobody"], "--conf nobody: no such model; there are"),
        (["--baseline", "nowhere"], "--baseline nowhere: is no folder, no baseline and no run"),
        (["--baseline-model", ""], "who wrote it? Name the model with --baseline-model"),
        (["--run-id", "run-9"], "--run-id run-9: no such result"),
        (["--where", "ctx_limit=1"], "no run to judge"),
        (["--conf", "oracle", "--model", "x", "--endpoint", "embedded"], "x: a simulated subject cannot judge"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(judged: Judged, told: Judge, options: list[str], said: str) -> None:
    """What, where, and what is allowed; nothing is asked or written."""
    judged.add("run-1")
    code, out, err = told(*judged.command("http://127.0.0.1:9/v1"), *options)
    assert (2, "", 1) == (code, out, len(err.splitlines()))
    assert said in err
    assert [] == judged.lines


def test_the_rubric_is_the_published_one() -> None:
    """Eight dimensions with the published weights, which sum to one."""
    published = {
        "contract_fidelity": 0.27,
        "simplicity": 0.17,
        "idiomaticity": 0.13,
        "readability": 0.12,
        "robustness": 0.09,
        "security": 0.09,
        "concurrency_safety": 0.07,
        "performance": 0.06,
    }
    rubric = load_rubric("v3")
    assert ("judge/v3", published, {*published}) == (rubric.version, rubric.weights, {*rubric.judged})
    assert 1 == pytest.approx(sum(rubric.weights.values()))


@pytest.mark.parametrize(
    ("old", "new"), [("0.27", "0.28"), ("0.06", "-0.06"), ("security:", "charm:"), ("0.27", "much"), ("name:", "nom:")]
)
def test_a_rubric_that_is_none_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """Weights that do not sum to one, dimensions of its own, values of the wrong kind."""
    text = (data_folder("conf") / "judge" / "v3.yaml").read_text()
    (tmp_path / "mine.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(AnalysisError, match=r"^--rubric .*mine\.yaml: "):
        load_rubric(str(tmp_path / "mine.yaml"))
