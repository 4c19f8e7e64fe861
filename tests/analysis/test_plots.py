"""Figures: written as SVG and PNG, and each tells what a reader must know."""

import json
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
        assert "n = 4 runs" in text
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
