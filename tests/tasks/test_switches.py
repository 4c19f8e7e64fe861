"""Markers of skipped tests in public sets."""

import pytest

from harness.tasks.imports.switches import switched_on


@pytest.mark.parametrize(
    ("track", "before", "after", "count"),
    [
        ("javascript", "xtest('a', f)\nxit.each([1])('b', f)\n", "test('a', f)\nit.each([1])('b', f)\n", 2),
        ("javascript", "describe.skip('a', f)\nxdescribe(`b`, f)\n", "describe('a', f)\ndescribe(`b`, f)\n", 2),
        ("javascript", "// xtests\nmaxit(1)\nlet xtest = 1\n", "// xtests\nmaxit(1)\nlet xtest = 1\n", 0),
        ("rust", "#[test]\n#[ignore]\nfn a() {}\n", "#[test]\nfn a() {}\n", 1),
        ("rust", '#[test]\n    #[ignore = "slow"]\n', "#[test]\n", 1),
        ("python", '    @unittest.skip("a")\n    def test_a(self):\n', "    def test_a(self):\n", 1),
        ("python", "@pytest.mark.skip\ndef test_a():\n", "def test_a():\n", 1),
        ("python", "@pytest.mark.skipif(True, reason='a')\n", "@pytest.mark.skipif(True, reason='a')\n", 0),
        ("go", "t.Skip()\n", "t.Skip()\n", 0),
    ],
)
def test_markers_of_skipped_tests(track: str, before: str, after: str, count: int) -> None:
    """Each is switched on, nothing else is touched, and a condition is kept."""
    assert (after.encode(), count) == switched_on(track, before.encode())
