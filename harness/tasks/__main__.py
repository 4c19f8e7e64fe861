"""`harness tasks list | check [NAME...] | hash`: the tools of the bundled catalogue, or of --root DIR."""

import sys
from collections.abc import Sequence
from pathlib import Path

from harness.arguments import ArgumentReader
from harness.config import ConfigError
from harness.sandbox.base import SandboxError
from harness.tasks.catalogue import EXAMPLES, own_names, survey
from harness.tasks.check import check_all
from harness.tasks.entry import write_entries
from harness.tasks.table import table


def main(words: Sequence[str] | None = None) -> int:
    """Exit status 0 if all is well, 1 if a check failed, 2 for a wrong request."""
    parser = ArgumentReader(prog="harness tasks", description="The bundled tasks, or your own.")
    commands = parser.add_subparsers(dest="command", required=True)
    root = ArgumentReader(add_help=False)
    root.add_argument(
        "--root", default="", metavar="DIR", help="a folder of your own tasks instead of the bundled ones"
    )
    commands.add_parser("list", parents=[root], help="show every task with its sizes")
    commands.add_parser("hash", parents=[root], help="write down the hashes of all tasks as they are now")
    check = commands.add_parser(
        "check", parents=[root], help="prove that solutions pass, bare seeds fail, and specs are sound"
    )
    check.add_argument("names", nargs="*", metavar="NAME", help="tasks to check; all of them if none is named")
    arguments = parser.parse_args(words)
    try:
        if arguments.root:
            own_names(arguments.root)
        match arguments.command:
            case "list":
                print(table(arguments.root))
            case "hash":
                folder = Path(arguments.root) if arguments.root else EXAMPLES
                write_entries(folder, survey(folder))
            case _:
                return check_all(arguments.names, arguments.root)
    except (ConfigError, SandboxError) as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    except BrokenPipeError:
        raise
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
