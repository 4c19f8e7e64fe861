"""`harness tasks list | check [NAME...] | hash | import`: the tools of the bundled catalogue, or of --root DIR."""

import sys
from collections.abc import Sequence
from pathlib import Path

from harness.command_line import ArgumentReader
from harness.config import ConfigError
from harness.sandbox.base import SandboxError
from harness.tasks.catalogue import EXAMPLES, Task, load, names, own_names, survey
from harness.tasks.check import check_all
from harness.tasks.entry import write_entries
from harness.tasks.imports.command import add_arguments, import_tasks

COLUMNS = ("task", "packages", "spec bytes", "test functions", "prompt bytes")


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
    importing = commands.add_parser(
        "import", help="make tasks of exercises and benchmarks that you have on this machine"
    )
    add_arguments(importing)
    arguments = parser.parse_args(words)
    try:
        if arguments.command == "import":
            return import_tasks(arguments)
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


def table(task_root: str = "") -> str:
    """Every task with its packages and sizes, as a Markdown table."""
    rows = [COLUMNS, *(row(load(name, task_root=task_root)) for name in names(task_root))]
    widths = [max(len(line[column]) for line in rows) for column in range(len(COLUMNS))]
    lines = [f"| {' | '.join(map(str.ljust, line, widths))} |" for line in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def row(task: Task) -> tuple[str, ...]:
    """One task's line of the table."""
    toolchain = task.toolchain
    packages = toolchain.expected_tests(task.seed)
    files = [path for path in task.seed.rglob("*") if path.is_file()]
    specs = [path for path in files if toolchain.files.is_spec(path.relative_to(task.seed))]
    return (
        task.name,
        ", ".join(packages),
        str(sum(path.stat().st_size for path in specs)),
        str(sum(map(len, packages.values()))),
        str(task.prompt.stat().st_size),
    )


if __name__ == "__main__":
    sys.exit(main())
