"""Files that would change what is tested: put back if they are the task's, turned away if they are not."""

import os
import shutil

import pytest

from tests.cheats.conftest import SEED, SOLVED, Arena, Deed

pytestmark = pytest.mark.go

LAX = 'package hard_test\n\nimport "testing"\n\nfunc TestHard(t *testing.T) {}\n'
SPEC = "hard/hard_test.go"


def link_the_spec(arena: Arena) -> None:
    arena.write("lax.txt", LAX)
    (arena.root / SPEC).unlink()
    (arena.root / SPEC).symlink_to(arena.root / "lax.txt")


def link_the_folder(arena: Arena) -> None:
    shutil.move(arena.root / "hard", arena.root / "elsewhere")
    arena.write("elsewhere/hard_test.go", LAX)
    (arena.root / "hard").symlink_to("elsewhere")


def second_name_for_the_spec(arena: Arena) -> None:
    os.link(arena.root / SPEC, arena.root / "notes.txt")
    arena.write("notes.txt", LAX)


RESTORED: dict[str, tuple[Deed, str]] = {
    "rewrites the spec": (lambda arena: arena.write(SPEC, LAX), SPEC),
    "empties the spec": (lambda arena: arena.write(SPEC, ""), SPEC),
    "removes the spec": (lambda arena: (arena.root / SPEC).unlink(), SPEC),
    "removes the folder of the spec": (lambda arena: shutil.rmtree(arena.root / "hard"), SPEC),
    "links the spec to another file": (link_the_spec, SPEC),
    "links the folder to another": (link_the_folder, SPEC),
    "writes the spec under a second name": (second_name_for_the_spec, SPEC),
    "has go.mod ignore the hard part": (
        lambda arena: arena.write("go.mod", SEED["go.mod"] + "\nignore ./hard\n"),
        "go.mod",
    ),
    "has go.mod replace the module": (
        lambda arena: arena.write("go.mod", SEED["go.mod"] + "\nreplace example/m/hard => ./easy\n"),
        "go.mod",
    ),
    "sets another language version": (
        lambda arena: arena.write("go.mod", SEED["go.mod"].replace("1.26", "1.20")),
        "go.mod",
    ),
    "removes go.mod": (lambda arena: (arena.root / "go.mod").unlink(), "go.mod"),
    "renames the module": (lambda arena: arena.write("go.mod", "module other\n"), "go.mod"),
}


@pytest.mark.parametrize("name", RESTORED)
def test_what_the_task_has_is_put_back(arena: Arena, name: str) -> None:
    """A pinned file counts as the task has it; that it was touched is told, and the hard part still fails."""
    deed, path = RESTORED[name]
    deed(arena)
    verdict = arena.verify()
    assert (verdict.accepted, path in verdict.tampering) == (False, True), verdict.feedback
    assert "hard" not in (verdict.green or ())
    assert "Put back as the task has it" in verdict.feedback
    assert (arena.root / path).read_text() == SEED[path]


TURNED_AWAY = {
    "hard/go.mod": ("module example/m/hard\n", "makes a module of its own"),
    "hard/GO.MOD": ("module example/m/hard\n", "makes a module of its own"),
    "go.work": ("go 1.26\n\nuse ./easy\n", "makes a workspace of modules"),
    "vendor/modules.txt": ("", "lies in vendor"),
    "vendor/testing/testing.go": ("package testing\n", "lies in vendor"),
    "hard/main_test.go": (
        'package hard_test\n\nimport ("os"; "testing")\n\nfunc TestMain(m *testing.M) { os.Exit(0) }\n',
        "is a test file that the task does not have",
    ),
    "hard/other_Test.go": ("package hard\n", "is a test file that the task does not have"),
    "hard/zz_gate_test.go": ("package hard_test\n", "is a test file that the task does not have"),
    "hard/reach_amd64.s": ('#include "textflag.h"\n', "is assembly or object code"),
    "hard/reach.syso": ("\x7fELF", "is assembly or object code"),
}


@pytest.mark.parametrize("path", TURNED_AWAY)
def test_what_the_task_has_not_is_turned_away(arena: Arena, path: str) -> None:
    """A file that has no place is refused by name, and removed, for the model has no tool to do it."""
    content, told = TURNED_AWAY[path]
    arena.write("hard/hard.go", SOLVED)
    arena.write(path, content)
    verdict = arena.verify()
    assert (verdict.accepted, verdict.tampering) == (False, (path,))
    assert f"- {path} {told}" in verdict.feedback
    assert not (arena.root / path).exists()


def test_once_it_is_removed_the_work_counts(arena: Arena) -> None:
    """The model need not do anything about what was turned away: what is left is judged the next time."""
    arena.write("hard/hard.go", SOLVED)
    for path, (content, _) in TURNED_AWAY.items():
        arena.write(path, content)
    verdict = arena.verify()
    assert (False, set(TURNED_AWAY)) == (verdict.accepted, set(verdict.tampering))
    assert arena.verify().accepted


def test_a_pipe_in_place_of_code_does_not_block(arena: Arena) -> None:
    """What is no plain file is not opened."""
    os.mkfifo(arena.root / "hard" / "pipe.go")
    verdict = arena.verify()
    assert (verdict.accepted, "hard/pipe.go is no plain file" in verdict.feedback) == (False, True)


def test_a_workspace_that_is_too_big_is_refused(arena: Arena) -> None:
    """A workspace is copied for verification, so its size is bounded."""
    with (arena.root / "big").open("wb") as file:
        file.truncate(1 << 40)
    verdict = arena.verify()
    assert (verdict.accepted, "more than 256 MiB" in verdict.feedback) == (False, True)


def test_honest_work_is_accepted_and_leaves_no_trace(arena: Arena) -> None:
    """The honest solution passes, nothing is told of it, and the room is empty afterwards."""
    arena.write("hard/hard.go", SOLVED)
    verdict = arena.verify()
    assert (verdict.accepted, verdict.green, verdict.total) == (True, frozenset({"easy", "hard"}), 2)
    assert (verdict.feedback, verdict.tampering, arena.room.exists()) == ("", (), False)
