"""A folder of the user's own as a task: the copy that a run works on, and what the run left of it."""

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from harness.config import ConfigError
from harness.outputs import Outputs
from harness.protected import reader, skipped
from harness.tasks.content import (
    ContentFile,
    FolderContent,
    content_of,
    file_of,
    is_link,
    made_by_programs,
    no_content,
    require_open,
)
from harness.trees import clear, walk
from harness.workspace import SCRATCH, Workspace


@dataclass(frozen=True)
class OwnFolder:
    """A folder of the user's own, as a run copies it."""

    content: FolderContent
    original: Path
    """The folder itself, which has the installed packages."""
    dependencies: tuple[str, ...]

    def freeze(self, outputs: Outputs) -> "OwnFolder":
        """Keep a copy of the content in the log folder, if there is none, so that all runs of a sweep start alike.

        Raises ConfigError for a folder that changes while it is copied, and for a log folder that cannot be written.
        """
        content = self.content
        kept = outputs.folder_copy(self.original.name, content.sha256)
        if content.root == kept.resolve():
            return self
        try:
            if not (kept.is_dir() and content_of(kept).sha256 == content.sha256):
                kept.parent.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryDirectory(prefix=".copy-", dir=kept.parent) as scratch:
                    fresh = Path(scratch, "content")
                    _copy(content, fresh)
                    if content_of(fresh).sha256 != content.sha256:
                        raise ConfigError(f"task.workdir={content.root}: changes while it is copied: try again")
                    clear(kept)
                    fresh.rename(kept)
        except OSError as error:
            raise ConfigError(f"task.workdir={content.root}: cannot be copied to {kept}: {error.strerror}") from error
        return replace(self, content=content_of(kept))

    def lay(self, workspace: Workspace) -> None:
        """Make a workspace what the folder was, with its installed packages as they are now."""
        workspace.reseed(self.content.root)
        for name in self.dependencies:
            with suppress(FileNotFoundError):
                shutil.copytree(self.original / name, workspace.root / name, symlinks=True)

    def part_of_work(self, inner: str, name: str, leads_on: bool) -> bool:
        """Return whether an entry that a run left belongs to the work: all that was there, and of what is new all but
        caches, installed packages, and places of programs of the user."""
        path = f"{inner}/{name}" if inner else name
        if path in self.content.files or path in self.content.folders:
            return True
        return not (
            skipped(inner, name, leads_on) or (inner and reader(f"{inner}/_")) or no_content(inner, name, leads_on)
        )


def own_folder(folder: Path, logs: Path, pinned: str | None, kept: Path | None) -> OwnFolder:
    """Read a folder; if it is no longer what a sweep was planned with, which `pinned` is the hash of, its kept copy.

    Raises ConfigError for a folder that cannot be read or copied, and for one that changed without a copy.
    """
    folder = folder.resolve()
    content = content_of(folder, logs)
    own = OwnFolder(content, folder, content.dependencies)
    if pinned is None or content.sha256 == pinned:
        return own
    before = content_of(kept) if kept is not None and kept.is_dir() else None
    if before is None or before.sha256 != pinned:
        raise ConfigError(f"task.workdir={folder}: changed since the sweep was planned: start the sweep again")
    return replace(own, content=before)


def work_in(root: Path, own: OwnFolder, most_bytes: int) -> dict[str, ContentFile] | None:
    """Read what a run left of a folder, without the subject's notes; None if what changed is larger than `most_bytes`.

    Raises ConfigError for what cannot be read.
    """
    root = root.resolve()

    def skip(inner: str, name: str, leads_on: bool) -> bool:
        known = own.part_of_work(inner, name, leads_on)
        path = f"{inner}/{name}" if inner else name
        return not known or (leads_on and path not in own.content.folders and made_by_programs(root / inner, name))

    result: dict[str, ContentFile] = {}
    left = most_bytes
    for entry in walk(root, skip):
        if entry.path.name == SCRATCH:
            continue
        if entry.is_file or is_link(entry):
            before = own.content.files.get(entry.name)
            # What a subject leaves may be sparse and huge: only what has the size that it had is read whatever it is.
            left -= entry.status.st_size if before is None or before.size != entry.status.st_size else 0
            if left < 0:
                return None
            result[entry.name] = file_of(root, entry)
        else:
            require_open(root, entry)
    return result


def _copy(content: FolderContent, target: Path) -> None:
    target.mkdir()
    for name, file in content.files.items():
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file.path, place, follow_symlinks=False)
