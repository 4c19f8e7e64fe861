"""Honest code is not turned away for what it looks like."""

import pytest

from harness.gate.screen import faults, module_faults

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


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_has_no_faults(name: str) -> None:
    """What is only read, named in text, or harmless of its package, stands against nobody."""
    assert faults(HONEST[name]) == []


def test_a_module_file_may_require_and_no_more() -> None:
    """A go.mod of the subject's own may name its version and what it needs; it may not change what is tested."""
    assert module_faults("module m\n\ngo 1.26\n\nrequire example.org/x v1.0.0\n") == []
    assert len(module_faults("module m\n\nreplace a => ./a\n\nignore (\n\t./b\n)\n")) == 2
