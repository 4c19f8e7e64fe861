"""What programs of the user run by themselves is out of a subject's reach."""

import json
from pathlib import Path

import pytest

from harness.protected import reader
from harness.toolchains.go.files import GO_FILES
from harness.tools.elision import Elision
from harness.tools.files import file_tools
from harness.tools.registry import Registry, ToolError
from harness.workspace import Workspace

CLOSED = [
    ".git/config",
    ".git/hooks/pre-commit",
    ".git",
    "sub/deep/.git/config",
    ".GIT/config",
    ".Git ./config",
    ".git./config",
    ".git::$INDEX_ALLOCATION/config",
    "git~1/config",
    "GIT~2/config",
    ".g\u200cit/config",
    "./x/../.git/config",
    "/.git/config",
    ".hg/hgrc",
    ".svn/entries",
    ".jj/repo/config.toml",
    "sub/HEAD",
    ".envrc",
    "sub/.envrc",
    ".vscode/tasks.json",
    ".idea/workspace.xml",
    ".devcontainer/devcontainer.json",
    ".husky/pre-commit",
    ".pre-commit-config.yaml",
    "lefthook.yml",
    ".exrc",
    ".VIMRC",
    ".nvim.lua",
    ".dir-locals.el",
    "mise.toml",
    ".mise.local.toml",
    ".tool-versions",
    ".npmrc",
    ".yarnrc.yml",
    ".cargo/config.toml",
    ".config/mise/config.toml",
    ".any-agent/settings.json",
    "x.code-workspace",
]
OPEN = [
    "main.go",
    "head/head.go",
    "cmd/head/main.go",
    "git/git.go",
    ".gitignore",
    ".gitattributes",
    ".editorconfig",
    ".golangci.yml",
    ".env",
    ".env.example",
    ".github/workflows/ci.yml",
    ".todo.json",
    "Makefile",
    "a~1.txt",
    "AGENTS.md",
    "...",
    "testdata/config",
]


@pytest.fixture
def tools(tmp_path: Path) -> Registry:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("secret")
    (tmp_path / "link").symlink_to(".git")
    return Registry(file_tools(Workspace(tmp_path), Elision(GO_FILES, enabled=False), GO_FILES, protect_tests=True))


@pytest.mark.parametrize("path", [*CLOSED, "link/config"])
def test_the_tools_refuse_what_programs_run_by_themselves(tools: Registry, tmp_path: Path, path: str) -> None:
    """Neither written nor read, in any spelling, at any depth or through a link; the refusal says why."""
    before = sorted(tmp_path.rglob("*"))
    for name in ("write_file", "edit_file", "read_file"):
        arguments = {"path": path, "content": "x", "old_string": "secret", "new_string": "x"}
        with pytest.raises(ToolError, match=r"it belongs to .*, and is no part of the work"):
            tools.call(name, json.dumps(arguments))
    assert before == sorted(tmp_path.rglob("*"))


@pytest.mark.parametrize("path", OPEN)
def test_honest_names_are_open(path: str) -> None:
    """Nothing runs them by itself."""
    assert "" == reader(path)


def test_what_is_protected_is_no_progress(tmp_path: Path) -> None:
    """A commit in another window changes neither the fingerprint nor the state, and nothing of it is kept."""
    workspace = Workspace(tmp_path)
    (tmp_path / "a.go").write_text("package a")
    before = workspace.fingerprint(), workspace.state()
    for name in (".git/objects/ab", ".idea/x.xml", "sub/.git"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "sub" / ".git").unlink()
    (tmp_path / "sub").rmdir()
    assert before == (workspace.fingerprint(), workspace.state())
    workspace.keep(tmp_path.parent / "kept")
    assert ["a.go"] == [path.name for path in (tmp_path.parent / "kept").rglob("*")]
