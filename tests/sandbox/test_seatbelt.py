"""The rules for macOS, as far as they can be looked at elsewhere."""

from pathlib import Path

from harness.sandbox.seatbelt import profile


def test_everything_is_denied_but_what_is_named(tmp_path: Path) -> None:
    """Rules begin with a denial; what may be read and what may be written are told apart, links resolved."""
    tools, work = tmp_path / 'tools "1"', tmp_path / "work"
    work.mkdir()
    (tmp_path / "link").symlink_to(work)
    rules = profile([tools], [tmp_path / "link"]).splitlines()
    quoted = f'{tmp_path}/tools \\"1\\"'
    assert ["(version 1)", "(deny default)"] == rules[:2]
    assert f'(allow file-read* (subpath "{quoted}") (subpath "{work}"))' in rules
    assert f'(allow file-write* (subpath "{work}"))' in rules
    assert [] == [rule for rule in rules if "default" in rule and "allow" in rule]
