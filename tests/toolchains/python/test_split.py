"""Split verification as a whole: honest work passes in every sandbox, and every kind of failure is a refusal."""

import pytest
from toolchains.python.conftest import Verify

from harness.sandbox.process import ProcessLimits
from harness.sandbox.select import CONFINING, probe

CODE = """
def add(a, b):
    return a + b
"""
SPEC = """
import pytest
from calc import add

@pytest.mark.parametrize("a, b, total", [(1, 2, 3), ("a", "b", "ab")])
def test_add(a, b, total):
    assert add(a, b) == total
"""
KINDS = ["none", *(kind for kind in CONFINING if not probe(kind))]


@pytest.mark.parametrize("sandbox", KINDS)
def test_honest_work_is_accepted_in_every_sandbox(verify: Verify, sandbox: str) -> None:
    """The same code passes in each sandbox that works here, and its test file is green."""
    verdict = verify({"calc.py": CODE, "test_calc.py": SPEC}, sandbox=sandbox)
    assert (True, "", frozenset({"test_calc.py"})) == (verdict.accepted, verdict.feedback, verdict.green)


def test_wrong_code_is_refused_with_the_words_of_pytest(verify: Verify) -> None:
    """The feedback shows the assertion with its values, and paths of the workspace."""
    verdict = verify({"calc.py": CODE.replace("a + b", "b + a"), "test_calc.py": SPEC})
    assert not verdict.accepted
    assert "assert 'ba' == 'ab'" in verdict.feedback
    assert "test_calc.py::test_add[a-b-ab]" in verdict.feedback
    assert "splitgate" not in verdict.feedback


def test_an_exception_of_the_code_is_shown_with_its_place(verify: Verify) -> None:
    """The refusal names the file, the line and the function of the code that raised."""
    verdict = verify({"calc.py": "def add(a, b):\n    return a.missing\n", "test_calc.py": SPEC})
    assert "calc.py:2: in add" in verdict.feedback
    assert "AttributeError" in verdict.feedback


def test_a_file_whose_tests_pass_is_green_beside_one_that_fails(verify: Verify) -> None:
    """Green are the files whose every test passed."""
    other = "from calc import add\n\ndef test_wrong():\n    assert add(1, 1) == 3\n"
    verdict = verify({"calc.py": CODE, "test_calc.py": SPEC, "test_other.py": other})
    assert (False, frozenset({"test_calc.py"}), 2) == (verdict.accepted, verdict.green, verdict.total)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("import os\n    os._exit(0)", "the process of the code ended with exit status 0"),
        ("import os, signal\n    os.kill(os.getpid(), signal.SIGSEGV)", "ended by SIGSEGV"),
        ("while True:\n        pass", "did not finish within 3 seconds"),
        ("import itertools\n    return sum(itertools.count())", "did not finish within 3 seconds"),
        ("while True:\n        print('x' * 10000)", "did not finish within 3 seconds"),
    ],
)
def test_what_ends_or_stops_the_code_is_a_failed_test(verify: Verify, body: str, reason: str) -> None:
    """A crash, an exit, a hang and a flood of output are refusals that name their reason."""
    verdict = verify({"calc.py": f"def add(a, b):\n    {body}\n", "test_calc.py": SPEC}, timeout=3)
    assert not verdict.accepted
    assert reason in verdict.feedback


def test_too_much_memory_is_a_failed_test(verify: Verify) -> None:
    """The memory limit of the sandbox holds for the code, and running into it is a refusal."""
    code = "def add(a, b):\n    held = []\n    while True:\n        held.append(bytearray(10 << 20))\n"
    verdict = verify({"calc.py": code, "test_calc.py": SPEC}, limits=ProcessLimits(memory=400 << 20), timeout=30)
    assert not verdict.accepted
    assert "MemoryError" in verdict.feedback or "memory" in verdict.feedback


def test_each_run_has_a_fresh_process_of_the_code(verify: Verify) -> None:
    """State of the code does not outlive a run, so that what works once only is refused by no run."""
    code = "calls = []\n\ndef first():\n    calls.append(1)\n    return len(calls) == 1\n"
    spec = "from once import first\n\ndef test_first():\n    assert first() is True\n"
    assert verify({"once.py": code, "test_once.py": spec}).accepted


def test_code_that_works_now_and_then_is_refused(verify: Verify, tmp_path_factory: pytest.TempPathFactory) -> None:
    """All three runs must pass, not one of them."""
    code = """
    import pathlib
    MARK = pathlib.Path("mark")

    def add(a, b):
        if MARK.exists():
            return None
        MARK.write_text("")
        return a + b
    """
    spec = "from calc import add\n\ndef test_add():\n    assert add(1, 2) == 3\n"
    verdict = verify({"calc.py": code, "test_calc.py": spec})
    assert not verdict.accepted
    assert "This is run 2 of 3" in verdict.feedback


def test_files_that_can_be_read_run_beside_modules_that_are_not_written(verify: Verify) -> None:
    """A file whose module is missing is no reason to know nothing of the others: green is progress."""
    missing = "from later import anything\n\ndef test_later():\n    assert anything()\n"
    spec = "from calc import add\n\ndef test_add():\n    assert add(1, 2) == 3\n"
    files = {"test_calc.py": spec, "test_later.py": missing, "calc.py": "def add(a, b):\n    return a + b\n"}
    verdict = verify(files)
    assert (False, frozenset({"test_calc.py"}), 2) == (verdict.accepted, verdict.green, verdict.total)
    assert "No module named 'later'" in verdict.feedback


def test_objects_of_the_code_are_keys_and_members_even_where_their_hashes_collide(verify: Verify) -> None:
    """A dictionary or set that crosses asks for hash and equality of its objects while it is being built."""
    code = """
    class Key:
        def __init__(self, n): self.n = n
        def __hash__(self): return 7
        def __eq__(self, other): return isinstance(other, Key) and other.n == self.n

    def many(): return {Key(n): [Key(n), {Key(n)}] for n in range(6)}
    def mixed(): return {Key(1), Key(2), 7, (Key(3), "x")}
    """
    spec = """
    from keys import Key, many, mixed

    def test_many():
        assert len(many()) == 6
        assert many()[Key(3)] == [Key(3), {Key(3)}]

    def test_mixed():
        assert Key(2) in mixed() and 7 in mixed() and len(mixed()) == 4
        assert Key(5) not in mixed()
    """
    assert verify({"keys.py": code, "test_keys.py": spec}).accepted
