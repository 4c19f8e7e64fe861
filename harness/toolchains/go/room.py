"""The clean room: a private copy of the workspace with pristine pinned files.

Its path stays the same for a workspace, because Go's build cache keys on paths. Only regular files are copied. Pinned
files come from the pins, never from the workspace.
"""

import hashlib
import re
import shutil
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from types import TracebackType

from harness.gate.pins import Pins
from harness.toolchains.go.module import read_module_path
from harness.toolchains.go.screen import GATE_MODULE, VERSION_CONTROL
from harness.toolchains.go.spec import OWN_MAIN, PackageSpec
from harness.trees import clear, walk

HOOK_FILE = "zz_gate_test.go"
MOST_BYTES = 256 << 20
"""Largest number of bytes that are copied from a workspace."""

HOOK = """package {package}

import (
	"testing"

	"{gate}/hook"
)

func TestMain(m *testing.M) {{ hook.Run(m, {own}) }}
"""

RECORDER = """#!/bin/sh
# Stands in for each test binary that go test would run, and keeps it for the gate to run.
folder=$(pwd -P)
folder="{binaries}${{folder#'{copy}'}}"
mkdir -p "$folder" && ln "$1" "$folder/spec.test" && shift && printf '%s\\n' "$@" > "$folder/args"
"""


class RoomError(Exception):
    """The workspace cannot be laid out for verification; the text is meant for the model."""


def room_for(root: Path, base: Path) -> Path:
    """Return the folder of a workspace's clean room, which is the same each time."""
    return base / hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]


class CleanRoom:
    """The folders of one verification. Entering creates them, leaving removes them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.copy = path / "copy"
        self.channel = path / "channel"
        self.binaries = path / "binaries"
        self.gate = path / "gate"
        self.module_file = path / "gate.mod"
        self.recorder = path / "recorder"

    def __enter__(self) -> "CleanRoom":
        self._clear()
        for folder in (self.copy, self.channel, self.binaries):
            folder.mkdir(parents=True)
        self.path.chmod(0o700)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def lay_out(self, root: Path, pins: Pins) -> None:
        """Copy the workspace, then restore every pinned file in the copy."""
        self._copy_files(root, pins)
        pins.restore(self.copy)
        pins.link(self.copy)

    def hook(self, specs: Iterable[PackageSpec]) -> None:
        """Add the gate's TestMain to each spec, and write the recorder that replaces the binaries."""
        self._lay_gate()
        for spec in specs:
            self._hook(spec)
        recorder = RECORDER.format(binaries=self.binaries, copy=self.copy)
        self.recorder.write_text(recorder)
        self.recorder.chmod(0o700)

    def unhook(self, specs: Iterable[PackageSpec], pins: Pins) -> None:
        """Remove the gate's files from the specs and restore the specs, once the tests are built."""
        for spec in specs:
            (self.copy / spec.folder / HOOK_FILE).unlink()
        pins.restore(self.copy)

    def import_path(self, folder: str) -> str:
        """Return the import path of a folder of the copy."""
        module = read_module_path(self.copy)
        return module if folder == "." else f"{module}/{folder}"

    def _copy_files(self, root: Path, pins: Pins) -> None:
        left = MOST_BYTES
        for entry in walk(root, lambda folder, name, leads_on: leads_on and name in VERSION_CONTROL):  # noqa: ARG005
            if not entry.is_file or entry.name in pins.files:
                continue
            left -= entry.status.st_size
            if left < 0:
                raise RoomError(f"the workspace holds more than {MOST_BYTES >> 20} MiB: remove what is not needed")
            target = self.copy / entry.name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copy(entry.path, target)
            except PermissionError as error:
                raise RoomError(f"the file {entry.name} cannot be read") from error

    def _lay_gate(self) -> None:
        """Add the gate's module to the build through a second module file (-modfile)."""
        with resources.as_file(resources.files("harness.toolchains.go") / "instrument") as instrument:
            shutil.copytree(instrument, self.gate)
        core = self.gate / "core" / "core.go"
        core.write_text(core.read_text().replace("CHANNEL", str(self.channel)))
        own = (self.copy / "go.mod").read_text()
        addition = f"require {GATE_MODULE} v0.0.0\n\nreplace {GATE_MODULE} v0.0.0 => {self.gate}\n"
        self.module_file.write_text(f"{own}\n{addition}")
        sums = self.copy / "go.sum"
        if sums.exists():
            shutil.copy(sums, self.module_file.with_suffix(".sum"))

    def _hook(self, spec: PackageSpec) -> None:
        """Add a TestMain to the spec. A TestMain of the spec is renamed, and called by the gate's."""
        own = "nil"
        if spec.main is not None:
            own = "gateOwnMain"
            file = self.copy / spec.main
            file.write_text(re.sub(rf"\bfunc\s+{OWN_MAIN}\s*\(", f"func {own}(", file.read_text()))
        hook = HOOK.format(package=spec.package, gate=GATE_MODULE, own=own)
        (self.copy / spec.folder / HOOK_FILE).write_text(hook)

    def _clear(self) -> None:
        clear(self.path)
