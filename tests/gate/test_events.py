"""The fold over `go test -json` believes nothing but complete, well-formed claims."""

import json

from harness.toolchains.go.events import GoTestEvents


def folded(*events: dict[str, object]) -> GoTestEvents:
    events_seen = GoTestEvents()
    for event in events:
        events_seen.feed(json.dumps(event).encode())
    return events_seen


def told(action: str, test: str = "", package: str = "m/a") -> dict[str, object]:
    return {"Action": action, "Package": package} | ({"Test": test} if test else {})


def test_a_pass_needs_its_package_to_end_well() -> None:
    """A package that was never heard to end is not green, whatever its tests said."""
    events = folded(told("run", "TestA"), told("pass", "TestA"))
    assert (events.green, events.tests_passed, events.unfinished) == ([], 1, ["m/a.TestA"])


def test_a_failure_is_not_taken_back() -> None:
    """Once a package failed, a later pass of the same package counts for nothing."""
    events = folded(told("run", "TestA"), told("pass", "TestA"), told("fail"), told("pass"))
    assert (events.failed, events.green) == (True, [])


def test_each_repetition_must_end() -> None:
    """Of three starts of a test, three must be seen to end."""
    events = folded(*[told("run", "TestA")] * 3, *[told("pass", "TestA")] * 2, told("pass"))
    assert (events.unfinished, events.green) == (["m/a.TestA"], [])


def test_a_broken_build_is_a_failure() -> None:
    """A build failure counts even if no package event follows."""
    assert folded({"Action": "build-fail", "ImportPath": "m/a"}).failed


def test_the_log_is_the_output_of_the_events() -> None:
    """Output and build output come in order; lines that are no events are left out while there are events."""
    events = folded({"Action": "build-output", "Output": "one\n"}, {"Action": "output", "Output": "two\n"})
    events.feed(b"stray")
    assert events.log == "one\ntwo\n"


def test_without_events_the_text_is_the_log() -> None:
    """Where nothing could be parsed, what was printed is not lost."""
    events = GoTestEvents()
    events.feed(b"cannot find main module")
    assert events.log == "cannot find main module\n"


def test_a_long_log_is_clipped() -> None:
    """The log keeps both ends within its bound."""
    events = folded(*[{"Action": "output", "Output": f"line {number}\n"} for number in range(10_000)])
    assert len(events.log) < 17 << 10
    assert (events.log[:7], events.log[-10:]) == ("line 0\n", "line 9999\n")
