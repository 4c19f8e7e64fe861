"""Code that steps past type safety, or into the spec: turned away by name before anything of it runs."""

from pathlib import Path

import pytest

from tests.cheats.conftest import SEED, SOLVED, Arena, gate_over

pytestmark = pytest.mark.go

REACHING = {
    "unsafe": ('import "unsafe"', "_ = unsafe.Sizeof(0)", "imports unsafe"),
    "unsafe, written with an escape": (
        'import u "unsa\\u0066e"',
        "_ = u.Sizeof(0)",
        "imports unsafe",
    ),
    "unsafe, in a raw string and under another name": ("import u `unsafe`", "_ = u.Sizeof(0)", "imports unsafe"),
    "unsafe, in a group, behind a comment": (
        'import (\n"fmt"; /* no */ _ "unsafe"\n)',
        "fmt.Sprint()",
        "imports unsafe",
    ),
    "C": ('import "C"', "", "imports C"),
    "a plugin": ('import "plugin"', 'plugin.Open("x")', "imports plugin"),
    "raw system calls": ('import "syscall"', "syscall.RawSyscall(0, 0, 0, 0)", "uses syscall.RawSyscall"),
    "system calls under another name": ('import s "syscall"', "s.Mmap(0, 0, 0, 0, 0)", "uses syscall.Mmap"),
    "system calls without a name": ('import . "syscall"', "Getpid()", "imports syscall without a name"),
    "a pointer made by reflection": (
        'import "reflect"',
        "reflect.NewAt(reflect.TypeOf(0), reflect.ValueOf(new(int)).UnsafePointer())",
        "uses reflect.NewAt",
    ),
    "a method found by name": (
        'import "reflect"',
        'reflect.ValueOf(0).MethodByName("x")',
        "uses reflect.Value.MethodByName",
    ),
    "a slice made by reflection": (
        'import "reflect"',
        "reflect.SliceAt(reflect.TypeFor[int](), nil, 1 << 20)",
        "uses reflect.SliceAt",
    ),
    "a slice made by reflection, without naming the package": (
        'import . "reflect"',
        "SliceAt(TypeFor[int](), nil, 1 << 20)",
        "uses reflect.SliceAt",
    ),
    "a function of reflection, kept for later": (
        'import r "reflect"',
        "at := r.SliceAt; _ = at",
        "uses reflect.SliceAt",
    ),
    "a method found by its index": (
        'import "reflect"',
        "reflect.ValueOf(reflect.ValueOf(new(int))).Method(3).Call(nil)",
        "uses reflect.Value.Method,",
    ),
    "a method found by its index, as a value": (
        'import "reflect"',
        "at := reflect.ValueOf(0).Method; at(0)",
        "uses reflect.Value.Method,",
    ),
    "a method found by its index, as an expression": (
        'import "reflect"',
        "at := reflect.Value.Method; at(reflect.ValueOf(0), 0)",
        "uses reflect.Value.Method,",
    ),
    "a method found by the index of its type": (
        'import "reflect"',
        "reflect.TypeFor[reflect.Value]().Method(0).Func.Call(nil)",
        "uses reflect.Type.Method,",
    ),
    "methods one after another": (
        'import "reflect"',
        "for _, method := range reflect.ValueOf(0).Methods() { method.Call(nil) }",
        "uses reflect.Value.Methods,",
    ),
    "a method of an embedded value": (
        'import "reflect"',
        "type mine struct { reflect.Value }; mine{reflect.ValueOf(0)}.Method(0)",
        "uses reflect.Value.Method,",
    ),
    "a method of an alias": (
        'import "reflect"',
        "type mine = reflect.Value; var value mine; value.UnsafePointer()",
        "uses reflect.Value.UnsafePointer",
    ),
    "a method behind an interface": (
        'import "reflect"',
        "any(reflect.ValueOf(0)).(interface{ Method(int) reflect.Value }).Method(0)",
        "uses the method Method of an interface",
    ),
    "a method behind a type parameter": (
        'import "reflect"',
        "at(reflect.ValueOf(0)) }\n\nfunc at[V interface{ Method(int) R }, R any](v V) R { return v.Method(0)",
        "uses the method Method of an interface",
    ),
    "a method that embedding an interface brings": (
        'import "reflect"',
        "var kind interface { reflect.Type } = reflect.TypeFor[int](); kind.Method(0)",
        "uses reflect.Type.Method,",
    ),
    "a pointer of no type, by inference": (
        'import "sync/atomic"',
        "pointer := atomic.LoadPointer(nil); _ = (*int)(pointer)",
        "holds an unsafe.Pointer",
    ),
    "a pointer of no type, as a type argument": (
        'import "sync/atomic"',
        "result(atomic.LoadPointer) }\n\nfunc result[A, R any](func(A) R) (r R) { return",
        "holds an unsafe.Pointer",
    ),
    "the table of tests, rebuilt": (
        'import "testing"',
        "testing.MainStart(nil, nil, nil, nil, nil)",
        "uses testing.MainStart",
    ),
    "a linked name": (
        "",
        "reach() }\n\n//go:linkname reach runtime.GC\nfunc reach() {",
        "uses the directive //go:linkname",
    ),
    "a setting of the runtime": ("", "}\n\n//go:debug panicnil=1\nfunc init() {", "uses the directive //go:debug"),
    "a cgo directive": (
        'import "runtime/cgo"',
        "cgo.NewHandle(nil)",
        "imports runtime/cgo",
    ),
    "a package that is internal to Go": ('import "internal/abi"', "_ = abi.Bool", "imports internal/abi"),
    "a package that is not known": ('import "arena"', "_ = arena.NewArena()", "imports arena"),
    "the flags of the tests, before there are any": (
        'import ("flag"; "testing")',
        'testing.Init(); flag.Set("test.short", "true")',
        "uses testing.Init",
    ),
    "the report of the gate, by its number": ('import "os"', 'os.NewFile(3, "report").Close()', "uses os.NewFile"),
    "the output of the tests": ('import "os"', "os.Stdout = nil", "changes os.Stdout"),
    "a shared value, in a loop": (
        'import "io"',
        "for _, io.EOF = range []error{nil} {}",
        "changes io.EOF",
    ),
    "a shared value, under another name": ('import other "io"', "other.EOF = nil", "changes io.EOF"),
    "a shared value, without a name": ('import . "io"', "EOF = nil", "changes io.EOF"),
    "a shared value, in brackets": ('import "io"', "(io.EOF) = nil", "changes io.EOF"),
    "the whole memory, written to a file": (
        'import ("os"; "runtime/debug")',
        'f, _ := os.Create("/tmp/x"); debug.WriteHeapDump(f.Fd())',
        "uses runtime/debug.WriteHeapDump",
    ),
    "the gate's own package": ('import "0gate/core"', "core.Tokens()", "imports the gate's own package"),
    "the value that the spec compares with": (
        'import "context"',
        "context.Canceled = nil",
        "changes context.Canceled",
    ),
    "the value, by its address": (
        'import "context"',
        "p := &context.Canceled; *p = nil",
        "changes context.Canceled",
    ),
    "the value, as one of several": (
        'import "context"',
        "var other error; context.Canceled, other = nil, nil; _ = other",
        "changes context.Canceled",
    ),
    "the arguments, one by one": ('import "os"', 'os.Args[0] = "x"', "changes os.Args"),
    "a table behind a variable": (
        'import "unicode"',
        "*unicode.Upper = *unicode.Lower",
        "changes a value of unicode.RangeTable",
    ),
    "a table, by another name of its own": (
        'import "unicode"',
        "table := unicode.Upper; table.R16[0].Lo = 0",
        "changes a value of unicode.Range16",
    ),
    "a table of the library, emptied": (
        'import "unicode"',
        'delete(unicode.Categories, "Lu"); clear((unicode.Scripts))',
        "changes unicode.Categories",
    ),
    "an encoding, by its pointer": (
        'import "encoding/base64"',
        "std := base64.StdEncoding; *std = *base64.URLEncoding",
        "changes a value of encoding/base64.Encoding",
    ),
    "the place of all times": ('import "time"', "*time.UTC = time.Location{}", "changes a value of time.Location"),
    "a flag of the tests, as soon as there is one": (
        'import "flag"',
        'go func() { for { flag.Lookup("test.short") } }()',
        "uses flag.Lookup",
    ),
    "the arguments": (
        'import "os"',
        'os.Args = append(os.Args, "-test.run=TestBase")',
        "changes os.Args",
    ),
}


@pytest.mark.parametrize("deed", REACHING)
def test_code_that_could_reach_into_the_tests_is_turned_away(arena: Arena, deed: str) -> None:
    """What type safety does not hold back is refused by name, even if the spec would pass."""
    imported, body, told = REACHING[deed]
    arena.write("hard/other.go", f"package hard\n\n{imported}\n\nfunc init() {{ {body} }}\n")
    arena.write("hard/hard.go", SOLVED)
    verdict = arena.verify()
    assert (verdict.accepted, verdict.green, verdict.tampering) == (False, None, ("hard/other.go",))
    assert f"- hard/other.go {told}" in verdict.feedback


def test_code_of_another_platform_is_examined_too(arena: Arena) -> None:
    """A file that is not built here could be built elsewhere: it is held to the same list, by its names."""
    arena.write("hard/other_plan9.go", 'package hard\n\nimport r "reflect"\n\nvar At = r.SliceAt\n')
    arena.write("hard/hard.go", SOLVED)
    verdict = arena.verify()
    assert (False, ("hard/other_plan9.go",)) == (verdict.accepted, verdict.tampering)
    assert "uses reflect.SliceAt" in verdict.feedback


INSIDE_SPEC = """package hard

import "testing"

var wanted = []int{42}

func TestInside(t *testing.T) {
	if got := Answer(); got != wanted[0] || len(wanted) != 1 {
		t.Fatalf("Answer() = %d, want 42", got)
	}
}
"""
INSIDE_CHEATS = {
    "redeclares true": ("const true = 1 > 2", "declares true anew"),
    "redeclares len": ("func len(any) int { return 1 }", "declares len anew"),
    "redeclares a type": ("type error = any", "declares error anew"),
    "redeclares nil, in a group": ("var (\n\tone = 1\n\tnil, two = 3, 4\n)", "declares nil anew"),
    "changes what the spec wants": ("func init() { wanted[0] = 0 }", "uses wanted, which belongs to the tests"),
    "uses the spec's own function": ("var kept = TestInside", "uses TestInside, which belongs to the tests"),
}


@pytest.mark.parametrize("deed", INSIDE_CHEATS)
def test_a_spec_inside_the_package_keeps_its_words(tmp_path: Path, deed: str) -> None:
    """Where the spec is part of the package, no predeclared name changes its meaning, and nothing of it is used."""
    code, told = INSIDE_CHEATS[deed]
    files = {"go.mod": SEED["go.mod"], "hard/hard_test.go": INSIDE_SPEC}
    arena = Arena(tmp_path / "workspace", None, tmp_path)  # type: ignore[arg-type]
    for path, text in (
        files | {"hard/hard.go": f"package hard\n\nfunc Answer() int {{ return 42 }}\n\n{code}\n"}
    ).items():
        arena.write(path, text)
    arena.gate = gate_over(arena.root, tmp_path / "scratch", seed=files)
    verdict = arena.verify()
    assert (False, ("hard/hard.go",)) == (verdict.accepted, verdict.tampering), verdict.feedback
    assert told in verdict.feedback
