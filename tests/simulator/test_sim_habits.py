"""What a coding subject does next, by what its context holds."""

import json
from random import Random
from typing import Any

import pytest
from served import TOOLS, opening, used

from harness.simulator import coder
from harness.simulator.knowledge import Knowledge
from harness.simulator.parameters import SubjectParameters
from harness.simulator.turn import Turn
from harness.simulator.view import view_of
from harness.tasks.catalogue import load
from harness.toolchains.go.files import GO_FILES
from harness.tools.elision import Elision

STEADY = SubjectParameters(
    lists=1, sweeps_specs=1, sweeps_code=1, sweeps_satisfied=1, sweeps_rest=0, retests=1, writes_early=0, batches=0,
    tests_each=0, takes_notes=1, wordiness=1, slips=0, slips_composing=0, repairs=1, repairs_composing=1, edits=1,
    thought_looking=0, thought_acting=0,
)  # fmt: skip
"""A subject without chance: every share is 0 or 1."""

FOLDERS = ("api", "health", "notes", "tasks", "users")
GREEN = "".join(f"ok  \tapikit/{folder}\t0.01s\n" for folder in FOLDERS)


def spec(folder: str) -> str:
    return (load("apikit").seed / folder / f"{folder}_test.go").read_text()


def code(folder: str) -> str:
    solution = load("apikit").solution
    assert solution is not None
    return (solution / folder / f"{folder}.go").read_text()


def listed(*written: str) -> list[dict[str, Any]]:
    """The whole workspace listed, with code in the folders named."""
    messages = used("list_dir", "\n".join([*(f"{folder}/" for folder in FOLDERS), "go.mod (24 bytes)"]), path=".")
    for folder in FOLDERS:
        names = [f"{folder}.go (9 bytes)"] * (folder in written) + [f"{folder}_test.go (9 bytes)"]
        messages += used("list_dir", "\n".join(names), path=folder)
    return messages


def specs(*left_out: str) -> list[dict[str, Any]]:
    """Every spec read, those of the folders named with the real tool's notice instead."""
    elision = Elision(GO_FILES, enabled=True)
    elision.update(frozenset(left_out))
    paths = {folder: f"{folder}/{folder}_test.go" for folder in FOLDERS}
    texts = {path: elision.notice(path) or spec(folder) for folder, path in paths.items()}
    return [message for path, text in texts.items() for message in used("read_file", text, path=path)]


def codes(*folders: str, wrong: str = "") -> list[dict[str, Any]]:
    """The code of the folders read; that of one of them with something else in one place."""
    texts = {folder: code(folder).replace("http.StatusCreated", "http.StatusOK", folder == wrong) for folder in folders}
    return [m for folder, text in texts.items() for m in used("read_file", text, path=f"{folder}/{folder}.go")]


def ran(text: str) -> list[dict[str, Any]]:
    return used("go", text, args=["test", "./..."])


class Subject:
    """A steady subject at the task apikit, after some history."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def turn(self, *history: list[dict[str, Any]], system: str = "", **changes: Any) -> Turn:
        messages = [*opening("apikit", system), *(message for part in history for message in part)]
        parameters = STEADY.with_overrides(changes)
        return coder.reply(view_of(messages, TOOLS), self._knowledge, parameters, Random(1), "mood")

    def next(self, *history: list[dict[str, Any]], **changes: Any) -> str:
        """The first call of the next turn, as `name target`."""
        call = self.turn(*history, **changes).calls[0]
        return f"{call.name} {call.arguments.get('path') or json.dumps(call.arguments.get('args', ''))}"


@pytest.fixture
def subject(knowledge: Knowledge) -> Subject:
    return Subject(knowledge)


def test_a_context_begins_with_the_notes_where_they_are_spoken_of(subject: Subject) -> None:
    """PROGRESS.md first if the system prompt names it, the root's listing if not."""
    assert "read_file PROGRESS.md" == subject.next(system="Keep a PROGRESS.md.")
    assert "list_dir ." == subject.next()


def test_a_sweep_lists_then_reads_everything_in_the_order_of_the_prompt(subject: Subject) -> None:
    """Folder by folder, spec before code, before anything is written."""
    assert "list_dir health" == subject.next(used("list_dir", "api/\nhealth/\nusers/", path="."))
    assert "read_file health/health_test.go" == subject.next(listed("health"))
    read = used("read_file", spec("health"), path="health/health_test.go")
    assert "read_file health/health.go" == subject.next(listed("health"), read)


def test_a_package_is_written_once_its_spec_is_in_context(subject: Subject) -> None:
    """The first that the prompt names, with the text that it knows."""
    call = subject.turn(listed(), specs()).calls[0]
    assert ("write_file", "health/health.go", code("health")) == (call.name, *call.arguments.values())


def test_a_notice_is_not_the_spec(subject: Subject) -> None:
    """A package whose spec was left out is satisfied: it is not written, whatever else is missing."""
    left_out = ("health", "users", "tasks", "notes")
    calls = subject.turn(listed(*left_out), specs(*left_out), codes(*left_out), ran(""), sweeps_satisfied=0).calls
    assert ["api/api.go"] == [call.arguments["path"] for call in calls]


def test_code_of_a_package_whose_spec_was_left_out_is_read_at_its_own_rate(subject: Subject) -> None:
    """The share for packages that pass decides, not the one for code in general."""
    built = ("health", "users")
    history = (listed(*built), specs(*built))
    assert "read_file health/health.go" == subject.next(*history, sweeps_satisfied=1, sweeps_code=0)
    assert 'go ["test", "./..."]' == subject.next(*history, sweeps_satisfied=0, sweeps_code=1)
    assert "read_file health/health.go" == subject.next(listed(*built), specs(), sweeps_satisfied=0, sweeps_code=1)


def test_a_failure_outweighs_a_notice(subject: Subject) -> None:
    """The notice tells of the last verification: what the tests show to fail since is to be written again."""
    history = (listed(), specs("users"))
    red = ran("FAIL\tapikit/users [build failed]\n")
    batch = {"batches": 1, "batch_bytes": 1 << 16}
    written = [call.arguments["path"] for call in subject.turn(*history, **batch).calls]
    rewritten = [call.arguments["path"] for call in subject.turn(*history, red, **batch).calls]
    assert ["users/users.go"] == [path for path in rewritten if path not in written]


def test_a_composer_waits_for_the_code_that_it_brings_together(subject: Subject) -> None:
    """Without the code of a sibling in this context it is read first, though every spec was seen."""
    built = ("health", "users", "tasks", "notes")
    shown = (listed(*built), specs(), ran("FAIL\tapikit/api [build failed]\n"))
    assert "read_file notes/notes.go" == subject.next(*shown, codes("health", "users", "tasks"), sweeps_code=0)
    assert "write_file api/api.go" == subject.next(*shown, codes(*built), sweeps_code=0)


def test_code_of_an_earlier_context_is_tested_before_more_is_written(subject: Subject) -> None:
    """After the sweep of a context that found code comes a test run."""
    assert 'go ["test", "./..."]' == subject.next(listed("health"), specs(), codes("health"))


def test_what_the_tests_show_to_fail_is_mended_first(subject: Subject) -> None:
    """An edit of the one passage that is wrong, before the missing packages are written."""
    red = "FAIL\nFAIL\tapikit/users\t0.01s\nFAIL\tapikit/api [build failed]\nok  \tapikit/health\t0.01s\n"
    history = (listed("health", "users"), specs(), codes("health", "users", wrong="users"), ran(red))
    call = subject.turn(*history).calls[0]
    assert ("edit_file", "users/users.go") == (call.name, call.arguments["path"])
    spoiled = codes("users", wrong="users")[1]["content"]
    assert code("users") == spoiled.replace(call.arguments["old_string"], call.arguments["new_string"])


def test_notes_are_begun_after_a_write_and_never_again(subject: Subject) -> None:
    """Once, where the system prompt asks for them; a context that finds them leaves them as they are."""
    wrote = used("write_file", "wrote 9 bytes", path="health/health.go", content=code("health"))
    told = "Keep a PROGRESS.md."
    assert "write_file PROGRESS.md" == subject.next(listed(), specs(), wrote, system=told)
    found = used("read_file", "# Progress", path="PROGRESS.md")
    assert "write_file users/users.go" == subject.next(found, listed(), specs(), wrote, system=told)
    assert "write_file users/users.go" == subject.next(listed(), specs(), wrote)


def test_done_is_called_once_the_tests_pass(subject: Subject) -> None:
    """Only then, and not again after a write."""
    history = (listed(*FOLDERS), specs(), codes(*FOLDERS), ran(GREEN))
    assert 'done ""' == subject.next(*history)
    wrote = used("write_file", "wrote 9 bytes", path="health/health.go", content=code("health"))
    assert 'go ["test", "./..."]' == subject.next(*history, wrote)


def test_a_refused_done_without_anything_to_mend_ends_the_pass(subject: Subject) -> None:
    """What the tests ask for cannot be had: a turn of text."""
    red = GREEN.replace("ok  \tapikit/notes", "FAIL\tapikit/notes")
    history = (listed(*FOLDERS), specs(), codes(*FOLDERS), ran(red))
    assert 'done ""' == subject.next(*history)
    assert () == subject.turn(*history, used("done", f"The task is not done yet.\n{red}")).calls


def test_a_file_that_cannot_be_read_or_written_is_not_tried_for_ever(subject: Subject) -> None:
    """After an error comes something else."""
    error = used("read_file", "ERROR: there is no file PROGRESS.md", path="PROGRESS.md")
    assert "list_dir ." == subject.next(error, system="Keep a PROGRESS.md.")
    refused = used("write_file", "ERROR: no", path="health/health.go", content="")
    assert "write_file users/users.go" == subject.next(listed(), specs(), refused)


def test_a_batch_holds_several_calls_within_its_bounds(subject: Subject) -> None:
    """As many reads as one turn may have, and as many writes as fit its bytes."""
    reads = subject.turn(listed(), batches=1, batch_calls=3).calls
    assert ["read_file"] * 3 == [call.name for call in reads]
    size = len(code("health").encode()) + len(code("users").encode())
    writes = subject.turn(listed(), specs(), batches=1, batch_bytes=size).calls
    assert ["health/health.go", "users/users.go"] == [call.arguments["path"] for call in writes]


def test_only_tools_that_are_offered_are_called(knowledge: Knowledge) -> None:
    """Without any, a subject can only speak."""
    turn = coder.reply(view_of(opening("apikit"), []), knowledge, STEADY, Random(1), "mood")
    assert ((), True) == (turn.calls, bool(turn.content))


def test_an_unknown_exercise_is_looked_at_and_left(knowledge: Knowledge) -> None:
    """It is listed and read, and nothing is written."""
    messages = [{"role": "user", "content": "Make the tests pass."}]
    view = view_of(messages, TOOLS)
    assert ["list_dir"] == [call.name for call in coder.reply(view, knowledge, STEADY, Random(1), "mood").calls]
    view = view_of([*messages, *used("list_dir", "README (2 bytes)", path=".")], TOOLS)
    assert () == coder.reply(view, knowledge, STEADY, Random(1), "mood").calls
