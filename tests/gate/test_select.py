"""The command decides how it is verified."""

from pathlib import Path

import pytest

from harness.gate import VerifierError
from harness.gate.command import CommandVerifier
from harness.gate.pins import Pins
from harness.sandbox.local import LocalSandbox
from harness.toolchains.go.files import GO_FILES
from harness.toolchains.go.gotest import GoTestVerifier
from harness.toolchains.go.installation import GoInstallation
from harness.toolchains.go.verifiers import verifier_for


def test_go_test_is_verified_strictly_and_all_else_by_status(
    sandbox: LocalSandbox, toolchain: GoInstallation, tmp_path: Path
) -> None:
    """Only `go test …` is folded; `go vet` and any other command go by their status."""
    commands = (["go", "test", "./..."], ["go", "vet", "./..."], ["make", "check"], ["go"])
    expected = [GoTestVerifier, CommandVerifier, CommandVerifier, CommandVerifier]
    made = [
        type(verifier_for(command, sandbox=sandbox, go=toolchain.go, root=tmp_path, timeout=5)) for command in commands
    ]
    assert expected == made


def test_a_command_is_judged_by_its_status(sandbox: LocalSandbox, tmp_path: Path) -> None:
    """Status 0 accepts, any other refuses with the output; packages are unknown either way."""
    accepted = CommandVerifier(sandbox, tmp_path, ["true"], 5).verify()
    refused = CommandVerifier(sandbox, tmp_path, ["sh", "-c", "echo wrong; exit 4"], 5).verify()
    assert (accepted.accepted, accepted.feedback, accepted.green) == (True, "", None)
    assert (refused.accepted, refused.feedback, refused.green) == (False, "wrong\n\n[exit status 4]", None)


def test_a_command_that_hangs_is_refused(sandbox: LocalSandbox, tmp_path: Path) -> None:
    """A command that does not end in time is refused, and the feedback says so."""
    verdict = CommandVerifier(sandbox, tmp_path, ["sleep", "30"], 0.5).verify()
    assert (verdict.accepted, verdict.feedback) == (False, "[timed out after 0.5s]")


def test_a_command_that_cannot_start_gives_no_verdict(sandbox: LocalSandbox, tmp_path: Path) -> None:
    """A missing program is an error, never a refusal."""
    with pytest.raises(VerifierError, match="no-such-program"):
        CommandVerifier(sandbox, tmp_path, ["no-such-program"], 5).verify()


def test_pinned_files_are_back_before_the_command_runs(sandbox: LocalSandbox, tmp_path: Path) -> None:
    """The command sees the seed's bytes, and what was put back is told."""
    root = tmp_path / "ws"
    root.mkdir()
    (root / "go.mod").write_text("module m\n")
    pins = Pins.take(root, GO_FILES)
    (root / "go.mod").write_text("module other\n")
    verdict = CommandVerifier(sandbox, root, ["grep", "-q", "module m", "go.mod"], 5, pins).verify()
    assert (verdict.accepted, verdict.tampering) == (True, ("go.mod",))
