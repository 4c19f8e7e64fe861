"""Analyzer facts of the standard library, computed once and shared.

An analyzer looks at every package that code imports. In a sandbox whose cache starts empty that is half a minute a
folder, unless the cache that all of them read (and none can write) already holds it.
"""

import hashlib
import tempfile
import time
from pathlib import Path

from harness.sandbox.base import SandboxError
from harness.sandbox.environment import cache_folder, gate_build_cache
from harness.sandbox.local import LocalSandbox
from harness.toolchains.go.installation import GoInstallation

PACKAGES = """
    bufio bytes cmp container/heap container/list container/ring context embed encoding/json errors flag fmt
    html/template io io/fs iter log log/slog maps math math/rand math/rand/v2 net/http net/url os path regexp runtime
    slices sort strconv strings sync sync/atomic time unicode unicode/utf8
"""
LASTING = 24 * 3600
"""Seconds after which they are asked for anew: Go's cache forgets what nobody used for days."""
PATIENCE = 300.0


def prepare(toolchain: GoInstallation) -> None:
    """Fill the shared cache. Nothing depends on it but time, so nothing is said where it fails."""
    key = hashlib.sha256(f"{toolchain.version} {toolchain.go} {PACKAGES}".encode()).hexdigest()[:16]
    done = cache_folder() / "facts" / key
    if done.exists() and time.time() - done.stat().st_mtime < LASTING:
        return
    with tempfile.TemporaryDirectory(prefix="harness-facts-") as scratch:
        module = Path(scratch) / "module"
        module.mkdir()
        imports = "".join(f'import _ "{name}"\n' for name in PACKAGES.split())
        (module / "go.mod").write_text("module facts\n\ngo 1.26\n")
        (module / "facts.go").write_text(f"package facts\n\n{imports}")
        sandbox = LocalSandbox(toolchain, Path(scratch), gate_build_cache())
        try:
            for command in ("vet", "fix"):
                sandbox.run([str(toolchain.go), command, "-json", "."], cwd=module, timeout=PATIENCE)
        except SandboxError:
            return
    done.parent.mkdir(parents=True, exist_ok=True)
    done.touch()
