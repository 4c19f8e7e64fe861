"""`judge signals` over folders and over what runs kept, and the figures of gaps."""

import json

import pytest
from judgment_lines import judgment, write
from ledger_lines import Ask, WriteLedger, line

from analysis.judge.signals import modernize_findings

FILES = {"go.mod": "module example/kit\n\ngo 1.26\n", "kit.go": "package kit\n\nfunc F(x interface{}) {}\n"}


@pytest.mark.go
def test_signals_of_kept_workspaces_are_joined_with_their_runs(write_ledger: WriteLedger, ask: Ask) -> None:
    """A row a run with its arm, medians by arm over what is known, and runs that kept nothing counted."""
    ledger = write_ledger(line("good", ctx_limit=9000), line("broken", ctx_limit=11000), line("gone"))
    for run_id, more in (("good", {}), ("broken", {"bad.go": "package kit\n\nfunc G() {\n"})):
        workspace = ledger.parent / "runs" / run_id / "workspace"
        workspace.mkdir(parents=True)
        for name, text in (FILES | more).items():
            (workspace / name).write_text(text)
    code, out, _ = ask("judge", "signals", "--runs", ledger, "--json")
    found = json.loads(out)
    runs = {row["run_id"]: row for row in found["tables"]["signals"]["rows"]}
    assert (0, {"good", "broken"}) == (code, set(runs))
    assert (0, 0, 1, 3) == tuple(runs["good"][name] for name in ("gofmt", "vet", "modernize", "lines"))
    assert (None, None, None, 6) == tuple(runs["broken"][name] for name in ("gofmt", "vet", "modernize", "lines"))
    assert "bad.go" in runs["broken"]["unknown"]
    arms = {row["ctx_limit"]: row["modernize"] for row in found["tables"]["arms"]["rows"]}
    assert {9000: 1, 11000: None} == arms
    assert ["1 run kept no workspace"] == found["notes"]


@pytest.mark.parametrize(("count", "version"), [(3, "go1.26.6"), (None, "go1.26.6"), (None, None)])
def test_findings_name_their_tool(count: int | None, version: str | None) -> None:
    """The count may be unknown where the tool is known, and both where there was none."""
    tool = None if version is None else f"go fix {version}"
    assert (count, tool) == modernize_findings({"go_version": version, "modernize": {"count": count}})


@pytest.mark.parametrize("simulated", [[], ["judge", "subject"]])
def test_every_figure_of_gaps_tells_its_n_and_its_judge(
    write_ledger: WriteLedger, ask: Ask, simulated: list[str]
) -> None:
    """By passes and by arm, with the numbers of pairs and judgments, the judge, and what was simulated."""
    pytest.importorskip("matplotlib")
    ledger = write_ledger(*(line(str(number), passes=number % 2 + 1) for number in range(6)))
    gaps = [judgment(0.5, 0.6, pair_id=str(number), simulated_parts=simulated) for number in range(6)]
    write(ledger.parent / "judgments.jsonl", *gaps)
    out = ledger.parent / "plots"
    code, said, _ = ask("judge", "plots", "--runs", ledger, "--by", "memory", "--out", out)
    assert (0, sorted(map(str, out.iterdir()))) == (code, sorted(said.split()))
    (passes,) = out.glob("gap-passes-*.json")
    who = "small-model against large-model"
    assert {f"{who}, passes 1": ["0", "2", "4"], f"{who}, passes 2": ["1", "3", "5"]} == {
        mark: behind["run_ids"] for mark, behind in json.loads(passes.read_text()).items()
    }
    figures = sorted(out.glob("*.svg"))
    assert ["gap-arms-apikit-referee", "gap-passes-apikit-referee"] == [
        "-".join(figure.stem.split("-")[:4]) for figure in figures
    ]
    for figure in figures:
        text = figure.read_text(encoding="utf-8")
        assert "n = 6 pairs, 6 judgments" in text
        assert "judge referee · judge/v3" in text
        assert bool(simulated) == ("SIMULATED: judge, subject" in text) == figure.stem.endswith("-simulated")
