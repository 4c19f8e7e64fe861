"""Slips in texts and tables: planted, found by rule, and counted on the page with the false alarms."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import permutations
from pathlib import Path

import pytest
from ledger_lines import Ask

from analysis.study.published import sequence
from analysis.study.published.ledger import PublishedResults
from analysis.study.published.prose import counts, outcomes, sentences, values_of_p
from analysis.study.published.recompute import RecomputedTest, recompute
from analysis.study.published.rules import RULES
from analysis.study.published.sequence import chance, drift
from analysis.study.published.trial import text_flags, told, trial

ROOT = Path(__file__).resolve().parents[2]

LEAST = 30
"""Slips that must be planted."""

JUDGING = re.compile(
    r"\b(?:because|caus\w+|chang\w+|constant|costliest|effects?|significant\w*|compatible|exclud\w+|visible|better|worse|"
    r"reduc\w+|rais\w+|lift\w*|sav(?:es|ed)|larger|smaller|fewer|shows?|proves?|"
    r"does nothing|differ(?:s|ed)?|improv\w+)\b",
    re.IGNORECASE,
)
"""Words that judge what was measured."""

GENERATED = re.compile(r"\{judged\.|\.differs\}|\.visible\}|\.side\}|\{number\.noise\}|\{number\.differing\}")
"""Placeholders whose text, or whose number, comes from the condition of the judgment."""

RULED_OUT = (
    "The study ",
    "Scores of different judges",
    "An offset is",
    "Rules about orders",
    "Each miss with the real gate",
    "A habit reaches",
    "Do not take",
)
"""Beginnings of sentences that quote the study, define or advise."""


@cache
def tables() -> tuple[PublishedResults, list[RecomputedTest]]:
    """The published tables, and their comparisons computed again."""
    published = PublishedResults()
    return published, recompute(published)


def kinds(text: str) -> set[str]:
    return {flag.kind for flag in text_flags(text, "text", *tables())}


def test_the_slips_planted_are_enough_and_of_every_kind() -> None:
    """At least thirty, of each kind in both parts, beside about as many clean lines."""
    tried = trial()
    planted = [one.planted for one in tried if one.planted.kind]
    wanted = {"sequence", "invalid", "attribution", "ratio", "cause"}
    assert len(planted) >= LEAST
    assert all(wanted <= {one.kind for one in planted if one.part == part} for part in ("first", "held back"))
    assert len(tried) - len(planted) >= LEAST


def test_what_the_trial_found_is_on_the_page() -> None:
    """Both counts of both parts, whatever they are, with every line that was missed or raised a false alarm."""
    page = (ROOT / "docs" / "stagnation.md").read_text(encoding="utf-8")
    assert told(trial()) in page
    assert [] == [one.planted.subject for one in trial() if one.false_alarm and one.planted.subject not in page]


def test_every_slip_that_was_at_hand_is_found() -> None:
    """The rules find what they were written for; of the part held back the page says what they miss."""
    assert [] == [one.planted.subject for one in trial() if one.planted.part == "first" and one.missed]


def test_the_documents_of_the_project_raise_no_alarm() -> None:
    """At most one in a hundred of sentences that were not written for the rules, and quote figures of their own."""
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
    texts = [path.read_text(encoding="utf-8") for path in pages if path.name != "stagnation.md"]
    alarms = [sentence for text in texts for sentence in sentences(text) if kinds(sentence)]
    assert len(alarms) <= sum(len([*sentences(text)]) for text in texts) / 100, alarms


@pytest.mark.parametrize(
    ("right", "wrong", "kind"),
    [
        ("Of 80 runs, 20 (25%) ended early.", "Of 80 runs, 20 (40%) ended early.", "ratio"),
        ("It fell from 200 to 150, by 25%.", "It fell from 200 to 150, by 33%.", "ratio"),
        ("It rose from 10% to 15%, by 5 points.", "It rose from 10% to 15%, by 5%.", "ratio"),
        ("It took 120 s against 30 s: 4 times longer.", "It took 120 s against 30 s: 3 times longer.", "ratio"),
        ("There were 60 reads against 5 writes, 12:1.", "There were 60 reads against 5 writes, 10:1.", "ratio"),
        ("It got 0.62, which is 0.08 below 0.70.", "It got 0.62, which is 0.18 below 0.70.", "ratio"),
        ("With 5/5 against 0/5, p = 0.008.", "With 5/5 against 0/5, p = 0.03.", "arithmetic"),
        ("With 5/5 against 0/5, one-sided p = 0.004.", "With 5/5 against 0/5, p = 0.004.", "sidedness"),
        ("They ended as C S C S C S.", "They ended as C C C S S S.", "sequence"),
        ("Thirty: pass, fail, pass, fail, pass, fail.", "Thirty: fail, fail, pass, pass, pass.", "sequence"),
        ("3 out of 8 (38 percent) passed.", "3 out of 8 (28 percent) passed.", "ratio"),
        ("Among 24 runs 20 stagnated, i.e. 83%.", "Among 24 runs 20 stagnated, i.e. 75%.", "ratio"),
        ("It fell threefold, from 12 to 4.", "It fell threefold, from 12 to 6.", "ratio"),
        ("It was cut by two thirds, from 30 to 10 kB.", "It was cut by two thirds, from 30 to 15 kB.", "ratio"),
        ("It grew by a factor of 2.5, from 2,000 to 5,000.", "It grew by a factor of 4, from 2,000 to 5,000.", "ratio"),
        ("It is 20% faster: 40 s instead of 48 s.", "It is 35% faster: 40 s instead of 48 s.", "ratio"),
        ("The rate doubled, 4/9 against 2/9.", "The rate doubled, 4/9 against 3/9.", "ratio"),
        ("It was 12:1 (180 loads, 15 acts).", "It was 15:1 (180 loads, 15 acts).", "ratio"),
        ("It read 21% fewer bytes: 23.5k vs. 18.6k.", "It read 41% fewer bytes: 23.5k vs. 18.6k.", "ratio"),
    ],
)
def test_a_figure_that_the_sentence_itself_contradicts_is_found(right: str, wrong: str, kind: str) -> None:
    """Each pair differs in one figure; of texts that quote no published figure too."""
    assert (set(), {kind}) == (kinds(right), kinds(wrong))


def test_rounding_is_no_slip() -> None:
    """Percentages, multiples and changes agree if any values that round to the printed ones give them."""
    texts = ("It is 2 of 3 (67%).", "It went from 1.1k to 1.3k, 15% more.", "It is 1 of 8 (12%), or 1 of 8 (13%).")
    assert [set()] * len(texts) == [kinds(text) for text in texts]


def test_a_cause_is_let_pass_where_the_arms_ran_together() -> None:
    """The same words beside counts of an interleaved comparison, and beside one of different days."""
    assert set() == kinds("Elision raised completion to 6/6 from 0/6.")
    assert {"cause"} == kinds("Elision raised completion to 4/7 from 0/24.")
    assert set() == kinds("Elision hardly raised completion: 4/7, where the ledger has 0/24.")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("`graphkit` completed in 0/6 runs.", "`datakit` completed in 0/6 runs."),
        ("At 9,000 tokens `apikit` completed 1/8 runs.", "With 11k tokens `apikit` completed 1/8 runs."),
        ("Qwen completed 15/16 runs.", "Gemma completed 15/16 runs."),
        ("The digest arm completed 0/3.", "The digest arm completed 4/7."),
        ("It was 4/7 vs. 0/10 (two-tailed p=0.015).", "It was 4/7 vs. 0/7 (two-tailed p=0.015)."),
        ("It went from 7/8 to 1/8 as the budget fell to 9k.", "It went from 7/8 to 4/7 as the budget fell to 9k."),
    ],
)
def test_a_figure_of_another_arm_is_found(right: str, wrong: str) -> None:
    """By task, budget, model, lever and comparison; a budget has to be that of one count beside it."""
    assert (set(), {"attribution"}) == (kinds(right), kinds(wrong))


def test_an_effect_that_was_not_measured_is_found() -> None:
    """A causal word beside counts of an experiment whose two-sided value is above the level, in texts and in claims."""
    assert {"support"} == kinds("Notes increased the packages reached (3/4 against 1/4).")
    assert set() == kinds("Notes made no difference and increased nothing (3/4 against 1/4).")
    assert set() == kinds("With notes, 3/4 reached it, without them 1/4.")
    assert set() == kinds("Elision raises completion, 6/6 against 0/6.")


def test_the_chance_of_an_order_is_that_of_all_orders() -> None:
    """Exact, by trying every order of the same outcomes."""
    order = (False, False, True, False, True, True, True)

    def middle(one: tuple[bool, ...]) -> float:
        return abs(sum(place for place, done in enumerate(one, start=1) if done) - 4 * 8 / 2)

    orders = set(permutations(order))
    share = sum(middle(one) >= middle(order) for one in orders) / len(orders)
    assert pytest.approx(share) == chance(order)
    assert ("", "") == (drift(order), drift([False] * 7 + [True]))
    assert drift([True] * 2 + [False] * 2)


def test_the_chance_of_a_long_order_is_close_to_the_exact_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of forty runs, enumerated and by the normal approximation."""
    order = [place % 3 == 0 or place > 28 for place in range(40)]
    exact = chance(order)
    monkeypatch.setattr(sequence, "EXACT", 0)
    assert pytest.approx(exact, abs=0.01) == chance(order)


def test_figures_are_read_as_they_are_printed() -> None:
    """Counts with a slash, in words and turned round, values of p with their counts, and orders; no dates or paths."""
    assert ["0/6", "4/7", "95/142"] == [str(one) for one in counts("None of six, then 4/7; of 142 reads 95 failed.")]
    assert [] == counts("See docs/4/7.md of 6/7/2026 and 7/4.")
    ((a, b, p),) = values_of_p("It was 4/7 in all, 2/5 there (p = 0.1 against the other 0/7).")
    assert ("4/7", "0/7", "0.1") == (str(a), str(b), p)
    assert [True, False, False, True] == outcomes(
        "completed, stagnated, stagnated and then completed".replace(" and", ",")
    )


@pytest.mark.parametrize(
    "text",
    [
        "It was 500000000/1000000000 against 1/1000000000, p = 0.05.",
        "It was 9999999999999999999999/99999999999999999999999 vs 0/0, p=0.5: from 0 to 0 (0%), 0 times, 0:1, 0 to 1.",
        "Order " + "S C " * 500,
        "from 1 " * 3000 + "to 2 (5%).",
        "(" * 5000 + "1 of 2 (50%" + ")" * 5000,
    ],
)
def test_no_text_is_too_odd(text: str) -> None:
    """Zeros, huge numbers and long repetitions end soon, and raise nothing."""
    assert kinds(text) <= {"ratio"}


def test_a_text_is_questioned_on_request(ask: Ask, tmp_path: Path) -> None:
    """Each finding with its sentence; a text that is not there is one line and code 2."""
    text = tmp_path / "text.md"
    text.write_text("# Title\n\nOf 80 runs,\n20 (40%) ended early. All is well.\n\n| 1/2 | 99% |\n")
    code, out, _ = ask("published", "--text", text, "--json")
    assert (0, True, True) == (code, "20/80 is 25%, printed 40%" in out, "2 sentences, 1 findings" in out)
    code, out, err = ask("published", "--text", tmp_path / "none.md")
    assert (2, "", 1) == (code, out, len(err.splitlines()))


def test_the_page_names_every_rule() -> None:
    """No rule is missing from the list of rules, and each says what it looks for."""
    page = (ROOT / "docs" / "stagnation.md").read_text(encoding="utf-8")
    assert [] == [rule.purpose for rule in RULES if not rule.purpose or f"| {rule.purpose} |" not in page]


def judging(template: str) -> Iterator[str]:
    """Sentences of a template with a word that judges and no generated condition."""
    for block in re.split(r"\n\s*\n|\n(?=[-*] )", template):
        for sentence in re.split(r"(?<=[.:;])\s+(?=[A-Z{])", " ".join(block.split())):
            prose = re.sub(r"\{[^}]*\}|`[^`]*`", "", sentence)
            if JUDGING.search(prose) and not GENERATED.search(sentence) and not sentence.startswith(RULED_OUT):
                yield sentence


def test_every_sentence_of_the_study_that_judges_is_generated() -> None:
    """A sentence with a word that judges holds a placeholder decided by the condition, or says whose judgment it is."""
    template = (files("analysis.study.published") / "stagnation.md").read_text(encoding="utf-8")
    assert [] == [*judging(template)]
