"""A subject for every agent: it knows the solution, and works by the shell or the tools that the agent offers, or in
text."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from harness.simulator.exercise import Exercise, PackageKnowledge
from harness.simulator.knowledge import Knowledge
from harness.simulator.languages import LANGUAGES
from harness.simulator.parameters import SubjectParameters
from harness.simulator.turn import Call, Turn
from harness.simulator.view import View

LISTING = "find . -type f -not -path '*/.*'"
LISTED = re.compile(r"\./[\w./-]+")
"""A path in the listing. Agents wrap what a command printed in forms of their own."""
SUBMISSION = "COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"
"""The line that mini-swe-agent takes for the end of the work, as its prompt says."""
BUILT_IN = {"list_dir", "read_file", "write_file", "done"}
"""Tools of the built-in agent."""
FILE_LISTING = "*file listing*"
"""The words by which aider's prompt asks for whole files in the text of a reply."""
PLACED: Mapping[str, object] = {"boolean": False, "integer": 60_000, "number": 60_000}
"""Values of other parameters that a shell tool requires, by type."""
COMMANDS = ("command", "cmd", "script")
"""Names of the parameter of a shell tool."""


def terminal(view: View, knowledge: Knowledge, _: SubjectParameters, __: Random, ___: str) -> Turn:
    """List the files; for each package without code read its specs and write it, one command a turn; then stop."""
    shell = next((tool for tool in view.offered if _parameter(tool)), None)
    exercise = next(filter(None, (knowledge.recognise(view.prompt, language) for language in LANGUAGES)), None)
    if exercise is not None and not view.offered and FILE_LISTING in view.system + view.prompt:
        return Turn(_listed(exercise))
    if exercise is not None and view.tools >= BUILT_IN:
        return next(_turns(view, exercise), Turn("It is all there."))
    if shell is None or exercise is None:
        return Turn("There is nothing that I could do here.")
    command = next(_commands(view, exercise), "")
    if command:
        return Turn("The next step.", calls=(_call(shell, command),))
    if SUBMISSION in view.system + view.prompt:
        return Turn("It is all there.", calls=(_call(shell, f"echo {SUBMISSION}"),))
    return Turn("It is all there.")


def _turns(view: View, exercise: Exercise) -> Iterator[Turn]:
    """Yield the turns that are left with the tools of the built-in agent, in order."""
    for package in exercise.packages:
        for path in package.files:
            folder = posixpath.dirname(path) or "."
            if folder not in view.listings and folder not in view.absent:
                yield _turn("list_dir", path=folder)
        names = {posixpath.normpath(f"{folder}/{name}") for folder, all_ in view.listings.items() for name in all_}
        missing = [path for path in package.files if path not in names and path not in view.written]
        specs = _reading(package, names).split()[1:]
        known = view.texts.keys() | view.left_out | view.absent
        yield from (_turn("read_file", path=path) for path in specs if missing and path not in known)
        yield from (_turn("write_file", path=path, content=package.files[path]) for path in missing)
    if not view.refusals:
        yield _turn("done", summary="It is all there.")


def _turn(name: str, **arguments: str) -> Turn:
    return Turn("The next step.", calls=(Call(name, arguments),))


def _listed(exercise: Exercise) -> str:
    files = {path: text for package in exercise.packages for path, text in package.files.items()}
    return "\n".join(f"{path}\n```\n{text.rstrip()}\n```\n" for path, text in files.items())


def _commands(view: View, exercise: Exercise) -> Iterator[str]:
    """Yield the commands that are left, in order."""
    done = {_command_of(event.arguments): event.result for event in view.events}
    if LISTING not in done:
        yield LISTING
        return
    there = {posixpath.normpath(path) for path in LISTED.findall(done[LISTING])}
    for package in exercise.packages:
        missing = [path for path in package.files if path not in there]
        commands = [_reading(package, there), *(_writing(path, package.files[path]) for path in missing)]
        yield from (command for command in commands if missing and command and command not in done)


def _reading(package: PackageKnowledge, there: set[str]) -> str:
    folders = {posixpath.dirname(path) for path in package.files}
    stems = {posixpath.basename(path).partition(".")[0] for path in package.files}
    specs = [path for path in sorted(there) if posixpath.dirname(path) in folders and _is_spec(path, stems)]
    return f"cat {' '.join(specs)}" if specs else ""


def _is_spec(path: str, stems: set[str]) -> bool:
    name = posixpath.basename(path)
    return name.endswith("_test.go") or (name.startswith("test_") and name[5:].partition(".")[0] in stems)


def _writing(path: str, text: str) -> str:
    folder = posixpath.dirname(path) or "."
    return f"mkdir -p {folder} && cat > {path} <<'END_OF_FILE'\n{text.rstrip()}\nEND_OF_FILE"


def _parameter(tool: Mapping[str, Any]) -> str:
    """Return the name of the parameter that takes a command; empty for a tool that is no shell."""
    properties = (tool["function"].get("parameters") or {}).get("properties") or {}
    return next((name for name in COMMANDS if name in properties), "")


def _call(tool: Mapping[str, Any], command: str) -> Call:
    name = _parameter(tool)
    schema = tool["function"]["parameters"]
    words = schema["properties"][name].get("type") == "array"
    arguments: dict[str, Any] = {name: ["sh", "-c", command] if words else command}
    for other in schema.get("required") or ():
        kind = (schema["properties"].get(other) or {}).get("type")
        arguments.setdefault(other, PLACED.get(str(kind), "The next step"))
    return Call(tool["function"]["name"], arguments)


def _command_of(arguments: Mapping[str, Any]) -> str:
    value = next((arguments[name] for name in COMMANDS if name in arguments), "")
    return str(value[-1]) if isinstance(value, list) and value else str(value)
