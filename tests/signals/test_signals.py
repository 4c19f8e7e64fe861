"""Deterministic signals: real tools over real Go, some of it written to hide from them."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.signals.folder import MOST_FILES, signals
from harness.signals.tools import LONGEST_REASON, diagnostics
from harness.toolchains.go.installation import OVERRIDE, find_go
from harness.workspace import Workspace

pytestmark = pytest.mark.go

Write = Callable[[dict[str, str]], Path]

GO_MOD = "module example/kit\n\ngo 1.26\n"
OLD_STYLE = """package kit

import "fmt"

func Greet(names []interface{}) {
	for i := 0; i < len(names); i++ {
		fmt.Printf("%d\\n", "x")
	}
}
"""
"""Two modernizers and one analyzer of vet have something to say of it, gofmt nothing."""
MODERN = 'package kit\n\n// Greet greets.\nfunc Greet() string {\n\treturn "hello"\n}\n'


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a module and returns its folder."""

    def written(files: dict[str, str]) -> Path:
        root = tmp_path / "code"
        for name, text in ({"go.mod": GO_MOD} | files).items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return root

    return written


def counts(found: dict[str, Any]) -> list[int | None]:
    return [found[name]["count"] for name in ("gofmt", "vet", "modernize")]


def unknown(found: dict[str, Any]) -> list[str | None]:
    return [found[name]["unknown"] for name in ("gofmt", "vet", "modernize", "size")]


def test_what_each_tool_finds_is_counted_and_tests_are_not(write: Write) -> None:
    """Counts by analyzer and sizes; a test file adds to none of them, and the folder stays as it was."""
    spec = 'package kit\n\nimport "testing"\n\nfunc TestGreet(t *testing.T) { var x interface{}; _ = x }\n'
    folder = write({"old.go": OLD_STYLE, "spec_test.go": spec, "sub/ugly.go": "package sub\nfunc  F() {}"})
    before = Workspace(folder).state()
    command = [sys.executable, "-m", "harness.signals", str(folder)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=600).stdout)
    assert {"any": 1, "rangeint": 1} == found["modernize"]["by"]
    assert {"printf": 1} == found["vet"]["by"]
    assert {"sub/ugly.go": 1} == found["gofmt"]["by"]
    assert [1, 1, 2] == counts(found)
    sizes = {"files": 2, "lines": 11, "code_lines": 9, "functions": 2, "longest_function": 5, "unknown": None}
    assert sizes == found["size"]
    assert (find_go().version, "1.26") == (found["go_version"], found["language"])
    assert before == Workspace(folder).state()


@pytest.mark.parametrize("source", [OLD_STYLE, MODERN])
def test_there_are_findings_where_go_fix_would_change_something(write: Write, source: str) -> None:
    """The count is 0 for just the code that `go fix -diff` leaves alone."""
    folder = write({"kit.go": source})
    command = [find_go().go, "fix", "-diff", "./..."]
    diff = subprocess.run(command, check=False, cwd=folder, capture_output=True, timeout=600)
    assert bool(diff.stdout) == (counts(signals(folder))[2] != 0)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"inner/go.mod": "module inner\n", "inner/x.go": OLD_STYLE}, "inner/x.go"),
        ({"x.go": '//go:build ignore\n\npackage kit\n\nimport "fmt"\n\nfunc x() { fmt.Printf("%d", "x") }\n'}, "x.go"),
        ({"c/c.go": 'package c\n\nimport "C"\n\nfunc F(x interface{}) {}\n'}, "c/c.go"),
        ({"testdata/x.go": OLD_STYLE}, "testdata/x.go"),
        ({"x.go": "package kit\n\nfunc F() int { return nothing }\n"}, "undefined: nothing"),
        ({"x.go": 'package kit\n\nimport _ "example.com/elsewhere"\n'}, "example.com/elsewhere"),
        ({"go.mod": "module example/kit\n\ngo 1.99\n\ntoolchain go1.99.1\n"}, "1.99"),
    ],
    ids=["nested module", "build constraint", "cgo", "ignored folder", "no type", "not here", "newer Go"],
)
def test_what_is_hidden_from_the_tools_is_unknown(write: Write, files: dict[str, str], why: str) -> None:
    """Code that the analyzers do not reach makes their counts unknown, never smaller; gofmt and size see it all."""
    found = signals(write({"kit.go": MODERN} | files))
    gofmt, vet, modernize, size = unknown(found)
    assert [0, None, None] == counts(found)
    assert why in (vet or "")
    assert why in (modernize or "")
    assert (None, None) == (gofmt, size)


def test_what_cannot_be_parsed_is_unknown(write: Write) -> None:
    """Of broken syntax, lines can be counted and nothing else; findings elsewhere are a lower bound."""
    found = signals(write({"old.go": OLD_STYLE, "broken/x.go": "package broken\n\nfunc F() {\n"}))
    assert [None, None, None] == counts(found)
    assert 2 == found["modernize"]["at_least"]
    assert (12, None, None) == tuple(found["size"][name] for name in ("lines", "functions", "longest_function"))
    assert all("broken/x.go" in (why or "") for why in unknown(found))


def test_no_comment_hides_code(write: Write) -> None:
    """A file that calls itself generated is counted all the same, and a line directive moves nothing."""
    lines = "\n".join(f"\tprintln({number})\n//line kit.go:1" for number in range(20))
    told = "// Code generated by hand. DO NOT EDIT.\n\n"
    found = signals(write({"old.go": told + OLD_STYLE, "long.go": f"package kit\n\nfunc long() {{\n{lines}\n}}\n"}))
    assert 2 == found["modernize"]["count"]
    assert 42 == found["size"]["longest_function"]


def test_nothing_of_the_code_is_run(write: Write, tmp_path: Path) -> None:
    """Neither initialisers, nor generators, nor tools that go.mod names, nor tests."""
    mark = tmp_path / "ran"
    wrote = f'os.WriteFile("{mark}", nil, 0o644)'
    body = f'import "os"\n\nfunc init() {{\n\t_ = {wrote}\n}}\n'
    spec = f'package kit\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestX(*testing.T) {{ {wrote} }}\n'
    found = signals(
        write(
            {
                "go.mod": GO_MOD + "\ntool example/kit/tool\n",
                "kit.go": f"package kit\n\n//go:generate touch {mark}\n\n{body}",
                "kit_test.go": spec,
                "tool/main.go": f"package main\n\n{body}\nfunc main() {{}}\n",
            }
        )
    )
    assert [0, 0, 0] == counts(found)
    assert not mark.exists()


def test_links_and_masses_are_not_followed(write: Write, tmp_path: Path) -> None:
    """A link to code, a path that cannot be printed, and more files than anyone reads make everything unknown."""
    (tmp_path / "secret.go").write_text("package secret\n")
    folder = write({"kit.go": MODERN})
    (folder / "leak.go").symlink_to(tmp_path / "secret.go")
    assert ["leak.go is a link, and links are not followed"] * 4 == unknown(signals(folder))
    (folder / "leak.go").unlink()
    (folder / "a\nb.go").write_text(MODERN)
    assert "characters that cannot be printed" in (unknown(signals(folder))[0] or "")
    (folder / "a\nb.go").unlink()
    (folder / "huge").write_bytes(b"")
    with (folder / "huge").open("r+b") as file:
        file.truncate(1 << 40)
    assert f"more than {MOST_FILES:,} files or 64 MiB" == unknown(signals(folder))[3]


def test_a_tool_that_does_not_finish_is_unknown(write: Write) -> None:
    """Time that is up gives no count, with the tool named."""
    found = signals(write({"kit.go": MODERN}), timeout=0.001)
    assert [None, None, None] == counts(found)
    assert "go vet did not finish within 0.001 s" == found["vet"]["unknown"]


def test_an_older_go_counts_nothing(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Go 1.26 or newer everything is unknown, with the reason."""
    old = tmp_path / "go"
    old.write_text("#!/bin/sh\necho go1.25.3\n")
    old.chmod(0o755)
    monkeypatch.setenv(OVERRIDE, str(old))
    find_go.cache_clear()
    try:
        found = signals(write({"kit.go": MODERN}))
    finally:
        find_go.cache_clear()
    assert all("is go1.25.3: Go 1.26 or newer is needed" in (why or "") for why in unknown(found))


def test_an_analyzer_that_failed_is_no_zero() -> None:
    """Its error is told, and what others found is kept; a reason is one line of bounded length."""
    printed = '{"kit": {"any": [{}, {}], "minmax": {"error": "gave up"}}}\n{"kit/sub": {"any": [{}]}}\n{}\n'
    found, failed = diagnostics(printed)
    assert ({"any": 3}, "minmax failed on kit: {'error': 'gave up'}") == (dict(found), failed)
    with pytest.raises(ValueError, match="no JSON object"):
        diagnostics("{} [1]")


def test_reasons_are_short_and_clean(write: Write) -> None:
    """What code says in a reason is cut, and has no character that moves a cursor."""
    found = signals(write({"kit.go": f'package kit\n\nimport _ "example.com/{"a" * 500}"\n'}))
    reason = found["vet"]["unknown"]
    assert reason.isprintable()
    assert LONGEST_REASON == len(reason)


def test_a_wrong_request_is_one_line() -> None:
    """A folder that is not there: code 2."""
    command = [sys.executable, "-m", "harness.signals", "no-such-folder"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    assert (2, "harness signals: no-such-folder: no such folder\n") == (done.returncode, done.stderr)
