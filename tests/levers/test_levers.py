"""Each lever changes one text, at the moment that it is meant for, and nothing else."""

from typing import Any

import pytest

from harness.config import ConfigError, Lever, ModelConfig, RunConfig, TaskConfig
from harness.outcome import Outcome

from lab import DONE, REVERSE, SOLVE, STOP, Lab, turn, use

pytestmark = pytest.mark.go

SPEC = "stringutil/reverse_test.go"
CODE = "stringutil/stringutil.go"
WRONG = turn(use("write_file", path=CODE, content=REVERSE.replace("runes[j], runes[i]", "runes[i], runes[j]")))
NOTES = turn(use("write_file", path="PROGRESS.md", content="reversed"))


def openings(lab: Lab) -> list[str]:
    """What each pass was asked, in order."""
    return [asked["messages"][1]["content"] for asked in lab.asked if len(asked["messages"]) == 2]


@pytest.mark.parametrize("lever", [lever for lever in Lever if lever is not Lever.nudge_notes])
def test_a_lever_touches_neither_the_system_prompt_nor_the_tools(lab: Lab, lever: Lever) -> None:
    """Against a run without it, the first request differs in the user's message alone, and the gate decides as ever."""
    plain = Lab(lab.folder / "plain")
    records = [one.run([STOP, SOLVE, DONE], lever=kind) for one, kind in ((plain, Lever.none), (lab, lever))]
    assert [Outcome.COMPLETED] * 2 == [record.outcome for record in records]
    for without, given in zip(plain.asked, lab.asked, strict=True):
        assert without["messages"][0] == given["messages"][0]
        assert without["tools"] == given["tools"]
        assert given["messages"][1]["content"].startswith(without["messages"][1]["content"])
    assert lever.value == records[1].lever


def test_none_does_nothing(lab: Lab) -> None:
    """Every pass is asked the same, and nothing is counted."""
    record = lab.run([STOP, STOP], max_iters=2)
    assert (1, 0) == (len(set(openings(lab))), record.metrics.lever_fired)


def test_a_digest_tells_the_state_of_the_work(lab: Lab) -> None:
    """Every file with its size, and what is known of each package, as each pass begins."""
    record = lab.run([STOP, WRONG, STOP, SOLVE, DONE], lever=Lever.digest)
    first, second, third = (text.partition("The state of the workspace")[2] for text in openings(lab))
    assert "- go.mod (" in first
    assert "- stringutil: no code yet" in first
    assert first == second
    assert f"- {CODE} (" in third
    assert "- stringutil: its tests do not pass yet" in third
    assert (3, Outcome.COMPLETED) == (record.metrics.lever_fired, record.outcome)


def test_a_reminder_to_write_follows_a_pass_that_changed_nothing(lab: Lab) -> None:
    """Not the first pass, and not one after a change."""
    record = lab.run([STOP, WRONG, STOP, STOP], lever=Lever.nudge_act, max_iters=3)
    reminded = ["changed no file" in text for text in openings(lab)]
    assert ([False, True, False], 1) == (reminded, record.metrics.lever_fired)


def test_a_reminder_of_the_notes_follows_code_without_them(lab: Lab) -> None:
    """Neither a pass that changed nothing nor one that kept its notes is reminded of them."""
    script = [WRONG, STOP, NOTES, turn(use("write_file", path="stringutil/x.go", content="package stringutil")), STOP]
    record = lab.run([STOP, *script, STOP], lever=Lever.nudge_notes, max_iters=4)
    reminded = ["PROGRESS.md as it was" in text for text in openings(lab)]
    assert ([False, False, True, False], 1) == (reminded, record.metrics.lever_fired)


def test_a_refusal_is_shown_to_the_next_pass(lab: Lab) -> None:
    """From the first refusal on, in the gate's own words, and no longer once the workspace was refused anew."""
    broken = turn(use("write_file", path=CODE, content="package stringutil\n\nfunc Reverse() {}\n"))
    record = lab.run([STOP, WRONG, STOP, broken, STOP, STOP], lever=Lever.verdict, max_iters=4)
    first, second, third, fourth = (text.partition("The check said:")[2] for text in openings(lab))
    assert ("", "", 2) == (first, second, record.metrics.lever_fired)
    assert "--- FAIL: TestReverse" in third
    assert "too many arguments in call" in fourth
    assert "--- FAIL" not in fourth


def test_a_long_refusal_is_cut(lab: Lab) -> None:
    """A pass is shown 2,000 characters of it, and how many there are beyond."""
    text = (
        'package stringutil\n\nimport "strings"\n\nfunc Reverse(string) string { return strings.Repeat("x", 3000) }\n'
    )
    lab.run([turn(use("write_file", path=CODE, content=text)), STOP, STOP], lever=Lever.verdict, max_iters=2)
    shown = openings(lab)[1].partition("The check said:\n")[2]
    assert "more characters]" in shown
    assert 2000 < len(shown) < 2100


def test_a_checkpoint_says_once_that_the_context_ends(lab: Lab) -> None:
    """With the result of the call that passed four fifths of the limit, in each pass anew."""
    look = [turn(use("list_dir"), tokens=tokens) for tokens in (700, 800, 850, 1000)]
    record = lab.run([*look, *look], lever=Lever.checkpoint, ctx_limit=1000, max_iters=2)
    told = [asked["messages"][-1]["content"] for asked in lab.asked]
    noticed = ["nearly used up" in text for text in told]
    assert ([False, False, True, False] * 2, 2) == (noticed, record.metrics.lever_fired)


def test_an_interface_stands_for_code_that_passes(lab: Lab) -> None:
    """Its signatures and comments without the bodies; code that does not pass is read as it is."""
    (workspace := lab.folder.parent / "own").mkdir()
    lab.folder.mkdir(exist_ok=True)
    for name, text in TWO_PACKAGES.items():
        (workspace / name).parent.mkdir(exist_ok=True)
        (workspace / name).write_text(text)
    (lab.folder / "PROMPT.md").write_text("Mend b.\n")
    task = TaskConfig(name="folder", prompt=str(lab.folder / "PROMPT.md"), workdir=str(workspace))
    reads = turn(*(use("read_file", f"c{n}", path=path) for n, path in enumerate(("a/a.go", "a/a_test.go", "b/b.go"))))
    changes: dict[str, Any] = {"task": task, "elide_passing": False, "max_iters": 1}
    lab.run([DONE, reads, STOP], lever=Lever.impl_doc, **changes)
    _, code, spec, other = lab.results()
    assert "func A() int" in code
    assert "A is one." in code
    assert "return 1" not in code
    assert [TWO_PACKAGES["a/a_test.go"], TWO_PACKAGES["b/b.go"]] == [spec, other]
    assert 1 == lab.ledger[-1]["lever_fired"]
    assert TWO_PACKAGES["a/a.go"] == (workspace / "a/a.go").read_text()


TEST = """package {0}

import "testing"

func TestIt(t *testing.T) {{
	if {1}() != 1 {{
		t.Fatal("not one")
	}}
}}
"""

TWO_PACKAGES = {
    "go.mod": "module two\n\ngo 1.24\n",
    "a/a.go": "package a\n\n// A is one.\nfunc A() int {\n\treturn 1\n}\n",
    "a/a_test.go": TEST.format("a", "A"),
    "b/b.go": "package b\n\nfunc B() int {\n\treturn 2\n}\n",
    "b/b_test.go": TEST.format("b", "B"),
}


@pytest.mark.parametrize(("lever", "changes"), [("nudge_notes", {"memory": False}), ("checkpoint", {"ctx_limit": 0})])
def test_a_lever_that_could_never_act_is_refused(lever: str, changes: dict[str, Any]) -> None:
    """Its arm would be a control by another name."""
    with pytest.raises(ConfigError, match=f"lever={lever}: must be used with"):
        RunConfig(ModelConfig(name="m"), TaskConfig(name="reverse"), lever=Lever[lever], **changes)
