"""Printed figures that follow from others printed beside them: each computed again, and which cannot be."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.study.published.ledger import PublishedArm, PublishedResults, PublishedTest, Row, agrees, number

LOADS, ACTS = ("read_file", "list_dir"), ("write_file", "edit_file")

FIGURES = {
    "completed": "completed",
    "read_bytes_per_pass": "bytes a pass",
    "load_act_ratio": "loads an act",
    "passes_min": "fewest passes",
    "passes_max": "most passes",
    "passes_list": "passes",
    "packages_reached": "packages",
    "elided_reads_min": "fewest elided reads",
    "elided_reads_max": "most elided reads",
    "elided_reads_list": "elided reads",
    "lever_fired": "times that the lever fired",
}
"""Printed figures of arms, by column, in words."""

EXTREMES = {"passes_min": ("passes", min), "passes_max": ("passes", max)} | {
    "elided_reads_min": ("elided_reads", min),
    "elided_reads_max": ("elided_reads", max),
}
LISTS = {"passes_list": "passes", "elided_reads_list": "elided_reads", "packages_reached": "packages_reached"}


@dataclass(frozen=True)
class FigureCheck:
    """One printed figure, and what others give."""

    about: str
    figure: str
    printed: str
    value: str
    source: str
    agrees: bool


def checks(published: PublishedResults) -> list[FigureCheck]:
    """Every figure that can be computed again, in the order printed."""
    figure_checks: list[FigureCheck] = []
    for arm in published.arms.values():
        rows = published.runs_of.get(arm.id, [])
        figure_checks += [*_outcomes(arm), *_parts(published, arm), *_loads(arm), *_sums(arm)]
        figure_checks += _of_runs(arm, rows) if rows and len(rows) == arm.n else []
    for row in published.runs:
        figure_checks += _bytes(row)
    for test in published.tests:
        figure_checks += [*_counts(published, test), *_pair(published, test), *_change(test)]
    return figure_checks


def coverage(published: PublishedResults, figure_checks: Sequence[FigureCheck]) -> list[dict[str, object]]:
    """Return, for each kind of figure of arms, how many were printed and how many can be computed again."""
    again = Counter(figure for _, figure in {(check.about, check.figure) for check in figure_checks})
    rows = []
    for column, figure in FIGURES.items():
        printed = sum(arm.row[column] != "" for arm in published.arms.values())
        left = printed - again[figure]
        rows.append({"figure": figure, "printed": printed, "recomputed": again[figure], "left": left})
    return rows


def _of_runs(arm: PublishedArm, rows: Sequence[Row]) -> Iterator[FigureCheck]:
    """Figures of an arm whose runs were all printed."""
    source = f"its {len(rows)} runs" if len(rows) > 1 else "its run"

    def check(column: str, value: str, same: bool) -> FigureCheck:
        return FigureCheck(arm.id, FIGURES[column], arm.row[column], value, source, same)

    if all(row["outcome"] for row in rows):
        completed = sum(row["outcome"] == "completed" for row in rows)
        yield check("completed", str(completed), completed == arm.completed)
    for column, (name, extreme) in EXTREMES.items():
        if arm.row[column] and all(row[name] for row in rows):
            most = extreme(int(row[name]) for row in rows)
            yield check(column, str(most), most == number(arm.row[column]))
    for column, name in LISTS.items():
        listed = re.findall(r"\d+", arm.row[column]) if re.fullmatch(r"[\d,\[\]]+", arm.row[column]) else []
        if listed and all(row[name] for row in rows):
            yield check(column, ",".join(row[name] for row in rows), listed == [row[name] for row in rows])
    yield from _means(arm, rows, source)


def _means(arm: PublishedArm, rows: Sequence[Row], source: str) -> Iterator[FigureCheck]:
    text = arm.row["read_bytes_per_pass"]
    per_pass = [float(row["read_bytes_per_pass"]) for row in rows if row["read_bytes_per_pass"]]
    if text and len(per_pass) == len(rows):
        mean = sum(per_pass) / len(per_pass)
        # Printed in hundreds where it ends in two zeros.
        unit = 100 if float(text) % 100 == 0 else 1
        yield FigureCheck(
            arm.id, FIGURES["read_bytes_per_pass"], text, f"{mean:.0f}", source, abs(mean - float(text)) <= unit / 2
        )
    loads, acts = ([sum(int(row[tool] or 0) for tool in tools) for row in rows] for tools in (LOADS, ACTS))
    ratio = number(arm.row["load_act_ratio"])
    if ratio is not None and all(row[tool] for row in rows for tool in (*LOADS, *ACTS)):
        value, text = sum(loads) / sum(acts), arm.row["load_act_ratio"]
        yield FigureCheck(arm.id, FIGURES["load_act_ratio"], text, f"{value:.1f}", source, agrees(ratio, value, text))
    listed = re.search(r"\(([\d.]+(?:/[\d.]+)+)\)", arm.row["note"])
    texts = listed[1].split("/") if listed else []
    if len(texts) == len(rows) and all(row[tool] for row in rows for tool in (*LOADS, *ACTS)):
        values = [load / act for load, act in zip(loads, acts, strict=True)]
        same = all(agrees(float(text), value, text) for text, value in zip(texts, values, strict=True))
        again = "/".join(f"{value:.1f}" for value in values)
        yield FigureCheck(arm.id, "loads an act, run by run", "/".join(texts), again, source, same)
    reads = re.search(r"reads per pass ([\d.]+(?:,[\d.]+)+)", arm.row["note"])
    if reads and all(row["go_reads_per_pass"] for row in rows):
        own = [row["go_reads_per_pass"] for row in rows]
        same = sorted(map(float, reads[1].split(","))) == sorted(map(float, own))
        yield FigureCheck(arm.id, "reads a pass, run by run", reads[1], ",".join(own), source, same)
    reached = [int(row["packages_reached"]) for row in rows if row["packages_reached"]]
    if (mean_of := re.search(r"mean ([\d.]+)", arm.row["note"])) and len(reached) == len(rows):
        mean = sum(reached) / len(reached)
        same = agrees(float(mean_of[1]), mean, mean_of[1])
        yield FigureCheck(arm.id, "mean of packages", mean_of[1], f"{mean:g}", source, same)


def _outcomes(arm: PublishedArm) -> Iterator[FigureCheck]:
    """Runs, as the outcomes printed beside them add up."""
    others = [int(count) for count in re.findall(r"=(\d+)", arm.row["outcome_other"])]
    if others and arm.n is not None and arm.completed is not None:
        total = arm.completed + sum(others)
        yield FigureCheck(arm.id, "runs", str(arm.n), str(total), "its outcomes", total == arm.n)


def _parts(published: PublishedResults, arm: PublishedArm) -> Iterator[FigureCheck]:
    """Completions and runs of a pooled arm, as its parts add up."""
    parts = published.parts(arm)
    if parts:
        total = f"{sum(part.completed or 0 for part in parts)}/{sum(part.n or 0 for part in parts)}"
        printed = f"{arm.completed}/{arm.n}"
        source = f"its parts ({', '.join(part.id for part in parts)})"
        yield FigureCheck(arm.id, FIGURES["completed"], printed, total, source, printed == total)


def _sums(arm: PublishedArm) -> Iterator[FigureCheck]:
    """Runs of an arm, as a sum in its note or its remark on overlaps gives them."""
    for text in (arm.row["note"], re.sub(r"\([^()]*\)", "", arm.row["overlaps"])):
        terms = re.search(r"(?<![\w.+])\d+(?:\s*\+\s*\d+)+(?![\w.])", text)
        if terms and arm.n is not None:
            total = sum(map(int, re.findall(r"\d+", terms[0])))
            yield FigureCheck(arm.id, "runs", str(arm.n), str(total), f"the sum {terms[0]}", total == arm.n)


def _loads(arm: PublishedArm) -> Iterator[FigureCheck]:
    """Loads a pass, as the reads and listings printed beside them add up."""
    printed = re.search(r"list_dir ([\d.]+), read_file ~?([\d.]+), load ([\d.]+)", arm.row["note"])
    if printed:
        listed, read, load = (float(text) for text in printed.groups())
        same = abs(listed + read - load) <= 0.1 + 1e-9
        yield FigureCheck(arm.id, "loads a pass", f"{load}", f"{listed + read:.1f}", f"{listed} and {read}", same)


def _bytes(row: Row) -> Iterator[FigureCheck]:
    """Bytes a pass of one run, from its bytes and its passes."""
    if row["read_bytes"] and row["passes"] and row["read_bytes_per_pass"]:
        value, text = int(row["read_bytes"]) / int(row["passes"]), row["read_bytes_per_pass"]
        same = agrees(float(text), value, text)
        yield FigureCheck(
            row["run_id"], FIGURES["read_bytes_per_pass"], text, f"{value:g}", "its bytes and passes", same
        )


def _counts(published: PublishedResults, test: PublishedTest) -> Iterator[FigureCheck]:
    """The counts of a comparison, as its arms have them; `X minus one` is an arm with one completion less."""
    for side, k, n in (("arm_a", test.k_a, test.n_a), ("arm_b", test.k_b, test.n_b)):
        name, less, _ = test.row[side].partition(" minus one")
        arm, rows = published.arms.get(name), published.runs_of.get(name, [])
        reached = re.fullmatch(r"reached >=(\d+) packages", test.row["outcome"])
        if reached and len(rows) == n and all(row["packages_reached"] for row in rows):
            completed = sum(int(row["packages_reached"]) >= int(reached[1]) for row in rows)
        elif arm and arm.completed is not None and test.row["outcome"] == "completed":
            completed = arm.completed - bool(less)
        else:
            continue
        value = f"{completed}/{arm.n if arm else len(rows)}"
        yield FigureCheck(test.id, f"counts of {test.row[side]}", f"{k}/{n}", value, "its arm", f"{k}/{n}" == value)


def _pair(published: PublishedResults, test: PublishedTest) -> Iterator[FigureCheck]:
    """The two figures of a relative change, as the arms have them: what was held against first."""
    figures = re.search(r"read_bytes/pass ([\d.]+)k -> ([\d.]+)k", test.row["delta_of"])
    for text, side in zip(figures.groups() if figures else (), ("arm_b", "arm_a"), strict=False):
        arm = published.arms.get(test.row[side])
        value = number(arm.row["read_bytes_per_pass"]) if arm else None
        if arm and value is not None:
            same = agrees(float(text), value / 1000, text)
            yield FigureCheck(test.id, f"thousand bytes a pass of {arm.id}", text, f"{value / 1000:g}", "its arm", same)


def _change(test: PublishedTest) -> Iterator[FigureCheck]:
    """A relative change, from the two figures beside it, rounding allowed for."""
    printed, pair = test.row["delta_printed"], test.row["delta_of"]
    figures = re.search(r"([\d.]+)k? -> ([\d.]+)k?", pair)
    delta = number(printed)
    if figures and delta is not None:
        before, after = (float(text) for text in figures.groups())
        half = 0.05
        low, high = (after - half) / (before + half) - 1, (after + half) / (before - half) - 1
        same = 100 * low - 0.5 <= delta <= 100 * high + 0.5
        yield FigureCheck(test.id, "change", printed, f"{100 * (after / before - 1):+.0f}%", pair, same)
