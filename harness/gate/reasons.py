"""Why the gate refuses, in words meant for the model, wherever the output of the tests does not say so itself."""

from harness.gate.binaries import TestedPackage

MOST_NAMED = 10


def reason(one: TestedPackage, timeout: float) -> str:
    """Why the tests of this package do not count; empty if they do, or if their output tells why not."""
    proof = one.proof
    if one.timed_out:
        return f"the tests of {one.import_path} did not finish within {timeout:g} seconds"
    if one.swapped:
        return f"the test binary of {one.import_path} was changed while other tests ran"
    if proof.altered:
        return f"flags of package testing were changed under {_listed(one, sorted(proof.altered))}"
    if one.exit_code != 0 or not proof.tests:
        return ""
    if proof.missing:
        times = f"{proof.runs} times" if proof.runs != 1 else "once"
        return (
            f"{_listed(one, proof.missing)} did not run to an end of its own {times}, whatever the output says: "
            "code must not end the process, choose the tests, or print in their place"
        )
    return "" if proof.passed else f"every test of {one.import_path} was skipped, which proves nothing"


def _listed(one: TestedPackage, tests: list[str]) -> str:
    shown = ", ".join(f"{one.import_path}.{test}" for test in tests[:MOST_NAMED])
    return f"{shown} and {len(tests) - MOST_NAMED} more" if len(tests) > MOST_NAMED else shown


def put_back(restored: tuple[str, ...]) -> list[str]:
    """What is said of pinned files that had to be put back."""
    if not restored:
        return []
    return [f"Put back as the task has it, for it is not yours to change: {', '.join(restored)}."]
