"""Honest folders of people's own: what plain `go test` accepts is accepted, or refused in one line before the start."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.config import ConfigError, ModelConfig, RunConfig, TaskConfig
from harness.gate.verdict import Verdict
from harness.sandbox.select import probe
from harness.tasks.initial import initial_verdict
from harness.toolchains.go.installation import c_compiler
from harness.toolchains.go.toolchain import GoToolchain
from tests.gate.folders import Folder, parse, read

pytestmark = pytest.mark.go

First = Callable[..., Verdict]

KIN = Path(__file__).parent / "kin"
BASE = parse((KIN / "base.txtar").read_text())


@pytest.fixture
def first(tmp_path: Path) -> First:
    """The first verification of a folder, as a run of it begins with."""

    def first(folder: Folder, sandbox: str = "none") -> Verdict:
        root = folder.lay(tmp_path / "folder")
        if "data_test.go" in folder.files and "fixtures/a.txt" in folder.files:
            (root / "testdata").symlink_to("fixtures")
        task = TaskConfig(name="folder", prompt="PROMPT.md", workdir=str(root), verify=folder.verify)
        return initial_verdict(RunConfig(ModelConfig(name="any"), task), sandbox, GoToolchain(), None, root)

    return first


ACCEPTED = (
    "package_with_only_tagged_tests",
    "nested_module_with_tests",
    "test_that_runs_its_own_binary_again",
    "testmain_in_the_external_package",
    "testmain_behind_a_build_tag",
    "symlinked_testdata",
    "own_code_with_unsafe",
)


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_folder_that_go_accepts_is_accepted(first: First, name: str) -> None:
    """What plain `go test` accepts of a folder that is finished, the gate accepts."""
    verdict = first(read(name))
    assert (True, "") == (verdict.accepted, verdict.feedback)


REFUSED = {
    "two_modules_in_a_go_work": "go.work is not supported",
    "module_that_needs_a_newer_go": "go.mod requires go >= 1.99",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_folder_that_cannot_be_verified_is_refused_in_one_line(first: First, name: str) -> None:
    """Where nothing that a model writes could be accepted, that is bad input, with its reason."""
    with pytest.raises(ConfigError) as refused:
        first(read(name))
    assert REFUSED[name] in str(refused.value)
    assert 1 == len(str(refused.value).splitlines())


@pytest.mark.skipif(not c_compiler(), reason="no C compiler is there")
@pytest.mark.parametrize("sandbox", ["none", "bwrap", "landlock"])
def test_the_race_detector_verifies_where_cgo_works(first: First, sandbox: str) -> None:
    """What is right is accepted, and what only a race detector sees is refused."""
    if sandbox != "none" and (why := probe(sandbox)):
        pytest.skip(why)
    assert first(read("race_detector_as_verification"), sandbox).accepted
    racing = read("race_detector_as_verification")
    racing.files["m.go"] = """package m

func Add(a, b int) int {
	sum, done := a, make(chan bool)
	go func() { sum += b; done <- true }()
	sum += 0
	<-done
	return sum
}
"""
    verdict = first(racing, sandbox)
    assert (False, True) == (verdict.accepted, "DATA RACE" in verdict.feedback)


def test_the_race_detector_without_a_compiler_is_refused_in_one_line(
    first: First, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the start, with what is missing."""
    monkeypatch.setattr("harness.toolchains.go.verifiers.c_compiler", lambda: None)
    with pytest.raises(ConfigError, match=r"the race detector .-race. needs a C compiler"):
        first(read("race_detector_as_verification"))


@pytest.mark.parametrize("name", sorted(path.stem for path in KIN.glob("*.txtar")))
def test_their_kin_are_accepted(first: First, name: str) -> None:
    """More of what people have in their folders."""
    folder = parse((KIN / f"{name}.txtar").read_text())
    verdict = first(Folder(BASE.verify, BASE.files | folder.files))
    assert (True, "") == (verdict.accepted, verdict.feedback)


HOPELESS = {
    "a flag with a value that it cannot have": ({}, "go test -count=many ./...", "invalid value"),
    "no test at all": ({"m_test.go": "package m\n"}, "go test ./...", "no test functions"),
    "a module that nobody has": (
        {
            "go.mod": "module m\n\ngo 1.24\n\nrequire example.org/gone v1.0.0\n",
            "gone.go": 'package m\n\nimport _ "example.org/gone"\n',
        },
        "go test ./...",
        "example.org/gone",
    ),
    "a broken module file": ({"go.mod": "modul m\n"}, "go test ./...", "unknown directive: modul"),
    "modules in folders alone": (
        {"go.mod": "", "a/go.mod": "module a\n\ngo 1.24\n"},
        "go test ./...",
        "there is no go.mod in the folder itself, but a/go.mod",
    ),
    "a newer toolchain in the folder of one package": (
        {"go.mod": "module m\n\ngo 1.98.1\n"},
        "go test .",
        "go.mod requires go >= 1.98.1",
    ),
    "more data than is copied": ({"data.bin": "x" * (257 << 20)}, "go test ./...", "holds more than 256 MiB"),
    "a program that is not there": ({}, "no-such-program --check", "no-such-program"),
}


@pytest.mark.parametrize("name", HOPELESS)
def test_what_can_never_be_accepted_is_refused_in_one_line(first: First, name: str) -> None:
    """A mistake in the command or in the folder is found before the first call of a model."""
    files, verify, reason = HOPELESS[name]
    kept = {path: text for path, text in (BASE.files | files).items() if text}
    with pytest.raises(ConfigError) as refused:
        first(Folder(verify, kept))
    assert reason in str(refused.value)
    assert 1 == len(str(refused.value).splitlines())


def test_a_spec_that_fails_is_no_mistake(first: First) -> None:
    """A folder whose code is still to be written starts: it does not compile, or its tests fail."""
    files = BASE.files
    assert not first(Folder("go test ./...", {path: files[path] for path in ("go.mod", "m_test.go")})).accepted
    wrong = first(Folder("go test ./...", files | {"m.go": "package m\n\nfunc Add(a, b int) int { return 0 }\n"}))
    assert (False, True) == (wrong.accepted, wrong.ran)
