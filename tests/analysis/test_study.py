"""The study: generated to the last digit, and checked."""

import json
import re
from importlib.resources import files
from pathlib import Path

from declared_lines import Declare, entry, swept
from ledger_lines import Ask, WriteLedger, line

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_in_the_repository_is_the_generated_one(ask: Ask) -> None:
    """docs/stagnation.md holds just what the published data and the code give."""
    assert (0, "", "") == ask("study", "--check", ROOT / "docs" / "stagnation.md")


def test_no_number_of_the_study_is_typed() -> None:
    """Outside placeholders and code, the text that the page is made of holds no digit."""
    template = (files("analysis.study.published") / "stagnation.md").read_text(encoding="utf-8")
    prose = re.sub(r"\{[^}]*\}|`[^`]*`", "", template)
    assert [] == re.findall(r".*\d.*", prose)


def test_one_changed_figure_fails_the_check(ask: Ask, tmp_path: Path) -> None:
    """A page with one figure changed, or none at all, is refused with one line that says where."""
    page = tmp_path / "page.md"
    assert ask("study", "--out", page)[0] == 0
    page.write_text(page.read_text(encoding="utf-8").replace("4/7", "5/7", 1), encoding="utf-8")
    code, _, err = ask("study", "--check", page)
    assert (1, 1, True) == (code, len(err.splitlines()), "line" in err)
    code, _, err = ask("study", "--check", tmp_path / "gone.md")
    assert (1, True) == (code, "missing" in err)


def test_runs_at_hand_stand_beside_the_study(write_ledger: WriteLedger, ask: Ask) -> None:
    """Real and simulated runs are apart, every row names its runs, and faults leave the numbering alone."""
    path = write_ledger(
        line("sim", simulated=True),
        line("fault", ctx_limit=8000, outcome="fault"),
        line("real-9", ctx_limit=9000),
        line("real-11", outcome="completed"),
    )
    code, out, _ = ask("study", "--runs", path)
    real, simulated = out.split("### Of simulated subjects")
    assert (0, True, True) == (code, "row 1: `sim`" in simulated, "not a language model" in simulated)
    rates, contrasts = real.split("Exact tests (exploratory):")
    assert ["1: none", "2: `real-9`", "3: `real-11`"] == re.findall(r"row (\d: .*)", rates)
    assert ["1: `real-9`, `real-11`"] == re.findall(r"row (\d: .*)", contrasts)


def test_every_row_leads_to_its_runs(write_ledger: WriteLedger, ask: Ask) -> None:
    """Each link of the page leads to one place; rows of runs at hand and printed arms lead to ids of runs."""
    lines = [line(f"{ctx}-{n}", ctx_limit=ctx, simulated=n > 1) for ctx in (9000, 11000) for n in (1, 2)]
    _, out, _ = ask("study", "--runs", write_ledger(*lines))
    places = re.findall(r'<a id="([^"]*)">', out)
    links = set(re.findall(r"\]\(#([^)]*)\)", out))
    assert (len(places), set()) == (len(set(places)), links - set(places))
    assert {"real-rates-2", "simulated-contrasts-1", "arm-p05-B", "runs-p04-A"} <= links
    assert '<a id="runs-p04-A"></a>p04-A: `p04-1`, `p04-2`, `p04-3`' in out


def test_the_study_as_data_lists_the_runs_of_each_row(write_ledger: WriteLedger, ask: Ask) -> None:
    """With --json every row about runs holds their ids: of runs at hand, and of printed arms."""
    path = write_ledger(line("a"), line("b", memory=False), line("c", ctx_limit=9000))
    _, out, _ = ask("study", "--runs", path, "--json", "--where", "ctx_limit=11000")
    tables = json.loads(out)["tables"]
    assert [["b"], ["a"]] == [row["run_ids"] for row in tables["real-rates"]["rows"]]
    assert [["b", "a"]] == [row["run_ids"] for row in tables["real-contrasts"]["rows"]]
    printed = {row["id"]: row["run_ids"] for row in tables["arms"]["rows"]}
    assert (["p04-1", "p04-2", "p04-3"], []) == (printed["p04-A"], printed["p09-9k-A"])


def test_a_declared_test_names_its_whole_sweep(write_ledger: WriteLedger, ask: Ask, declare: Declare) -> None:
    """Also where only a part of it is looked at: it is over all of its runs, and so are they listed."""
    declare(entry())
    path = write_ledger(*swept(0, 4, False), *swept(4, 4, True))
    _, out, _ = ask("study", "--runs", path, "--where", "memory=true", "--json")
    tables = json.loads(out)["tables"]
    assert [4, 8] == [len(tables[name]["rows"][0]["run_ids"]) for name in ("real-rates", "real-declared")]
