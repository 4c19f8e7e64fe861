"""Figures: written as SVG and PNG, and each tells what a reader must know."""

import json
import re
from pathlib import Path

import pytest
from declared_lines import Declare, entry, swept
from ledger_lines import Ask, WriteLedger, line

pytest.importorskip("matplotlib")


@pytest.mark.parametrize("simulated", [True, False])
def test_every_figure_tells_its_n_and_its_subject(write_ledger: WriteLedger, ask: Ask, simulated: bool) -> None:
    """Four figures a subject, each with the number of runs and whether a model was run at all."""
    path = write_ledger(
        *(
            line(f"{ctx}{memory}", ctx_limit=ctx, memory=memory, simulated=simulated, duration_sec=60.0)
            for ctx in (9000, 11000)
            for memory in (True, False)
        ),
        line("fault", outcome="fault", simulated=simulated),
    )
    out = path.parent / "plots"
    code, said, _ = ask("plots", "--runs", path, "--out", out)
    assert (0, sorted(map(str, out.iterdir()))) == (code, sorted(said.split()))
    figures = sorted(out.glob("*.svg"))
    kind = "-simulated" if simulated else ""
    expected = [f"{name}-apikit-small-model{kind}" for name in ("contrasts", "rates", "timeline", "tokens")]
    assert expected == [figure.stem for figure in figures]
    assert expected == sorted(figure.stem for figure in out.glob("*.png"))
    for figure in figures:
        text = figure.read_text(encoding="utf-8")
        assert "n = 4" in text
        assert ("SIMULATED SUBJECT" in text) == simulated


def test_the_figures_that_runs_do_not_allow_are_left_out(write_ledger: WriteLedger, ask: Ask) -> None:
    """One run of one cell has a rate and a place in time, and nothing to be contrasted with."""
    path = write_ledger(line("a", read_bytes=None))
    _, said, _ = ask("plots", "--runs", path, "--out", path.parent / "plots")
    assert ["rates"] * 3 + ["timeline"] * 3 == [Path(name).name.split("-")[0] for name in said.split()]


def test_each_mark_names_its_runs(write_ledger: WriteLedger, ask: Ask) -> None:
    """Beside each figure, and with --json, stand the runs behind every mark; a fault is behind none."""
    lines = [line(f"{memory}{n}", memory=memory, duration_sec=60.0) for memory in (True, False) for n in (1, 2)]
    path = write_ledger(*lines, line("fault", outcome="fault"))
    _, said, _ = ask("plots", "--runs", path, "--out", path.parent / "plots", "--json")
    rows = json.loads(said)["tables"]["marks"]["rows"]
    off, on = ["False1", "False2"], ["True1", "True2"]
    expected = {
        "contrasts": {"memory: true − false": off + on},
        "rates": {"memory false, ctx_limit 11000": off, "memory true, ctx_limit 11000": on},
        "timeline": {"memory false": off, "memory true": on},
        "tokens": {"memory false": off, "memory true": on},
    }
    for name, marks in expected.items():
        kept = json.loads((path.parent / "plots" / f"{name}-apikit-small-model.json").read_text(encoding="utf-8"))
        assert marks == {mark: sorted(ids) for mark, ids in kept.items()}
        assert kept == {row["mark"]: row["run_ids"] for row in rows if row["figure"].startswith(name)}


def test_nothing_to_draw_is_said(write_ledger: WriteLedger, ask: Ask) -> None:
    """A ledger without results gives one line and code 2."""
    code, _, err = ask("plots", "--runs", write_ledger(line("a", outcome="fault")))
    assert (2, 1) == (code, len(err.splitlines()))


def test_what_was_declared_is_marked_as_such(write_ledger: WriteLedger, ask: Ask, declare: Declare) -> None:
    """The forest plot tells a declared test, with its adjusted value, from what is explored."""
    path = write_ledger(*swept(0, 4, False), *swept(4, 4, True))
    ask("plots", "--runs", path, "--out", path.parent / "before")
    declare(entry())
    ask("plots", "--runs", path, "--out", path.parent / "after")
    before, after = (
        (path.parent / folder / "contrasts-apikit-small-model.svg").read_text(encoding="utf-8")
        for folder in ("before", "after")
    )
    assert ("exploratory:" in before, "declared:" in before, "p 0.029" in before) == (True, False, True)
    assert ("exploratory:" in after, "declared:" in after, "p 0.014" in after) == (False, True, True)


def test_a_legend_names_only_what_is_drawn(write_ledger: WriteLedger, ask: Ask, tmp_path: Path) -> None:
    """An outcome that no run had has no entry beside the timeline."""
    ask("plots", "--runs", write_ledger(line("r1"), line("r2")), "--out", tmp_path / "plots")
    text = (tmp_path / "plots" / "timeline-apikit-small-model.svg").read_text(encoding="utf-8")
    assert ("stagnated" in text, "budget" in text) == (True, False)


def test_single_runs_are_no_trend(write_ledger: WriteLedger, ask: Ask, tmp_path: Path) -> None:
    """A line joins the points of a series only if each of them rests on more than one run."""

    def segments(times: int) -> int:
        lines = [line(f"r{budget}-{n}", ctx_limit=budget) for budget in (9000, 11000, 13000) for n in range(times)]
        ask("plots", "--runs", write_ledger(*lines), "--out", tmp_path / f"plots{times}")
        text = (tmp_path / f"plots{times}" / "rates-apikit-small-model.svg").read_text(encoding="utf-8")
        # One path with two bends, from the first point over the second to the third.
        return sum(path.count("L ") == 2 for path in re.findall(r'<path d="([^"]*)" clip-path', text))

    assert (0, 1) == (segments(1), segments(2))
