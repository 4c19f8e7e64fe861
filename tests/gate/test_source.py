"""Go source is read without missing an import, a name or a test."""

from pathlib import Path

import pytest

from harness.gate.pins import PinnedFile
from harness.toolchains.go import spec
from harness.toolchains.go.source import Import, functions, imports, package_name, tokens
from harness.toolchains.go.spec import read_spec
from harness.toolchains.go.toolchain import spec_functions


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('package a\nimport "fmt"\n', [Import("fmt", "")]),
        ('package a; import f "fmt"; import . "os"', [Import("fmt", "f"), Import("os", ".")]),
        ('package a\nimport (\n\t"a/b"\n\t_ `c` // "no"\n\t/* "no" */ "d"; "e"\n)\n', "a/b c d e"),
        ('package a\nimport"fmt"', [Import("fmt", "")]),
        ('package a\nimport()\nvar x = `import "no"`\n', []),
        ('package a\n// import "no"\n/* import "no" */\nvar s = "import \\"no\\""\n', []),
        ('package a\nvar r = \'"\'\nimport "late"\n', [Import("late", "")]),
        ('package a\nimport /* x\n */ ( /* y */ u /* z */ "unsafe" )', [Import("unsafe", "u")]),
    ],
)
def test_every_import_is_found(source: str, found: list[Import] | str) -> None:
    """However it is written, grouped, named or commented; and none that stands in a string or comment."""
    seen = list(imports(tokens(source)))
    assert (" ".join(one.path for one in seen) if isinstance(found, str) else seen) == found


def test_functions_are_found_at_the_top_only() -> None:
    """Methods, function literals and text are no functions."""
    source = """package a
func One(t *testing.T) { x := func(y int) {}; _ = x }
func (r R) Method() {}
var s = `
func InText() {}
`
func Two[T any](x T) {}
func Three() {}
"""
    assert [name for name, _ in functions(tokens(source))] == ["One", "Three"]


def spec_of(**files: str) -> dict[str, tuple[str, tuple[str, ...], str | None]]:
    pinned = {path.replace("__", "/") + "_test.go": PinnedFile(text.encode(), 0o644) for path, text in files.items()}
    return {folder: (one.package, one.tests, one.main) for folder, one in read_spec(pinned).items()}


def test_a_spec_is_read_as_go_reads_it() -> None:
    """Test functions by name and parameter, a TestMain apart, folders that Go leaves out left out."""
    text = """package a_test

func TestMain(m *testing.M) {}
func TestOne(t *testing.T) {}
func Test(t *testing.T) {}
func Test_two(tt *testing.T) {}
func Testament(t *testing.T) {}
func TestNothing() {}
func BenchmarkX(b *testing.B) {}
func helper(t *testing.T) {}
/*
func TestCommented(t *testing.T) {}
*/
"""
    expected = {"a": ("a_test", ("TestOne", "Test", "Test_two"), "a/x_test.go")}
    assert spec_of(a__x=text, testdata__b__x=text, _c__x=text, d__x="package d\n") == expected
    assert package_name(tokens("// before\npackage main // after\n")) == "main"


@pytest.mark.parametrize("imported", ["testing", "tt", "."])
def test_the_gate_and_the_catalogue_know_the_same_tests(tmp_path: Path, imported: str) -> None:
    """One rule decides what a Go test is, also where a spec imports package testing by another name or by a dot."""
    type_name = "*T" if imported == "." else f"*{imported}.T"
    text = f'package a\n\nimport {imported} "testing"\n\nfunc TestOne(t {type_name}) {{}}\n'
    (tmp_path / "a_test.go").write_text(text)
    assert ["TestOne"] == spec.test_functions(text)
    assert {".": ["TestOne"]} == spec_functions(tmp_path)
    assert {".": ("a", ("TestOne",), None)} == spec_of(a=text)
