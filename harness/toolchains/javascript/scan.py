"""Imports of a spec, and the reasons for which it cannot run apart from the code, found in its text. Nothing is run."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from harness.toolchains.javascript.text import closing, code_alone, without_comments

MOST_REASONS = 3
FRAMEWORKS = ("@jest/globals", "jest", "vitest")
"""Packages in whose place the trusted side has its own."""
STARTING = ("child_process", "cluster", "worker_threads", "vm", "module", "inspector", "repl", "wasi")
"""Modules of node by which a spec would start code itself."""
BUILTIN = (
    *("assert", "assert/strict", "async_hooks", "buffer", "console", "constants", "crypto", "diagnostics_channel"),
    *("dns", "domain", "events", "fs", "fs/promises", "http", "http2", "https", "net", "os", "path", "path/posix"),
    *("perf_hooks", "process", "punycode", "querystring", "readline", "stream", "stream/promises", "stream/web"),
    *("string_decoder", "test", "timers", "timers/promises", "tls", "tty", "url", "util", "util/types", "v8", "zlib"),
    *STARTING,
)
MATCHERS = frozenset(
    (
        *("toBe", "toEqual", "toStrictEqual", "toMatchObject", "toBeNull", "toBeUndefined", "toBeDefined", "toBeNaN"),
        *("toBeTruthy", "toBeFalsy", "toBeGreaterThan", "toBeGreaterThanOrEqual", "toBeLessThan"),
        *("toBeLessThanOrEqual", "toBeCloseTo", "toBeInstanceOf", "toContain", "toContainEqual", "toHaveLength"),
        *("toMatch", "toHaveProperty", "toThrow", "toThrowError", "toHaveBeenCalled", "toHaveBeenCalledTimes"),
        *("toHaveBeenCalledWith", "toHaveBeenLastCalledWith", "toHaveBeenNthCalledWith", "toHaveReturnedWith"),
        *("toBeCalled", "toBeCalledTimes", "toBeCalledWith", "lastCalledWith", "toBeTypeOf"),
    )
)
PATCHING = re.compile(
    r"\b(?:jest|vi)\.(?!fn\b|setTimeout\b|clearAllMocks\b|resetAllMocks\b|restoreAllMocks\b)(\w+)"
    r"|\bmock\.(?:method|timers|module|getter|setter)\b|\bexpect\.(?:extend|addSnapshotSerializer)\b"
)
IMPORT = re.compile(
    r"""\b(?:import|export)\s+(?P<clause>[\w$*{][^;'"()]*?)\s*from\s*(?P<q1>['"])(?P<from>[^'"\n]+)(?P=q1)"""
    r"""|\bimport\s*(?P<q2>['"])(?P<bare>[^'"\n]+)(?P=q2)"""
    r"""|\b(?:require|import)\s*\(\s*(?P<q3>['"`])(?P<call>[^'"`\n$]+)(?P=q3)\s*[,)]"""
)
COMPUTED = re.compile(r"""(?<![\w$.])(?:require|import)\s*\(\s*(?!['"`][^$'"`\n]+['"`]\s*[,)])""")
EXPECT = re.compile(r"(?<![\w$.])expect\s*\(")
MATCHER = re.compile(r"\s*(?:\.\s*(?:not|resolves|rejects)\s*)*\.\s*(\w+)\s*\(")
MODULE_SYNTAX = re.compile(r"^\s*(?:import\s+[\w$*{'\"]|export\s+[\w$*{])", re.MULTILINE)


@dataclass(frozen=True)
class SpecImport:
    """One import of a spec file."""

    file: str
    """The spec file, by its path from the root."""
    specifier: str
    start: int
    """Place of the specifier in the text."""
    names: tuple[str, ...]
    """Names that are taken from it; the default export is `default`."""
    is_required: bool = False
    """True for a call of require."""

    @property
    def is_local(self) -> bool:
        return self.specifier.startswith((".", "/"))

    @property
    def target(self) -> str:
        """Return the path from the root that it names, as it is written; empty if that lies outside."""
        parts: list[str] = []
        for part in (PurePosixPath(self.file).parent / self.specifier).parts:
            if part == "..":
                if not parts:
                    return ""
                parts.pop()
            else:
                parts.append(part)
        return "" if self.specifier.startswith("/") else "/".join(parts)


def imports(file: str, text: str) -> list[SpecImport]:
    """Return the imports of a spec file."""
    result = []
    for match in IMPORT.finditer(without_comments(text)):
        group = next(name for name in ("from", "bare", "call") if match[name])
        names = tuple(_names(match["clause"] or ""))
        result.append(SpecImport(file, match[group], match.start(group), names, match[0].startswith("require")))
    return result


def is_module(text: str) -> bool:
    """Return True for text with import or export statements."""
    return MODULE_SYNTAX.search(without_comments(text)) is not None


def why_not(files: Mapping[str, str]) -> str:
    """Return why these spec files and helpers, by path, cannot be verified by proof `split`; empty if they can."""
    reasons = [reason for file, text in sorted(files.items()) for reason in _reasons(file, text, files)]
    return "; ".join(reasons[:MOST_REASONS])


def _reasons(file: str, text: str, pinned: Mapping[str, str]) -> Iterator[str]:
    plain = without_comments(text)

    def at(place: int) -> str:
        return f"{file}:{plain.count(chr(10), 0, place) + 1}"

    foreign: set[str] = set()
    for one in imports(file, text):
        name = one.specifier.removeprefix("node:")
        if one.is_local:
            if not one.target:
                yield f"{at(one.start)}: it imports {one.specifier}, which lies outside"
            elif not any(candidate in pinned for candidate in candidates(one.target)):
                foreign |= set(one.names)
        elif name in STARTING:
            yield f"{at(one.start)}: it imports {one.specifier}, by which it could start code itself"
        elif name not in BUILTIN and one.specifier not in FRAMEWORKS:
            yield f"{at(one.start)}: it imports the package {one.specifier}"
    for match in COMPUTED.finditer(plain):
        yield f"{at(match.start())}: it imports a module whose name is computed"
    for match in PATCHING.finditer(plain):
        yield f"{at(match.start())}: {match[0]} patches modules, clocks or matchers"
    for match in re.finditer(r"\bextends\s+([\w$]+)", plain):
        if match[1] in foreign:
            yield f"{at(match.start())}: a class of the spec is derived from {match[1]} of the code"
    for start, name in _matchers(text):
        if name not in MATCHERS:
            yield f"{at(start)}: the matcher {name} is not known"


def _matchers(text: str) -> Iterator[tuple[int, str]]:
    """Yield the place and the name of each matcher that is called on what `expect` returns."""
    code = code_alone(text)
    for match in EXPECT.finditer(code):
        if matcher := MATCHER.match(code, closing(code, match.end() - 1)):
            yield matcher.start(1), matcher[1]


def candidates(target: str) -> list[str]:
    """Return the paths that an import of a path may mean, the likeliest first."""
    suffixes = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".json")
    stem = target.removesuffix(".js")
    return [
        target,
        *(target + suffix for suffix in suffixes),
        *([f"{stem}.ts"] if target.endswith(".js") else []),
        *(f"{target}/index{suffix}" for suffix in suffixes),
    ]


def _names(clause: str) -> Iterator[str]:
    inner = re.search(r"\{([^}]*)\}", clause)
    for part in inner[1].split(",") if inner else []:
        if name := part.split(" as ")[0].strip().removeprefix("type "):
            yield name
    outside = re.sub(r"\{[^}]*\}", "", clause).replace("type ", "")
    if any(part.strip() and not part.strip().startswith("*") for part in outside.split(",")):
        yield "default"
