"""What was found of a package is used again as long as its files are the same, and never for an acceptance."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.gate import Verdict
from harness.gate.pins import Pins
from harness.sandbox.base import FinishedCommand
from harness.sandbox.environment import gate_build_cache
from harness.sandbox.local import LocalSandbox
from harness.toolchains.go import binaries
from harness.toolchains.go.cleanroom import CleanRoomVerifier
from harness.toolchains.go.files import GO_FILES
from harness.toolchains.go.installation import find_go
from harness.toolchains.go.package_cache import PackageResult
from harness.toolchains.go.proof import Proof
from harness.toolchains.go.screen import Screen

pytestmark = pytest.mark.go

SPEC = """package NAME_test

import (
	"testing"

	"m/NAME"
)

func TestOne(t *testing.T) {
	if got := NAME.One(); got != 1 {
		t.Fatalf("One() = %d, want 1", got)
	}
}
"""
RIGHT = "package NAME\n\nfunc One() int { return 1 }\n"
WRONG = "package NAME\n\nfunc One() int { return 2 }\n"
BROKEN = "package NAME\n\nfunc One() int { return }\n"
ON_A = 'package NAME\n\nimport "m/a"\n\nfunc One() int { return a.One() }\n'


LUCKY = """package NAME

import "os"

func One() int {
	if _, err := os.Stat("PATH"); err == nil {
		return 2
	}
	return 1
}
"""


class Noting(LocalSandbox):
    """A sandbox that notes which packages it is asked to build."""

    def __init__(self, scratch: Path) -> None:
        super().__init__(find_go(), scratch, gate_build_cache())
        self.built: list[list[str]] = []

    def run(self, argv: Sequence[str], **more: Any) -> FinishedCommand:
        self.built.append([arg for arg in argv if arg.startswith("./")])
        return super().run(argv, **more)


class Bench:
    """A module of three packages, and a gate over it that remembers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "root"
        self.write("go.mod", "module m\n\ngo 1.26\n")
        for name in "abc":
            self.write(f"{name}/{name}_test.go", SPEC.replace("NAME", name))
        self.pins = Pins.take(self.root, GO_FILES, everything=True)
        self.builder = Noting(folder / "builder")
        self.gate = self.new_gate(self.builder)

    def new_gate(self, builder: LocalSandbox) -> CleanRoomVerifier:
        runner = LocalSandbox(find_go(), self.folder / "runner")
        screen = Screen(LocalSandbox(find_go(), self.folder / "screen"), find_go(), self.pins)
        args = (find_go().go, self.root, ["./..."], 100, self.folder / "room", screen)
        return CleanRoomVerifier(runner, builder, *args)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def put(self, name: str, code: str) -> None:
        self.write(f"{name}/{name}.go", code.replace("NAME", name))

    def verify(self) -> Verdict:
        self.builder.built.clear()
        return self.gate.verify()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_every_verdict_of_a_history_is_that_of_a_fresh_gate(bench: Bench) -> None:
    """Whatever was found before, verdict, green packages and every line of a failure are those of one whole run."""
    history = (("a", WRONG), ("c", ON_A), ("b", BROKEN), ("a", RIGHT), ("b", RIGHT))
    fewer = 0
    for name, code in history:
        bench.put(name, code)
        verdict = bench.verify()
        fewer += bench.builder.built != [["./..."]]
        fresh = bench.new_gate(LocalSandbox(find_go(), bench.folder / "fresh", gate_build_cache())).verify()
        assert (fresh.accepted, fresh.green, fresh.total) == (verdict.accepted, verdict.green, verdict.total)
        assert failures(fresh.feedback) == failures(verdict.feedback)
    assert verdict.accepted
    assert len(history) - 1 == fewer


def failures(feedback: str) -> list[str]:
    """The lines of a feedback, but for those that tell times."""
    return [line for line in feedback.splitlines() if "(0.0" not in line and not line.endswith("s")]


def test_only_what_changed_is_built_and_run(bench: Bench) -> None:
    """A package whose files, and whose imports' files, are the same is neither built nor run again."""
    bench.put("a", RIGHT)
    bench.put("b", WRONG)
    bench.put("c", ON_A)
    bench.verify()
    assert [["./..."]] == bench.builder.built
    bench.put("b", BROKEN)
    bench.verify()
    assert [["./b"]] == bench.builder.built
    bench.put("a", WRONG)
    bench.verify()
    assert [["./a", "./c"]] == bench.builder.built
    bench.verify()
    assert [] == bench.builder.built


def test_an_acceptance_rests_on_one_run_of_everything(bench: Bench) -> None:
    """When the last package passes, all are built and run together before the answer is yes."""
    for name, code in (("a", RIGHT), ("b", RIGHT), ("c", WRONG)):
        bench.put(name, code)
    assert not bench.verify().accepted
    bench.put("c", RIGHT)
    assert bench.verify().accepted
    assert [["./c"], ["./..."]] == bench.builder.built


def test_luck_is_not_carried_into_an_acceptance(bench: Bench) -> None:
    """A package that passed once and would not again does not pass by memory."""
    once = bench.folder / "once"
    bench.put("a", LUCKY.replace("PATH", str(once)))
    bench.put("b", RIGHT)
    bench.put("c", WRONG)
    assert frozenset("ab") == bench.verify().green
    once.touch()
    bench.put("c", RIGHT)
    verdict = bench.verify()
    assert (False, frozenset("bc")) == (verdict.accepted, verdict.green)
    assert "One() = 2, want 1" in verdict.feedback


@pytest.mark.parametrize(("timed_out", "swapped"), [(True, False), (False, True), (False, False)])
def test_what_says_nothing_about_the_files_is_not_remembered(*, timed_out: bool, swapped: bool) -> None:
    """That time ran out may be the machine's doing, and a binary that was changed is another package's."""
    tested = binaries.TestedPackage("a", "m/a", "", 1, timed_out, Proof((), 3), swapped)
    assert PackageResult("", False, {}, tested).lasting == (not timed_out and not swapped)
