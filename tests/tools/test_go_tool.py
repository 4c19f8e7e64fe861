"""The allowlist of the go tool."""

import pytest

from harness.toolchains.go.tool import check
from harness.tools.registry import ToolError


@pytest.mark.parametrize(
    "args",
    [
        ["build", "./..."],
        ["test", "-v", "-run", "TestA", "-count=2", "--timeout=5s", "-short", "-race=false", "-cover", "./a"],
        ["vet"],
        ["fmt", "./..."],
        ["mod", "tidy"],
        ["mod", "download"],
        ["mod", "verify"],
    ],
)
def test_what_is_harmless_is_allowed(args: list[str]) -> None:
    """The subcommands, flags and forms of the allowlist pass."""
    assert check(args) is None


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "args is empty"),
        (["run", "."], "go run is not allowed"),
        (["env"], "go env is not allowed"),
        (["-C", "/", "test"], "go -C is not allowed"),
        (["test", "-exec=sh"], "the flag -exec=sh is not allowed"),
        (["test", "--exec", "sh"], "the flag --exec is not allowed"),
        (["build", "-o", "/tmp/x"], "the flag -o is not allowed"),
        (["build", "-toolexec=sh"], "the flag -toolexec=sh"),
        (["vet", "-vettool=sh"], "the flag -vettool=sh"),
        (["test", "-overlay=x.json"], "the flag -overlay"),
        (["test", "-args", "-test.run=x"], "the flag -args"),
        (["test", "-json"], "the flag -json"),
        (["test", "-race", "./..."], "the flag -race is not available: the race detector needs cgo"),
        (["build", "--race=true"], "the flag -race is not available"),
        (["mod"], "go mod takes only"),
        (["mod", "edit", "-replace=a=b"], "go mod takes only"),
        (["mod", "tidy", "-modfile=x"], "and no flags"),
    ],
)
def test_what_could_run_or_write_something_is_refused(args: list[str], message: str) -> None:
    """Whatever launches a program, redirects a file or rewrites the build is named and refused."""
    with pytest.raises(ToolError) as caught:
        check(args)
    assert message in str(caught.value)
