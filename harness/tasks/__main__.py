"""`python -m harness.tasks list | check [NAME...] | hash`: the catalogue's own tools."""

import argparse
import sys

from harness.config import ConfigError
from harness.tasks.catalogue import EXAMPLES, survey
from harness.tasks.check import check_all
from harness.tasks.entry import write_entries
from harness.tasks.table import table


def main() -> int:
    """Exit status 0 if all is well, 1 if a check failed, 2 for a wrong request."""
    parser = argparse.ArgumentParser(prog="python -m harness.tasks", description="The bundled tasks.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="show every task with its sizes")
    commands.add_parser("hash", help="write down the hashes of all tasks as they are now")
    check = commands.add_parser("check", help="prove that solutions pass, bare seeds fail, and specs are sound")
    check.add_argument("names", nargs="*", metavar="NAME", help="tasks to check; all of them if none is named")
    arguments = parser.parse_args()
    try:
        match arguments.command:
            case "list":
                print(table())
            case "hash":
                write_entries(EXAMPLES, survey(EXAMPLES))
            case _:
                return check_all(arguments.names)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
