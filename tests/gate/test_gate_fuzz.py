"""Whatever a model writes or prints, the gate reads it to the end and believes none of it."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.gate.pins import Pins
from harness.sandbox.local import LocalSandbox
from harness.toolchains.go.arguments import package_patterns, with_packages, without_json
from harness.toolchains.go.events import GoTestEvents
from harness.toolchains.go.installation import GoInstallation
from harness.toolchains.go.module import folder_of, module_path
from harness.toolchains.go.proof import Proof
from harness.toolchains.go.screen import Screen, ScreenResult
from harness.toolchains.go.source import functions, imports, tokens

PLACE = TemporaryDirectory()
"""Where reports are written: one folder for all examples."""

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
keys = st.sampled_from(["Action", "Package", "Test", "Output", "ImportPath"])
actions = st.sampled_from(["run", "pass", "fail", "skip", "output", "build-fail", "start", "pause"])
almost_events = st.dictionaries(keys, actions | json_values, max_size=5)


@given(st.lists(st.binary(max_size=40) | almost_events.map(lambda event: json.dumps(event).encode())))
def test_no_line_breaks_the_fold(lines: list[bytes]) -> None:
    """Whatever the lines are, the fold goes on, and no failure seen early is forgotten later."""
    events = GoTestEvents()
    failed = False
    for line in lines:
        events.feed(line)
        assert failed <= events.failed
        failed = events.failed
    assert isinstance(events.log, str)


pieces = st.sampled_from(
    [
        '"',
        "`",
        "'",
        "\\",
        "//",
        "/*",
        "*/",
        "\n",
        "(",
        ")",
        "import",
        "package",
        "func",
        "unsafe",
        ".",
        "=",
        ";",
        "&",
        " ",
    ]
)
sources = st.lists(pieces | st.text(max_size=8), max_size=30).map("".join)


@given(sources)
def test_no_source_breaks_the_reading(source: str) -> None:
    """Any text is read to its end, and nothing but comments and white space is lost on the way."""
    sequence = tokens(source)
    list(imports(sequence))
    list(functions(sequence))
    if "/" not in source:  # so that there are no comments
        kept = "".join(token.text for token in sequence)
        assert "".join(source.split()) == "".join(kept.split())


blanks = st.lists(st.sampled_from([" ", "\t", "/* no */", "/**/", "\n"]), min_size=1, max_size=4).map("".join)
names = st.sampled_from(["", "u ", "_ ", ". "])
quotes = st.sampled_from('"`')
declarations = st.sampled_from(
    ["", "var a = 1\n", 'const b = "import"\n', "// import\n", "type c struct{}\n", "var r = '\"'\n"]
)


imported = st.builds(
    "package p\n{0}import{1}{2}{3}unsafe{3}\n".format, declarations, blanks, names, quotes
) | st.builds("package p\n{0}import{1}(\n{1}{2}{3}unsafe{3}\n{1};)\n".format, declarations, blanks, names, quotes)


@pytest.mark.go
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(imported, min_size=40, max_size=40))
def test_no_way_of_writing_an_import_hides_it(
    sandbox: LocalSandbox, toolchain: GoInstallation, texts: list[str]
) -> None:
    """An import of unsafe is found whatever comments, blanks, names and quotes are around it."""
    found = examined(sandbox, toolchain, texts)
    refused = {one.path for one in found.objections if "imports unsafe" in one.reason}
    readable = {f"f{number}.go" for number in range(len(texts))} - {one.path for one in found.doubts}
    assert readable <= refused


@pytest.mark.go
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(sources, min_size=40, max_size=40))
def test_no_source_breaks_the_examination(sandbox: LocalSandbox, toolchain: GoInstallation, texts: list[str]) -> None:
    """Any text comes to an end with an answer: nothing against it, an objection, or a doubt."""
    assert isinstance(examined(sandbox, toolchain, texts), ScreenResult)


def examined(sandbox: LocalSandbox, toolchain: GoInstallation, texts: list[str]) -> ScreenResult:
    with TemporaryDirectory() as folder:
        for number, text in enumerate(texts):
            (Path(folder) / f"f{number}.go").write_text(text, errors="replace")
        return Screen(sandbox, toolchain, Pins({})).examine(Path(folder))


lines = st.text(max_size=60) | st.builds("{}\t{}\t{}".format, st.sampled_from(["pass", "skip"]), st.text(), st.text())


@given(st.lists(lines, max_size=10))
def test_no_report_without_a_token_proves_anything(report: list[str]) -> None:
    """Whoever does not hold the tokens proves nothing, whatever is written."""
    proof = Proof(("TestA", "TestB"), 3)
    proof.orders(["test"])
    path = Path(PLACE.name) / "report"
    path.write_text("\n".join(report), errors="replace")
    proof.read(path)
    assert (not proof.passed, not proof.skipped, proof.missing) == (True, True, ["TestA", "TestB"])


words = st.sampled_from(
    ["./...", ".", "./a", "-v", "-count", "-count=1", "3", "-run", "x", "-timeout=5s", "-p", "-json", ""]
)


@given(st.lists(words, max_size=6))
def test_arguments_are_understood_or_given_up(args: list[str]) -> None:
    """Naming other packages keeps every flag, wherever the arguments were understood."""
    args = without_json(args)
    if package_patterns(args) is not None:
        changed = with_packages(args, ["b", "."])
        assert ["./b", "./."] == changed[-2:]
        flags = [arg for arg in args if arg.startswith("-")]
        assert flags == [arg for arg in changed if arg.startswith("-")]
        assert package_patterns(changed) == ["./b", "./."]


@given(st.text(max_size=80), st.text(max_size=20))
def test_no_module_file_breaks_the_reading(go_mod: str, package: str) -> None:
    """Any go.mod has a module path or none, and a package lies in it or not."""
    module = module_path(go_mod)
    folder = folder_of(package, module)
    assert folder is None or package in (module, f"{module}/{folder}")
