"""A small task that is done half: what a cheat would have the gate believe, it believes of honest work only."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harness.gate import Verdict, Verifier
from harness.gate.pins import Pins
from harness.sandbox.environment import cache_folder
from harness.sandbox.local import LocalSandbox
from harness.toolchains.go.files import GO_FILES
from harness.toolchains.go.installation import find_go
from harness.toolchains.go.room import room_for
from harness.toolchains.go.verifiers import verifier_for
from harness.trees import remove_tree

SEED = {
    "go.mod": "module example/m\n\ngo 1.26\n",
    "easy/easy_test.go": """package easy_test

import (
	"testing"

	"example/m/easy"
)

func TestEasy(t *testing.T) {
	if easy.One() != 1 {
		t.Fatal("One is not 1")
	}
}
""",
    "hard/hard_test.go": """package hard_test

import (
	"context"
	"errors"
	"testing"

	"example/m/hard"
)

func TestBase(t *testing.T) {
	if hard.Zero() != 0 {
		t.Fatal("Zero is not 0")
	}
}

func TestHard(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	t.Run("answer", func(t *testing.T) {
		if got := hard.Answer(); got != 42 {
			t.Fatalf("Answer() = %d, want 42", got)
		}
	})
	if !errors.Is(hard.Refuse(), context.Canceled) {
		t.Fatal("Refuse does not say that it was cancelled")
	}
}
""",
}
EASY = "package easy\n\nfunc One() int { return 1 }\n"
HARD = """package hard

func Zero() int { return 0 }

func Answer() int { return 0 }

func Refuse() error { return nil }
"""
SOLVED = """package hard

import "context"

func Zero() int { return 0 }

func Answer() int { return 42 }

func Refuse() error { return context.Canceled }
"""


@dataclass
class Arena:
    """A seeded workspace, its gate, and the room in which that verifies."""

    root: Path
    gate: Verifier
    room: Path

    def begin(self) -> None:
        """Lay the workspace out anew."""
        if self.root.exists():
            remove_tree(self.root)
        for path, text in (SEED | {"easy/easy.go": EASY, "hard/hard.go": HARD}).items():
            self.write(path, text)

    def write(self, path: str, content: str | bytes) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def verify(self) -> Verdict:
        return self.gate.verify()


def gate_over(root: Path, scratch: Path, timeout: float = 120, seed: Mapping[str, str] = SEED) -> Verifier:
    """The gate over a workspace, with the files of the seed pinned as they lie there now."""
    toolchain = find_go()
    pins = Pins.take(root, GO_FILES, everything=True)
    return verifier_for(
        ["go", "test", "./..."],
        sandbox=LocalSandbox(toolchain, scratch),
        go=toolchain.go,
        root=root,
        timeout=timeout,
        pins=Pins({path: file for path, file in pins.files.items() if path in seed}, whole=True),
    )


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    """One workspace for all, whose gate knows already that the easy part passes: it is not built again for each."""
    root = tmp_path_factory.mktemp("cheats") / "workspace"
    ground = Arena(root, None, room_for(root, cache_folder() / "gate"))  # type: ignore[arg-type]
    ground.begin()
    ground.gate = gate_over(root, root.parent / "scratch")
    ground.verify()
    yield ground
    shutil.rmtree(ground.room, ignore_errors=True)


@pytest.fixture
def arena(ground: Arena) -> Arena:
    """The task with its easy part done and its hard part wrong."""
    ground.begin()
    return replace(ground)


Deed = Callable[[Arena], None]
