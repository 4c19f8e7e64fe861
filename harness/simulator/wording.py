"""Wordiness: the same code with more comments, for a small model writes more than a reference solution has."""

from functools import lru_cache

from harness.simulator.language import Language


@lru_cache(maxsize=256)
def worded(text: str, factor: float, language: Language) -> str:
    """The text at about `factor` times its length, by remarks spread evenly over its function bodies."""
    lines = text.splitlines(keepends=True)
    places = [number for number, _ in enumerate(lines) if language.takes_remark(lines, number)]
    wanted = (factor - 1) * len(text)
    mean = sum(map(len, language.remarks)) / len(language.remarks) + 2
    count = int(wanted / mean) if places else 0
    remarks: dict[int, list[str]] = {}
    for index in range(count):
        place = places[index * len(places) // count]
        remarks.setdefault(place, []).append(language.remarks[index % len(language.remarks)])
    return "".join(_with_remarks(line, remarks.get(number, [])) for number, line in enumerate(lines))


def _with_remarks(line: str, remarks: list[str]) -> str:
    indent = line[: len(line) - len(line.lstrip("\t "))]
    return "".join(f"{indent}{remark}\n" for remark in remarks) + line
