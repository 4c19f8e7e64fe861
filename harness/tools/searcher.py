"""The program that searches files for a pattern: `searcher.py REQUEST ANSWER`, both JSON.

It runs in a process of its own, which can be ended: a regular expression may take for ever.
"""

import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from typing import Any


def matches(request: dict[str, Any]) -> Iterator[tuple[str, int, str]]:
    """Iterate over path, number and text of each line that matches. Raises re.error."""
    text = request["pattern"] if request["regex"] else re.escape(request["pattern"])
    pattern = re.compile(text)
    for name in request["names"]:
        for number, line in enumerate(lines(os.path.join(request["root"], name), request["largest"]), 1):  # noqa: PTH118
            if pattern.search(line):
                yield name, number, line[: request["longest"]]


def lines(path: str, largest: int) -> list[str]:
    """Return the lines of a text file; none of any other file, of a large one, and of one that cannot be read."""
    try:
        # A link would lead outside, and a pipe would never end.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return []
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > largest:
            return []
        data = file.read(largest)
    return [] if b"\0" in data else data.decode(errors="replace").splitlines()


def main(request: str, answer: str) -> int:
    """Write the answer. A pattern that is no regular expression is printed with its fault."""
    with open(request, encoding="ascii") as file:  # noqa: PTH123
        requested = json.load(file)
    result: list[tuple[str, int, str]] = []
    try:
        for match in matches(requested):
            result.append(match)
            if len(result) >= requested["lines"]:
                break
    except (re.error, RecursionError, OverflowError) as error:
        print(f"is no regular expression: {error}")
        return 1
    with open(answer, "w", encoding="ascii") as file:  # noqa: PTH123
        json.dump(result, file)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
