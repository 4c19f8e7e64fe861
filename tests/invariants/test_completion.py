"""Only the gate completes a run."""

import pytest

from harness.outcome import Outcome

from lab import DONE, SOLVE, STOP, Lab, turn, use

pytestmark = pytest.mark.go

EXIT = 'package stringutil\n\nimport "os"\n\nfunc init() { os.Exit(0) }\n\nfunc Reverse(s string) string { return s }\n'
GUTTED = "package stringutil\n"


def test_the_model_s_word_is_not_enough(lab: Lab) -> None:
    """`done` on an empty workspace, and a model that says it is finished, complete nothing."""
    record = lab.run([DONE, turn(content="All done, every test passes."), *[STOP] * 9])
    assert Outcome.STAGNATED is record.outcome


def test_a_binary_that_exits_without_running_a_test_is_refused(lab: Lab) -> None:
    """Exit status 0 proves nothing, at `done` and at the probe alike, and the model is told why."""
    cheat = turn(use("write_file", path="stringutil/stringutil.go", content=EXIT))
    record = lab.run([cheat, DONE, *[STOP] * 9])
    assert Outcome.STAGNATED is record.outcome
    assert "Refused" in lab.results()[1]


def test_the_spec_cannot_be_written_through_the_tools(lab: Lab) -> None:
    """Gutting the test by any spelling of its name is refused, and the bytes on disk stay the seed's."""
    path = "stringutil/stringutil_test.go"
    before = None
    for spelling in (path, "stringutil/Stringutil_TEST.go", f"{path}/."):
        record = lab.run([turn(use("write_file", path=spelling, content=GUTTED)), DONE, *[STOP] * 9])
        assert Outcome.STAGNATED is record.outcome
        assert lab.results()[0].startswith("ERROR: ")
        content = (lab.workspace / path).read_bytes()
        assert content == (before or content)
        before = content


def test_elision_never_touches_disk(lab: Lab) -> None:
    """A spec that is left out of a read is still compiled and run by the gate."""
    broken = turn(use("write_file", path="other/other.go", content="package other\n\nvar x int = oops\n"))
    good = turn(use("write_file", path="other/other.go", content="package other\n"))
    read = turn(use("read_file", path="stringutil/stringutil_test.go"))
    record = lab.run([SOLVE, broken, DONE, read, good, DONE])
    assert (Outcome.COMPLETED, 1) == (record.outcome, record.metrics.elided_reads)
    assert b"func Test" in (lab.workspace / "stringutil" / "stringutil_test.go").read_bytes()
