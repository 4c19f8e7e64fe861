"""The gate accepts tests that ran and passed, and refuses everything else, saying why."""

from pathlib import Path

import pytest

from harness.gate import VerifierError
from harness.sandbox.local import LocalSandbox
from harness.toolchains.go.arguments import without_json
from harness.toolchains.go.gotest import GoTestVerifier
from harness.toolchains.go.installation import GoInstallation
from tests.gate.conftest import Verify, Write

pytestmark = pytest.mark.go

CODE = "package a\n\nfunc One() int { return 1 }\n"
SPEC = """
package a

import "testing"

func TestOne(t *testing.T) {
	if One() != 1 {
		t.Fatalf("One() = %d, want 1", One())
	}
}
"""


def test_a_passing_package_is_accepted(write: Write, verify: Verify) -> None:
    """A package whose tests pass three times is accepted, without feedback, and is green."""
    verdict = verify(write({"a/a.go": CODE, "a/a_test.go": SPEC}))
    assert (True, "", frozenset({"a"}), 1) == (
        verdict.accepted,
        verdict.feedback,
        verdict.green,
        verdict.total,
    )


def test_the_root_package_is_told_as_a_dot(write: Write, verify: Verify) -> None:
    """The package in the module's own folder is green as `.`."""
    assert frozenset({"."}) == verify(write({"a.go": CODE, "a_test.go": SPEC})).green


def test_a_failing_test_is_refused_with_its_output(write: Write, verify: Verify) -> None:
    """What the test said is what the model is told."""
    verdict = verify(write({"a/a.go": CODE.replace("1 }", "2 }"), "a/a_test.go": SPEC}))
    assert (False, frozenset()) == (verdict.accepted, verdict.green)
    assert "One() = 2, want 1" in verdict.feedback


def test_one_failing_package_refuses_all_and_leaves_the_others_green(write: Write, verify: Verify) -> None:
    """A regressed package drops out of the green ones; its siblings stay."""
    broken = CODE.replace("1 }", "2 }")
    files = {"a/a.go": CODE, "a/a_test.go": SPEC, "b/a.go": broken, "b/a_test.go": SPEC, "c/c.go": CODE}
    verdict = verify(write(files))
    assert (False, frozenset({"a"}), 2) == (verdict.accepted, verdict.green, verdict.total)


def test_a_lucky_test_is_refused(write: Write, verify: Verify) -> None:
    """A test that passes only the first time in a process does not pass three times."""
    lucky = "package a\n\nvar calls int\n\nfunc One() int { calls++; return calls }\n"
    assert not verify(write({"a/a.go": lucky, "a/a_test.go": SPEC})).accepted


def test_no_tests_are_refused_with_a_reason(write: Write, verify: Verify) -> None:
    """go test succeeds where there is nothing to test; the gate does not."""
    verdict = verify(write({"a/a.go": CODE}))
    assert (False, frozenset(), 0) == (verdict.accepted, verdict.green, verdict.total)
    assert "Refused: no test ran" in verdict.feedback


def test_a_binary_that_exits_before_its_tests_is_refused(write: Write, verify: Verify) -> None:
    """Exit status 0 proves nothing without a test that passed."""
    leaving = 'package a\n\nimport "os"\n\nfunc One() int { return 1 }\n\nfunc init() { os.Exit(0) }\n'
    verdict = verify(write({"a/a.go": leaving, "a/a_test.go": SPEC}))
    assert (False, frozenset()) == (verdict.accepted, verdict.green)
    assert "Refused: no test ran" in verdict.feedback


def test_a_binary_that_exits_inside_a_test_is_refused(write: Write, verify: Verify) -> None:
    """A test that began and never ended is no passed test, even if others passed before it."""
    leaving = (
        'package a\n\nimport "syscall"\n\nvar calls int\n\n'
        "func One() int { if calls++; calls > 1 { syscall.Exit(0) }; return 1 }\n"
    )
    verdict = verify(write({"a/a.go": leaving, "a/a_test.go": SPEC}))
    assert (False, frozenset()) == (verdict.accepted, verdict.green)
    assert "Refused: tests started but never finished: example/m/a.TestOne" in verdict.feedback


def test_os_exit_inside_a_test_is_refused(write: Write, verify: Verify) -> None:
    """Go itself turns os.Exit(0) in a test into a failure, and its message is passed on."""
    leaving = 'package a\n\nimport "os"\n\nfunc One() int { os.Exit(0); return 1 }\n'
    verdict = verify(write({"a/a.go": leaving, "a/a_test.go": SPEC}))
    assert (verdict.accepted, "os.Exit(0)" in verdict.feedback) == (False, True)


def test_only_skips_are_refused(write: Write, verify: Verify) -> None:
    """A skipped test proves nothing."""
    skipping = SPEC.replace("if One() != 1 {", 't.Skip("later")\n\tif One() != 1 {')
    verdict = verify(write({"a/a.go": CODE, "a/a_test.go": skipping}))
    assert (False, frozenset()) == (verdict.accepted, verdict.green)
    assert "every test that ran was skipped" in verdict.feedback


def test_a_build_failure_is_refused_with_the_compilers_words(write: Write, verify: Verify) -> None:
    """A package that does not build fails, and its siblings keep their colour."""
    files = {"a/a.go": "package a\n\nfunc One() string\n", "a/a_test.go": SPEC}
    verdict = verify(write({**files, "b/a.go": CODE, "b/a_test.go": SPEC}))
    assert (False, frozenset({"b"}), 2) == (verdict.accepted, verdict.green, verdict.total)
    assert "a/a_test.go:7:14: invalid operation" in verdict.feedback


def test_a_panic_is_refused_with_its_message(write: Write, verify: Verify) -> None:
    """A panicking test is a failure."""
    panicking = 'package a\n\nfunc One() int { panic("out of range here") }\n'
    verdict = verify(write({"a/a.go": panicking, "a/a_test.go": SPEC}))
    assert (verdict.accepted, "out of range here" in verdict.feedback) == (False, True)


def test_a_failing_test_main_is_refused(write: Write, verify: Verify) -> None:
    """A status other than 0 refuses even if every test passed."""
    main = "\nfunc TestMain(m *testing.M) {\n\tm.Run()\n\tos.Exit(3)\n}\n"
    spec = SPEC.replace('import "testing"', 'import (\n\t"os"\n\t"testing"\n)') + main
    assert not verify(write({"a/a.go": CODE, "a/a_test.go": spec})).accepted


def test_a_missing_module_is_refused_with_what_go_said(write: Write, verify: Verify) -> None:
    """Without go.mod there is nothing to test, and Go's own words on it reach the model."""
    root = write({"a/a.go": CODE})
    (root / "go.mod").unlink()
    verdict = verify(root)
    assert (verdict.accepted, verdict.green) == (False, frozenset())
    assert "main module" in verdict.feedback


def test_a_broken_module_file_is_refused_with_what_go_said(write: Write, verify: Verify) -> None:
    """Words that are no events reach the model when there are no events."""
    verdict = verify(write({"go.mod": "modul example/m\n", "a/a.go": CODE, "a/a_test.go": SPEC}))
    assert (verdict.accepted, "go.mod:1" in verdict.feedback) == (False, True)


def test_tests_that_hang_are_refused_in_time(write: Write, verify: Verify) -> None:
    """The time limit refuses, and says that it was the time limit."""
    hanging = "package a\n\nfunc One() int { select {} }\n"
    verdict = verify(
        write({"a/a.go": hanging, "a/a_test.go": SPEC.replace("func TestOne", "func TestHang")}), timeout=4
    )
    assert not verdict.accepted
    assert "[timed out after 4s]" in verdict.feedback or "deadlock" in verdict.feedback


def test_the_users_own_count_wins_and_his_json_is_left_out(write: Write, verify: Verify) -> None:
    """A later -count holds, and -json=false cannot blind the gate."""
    lucky = "package a\n\nvar calls int\n\nfunc One() int { calls++; return calls }\n"
    root = write({"a/a.go": lucky, "a/a_test.go": SPEC})
    assert verify(root, "-count=1", "-json=false", "./...").accepted
    assert without_json(["-v", "--json", "-json=0", "json", "-json", "./..."]) == ["-v", "json", "./..."]


def test_a_gate_that_cannot_start_gives_no_verdict(
    write: Write, sandbox: LocalSandbox, toolchain: GoInstallation, tmp_path: Path
) -> None:
    """No toolchain, or no workspace: an error, never a refusal."""
    root = write({"a/a.go": CODE})
    for go, folder in ((tmp_path / "no-go", root), (toolchain.go, root / "missing")):
        with pytest.raises(VerifierError, match=r"^go test: cannot start"):
            GoTestVerifier(sandbox, go, folder, ["./..."], 60).verify()
