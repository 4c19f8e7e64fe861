"""The commands of `harness` beside runs and sweeps, each loaded only when it is called."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.requirements import ConfigError


@dataclass(frozen=True)
class Command:
    """One first word of the command line."""

    meaning: str
    """One line for the list of commands."""
    main: Callable[[Sequence[str]], int]
    """Takes the words that follow, and returns the exit code."""


def run_command(name: str, arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; a name that is none is answered in one line, with code 2."""
    if name in COMMANDS:
        return COMMANDS[name].main(arguments)
    # Only a mistake needs these, and may wait half a second for them.
    from analysis.cli import command_names  # noqa: PLC0415
    from sweeps.manual import instead_of  # noqa: PLC0415

    commands = {f"harness analysis {word}": word for word in command_names()}
    commands |= {f"harness {word}": word for word in COMMANDS}
    print(f"harness: {instead_of(name, arguments, commands)}", file=sys.stderr)
    return 2


def _tasks(arguments: Sequence[str]) -> int:
    from harness.tasks.__main__ import main  # noqa: PLC0415

    return main(arguments)


def _agents(arguments: Sequence[str]) -> int:
    from harness.agents.__main__ import main  # noqa: PLC0415

    return main(arguments)


def _preflight(arguments: Sequence[str]) -> int:
    from sweeps.preflight_command import main  # noqa: PLC0415

    return main(arguments)


def _analysis(arguments: Sequence[str]) -> int:
    from analysis.cli import main  # noqa: PLC0415

    return main(arguments)


def _signals(arguments: Sequence[str]) -> int:
    from harness.signals.__main__ import main  # noqa: PLC0415

    return main(arguments)


def _simulator(arguments: Sequence[str]) -> int:
    from harness.simulator.__main__ import main  # noqa: PLC0415

    return main(arguments)


def _help(arguments: Sequence[str]) -> int:
    if arguments and arguments[0] in COMMANDS and arguments[0] != "help":
        return run_command(arguments[0], [*arguments[1:], "--help"])
    from sweeps.manual import page, part  # noqa: PLC0415

    if not arguments or arguments[0].startswith("-") or "=" in arguments[0]:
        try:
            print(page({name: command.meaning for name, command in COMMANDS.items()}, arguments))
        except ConfigError as error:
            print(f"harness: {error}", file=sys.stderr)
            return 2
        return 0
    text = part(arguments[0])
    if text:
        print(text)
    return 0 if text else run_command(arguments[0], [])


def _show(arguments: Sequence[str]) -> int:
    return _analysis(["show", *arguments])


def _view(arguments: Sequence[str]) -> int:
    return _analysis(["view", *arguments])


def _doctor(arguments: Sequence[str]) -> int:
    return _analysis(["doctor", *arguments])


def _judge(arguments: Sequence[str]) -> int:
    return _analysis(["judge", *arguments])


COMMANDS = {
    "tasks": Command("list, check and hash tasks: the bundled ones, or your own", _tasks),
    "agents": Command("check the command agents on this machine", _agents),
    "preflight": Command("check a model's server before a sweep", _preflight),
    "analysis": Command("analyse ledgers: rates, contrasts, plots, the study, the judge", _analysis),
    "show": Command("print one run step by step (harness analysis show)", _show),
    "view": Command("show runs in the browser as they are made (harness analysis view)", _view),
    "doctor": Command("say what is wrong with a ledger (harness analysis doctor)", _doctor),
    "judge": Command("judge code quality by another model (harness analysis judge)", _judge),
    "signals": Command("measure a folder of Go code with tools: gofmt, go vet, size", _signals),
    "simulator": Command("serve a simulated subject over OpenAI's protocol", _simulator),
    "help": Command("show this page, or say more of a command, a group or a key", _help),
}
"""Every command by its first word."""
