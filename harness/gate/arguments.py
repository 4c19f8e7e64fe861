"""The arguments of `go test`, as far as the gate must understand them."""

from collections.abc import Iterable, Sequence

SWITCHES = ("v", "short", "race")
VALUED = ("count", "timeout", "p", "parallel")
"""Flags that choose no tests and add no code; with any other, nothing can be said of what must have run."""


def without_json(args: Sequence[str]) -> list[str]:
    """The arguments but for -json in all its spellings: it could only blind the gate."""
    return [arg for arg in args if arg.lstrip("-").split("=")[0] != "json" or not arg.startswith("-")]


def package_patterns(args: Sequence[str]) -> list[str] | None:
    """The packages that are named, if all arguments are understood; None if not."""
    patterns: list[str] = []
    rest = iter(without_json(args))
    for arg in rest:
        name, given, _ = arg.lstrip("-").partition("=")
        if not arg.startswith("-"):
            patterns.append(arg)
        elif name in VALUED:
            if not given:
                next(rest, "")
        elif name not in SWITCHES:
            return None
    understood = all(pattern == "." or pattern.startswith("./") for pattern in patterns)
    return (patterns or ["."]) if understood else None


def with_packages(args: Sequence[str], folders: Iterable[str]) -> list[str]:
    """The arguments, but naming these folders; only where `package_patterns` understands them."""
    flags: list[str] = []
    rest = iter(args)
    for arg in rest:
        if arg.startswith("-"):
            flags.append(arg)
            name, given, _ = arg.lstrip("-").partition("=")
            if name in VALUED and not given:
                flags += [next(rest, "")]
    return [*flags, *(f"./{folder}" for folder in folders)]


def named(folders: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """The folders that the patterns name."""
    return [folder for folder in folders if any(_names(pattern, folder) for pattern in patterns)]


def _names(pattern: str, folder: str) -> bool:
    wanted = pattern.removeprefix("./").rstrip("/") or "."
    if wanted == "...":
        return True
    if wanted.endswith("/..."):
        below = wanted.removesuffix("/...")
        return folder == below or folder.startswith(f"{below}/")
    return folder == wanted
