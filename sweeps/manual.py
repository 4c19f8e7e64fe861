"""Help pages for a terminal, and the answer to words that are no command."""

import difflib
import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.requirements import ConfigError
from sweeps.reference.keys import GROUPS, SECTIONS, ConfigKey, GroupChoice, choices, default_choices, keys
from sweeps.schema import leaves

WIDEST = 100
"""Columns of the page at most: longer lines are hard to read."""

INDENT = " " * 6

HEAD = """\
Runs a local language model as an autonomous coding agent, once or in a sweep, and records what comes out.

Usage
  harness key=value …                    one run
  harness -m key=value,value key=value … a sweep: every combination of the values, one run after another
  harness COMMAND …                      another command; harness COMMAND --help says more

Examples
  harness task=reverse model=oracle      a small task and a simulated subject that solves it
  harness model=openai_compatible model.name=NAME model.endpoint=http://localhost:1234/v1 task=calc
  harness -m ctx_limit=9000,11000 memory=true,false sweep.replicates=7
  harness analysis rates --by ctx_limit,memory
"""

FLAGS = """\
Flags
  -m, --multirun         make a sweep of the levels given
  --config-dir DIR       add choices of your own: DIR/model/NAME.yaml, DIR/task/, DIR/server/, DIR/agent/, DIR/sweep/
  --cfg job              show the resolved configuration and run nothing
  --version              show the version
  -h, --help             show this page; harness help WORD says more of one command, group or key
  --hydra-help           show the other flags of Hydra, which reads keys and values
"""

PLUGINS = """\
Which runs of a sweep are made, and where (docs/sweeps.md; needs -m)
  hydra/sweeper=grid         every combination of the levels (default)
  hydra/sweeper=contrast     the same; an arm ends once nothing that comes can change its verdict
  hydra/sweeper=threshold    a search for the ctx_limit at which half of the runs complete (also: floor)
  hydra/launcher=sequential  one run after another on this machine (default)
  hydra/launcher=ray         one run at a time at each of several servers
"""

FOOT = """\
Exit codes
  of a run:    0 completed or interrupted, 1 fault, 2 wrong input, 3 stagnated, 4 budget
  of a sweep:  0 every run has a result, 1 some have none, 2 wrong input, 130 interrupted

HARNESS_DEBUG=1 shows the traceback of an error. Full documentation: README.md and docs/."""

INSTEAD = {
    "run": "for one run, type harness {rest}",
    "sweep": "for a sweep, type harness -m {rest}",
    "list": "type harness tasks list for the tasks, or harness --help for the models, servers and sweeps",
    "version": "type harness --version",
    "init": "nothing has to be set up; type harness --help",
    "config": "type harness --cfg job {rest}",
}
"""Commands to suggest for words that people try first."""


def page(commands: Mapping[str, str], arguments: Sequence[str] = ()) -> str:
    """The whole page.

    `commands` are all other commands with their meanings; `arguments` may name a --config-dir. Raises ConfigError
    if that is no folder.
    """
    own = _own(arguments)
    if own is not None and not Path(own).is_dir():
        raise ConfigError(f"--config-dir {own}: must be a folder that exists")
    return "\n".join(_page(commands, Path(own) if own else None))


def part(word: str) -> str:
    """Return the help on a group, a section or a key; empty if there is none."""
    return "\n".join(_part(word))


def instead_of(word: str, rest: Sequence[str], commands: Mapping[str, str]) -> str:
    """One line on a first word that is no command, with what to type instead; `commands` are words by what to type."""
    if word in INSTEAD:
        return f"{word}: there is no such command; " + INSTEAD[word].format(rest=" ".join(rest) or "key=value …")
    if word in leaves() or word in GROUPS:
        return f"{word}: must be of the form key=value; harness help {word} says what it takes"
    names = {name: text for text, name in commands.items()}
    places = {choice.name: f"{group}={choice.name}" for group in GROUPS for choice in choices(group)}
    places |= {name: f"{name}=VALUE" for name in leaves()} | {name: f"{name}=NAME" for name in GROUPS} | names
    if word in places:
        return f"{word}: there is no such command; type {places[word]}"
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.75) or difflib.get_close_matches(word, places, n=1)
    meant = f"did you mean {places[close[0]]}?" if close else "harness --help lists all commands and keys"
    return f"{word}: no such command or key; {meant}"


def _page(commands: Mapping[str, str], own: Path | None) -> Iterator[str]:
    yield HEAD
    yield "Commands"
    yield from (f"  {name:<12}{meaning}" for name, meaning in commands.items())
    yield f"\n{FLAGS}"
    defaults = default_choices()
    for group in GROUPS:
        yield f"{group}=NAME, by default {defaults[group]}" if defaults.get(group) else f"{group}=NAME, with -m"
        yield from (line for choice in choices(group, own) for line in _choice(choice))
        yield ""
    yield PLUGINS
    for title, prefix, schema in SECTIONS:
        yield f"{title}: key=default, what a value must be, and what it means"
        yield from (line for key in keys(prefix, schema) for line in _key(key))
        yield ""
    yield FOOT


def _part(word: str) -> Iterator[str]:
    for choice in (choice for group in GROUPS for choice in choices(group)):
        if word in (choice.group, choice.name):
            yield from _choice(choice)
    for _, prefix, schema in SECTIONS:
        for key in keys(prefix, schema):
            if key.name in (word, f"{prefix}{word}") or prefix == f"{word}.":
                yield from _key(key)


def _choice(choice: GroupChoice) -> Iterator[str]:
    """The first sentence of its meaning is enough."""
    first = choice.meaning.partition(". ")[0].rstrip(".")
    yield from textwrap.wrap(f"{choice.name:<24}{first}", _columns(), initial_indent="  ", subsequent_indent=" " * 26)


def _key(key: ConfigKey) -> Iterator[str]:
    yield f"  {key.name}={key.default}    ({key.allowed})"
    yield from textwrap.wrap(key.meaning, _columns(), initial_indent=INDENT, subsequent_indent=INDENT)


def _columns() -> int:
    return max(40, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def _own(arguments: Sequence[str]) -> str | None:
    """The folder that --config-dir names."""
    for flag, value in zip(arguments, [*arguments[1:], ""], strict=False):
        if flag in ("--config-dir", "-cd"):
            return value
        if flag.startswith("--config-dir="):
            return flag.partition("=")[2]
    return None
