"""The key of a package changes with all that its tests are made of, and with nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.toolchains.go.inputs import package_keys

MODULE = {
    "go.mod": "module m\n\ngo 1.26\n",
    "base/base.go": "package base\n",
    "middle/middle.go": 'package middle\n\nimport _ "m/base"\n',
    "top/top.go": 'package top\n\nimport (\n\t"fmt"\n\t_ "m/middle"\n)\n\nvar _ = fmt.Sprint\n',
    "top/top_test.go": 'package top_test\n\nimport _ "m/later"\n',
    "alone/alone.go": "package alone\n",
    "alone/testdata/case.go": "package no\n",
    "PROGRESS.md": "half way\n",
}
ALL = {"base", "middle", "top", "alone"}

CHANGES: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "nothing": (lambda _: None, set()),
    "a package that others import, however indirectly": (
        lambda root: (root / "base/base.go").write_text("package base // changed\n"),
        {"base", "middle", "top"},
    ),
    "a package that nobody imports": (lambda root: (root / "top/more.go").write_text("package top\n"), {"top"}),
    "a package that a spec imports and that was not there": (
        lambda root: ((root / "later").mkdir(), (root / "later/later.go").write_text("package later\n")),
        {"top", "later"},
    ),
    "a file that is taken away": (lambda root: (root / "alone/alone.go").unlink(), {"alone"}),
    "the module file": (lambda root: (root / "go.mod").write_text("module m\n\ngo 1.25\n"), ALL),
    "data": (lambda root: (root / "alone/testdata/case.go").write_text("package other\n"), ALL),
    "the notes": (lambda root: (root / "PROGRESS.md").write_text("done\n"), set()),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_counts_for_those_that_it_reaches(tmp_path: Path, name: str) -> None:
    """Importers, however indirect, are changed with what they import; data counts for all."""
    for path, text in MODULE.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    deed, reached = CHANGES[name]
    before = package_keys(tmp_path, "m")
    assert ALL == set(before)
    deed(tmp_path)
    after = package_keys(tmp_path, "m")
    assert reached == {folder for folder in before.keys() | after.keys() if before.get(folder) != after.get(folder)}
