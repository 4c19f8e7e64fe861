"""Everyday programs in Rust pass by tokens, and what cannot be proven says so with its line."""

from pathlib import Path

import pytest
from toolchains.rust.conftest import COMMAND, MANIFEST, Sources, VerifySources, pins_of, require_rust, rust_verifier
from toolchains.rust.programs_in_rust import PROGRAMS

from harness.gate.verdict import ProofKind, Verdict
from harness.sandbox.base import SandboxError
from harness.toolchains.rust import installation
from harness.toolchains.rust.installation import RustInstallation
from harness.toolchains.rust.toolchain import RustToolchain

UNPROVABLE: dict[str, tuple[str, str]] = {
    "glob": ("use double_up::*;\n#[test] fn t() {}", "tests/it.rs:1: the spec imports everything of double_up (*)"),
    "type": ("\nuse double_up::Clock;\n#[test] fn t() {}", "tests/it.rs:2: the spec uses Clock of the crate"),
    "type_by_path": ("#[test] fn t() { double_up::Clock::new(); }", "tests/it.rs:1: the spec uses Clock of the crate"),
    "macro": ("#[test] fn t() { double_up::check!(); }", "tests/it.rs:1: the spec uses check of the crate otherwise"),
    "closure": ("use double_up::each;\n#[test] fn t() { each(|x| x); }", "tests/it.rs:2: the spec hands a closure"),
    "own_function": (
        "use double_up::f;\nfn check(n: u8) { assert_eq!(n, 1) }\n#[test] fn t() { f(check as fn(u8)); }",
        "tests/it.rs:3: the spec uses its function check otherwise than by calling it",
    ),
    "as_value": (
        "use double_up::f;\n#[test] fn t() { let g = f; }",
        "tests/it.rs:2: the spec uses f of the crate otherwise",
    ),
    "own_type": ("struct S;\n#[test] fn t() {}", "tests/it.rs:1: the spec declares a struct"),
    "plugin": ("#[tokio::test] fn t() {}", "tests/it.rs:1: the spec has the attribute tokio"),
    "made_by_macro": (
        "macro_rules! m { ($n:ident) => { #[test] fn $n() {} } }\nm!(a);",
        "tests/it.rs:1: the test is no plain function of a module",
    ),
    "other_file": ("mod common;\n#[test] fn t() {}", "tests/it.rs:1: the spec has a module in another file"),
    "broken": ("#[test] fn t() { ", "tests/it.rs, line 1: a bracket without its partner"),
    "whole_crate": ("use double_up as d;\n#[test] fn t() {}", "tests/it.rs:1: the spec imports the whole crate"),
    "caught": (
        "#[test] fn t() { std::panic::catch_unwind(|| ()).ok(); }",
        "tests/it.rs:1: the spec uses catch_unwind",
    ),
    "no_tests": ("fn helper() {}", "there is no integration test"),
}
MANIFESTS = {
    "dependency": (MANIFEST + 'rand = "0.8"\n', "the crate has dependencies: rand"),
    "plugin": (MANIFEST + "[lib]\nproc-macro = true\n", "Cargo.toml has lib.proc-macro"),
    "workspace": (MANIFEST + "[workspace]\n", "Cargo.toml has [workspace]"),
    "old_edition": (MANIFEST.replace("2021", "2015"), "package.edition is none of 2018, 2021, 2024"),
    "broken": ("[package", "Cargo.toml cannot be read"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_everyday_program_passes(name: str, tmp_path: Path) -> None:
    """Correct code is accepted by tokens."""
    spec, code = PROGRAMS[name]
    command = (*COMMAND, "--", "--include-ignored")
    verifier = rust_verifier(tmp_path, {"tests/it.rs": spec, "src/lib.rs": code}, command=command)
    verdict = verifier.verify()
    assert (ProofKind.TOKENS, True, "") == (verifier.proof, verdict.accepted, verdict.feedback)


def _weaker(files: Sources, command: tuple[str, ...] = COMMAND) -> str:
    return RustToolchain()._spec(command, pins_of(files)) if require_rust() else ""  # type: ignore[return-value]


@pytest.mark.parametrize("name", UNPROVABLE)
def test_a_spec_that_cannot_be_proven_says_where(name: str) -> None:
    """A spec whose comparisons, tests or calls may be the crate's own is believed by its status, with file and line."""
    spec, reason = UNPROVABLE[name]
    assert str(_weaker({"tests/it.rs": spec})).startswith(reason)


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_that_cannot_be_honoured_says_why(name: str) -> None:
    """A crate with dependencies, plugins or settings of its build is believed by its status."""
    manifest, reason = MANIFESTS[name]
    assert reason in str(_weaker({"tests/it.rs": "#[test] fn t() {}", "Cargo.toml": manifest}))


def test_what_cannot_be_proven_is_verified_by_its_status(tmp_path: Path) -> None:
    """The fallback runs cargo and says that its exit status decides."""
    files = {
        "tests/it.rs": "use double_up::*;\n#[test] fn t() { assert_eq!(f(), 1); }",
        "src/lib.rs": "pub fn f() -> u8 { 1 }",
    }
    verifier = rust_verifier(tmp_path, files)
    verdict = verifier.verify()
    assert (ProofKind.STATUS, True) == (verifier.proof, verdict.accepted)


def test_a_failing_test_is_named(verify_sources: VerifySources) -> None:
    """A refusal shows what the test program printed, and names the tests."""
    spec, _ = PROGRAMS["strings"]
    verdict = verify_sources(
        {"tests/it.rs": spec, "src/lib.rs": "pub fn reverse(input: &str) -> String { input.into() }"}
    )
    assert "tests/it.rs::owned did not pass 3 times" in verdict.feedback
    assert "quoted" not in verdict.feedback.split("Refused")[1]
    assert "tests/it.rs:12" in verdict.feedback


def test_a_type_of_the_crate_in_a_test_is_explained(verify_sources: VerifySources) -> None:
    """Code whose functions return types of its own does not compile, and reads why."""
    spec, _ = PROGRAMS["strings"]
    code = "#[derive(Debug, PartialEq)] pub struct Text; pub fn reverse(_: &str) -> Text { Text }"
    verdict = verify_sources({"tests/it.rs": spec, "src/lib.rs": code})
    assert "must be of types of the standard library" in verdict.feedback


def test_a_seed_that_hands_out_its_own_types_is_bad_input(verify_sources: VerifySources) -> None:
    """The first verdict on such a seed is one line with the place."""
    files = {
        "tests/it.rs": "use double_up::make;\n#[test]\nfn t() { assert_eq!(make(1), make(1)); }",
        "src/lib.rs": "#[derive(Debug, PartialEq)] pub struct Own; pub fn make(_: u8) -> Own { todo!() }",
    }
    line = RustToolchain().why_unverified(COMMAND, Path(), verify_sources(files))
    assert "tests/it.rs:3" in line
    assert "toolchain=command" in line
    assert "\n" not in line


def test_a_crate_that_is_not_vendored_is_one_line() -> None:
    """A dependency that would have to be downloaded is bad input."""
    verdict = Verdict(accepted=False, feedback="error: no matching package named `rand` found\nlocation searched: …")
    line = RustToolchain().why_unverified(COMMAND, Path(), verdict)
    assert "no matching package named `rand` found (nothing is downloaded: run cargo vendor first)" == line


def test_a_machine_without_cargo_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One line names what is missing, and what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match=r"cargo or rustc was not found on PATH: install Rust 1.63"):
        installation.find_rust.__wrapped__()


def test_an_old_rust_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A Rust that is too old is bad input, with its version."""
    for name in ("cargo", "rustc"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho rustc 1.40.0\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(SandboxError, match=r"rustc is 1.40.0: install Rust 1.63"):
        installation.find_rust.__wrapped__()


def test_an_edition_that_this_rust_does_not_know_is_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing could ever be accepted, so it is said before the first run."""
    old = RustInstallation(Path("/c"), Path("/r"), "1.63.0", Path("/s"))
    monkeypatch.setattr(RustToolchain, "installation", old)
    pins = pins_of({"Cargo.toml": MANIFEST.replace("2021", "2024")})
    line = RustToolchain().why_unverifiable(COMMAND, Path(), pins)
    assert "Cargo.toml asks for edition 2024, which needs Rust 1.85: this is 1.63.0" == line


def test_an_unfinished_rust_is_believed_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a nightly, code could switch features on that lead round safe code."""
    monkeypatch.setattr(
        RustToolchain, "installation", RustInstallation(Path("/c"), Path("/r"), "1.97.0-nightly", Path("/s"))
    )
    assert "no stable release" in str(RustToolchain()._spec(COMMAND, pins_of({"tests/it.rs": "#[test] fn t() {}"})))
