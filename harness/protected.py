"""Places in a folder that programs of the user run or load by themselves: a subject may not write there.

A commit hook, an editor's task or a shell's start-up file that a model wrote would run outside every sandbox, the
next time that the user looks at the folder. These places are refused by the tools, read-only or put back around
every command, and no part of what a run is measured by.

Hidden folders are an allowlist, since every new tool brings one of its own. Files are listed by name with the
program that reads them. Not listed: what runs only when somebody starts it (Makefile, package.json, shell scripts),
what only names a version (.nvmrc, .python-version) or holds plain data (.gitignore, .editorconfig, .env), texts
(AGENTS.md), what runs on another machine after a push (.github), and settings of linters, which editors
use only in folders that are trusted.
"""

import re
import sys
import unicodedata
from fnmatch import fnmatchcase, translate
from functools import lru_cache

OPEN_FOLDERS = (
    ".github",
    ".gitlab",
    ".circleci",
    ".changeset",
    ".storybook",
    ".well-known",
    ".cache",
    ".tmp",
    ".data",
    ".build",
    ".nyc_output",
    ".pytest_cache",
    ".hypothesis",
    ".mypy_cache",
    ".ruff_cache",
    ".ipynb_checkpoints",
    ".gocache",
)
"""Hidden folders that nothing runs by itself on this machine."""

FOLDERS = {
    "*": "whichever program keeps its settings in it",
    ".git": "git",
    ".hg": "Mercurial",
    ".svn": "Subversion",
    ".jj": "Jujutsu",
    ".bzr": "Bazaar",
    ".vscode": "Visual Studio Code",
    ".idea": "JetBrains editors",
    ".devcontainer": "editors that open a folder in a container",
    ".husky": "git, by its hooks",
    ".cargo": "cargo, which rust-analyzer starts",
}
"""Hidden folders by the program that reads them; every other hidden folder is as closed as these."""

FILES = {
    ".git": "git, which takes the folder that it names for the repository",
    "HEAD": "git, which takes a folder with HEAD, objects and refs for a repository",
    ".envrc": "direnv",
    ".autoenv*": "autoenv",
    "mise.toml": "mise",
    "mise.*.toml": "mise",
    ".mise*.toml": "mise",
    ".rtx*.toml": "mise",
    ".tool-versions": "asdf and mise, which run plugins that it names",
    "_darcs": "darcs",
    ".pre-commit-config.yaml": "pre-commit, from git's hook",
    ".pre-commit-config.yml": "pre-commit, from git's hook",
    ".overcommit.yml": "Overcommit, from git's hook",
    "lefthook*.yml": "lefthook, from git's hook",
    "lefthook*.yaml": "lefthook, from git's hook",
    "lefthook*.toml": "lefthook, from git's hook",
    "lefthook*.json": "lefthook, from git's hook",
    ".lefthook*": "lefthook, from git's hook",
    ".vimrc": "Vim",
    "_vimrc": "Vim",
    ".gvimrc": "Vim",
    "_gvimrc": "Vim",
    ".lvimrc": "Vim",
    ".exrc": "vi, Vim and Neovim",
    "_exrc": "vi and Vim",
    ".nvimrc": "Neovim",
    ".nvim.lua": "Neovim",
    ".ycm_extra_conf.py": "YouCompleteMe",
    ".dir-locals*.el": "Emacs",
    "*.code-workspace": "Visual Studio Code",
    "*.sublime-project": "Sublime Text",
    "*.sublime-workspace": "Sublime Text",
    ".project": "Eclipse",
    ".devcontainer.json": "editors that open a folder in a container",
    ".gitpod.yml": "Gitpod",
    ".replit": "Replit",
    ".mcp.json": "coding agents, which start the servers that it names",
    ".*.conf.yml": "coding agents, which run the commands that it names",
    ".npmrc": "npm",
    ".yarnrc*": "Yarn",
    ".pnpmfile.*": "pnpm",
    ".pnp.*": "Node.js under Yarn",
    "bunfig.toml": "Bun",
    ".gdbinit": "GDB",
    ".lldbinit": "LLDB",
    ".pdbrc": "Python's debugger",
    ".rprofile": "R",
    ".renviron": "R",
    ".irbrc": "irb",
    ".pryrc": "pry",
    ".ghci": "GHCi",
    ".octaverc": "Octave",
    "autorun.inf": "Windows",
}
"""Files, and folders without a dot, by the program that reads them; `*` stands for any text."""

IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
"""Characters that some file systems leave out of a name."""
SHORT = re.compile(r"(.{1,6})~\d+(\..*)?")
"""A name that a file system of Windows makes up for a long one."""
EXACT = ("HEAD",)
"""Names that mean nothing in lower case, where the file system tells cases apart."""
FOLDS_CASE = sys.platform in ("darwin", "win32")


LISTED = re.compile("|".join(translate(pattern.casefold()) for pattern in FILES))


def reader(path: str) -> str:
    """The program that runs or loads what lies at a relative path by itself; empty if there is none.

    A name counts as it would on any file system: letters in either case, dots and blanks at its end, streams,
    short names and characters that are left out make no difference.
    """
    *folders, last = [part for part in path.split("/") if part not in ("", ".")] or [""]
    programs = (entry_reader(name, is_folder=True) for name in folders)
    return next(filter(None, programs), "") or entry_reader(last, is_folder=False)


@lru_cache(maxsize=1 << 16)
def entry_reader(name: str, *, is_folder: bool) -> str:
    """The program that runs or loads an entry of this name in any folder; empty if there is none."""
    if name in ("", ".", ".."):
        return ""
    if name in EXACT:
        return "" if is_folder else FILES[name]
    plain = _plain(name)
    if is_folder and plain.startswith("."):
        return "" if plain in OPEN_FOLDERS else FOLDERS.get(plain, FOLDERS["*"])
    patterns = FILES if LISTED.fullmatch(plain) else ()
    for pattern in patterns:
        counts = pattern not in EXACT or (FOLDS_CASE and not is_folder)
        if counts and fnmatchcase(plain, pattern.casefold()):
            return FILES[pattern]
    return FOLDERS.get(plain, "") or _short_reader(plain)


def skipped(folder: str, name: str, is_folder: bool) -> bool:
    """Return True if a walk over a folder skips an entry that is no part of the work."""
    del folder
    return bool(entry_reader(name, is_folder=is_folder))


def _plain(name: str) -> str:
    """A name as a file system may read it that is lax about names."""
    seen = name if name.isascii() else IGNORED.sub("", unicodedata.normalize("NFKC", name))
    seen = seen.partition(":")[0]
    return seen.casefold().rstrip(" .") or name


def _short_reader(plain: str) -> str:
    short = SHORT.fullmatch(plain)
    if short is None:
        return ""
    known = {**FOLDERS, **FILES}
    return next((known[name] for name in known if _stem(name) == short[1]), "")


def _stem(name: str) -> str:
    """The part of a long name that its short name keeps: no leading dot, six letters, no extension."""
    return name.lstrip(".").partition(".")[0][:6].casefold().rstrip("*")
