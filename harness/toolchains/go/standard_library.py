"""Go's standard library, compiled once for each user, before the first run, so that no run's time holds it."""

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.sandbox.base import FinishedCommand, SandboxError
from harness.sandbox.environment import cache_folder, gate_build_cache, require_cache
from harness.sandbox.local import LocalSandbox
from harness.toolchains.base import Show
from harness.toolchains.go.installation import GoInstallation, default_build_cache
from harness.toolchains.go.programs import cache_program

PATIENCE = 1800.0
"""Seconds allowed for the whole, on a machine that does much else."""
LASTING = 24 * 3600
"""Seconds after which the cache is looked through anew: Go drops what nobody used for days."""
PACKAGES = 320
"""Approximate number of packages of the standard library, internal ones included."""
NOT_IMPORTED = ("cmd", "vendor")


def prepare(toolchain: GoInstallation, kind: str, show: Show) -> None:
    """Fill the build caches that runs in a sandbox of this kind read, which takes about a minute of two cores once.

    Processes that start together wait for one of them. One that is killed leaves nothing that the next could not go
    on from. Raises SandboxError, in one line, if there is no cache folder to write into; nothing but time depends on
    the rest, so a library that does not compile is left to the runs.
    """
    require_cache()
    key = hashlib.sha256(f"{toolchain.version} {toolchain.go}\n".encode()).hexdigest()[:16]
    gate, unconfined = gate_build_cache(), default_build_cache()
    if not _done(gate, key):
        with _locked(show):
            # Another process may have done it while this one waited.
            if not _done(gate, key) and _compile(toolchain, show):
                _mark(gate, key)
    cache_program(toolchain)
    if kind == "none" and _done(gate, key) and not _done(unconfined, key):
        with _locked(show):
            # A copy, never links: what runs unconfined could write through a link into the gate's cache.
            shutil.copytree(gate, unconfined, copy_function=_copy_missing, dirs_exist_ok=True)
            _mark(unconfined, key)


def _done(cache: Path, key: str) -> bool:
    # Inside the cache, so that who deletes the one deletes the other.
    mark = cache / f"standard-library-{key}"
    return mark.exists() and time.time() - mark.stat().st_mtime < LASTING


def _mark(cache: Path, key: str) -> None:
    (cache / f"standard-library-{key}").touch()


@contextmanager
def _locked(show: Show) -> Iterator[None]:
    descriptor = os.open(cache_folder() / "standard-library.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            show("waiting for another process, which compiles Go's standard library", False)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _compile(toolchain: GoInstallation, show: Show) -> bool:
    """Build, vet and link a module that imports all of the library, as the gate does; whether that worked."""
    began = time.monotonic()
    what = f"compiling Go's standard library, once for this user (160 MB in {cache_folder()})"
    with tempfile.TemporaryDirectory(prefix="harness-standard-") as scratch:
        module = Path(scratch) / "module"
        module.mkdir()
        sandbox = LocalSandbox(toolchain, Path(scratch), gate_build_cache())
        count = 0

        def count_line(_: bytes) -> None:
            nonlocal count
            count += 1
            show(f"{what}: {min(99, 100 * count // PACKAGES)}%, {time.monotonic() - began:.0f} s", False)

        def go(script: str, *arguments: str) -> FinishedCommand:
            left = PATIENCE - (time.monotonic() - began)
            argv = ["/bin/sh", "-c", script, "sh", str(toolchain.go), *arguments]
            return sandbox.run(argv, cwd=module, timeout=max(1.0, left), max_output=1 << 20, on_line=count_line)

        try:
            show(f"{what}: it takes about a minute", False)
            _write_module(module, sandbox.run([str(toolchain.go), "list", "std"], cwd=module, timeout=60.0).output)
            # Its list of packages goes to standard error, where no line could be counted.
            built = go('exec "$@" 2>&1', "build", "-v", ".")
            tested = go('exec "$@"', "test", "-exec=true", ".")
        except SandboxError:
            return False
        worked = built.exit_code == 0 == tested.exit_code
        ending = "done" if worked else "it does not compile as a whole; runs compile what they need"
        show(f"{what}: {ending}, {time.monotonic() - began:.0f} s", True)
        return worked


def _write_module(module: Path, listed: str) -> None:
    packages = [name for name in listed.split() if _importable(name)]
    imports = "".join(f'import _ "{name}"\n' for name in packages)
    (module / "go.mod").write_text("module standard\n\ngo 1.26\n")
    (module / "standard.go").write_text(f"package standard\n\n{imports}")
    (module / "standard_test.go").write_text(
        'package standard\n\nimport "testing"\n\nfunc TestNothing(*testing.T) {}\n'
    )


def _importable(name: str) -> bool:
    parts = name.split("/")
    return "internal" not in parts and parts[0] not in NOT_IMPORTED


def _copy_missing(source: str, target: str) -> None:
    """Copy a file of the cache unless it is there: a name in it stands for one content."""
    if not Path(target).exists():
        part = f"{target}.{os.getpid()}"
        shutil.copy2(source, part)
        Path(part).replace(target)
