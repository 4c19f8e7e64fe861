"""A test that skips itself is a pass only if it does so without the model's code."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.gate.gate import SkipChecker
from harness.gate.pins import Pins
from harness.gate.verdict import SkippedTest, Verdict
from harness.sandbox.local import LocalSandbox
from harness.tasks.catalogue import load
from harness.tasks.check import solution_skips
from harness.toolchains.go.files import GO_FILES
from harness.toolchains.go.installation import GoInstallation
from harness.toolchains.go.verifiers import verifier_for
from tests.gate.conftest import Write

pytestmark = pytest.mark.go

SPEC = """package a_test

import (
	"os"
	"os/exec"
	"testing"

	_ "example/m/a"
)

func TestEasy(t *testing.T) {}

func TestHard(t *testing.T) {
	if os.Getenv("NOT_HERE") != "" {
		t.Skip("not here")
	}
	t.Run("with a program", func(t *testing.T) {
		if _, err := exec.LookPath("sh"); err != nil {
			t.Skip("no shell")
		}
	})
	t.Run("deeper", func(t *testing.T) {
		t.Run("in parallel", func(t *testing.T) {
			t.Parallel()
			if os.Getenv("NOT_DEEP") != "" {
				t.SkipNow()
			}
		})
	})
}
"""
CODE = 'package a\n\nimport "os"\n\nfunc init() {{ os.Setenv("{}", "{}") }}\n'
HARD, PROGRAM, DEEP = (SkippedTest("a", f"TestHard{end}") for end in ("", "/with_a_program", "/deeper/in_parallel"))
SKIPPING = {
    "a test": (("NOT_HERE", "1"), HARD),
    "a subtest": (("PATH", ""), PROGRAM),
    "a subtest of a subtest": (("NOT_DEEP", "1"), DEEP),
}

Verify = Callable[..., Verdict]


@pytest.fixture
def verify(write: Write, sandbox: LocalSandbox, toolchain: GoInstallation) -> Verify:
    """The verdict on code that sets a variable of the environment, where some skips are expected."""

    def verify(setting: tuple[str, str], expected: Sequence[SkippedTest] = (), pinned: bool = True) -> Verdict:
        root: Path = write({"a/a_test.go": SPEC})
        pins = Pins.take(root, GO_FILES) if pinned else None
        write({"a/a_test.go": SPEC, "a/a.go": CODE.format(*setting)})
        gate = verifier_for(
            ["go", "test", "./..."], sandbox=sandbox, go=toolchain.go, root=root, timeout=120, pins=pins
        )
        return SkipChecker(gate, lambda: frozenset(expected)).verify()

    return verify


@pytest.mark.parametrize("pinned", [True, False], ids=["by proof", "by events"])
@pytest.mark.parametrize("name", SKIPPING)
def test_code_that_makes_a_test_skip_is_refused(verify: Verify, name: str, pinned: bool) -> None:
    """Of tests and subtests alike: the package is not green, the skip is named and counted."""
    setting, skipped = SKIPPING[name]
    verdict = verify(setting, pinned=pinned)
    assert (False, frozenset(), frozenset({skipped})) == (verdict.accepted, verdict.green, verdict.skips)
    assert f"Refused: {skipped} did not run to an end but skipped" in verdict.feedback


@pytest.mark.parametrize("name", SKIPPING)
def test_what_skips_itself_anyway_is_accepted(verify: Verify, name: str) -> None:
    """A skip that the pristine code shows is no doing of the model's, and is counted all the same."""
    setting, skipped = SKIPPING[name]
    verdict = verify(setting, expected=[skipped])
    assert (True, frozenset({"a"}), 1) == (verdict.accepted, verdict.green, len(verdict.skips or ()))


def test_where_nothing_skips_nothing_is_counted(verify: Verify) -> None:
    """None skipped is 0, and not unknown."""
    verdict = verify(("OTHER", "1"))
    assert (True, frozenset()) == (verdict.accepted, verdict.skips)


def test_the_solution_says_what_a_task_skips() -> None:
    """The tests of the smallest task skip nothing with its solution."""
    assert frozenset() == solution_skips(load("reverse"))
