"""The catalogue as a table."""

from harness.tasks.catalogue import Task, load, names

COLUMNS = ("task", "packages", "spec bytes", "test functions", "prompt bytes")


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
