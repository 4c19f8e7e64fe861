"""Whole runs of scripted conversations: outcomes, reasons and counts."""

import json
import os
import signal
import threading
from collections import Counter
from pathlib import Path

import pytest

from harness.config import ConfigError, ModelConfig, TaskConfig
from harness.outcome import Outcome

from lab import DONE, SOLVE, STOP, Lab, turn, use
from scripted import answer

pytestmark = pytest.mark.go

READ = turn(use("read_file", path="stringutil/stringutil_test.go"))
SPEC_BYTES = (Path(__file__).parents[2] / "examples/reverse/workspace/stringutil/stringutil_test.go").stat().st_size
BROKEN = turn(use("write_file", path="stringutil/stringutil.go", content="package stringutil\n"))


@pytest.mark.parametrize("stream", [False, True])
def test_a_run_that_works_is_completed_by_the_gate(lab: Lab, stream: bool) -> None:
    """Read, write, done: one pass, every counter right, streamed or not, and what was left is kept."""
    record = lab.run([READ, SOLVE, DONE], stream=stream)
    assert (Outcome.COMPLETED, 1, ["completed"]) == (record.outcome, record.passes, record.pass_reasons)
    counted = record.metrics
    assert (3, 3, SPEC_BYTES) == (counted.model_calls, counted.tool_calls, counted.read_bytes)
    assert Counter(read_file=1, write_file=1, done=1) == counted.tool_counts
    assert (210, 90, 300, 120, 4.5) == (
        counted.prompt_tokens,
        counted.completion_tokens,
        counted.total_tokens,
        counted.cached_tokens,
        counted.server_time_sec,
    )
    assert (1, 1, False) == (record.packages_green, record.packages_total, record.simulated)
    assert [record.as_dict()] == lab.ledger
    kept = lab.folder / "runs" / record.run_id / "workspace"
    assert (kept / "stringutil" / "stringutil.go").exists()


def test_no_tool_message_follows_the_done_that_completes(lab: Lab) -> None:
    """Two results for three calls: the accepted `done` ends the run, not only the turn."""
    lab.run([SOLVE, turn(use("list_dir", "a"), use("done", "b"), use("list_dir", "c"))])
    assert 2 == len(lab.asked)
    assert Counter(write_file=1, list_dir=1, done=1) == Counter(lab.ledger[0]["tool_counts"])


def test_a_model_that_does_nothing_stagnates(lab: Lab) -> None:
    """The first fingerprint sets the mark; three more unchanged passes end the run."""
    record = lab.run([STOP] * 10)
    assert (Outcome.STAGNATED, 4, ["model_stop"] * 4) == (record.outcome, record.passes, record.pass_reasons)
    assert 3 == record.outcome.exit_code
    assert [False] * 4 == [done.changed for done in record.per_pass]


def test_the_guard_can_be_moved_and_switched_off(lab: Lab) -> None:
    """max_stale counts unchanged passes; 0 leaves the budget of passes alone to end the run."""
    assert 2 == lab.run([STOP] * 10, max_stale=1).passes
    record = lab.run([STOP] * 10, max_stale=0, max_iters=6)
    assert (Outcome.BUDGET, 6, 4) == (record.outcome, record.passes, record.outcome.exit_code)


def test_notes_are_no_progress(lab: Lab) -> None:
    """A pass that only rewrites PROGRESS.md has changed nothing."""
    notes = [turn(use("write_file", path="PROGRESS.md", content=str(n))) for n in range(8)]
    record = lab.run([reply for note in notes for reply in (note, STOP)])
    assert (Outcome.STAGNATED, 4) == (record.outcome, record.passes)


def test_work_that_is_done_counts_without_a_done(lab: Lab) -> None:
    """The probe after a pass runs the same gate; the pass keeps its own reason."""
    record = lab.run([SOLVE, STOP])
    assert (Outcome.COMPLETED, 1, ["model_stop"]) == (record.outcome, record.passes, record.pass_reasons)


def test_a_workspace_already_verified_is_not_probed_again(lab: Lab) -> None:
    """The seed itself is never verified; after that, only what differs from the last verification is."""
    record = lab.run([STOP, BROKEN, *[STOP] * 9])
    events = [
        json.loads(line)["event"]
        for line in (lab.folder / "runs" / record.run_id / "transcript.jsonl").read_text().splitlines()
    ]
    assert 1 == events.count("verdict")
    assert (Outcome.STAGNATED, 5) == (record.outcome, record.passes)


def test_what_was_refused_is_not_verified_again_until_it_changes(lab: Lab) -> None:
    """A second `done`, and the probe after the pass, tell of the same files what the first was told."""
    record = lab.run([BROKEN, DONE, DONE, STOP, SOLVE, DONE])
    assert (Outcome.COMPLETED, ["model_stop", "completed"]) == (record.outcome, record.pass_reasons)
    transcript = (lab.folder / "runs" / record.run_id / "transcript.jsonl").read_text()
    events = [json.loads(line)["event"] for line in transcript.splitlines()]
    assert (2, 2) == (events.count("verdict"), events.count("verdict_repeated"))
    first, second = lab.results()[1:3]
    assert first == second


def test_context_ends_a_pass_after_its_calls_ran(lab: Lab) -> None:
    """A step that reaches the limit is carried out; the next pass starts from nothing."""
    record = lab.run([turn(use("list_dir"), tokens=499), turn(use("list_dir"), tokens=500), SOLVE, DONE], ctx_limit=500)
    assert ["context", "completed"] == record.pass_reasons
    assert [2, 4, 2, 4] == [len(request["messages"]) for request in lab.asked]
    assert [500, 100] == [done.peak_tokens for done in record.per_pass]
    assert 2 == record.metrics.tool_counts["list_dir"]


def test_a_limit_of_zero_is_none(lab: Lab) -> None:
    """ctx_limit=0 disables the limit."""
    assert ["completed"] == lab.run([turn(use("list_dir"), tokens=10**6), SOLVE, DONE], ctx_limit=0).pass_reasons


def test_steps_are_bounded(lab: Lab) -> None:
    """max_steps calls and no more make a pass."""
    record = lab.run([turn(use("list_dir"))] * 8, max_steps=2, max_iters=2)
    assert (["max_steps"] * 2, 4, Outcome.BUDGET) == (record.pass_reasons, record.metrics.model_calls, record.outcome)


def test_knocking_at_the_gate_ends_the_pass(lab: Lab) -> None:
    """Three refused `done` with no write between them; any attempt to write starts the count anew."""
    knock = turn(use("done"))
    record = lab.run([BROKEN, knock, knock, BROKEN, knock, knock, knock, knock], max_iters=1)
    assert (["done_loop"], 7) == (record.pass_reasons, record.metrics.model_calls)
    assert 5 == record.metrics.tool_counts["done"]


def test_a_refusal_tells_what_fails(lab: Lab) -> None:
    """The model sees the compiler's words, and goes on to complete."""
    record = lab.run([BROKEN, DONE, SOLVE, DONE])
    assert Outcome.COMPLETED is record.outcome
    assert "undefined: Reverse" in lab.results()[1] or "undefined: stringutil.Reverse" in lab.results()[1]


def test_an_answer_without_choices_ends_the_pass(lab: Lab) -> None:
    """It has its own reason, and is no error."""
    record = lab.run([answer({"choices": []}), SOLVE, DONE])
    assert ["empty", "completed"] == record.pass_reasons


def test_calls_that_make_no_sense_do_not_end_the_pass(lab: Lab) -> None:
    """Unknown tools and broken arguments are answered, and counted under the name that was given."""
    odd = turn(("a", "shell", "{}"), ("b", "read_file", "{nonsense"), ("c", "read_file", "[]"))
    record = lab.run([odd, SOLVE, DONE])
    assert Outcome.COMPLETED is record.outcome
    assert Counter(shell=1, read_file=2, write_file=1, done=1) == record.metrics.tool_counts
    assert ["ERROR: "] * 3 == [text[:7] for text in lab.results()[:3]]
    assert "read_file, write_file, edit_file, list_dir, go, done" in lab.results()[0]


def test_bytes_read_are_those_that_the_model_was_shown(lab: Lab) -> None:
    """The text of a read that failed counts as one that did not."""
    record = lab.run([turn(use("read_file", path="gone.go"), use("list_dir", path="gone")), STOP], max_iters=1)
    assert len(lab.results()[0].encode()) == record.metrics.read_bytes


def test_a_server_that_always_fails_is_a_fault(lab: Lab) -> None:
    """No pass ran cleanly, so nothing is said about the model; the record tells why."""
    record = lab.run([answer(status=401)] * 20)
    assert (Outcome.FAULT, ["error"] * 4, 1) == (record.outcome, record.pass_reasons, record.outcome.exit_code)
    assert record.fault is not None
    assert "401" in record.fault


def test_out_of_passes_with_nothing_but_errors_is_a_fault(lab: Lab) -> None:
    """The budget of a run that never reached its model is no result."""
    assert Outcome.FAULT is lab.run([answer(status=401)] * 20, max_iters=2).outcome


def test_an_error_in_one_pass_is_survived(lab: Lab) -> None:
    """The next pass goes on from the files."""
    record = lab.run([answer(status=400), SOLVE, DONE])
    assert (["error", "completed"], Outcome.COMPLETED) == (record.pass_reasons, record.outcome)


def test_without_memory_notes_are_wiped_and_never_mentioned(lab: Lab) -> None:
    """PROGRESS.md goes before each pass, at any depth, and the system prompt does not speak of it."""
    note = turn(use("write_file", path="PROGRESS.md", content=""), use("write_file", path="a/PROGRESS.md", content=""))
    look = turn(use("list_dir"), use("list_dir", path="a"))
    lab.run([note, STOP, look, STOP], memory=False, max_iters=2)
    root, inner = lab.results()[2:]
    assert ("PROGRESS.md" in root, inner) == (False, "(empty)")
    assert all("PROGRESS.md" not in request["messages"][0]["content"] for request in lab.asked)


def test_with_memory_notes_stay_and_are_asked_for(lab: Lab) -> None:
    """The system prompt tells of PROGRESS.md, and the file outlives the pass."""
    note = turn(use("write_file", path="PROGRESS.md", content="half way"))
    lab.run([note, STOP, turn(use("read_file", path="PROGRESS.md")), STOP], max_iters=2)
    assert "half way" == lab.results()[-1]
    assert "PROGRESS.md" in lab.asked[0]["messages"][0]["content"]


def test_a_verified_package_is_elided_and_counted(lab: Lab) -> None:
    """A refused gate that found a package green feeds the next read; switched off, nothing is left out."""
    extra = turn(use("write_file", path="other/other.go", content="package other\n\nvar x int = oops\n"))
    script = [SOLVE, extra, DONE, READ, STOP]
    record = lab.run([*script, *[STOP] * 9], max_iters=1, task=TaskConfig(name="reverse"))
    assert (1, 1) == (record.metrics.elided_reads, record.packages_green)
    assert record.metrics.read_bytes < SPEC_BYTES
    record = lab.run([*script, *[STOP] * 9], max_iters=1, elide_passing=False)
    assert (0, SPEC_BYTES) == (record.metrics.elided_reads, record.metrics.read_bytes)


def test_the_prompt_of_a_system_file_replaces_the_built_in_one(lab: Lab, tmp_path: Path) -> None:
    """The whole text, and nothing but it."""
    (tmp_path / "system.txt").write_text("Be brief.")
    lab.run([STOP], system=str(tmp_path / "system.txt"), max_iters=1)
    assert {"role": "system", "content": "Be brief."} == lab.asked[0]["messages"][0]


def test_a_folder_of_ones_own_is_worked_on_in_place_if_asked_for(lab: Lab, tmp_path: Path) -> None:
    """Any verify command decides by its exit status, and never feeds elision."""
    work = tmp_path / "mine"
    work.mkdir()
    (tmp_path / "PROMPT.md").write_text("Write hello.txt.")
    task = TaskConfig("folder", str(tmp_path / "PROMPT.md"), str(work), "test -f hello.txt", in_place=True)
    record = lab.run([DONE, turn(use("write_file", path="hello.txt", content="hi")), DONE], task=task)
    assert (Outcome.COMPLETED, "mine") == (record.outcome, record.task)
    assert "hi" == (work / "hello.txt").read_text()
    assert "Write hello.txt." == lab.asked[0]["messages"][1]["content"]
    assert record.packages_green is None


def test_what_is_missing_is_said_before_anything_starts(lab: Lab, tmp_path: Path) -> None:
    """One line names the key; no record and no run folder are left."""
    prompt = tmp_path / "gone.md"
    for changes, message in (
        ({"task": TaskConfig("folder", str(prompt), str(tmp_path))}, f"task.prompt={prompt}: cannot be read: "),
        ({"system": str(prompt)}, f"system={prompt}: cannot be read: "),
        ({"task": TaskConfig("unknown")}, "task=unknown: must be one of apikit, "),
    ):
        with pytest.raises(ConfigError) as caught:
            lab.run([], **changes)
        assert str(caught.value).startswith(message)
    assert not lab.folder.exists()


def test_an_interrupt_is_recorded_with_what_it_cost(lab: Lab) -> None:
    """Ctrl-C or SIGTERM in the middle of a call: one record, its finished calls counted, exit code 0."""
    hang = turn(use("list_dir"))
    timer = threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    record = lab.run([hang, answer(length=10**6, body=b"{", then="keep")])
    assert (Outcome.INTERRUPTED, 1, [], 0) == (
        record.outcome,
        record.passes,
        record.pass_reasons,
        record.outcome.exit_code,
    )
    assert (1, 1) == (record.metrics.model_calls, record.metrics.tool_calls)
    assert 1 == len(lab.ledger)


def test_a_fixed_seed_gives_each_replicate_its_own(lab: Lab) -> None:
    """Replicates are no copies: each has a seed of its own, which a repeated run has again; null sends none."""
    model = ModelConfig(name="scripted", endpoint="http://127.0.0.1:9/v1", seed=7)
    seeds = [lab.run([STOP] * 4, replicate=number, model=model).sampling_seed for number in (1, 2, 3, 1)]
    assert (3, seeds[0]) == (len(set(seeds)), seeds[3])
    assert lab.run([STOP] * 4).sampling_seed is None


def test_the_transcript_hash_covers_what_the_model_wrote(lab: Lab) -> None:
    """Equal for the same replies under other ids, different for another text or call, null before any reply."""
    ids = [turn(use("list_dir", name, path=".")) for name in ("one", "two")]
    scripts = [[ids[0], STOP], [ids[1], STOP], [STOP], [turn(content="Stop."), STOP], [turn(reasoning="x"), STOP]]
    hashes = [lab.run(script, max_iters=1).transcript_sha256 for script in scripts]
    assert hashes[0] == hashes[1]
    assert 4 == len(set(hashes))
    assert lab.run([answer({"error": "no"}, status=400)], max_iters=1).transcript_sha256 is None
