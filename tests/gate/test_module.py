"""Import paths are mapped to folders by what go.mod declares."""

import pytest

from harness.toolchains.go.module import folder_of, module_path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("module graphkit\n", "graphkit"),
        ("// module no\n\nmodule example/m // yes\ngo 1.26\n", "example/m"),
        ('module "example/quoted"\n', "example/quoted"),
        ("modul x\n", ""),
        ("", ""),
    ],
)
def test_the_module_path_is_read(text: str, path: str) -> None:
    """Comments and quotes are no part of it; nonsense has none."""
    assert path == module_path(text)


@pytest.mark.parametrize(
    ("import_path", "folder"),
    [("m", "."), ("m/a", "a"), ("m/a/b", "a/b"), ("mm/a", None), ("other", None)],
)
def test_packages_are_mapped_to_folders(import_path: str, folder: str | None) -> None:
    """The module's own folder is a dot; what lies outside has no folder."""
    assert folder == folder_of(import_path, "m")
