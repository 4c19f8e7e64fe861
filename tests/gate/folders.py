"""Folders in the txtar form: a note and the verify command first, then the files."""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDERS = Path(__file__).parents[1] / "field" / "folders"
MARK = re.compile(r"^-- (.+) --\n", re.MULTILINE)


@dataclass(frozen=True)
class Folder:
    """A folder of somebody's own."""

    verify: str
    files: dict[str, str]

    def lay(self, root: Path) -> Path:
        """Write the files out."""
        for path, text in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return root


def parse(text: str) -> Folder:
    """The folder that a text describes."""
    note, *parts = MARK.split(text)
    [verify] = re.findall(r"^verify: (.+)$", note, re.MULTILINE) or ["go test ./..."]
    return Folder(verify, dict(zip(parts[::2], parts[1::2], strict=True)))


def read(name: str) -> Folder:
    """One of the folders that were found in the field."""
    return parse((FOLDERS / f"{name}.txtar").read_text())
