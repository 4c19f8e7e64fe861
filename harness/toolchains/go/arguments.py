"""Arguments of `go test`, as far as the gate has to understand them."""

from collections.abc import Iterable, Sequence

SWITCHES = ("v", "short", "race")
VALUED = ("count", "timeout", "p", "parallel")
"""Flags that choose no tests and add no code. With any other flag, the gate cannot know which tests had to run."""


def without_json(args: Sequence[str]) -> list[str]:
    """Return the arguments without -json in any spelling, since the gate sets its own."""
    return [arg for arg in args if arg.lstrip("-").split("=")[0] != "json" or not arg.startswith("-")]


def has_race(args: Iterable[str]) -> bool:
    """Return whether the arguments enable the race detector."""
    flags = [arg.lstrip("-").partition("=") for arg in args if arg.startswith("-")]
    return any(name == "race" and value not in ("false", "f", "F", "FALSE", "False", "0") for name, _, value in flags)


def package_patterns(args: Sequence[str]) -> list[str] | None:
    """Return the package patterns among the arguments; None if one of the arguments is not understood."""
    patterns: list[str] = []
    rest = iter(without_json(args))
    for arg in rest:
        name, equals, _ = arg.lstrip("-").partition("=")
        if not arg.startswith("-"):
            patterns.append(arg)
        elif name in VALUED:
            if not equals:
                next(rest, "")
        elif name not in SWITCHES:
            return None
    understood = all(pattern == "." or pattern.startswith("./") for pattern in patterns)
    return (patterns or ["."]) if understood else None


def with_packages(args: Sequence[str], folders: Iterable[str]) -> list[str]:
    """Return the arguments with these folders as packages. `package_patterns` must understand the arguments."""
    flags: list[str] = []
    rest = iter(args)
    for arg in rest:
        if arg.startswith("-"):
            flags.append(arg)
            name, equals, _ = arg.lstrip("-").partition("=")
            if name in VALUED and not equals:
                flags += [next(rest, "")]
    return [*flags, *(f"./{folder}" for folder in folders)]


def named(folders: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """Return the folders that match the patterns."""
    return [folder for folder in folders if any(_names(pattern, folder) for pattern in patterns)]


def _names(pattern: str, folder: str) -> bool:
    wanted = pattern.removeprefix("./").rstrip("/") or "."
    if wanted == "...":
        return True
    if wanted.endswith("/..."):
        below = wanted.removesuffix("/...")
        return folder == below or folder.startswith(f"{below}/")
    return folder == wanted
