"""Impossible variants: derived by one rule, and apart from their originals in one line."""

import difflib
from pathlib import Path

import pytest

from harness.config import ConfigError
from harness.tasks.catalogue import load
from harness.tasks.impossible import CONTRADICTIONS, PREFIX, Contradiction, build, contradict
from harness.tasks.seed import difference, file_hashes, seed_sha256


def test_twin_raises_the_last_number() -> None:
    """The twin differs from its line in the last whole number alone."""
    assert Contradiction("x_test.go", 'call("/v2", 200, `{"ok":true}`)').twin == 'call("/v2", 201, `{"ok":true}`)'


@pytest.mark.parametrize("name", sorted(CONTRADICTIONS))
def test_one_line_is_added(name: str, tmp_path: Path) -> None:
    """A variant is its original and one line more, in the one spec that the rule names."""
    original, variant = load(name), load(PREFIX + name, tmp_path)
    contradiction = CONTRADICTIONS[name]
    assert difference(variant.seed, file_hashes(original.seed)) == f"changed: {contradiction.spec}"
    before = (original.seed / contradiction.spec).read_text().splitlines()
    after = (variant.seed / contradiction.spec).read_text().splitlines()
    apart = [line for line in difflib.ndiff(before, after) if not line.startswith(" ")]
    assert [(line[0], line[2:].strip()) for line in apart] == [("+", contradiction.twin)]
    assert original.prompt == variant.prompt


@pytest.mark.parametrize("text", ["", "\tx(1)\n\tx(1)\n"])
def test_line_must_occur_once(text: str) -> None:
    """A spec in which the line is missing or repeated makes no variant."""
    with pytest.raises(ConfigError, match=r"a_test\.go: the line 'x\(1\)' must occur once, not"):
        contradict(text, Contradiction("a_test.go", "x(1)"))


def test_spoiled_copy_is_made_anew(tmp_path: Path) -> None:
    """A generated seed that something was left in is built again, not used."""
    first = load("impossible_calc", tmp_path)
    (first.seed / "calc" / "calc.go").write_text("package calc\n")
    again = load("impossible_calc", tmp_path)
    assert again.seed_sha256 == seed_sha256(again.seed)


def test_same_seed_is_left_alone(tmp_path: Path) -> None:
    """Building a seed that is there already leaves its files: another run may be reading them."""
    build(load("calc").seed, CONTRADICTIONS["calc"], tmp_path / "seed")
    before = (tmp_path / "seed" / "go.mod").stat().st_ino
    build(load("calc").seed, CONTRADICTIONS["calc"], tmp_path / "seed")
    assert before == (tmp_path / "seed" / "go.mod").stat().st_ino


def test_building_leaves_nothing_beside_the_seed(tmp_path: Path) -> None:
    """A seed appears whole, and no half of one is left over."""
    build(load("calc").seed, CONTRADICTIONS["calc"], tmp_path / "seed")
    assert [path.name for path in tmp_path.iterdir()] == ["seed"]
