"""Wordiness: the same code with more comments, for a small model writes more than a reference solution has."""

from functools import lru_cache

REMARKS = (
    "// Handle this step before going on to the next.",
    "// Keep the state consistent for whoever comes next.",
    "// This follows what the spec asks for.",
    "// Cover the simple case here, the rest below.",
)


@lru_cache(maxsize=256)
def worded(text: str, factor: float) -> str:
    """The text at about `factor` times its length, by remarks spread evenly over its function bodies."""
    lines = text.splitlines(keepends=True)
    places = [number for number, _ in enumerate(lines) if _takes_remark(lines, number)]
    wanted = (factor - 1) * len(text)
    mean = sum(map(len, REMARKS)) / len(REMARKS) + 2
    count = int(wanted / mean) if places else 0
    remarks: dict[int, list[str]] = {}
    for index in range(count):
        place = places[index * len(places) // count]
        remarks.setdefault(place, []).append(REMARKS[index % len(REMARKS)])
    return "".join(_with_remarks(line, remarks.get(number, [])) for number, line in enumerate(lines))


def _takes_remark(lines: list[str], number: int) -> bool:
    """Return True if a line is a statement, and not part of a string over several lines."""
    line = lines[number]
    starts = line.startswith("\t") and line.strip()[:1].isalpha()
    return starts and "".join(lines[:number]).count("`") % 2 == 0


def _with_remarks(line: str, remarks: list[str]) -> str:
    indent = line[: len(line) - len(line.lstrip("\t"))]
    return "".join(f"{indent}{remark}\n" for remark in remarks) + line
