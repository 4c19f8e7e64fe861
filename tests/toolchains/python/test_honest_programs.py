"""Programs of everyday kinds with ordinary specs: each is accepted, and refused with one bug in it."""

import textwrap

import pytest
from toolchains.python import programs_of_objects, programs_of_services
from toolchains.python.conftest import Verify

PROGRAMS = programs_of_objects.PROGRAMS | programs_of_services.PROGRAMS


def files_of(name: str, *, bug: bool) -> dict[str, str]:
    code, spec, (right, wrong) = PROGRAMS[name]
    code = textwrap.dedent(code)
    assert right.split("\n")[0] in code
    module = "parser_" if name == "parser" else name
    return {f"{module}.py": code.replace(*_indented(code, right, wrong)) if bug else code, f"test_{name}.py": spec}


def _indented(code: str, right: str, wrong: str) -> tuple[str, str]:
    """A passage of several lines as it is indented in the code."""
    if "\n" not in right:
        return right, wrong
    first, second = right.split("\n")
    line = next(line for line in code.splitlines() if line.strip() == first)
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}{first}\n{indent}{second.strip()}", f"{indent}{wrong}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_honest_program_is_accepted_and_a_wrong_one_is_not(verify: Verify, name: str) -> None:
    """The whole of a small program passes with its own spec; with one bug the same spec refuses it."""
    verdict = verify(files_of(name, bug=False))
    assert (True, "") == (verdict.accepted, verdict.feedback)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_same_program_with_one_bug_is_refused(verify: Verify, name: str) -> None:
    """The bug is seen by the spec, so it is by the gate."""
    assert not verify(files_of(name, bug=True)).accepted
