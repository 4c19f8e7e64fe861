"""Honest code is not turned away for what it looks like."""

from collections.abc import Callable

import pytest

from harness.gate.pins import Pins
from harness.sandbox.local import LocalSandbox
from harness.toolchains.go.files import GO_FILES
from harness.toolchains.go.installation import GoInstallation
from harness.toolchains.go.module import required_modules
from harness.toolchains.go.screen import Screen, ScreenResult, module_faults
from tests.gate.conftest import Write

pytestmark = pytest.mark.go

HONEST = {
    "signals of syscall": """package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM, syscall.SIGINT)
}
""",
    "shared values that are read, passed and compared": """package a

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
)

var known = []error{
	io.EOF, io.ErrUnexpectedEOF,
	context.Canceled,
}

func Use(err error) bool {
	log := slog.New(slog.NewTextHandler(
		os.Stdout,
		nil,
	))
	log.Info("args", "n", len(os.Args))
	if err == io.EOF || errors.Is(err, context.Canceled) {
		return true
	}
	server := &http.Server{Handler: http.DefaultServeMux}
	_, err = server, io.EOF
	switch err {
	case io.EOF, context.DeadlineExceeded:
	}
	return err != io.EOF
}
""",
    "reflection that makes no pointers": """package a

import "reflect"

func Same(a, b any) bool { return reflect.DeepEqual(a, b) && reflect.TypeOf(a).Kind() != reflect.Pointer }
""",
    "words in text": """package a

// import "unsafe" and context.Canceled = nil
const text = `import "unsafe"
reflect.NewAt syscall.Mmap`
""",
}


Examine = Callable[[dict[str, str]], ScreenResult]


@pytest.fixture
def examine(write: Write, sandbox: LocalSandbox, toolchain: GoInstallation) -> Examine:
    """What stands against a workspace of these files, of which the task has go.mod and the tests."""

    def examine(files: dict[str, str]) -> ScreenResult:
        root = write(files)
        pins = Pins(
            {path: file for path, file in Pins.take(root, GO_FILES).files.items() if not path.startswith("theirs")}
        )
        return Screen(sandbox, toolchain, pins).examine(root)

    return examine


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_has_no_faults(examine: Examine, name: str) -> None:
    """What is only read, named in text, or harmless of its package, stands against nobody."""
    assert ScreenResult() == examine({"a/a.go": HONEST[name]})


def test_honest_names_are_no_faults(examine: Examine) -> None:
    """A field, a type or a package of the model's own may be called what reflection has."""
    code = """package a

import (
	"net/http"

	"example/m/reflect"
)

type Call interface{ Method() string }

type Point struct{ Pointer, Method int }

func (p *Point) UnsafeAddr() int { return p.Method + reflect.SliceAt }

func Use(r *http.Request, c Call) (string, int) {
	reflect := Point{}
	return r.Method + c.Method(), reflect.UnsafeAddr() + reflect.Method
}
"""
    assert ScreenResult() == examine({"a/a.go": code, "reflect/reflect.go": "package reflect\n\nconst SliceAt = 1\n"})


def test_names_may_be_declared_anew_where_the_spec_is_outside(examine: Examine) -> None:
    """A min or a len of the model's own changes nothing for tests of another package."""
    code = "package a\n\nfunc min(a, b int) int { return a + b }\n\nvar Least = min(1, 2)\n"
    spec = 'package a_test\n\nimport "testing"\n\nfunc TestOne(t *testing.T) {}\n'
    assert ScreenResult() == examine({"a/a.go": code, "a/a_test.go": spec})


def test_code_that_does_not_compile_is_left_to_go(examine: Examine) -> None:
    """Its faults are for the build to tell; here they are doubts, which count only if it builds all the same."""
    found = examine({"a/a.go": 'package a\n\nfunc One() int { return "no" }\n', "b/b.go": "package b\n\nfunc {\n"})
    assert ((), ["a/a.go", "b/b.go"]) == (found.objections, [one.path for one in found.doubts])


def test_a_package_that_lies_elsewhere_leaves_names_to_decide(examine: Examine) -> None:
    """Where the types of a required module are not at hand, nothing that makes pointers may be so much as named."""
    go_mod = "module example/m\n\ngo 1.26\n\nrequire example.org/x v1.0.0\n"
    code = 'package a\n\nimport "example.org/x"\n\nvar V = x.Value().{}()\n'
    assert () == examine({"go.mod": go_mod, "a/a.go": code.format("Len")}).objections
    refused = examine({"go.mod": go_mod, "a/a.go": code.format("UnsafePointer")}).objections
    assert ["a/a.go uses UnsafePointer, which could reach into the tests"] == [str(one) for one in refused]


def test_the_modules_that_are_required_are_read() -> None:
    """In a line of their own or in a group, with their comments."""
    go_mod = "module m\n\ngo 1.26\n\nrequire a.org/x v1.0.0\n\nrequire (\n\tb/y v0.1.0 // indirect\n\tc v2.0.0\n)\n"
    assert ["a.org/x", "b/y", "c"] == required_modules(go_mod)


def test_a_module_file_may_require_and_no_more() -> None:
    """A go.mod of the subject's own may name its version and what it needs; it may not change what is tested."""
    assert module_faults("module m\n\ngo 1.26\n\nrequire example.org/x v1.0.0\n") == []
    assert len(module_faults("module m\n\nreplace a => ./a\n\nignore (\n\t./b\n)\n")) == 2
