"""A token proves one run of one test, one way, once."""

from pathlib import Path

import pytest

from harness.toolchains.go.proof import Proof


def granted(proof: Proof, test: str) -> dict[str, list[str]]:
    """The tokens that the orders give for a test."""
    for line in proof.orders(["binary"]).splitlines():
        field = line.split("\t")
        if field[:2] == ["test", test]:
            return {"absent": [field[2]], "pass": field[3].split(","), "skip": field[4].split(",")}
    raise AssertionError(test)


def after(proof: Proof, tmp_path: Path, *lines: tuple[str, str, str]) -> Proof:
    report = tmp_path / "report"
    report.write_text("".join("\t".join(line) + "\n" for line in lines))
    proof.read(report)
    return proof


def test_all_runs_of_all_tests_must_be_proven(tmp_path: Path) -> None:
    """Two of three runs are not enough; all three are."""
    proof = Proof(["TestA"], 3)
    one, two, three = granted(proof, "TestA")["pass"]
    after(proof, tmp_path, ("pass", "TestA", one), ("pass", "TestA", two))
    assert (proof.complete, proof.missing) == (False, ["TestA"])
    after(proof, tmp_path, ("pass", "TestA", three))
    assert (proof.complete, proof.missing) == (True, [])


@pytest.mark.parametrize(
    "forged",
    [
        ("pass", "TestA", "0" * 32),
        ("pass", "TestA", ""),
        ("pass", "TestB", "{pass}"),
        ("pass", "TestA", "{skip}"),
        ("pass", "TestA", "{absent}"),
        ("absent", "TestA", "{pass}"),
    ],
)
def test_a_token_stands_for_nothing_else(tmp_path: Path, forged: tuple[str, str, str]) -> None:
    """Not for another test, nor for another way to end, and no guess does."""
    proof = Proof(["TestA", "TestB"], 1)
    tokens = {kind: given[0] for kind, given in granted(proof, "TestA").items()}
    kind, test, token = forged
    after(proof, tmp_path, (kind, test, token.format(**tokens)))
    assert (proof.passed.total(), proof.absent) == (0, set())


def test_a_token_counts_once(tmp_path: Path) -> None:
    """A proof that is repeated proves nothing more."""
    proof = Proof(["TestA"], 2)
    line = ("pass", "TestA", granted(proof, "TestA")["pass"][0])
    assert after(proof, tmp_path, line, line).passed["TestA"] == 1


def test_only_skips_are_not_complete(tmp_path: Path) -> None:
    """A skipped test is accounted for, but something must have passed."""
    proof = Proof(["TestA"], 1)
    after(proof, tmp_path, ("skip", "TestA", granted(proof, "TestA")["skip"][0]))
    assert (proof.missing, proof.complete) == ([], False)


def test_a_report_may_hold_anything(tmp_path: Path) -> None:
    """Code under test can write to the report; nonsense is passed over."""
    report = tmp_path / "report"
    report.write_bytes(b"\xff\x00pass\n\tpass\nflags\n\n" + b"x" * 10_000)
    proof = Proof(["TestA"], 1)
    proof.read(report)
    assert proof.missing == ["TestA"]
