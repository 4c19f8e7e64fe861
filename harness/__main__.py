"""The command `harness`, also `python -m harness`: the one front door to every part of the program."""

import os
import sys
from pathlib import Path
from typing import NoReturn

INTERRUPTED = 130
"""Exit code of a command that was interrupted; as in `harness.interrupts`, which takes longer to import."""

BROKEN_PIPE = 141
"""Exit code after the reader of the output went away; what a shell reports of a program that SIGPIPE ended."""


def main() -> NoReturn:
    """Run the command that the first word names, else what the keys and values ask for, and exit."""
    try:
        code = _dispatch(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        code = INTERRUPTED
    except BrokenPipeError:
        # Python would try to write once more at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = BROKEN_PIPE
    sys.exit(code)


def _dispatch(arguments: list[str]) -> int:
    """Imports are local: no command loads what only another one needs."""
    first = arguments[0] if arguments else ""
    if first and not first.startswith(("-", "+", "~")) and "=" not in first:
        from harness.commands import run_command  # noqa: PLC0415

        return run_command(first, arguments[1:])
    if "--version" in arguments:
        from harness import __version__  # noqa: PLC0415

        print(f"harness {__version__}")
        return 0
    if {"-h", "--help"} & set(arguments):
        from harness.commands import run_command  # noqa: PLC0415

        return run_command("help", arguments)
    from sweeps.app import main as make_runs  # noqa: PLC0415

    return make_runs()


def _leave_current_folder() -> None:
    """Take the current folder from the import path, where `python -m` puts it: it may hold an `analysis` of its own."""
    if not sys.flags.safe_path and Path(sys.path[0]).resolve() != Path(__file__).resolve().parents[1]:
        del sys.path[0]


if __name__ == "__main__":
    _leave_current_folder()
    main()
