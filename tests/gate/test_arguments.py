"""The gate knows which packages it is asked to verify, or knows that it does not."""

import pytest

from harness.toolchains.go.arguments import named, package_patterns

FOLDERS = (".", "a", "a/b", "ab", "c")


@pytest.mark.parametrize(
    ("args", "folders"),
    [
        (["./..."], list(FOLDERS)),
        ([], ["."]),
        (["-v", "-count", "2", "./a"], ["a"]),
        (["./a/..."], ["a", "a/b"]),
        (["-timeout=5s", "--short", "./c/", "./a/b"], ["a/b", "c"]),
        (["-json", "."], ["."]),
    ],
)
def test_packages_are_named_by_patterns(args: list[str], folders: list[str]) -> None:
    """Relative patterns mean what they mean to Go."""
    assert named(FOLDERS, package_patterns(args) or []) == folders


@pytest.mark.parametrize("arg", ["-run=X", "-tags=x", "-exec=x", "-overlay=x", "-c", "-skip=X", "graphkit/...", "all"])
def test_what_is_not_understood_is_not_guessed(arg: str) -> None:
    """Flags that choose tests or add code, and patterns by import path, are left to the weaker rule."""
    assert package_patterns([arg, "./..."]) is None
