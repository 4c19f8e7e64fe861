"""Commands are told nothing that the operator did not mean for them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.sandbox.local import LocalSandbox
from harness.toolchains.go.installation import default_build_cache

PRINTS_ITS_ENVIRONMENT = """package main

import (
	"fmt"
	"os"
)

func main() {
	for _, entry := range os.Environ() {
		fmt.Println(entry)
	}
}
"""


@pytest.mark.go
def test_code_under_test_sees_no_secret_of_the_operator(
    sandbox: LocalSandbox, go_program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program run by Go gets the allowlist and nothing of the harness's own environment."""
    planted = {"OPENAI_API_KEY": "sk-planted", "AWS_SECRET_ACCESS_KEY": "planted", "GOFLAGS": "-mod=planted"}
    for name, value in planted.items():
        monkeypatch.setenv(name, value)
    finished = sandbox.run(["go", "run", "."], cwd=go_program(PRINTS_ITS_ENVIRONMENT), timeout=600)
    told = dict(line.split("=", 1) for line in finished.output.splitlines())
    allowed = {
        *("PATH", "HOME", "TMPDIR", "LANG", "TZ", "PWD", "GOCACHE", "GOPATH", "GOMODCACHE", "GOENV", "GOFLAGS"),
        *("GOROOT", "GOTOOLCHAIN", "GOWORK", "GOPROXY", "GOSUMDB", "GOVCS", "CGO_ENABLED"),
    }
    assert (0, set(), "") == (finished.exit_code, set(told) - allowed, told["GOFLAGS"])
    assert "planted" not in finished.output


@pytest.mark.go
def test_no_settings_file_reaches_the_toolchain(
    sandbox: LocalSandbox, go_program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither the operator's go.env nor a go.work around the workspace has an effect."""
    settings = tmp_path / "go.env"
    settings.write_text("GOOS=plan9\n")
    monkeypatch.setenv("GOENV", str(settings))
    folder = go_program("package main\n\nfunc main() {}\n")
    (folder.parent / "go.work").write_text("go 1.26\n\nuse ./elsewhere\n")
    finished = sandbox.run(["go", "env", "GOOS", "GOWORK", "GOTOOLCHAIN"], cwd=folder, timeout=600)
    assert [os.uname().sysname.lower(), "off", "local"] == finished.output.split()


def test_home_and_temporary_files_start_empty_each_time(sandbox: LocalSandbox, tmp_path: Path) -> None:
    """What one command leaves in its home or temporary folder is not there for the next."""
    sandbox.run(["sh", "-c", "echo stash > $HOME/stash; echo stash > $TMPDIR/stash"], cwd=tmp_path, timeout=10)
    finished = sandbox.run(["sh", "-c", "ls $HOME $TMPDIR"], cwd=tmp_path, timeout=10)
    assert "stash" not in finished.output


def test_the_build_cache_follows_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """XDG_CACHE_HOME decides where the cache lies."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert tmp_path / "harness-sweeps" / "go-build" == default_build_cache()


def test_the_sandbox_says_that_it_confines_nothing(sandbox: LocalSandbox) -> None:
    """The record tells this kind as none."""
    assert sandbox.name == "none"
