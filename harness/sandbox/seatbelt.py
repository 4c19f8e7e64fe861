"""Confinement by macOS's `sandbox-exec`. Untested: it was written from the system's manual pages, on no Mac.

What is known of it is that a profile begins with `deny default`, that later rules win, and that a path is named as
the kernel sees it, links resolved.
"""

from collections.abc import Sequence
from pathlib import Path

from harness.sandbox.confined import ConfinedSandbox

SYSTEM = ("/usr", "/bin", "/sbin", "/System", "/Library/Developer", "/private/var/db/timezone", "/private/etc", "/dev")
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
OPENING = (
    "(version 1)",
    "(deny default)",
    "(allow process-fork)",
    "(allow process-exec)",
    "(allow sysctl-read)",
    "(allow mach-lookup)",
    "(allow signal (target same-sandbox))",
    "(allow file-read-metadata)",
    '(allow network* (local ip "localhost:*") (remote ip "localhost:*"))',
)


class SeatbeltSandbox(ConfinedSandbox):
    """The command opens its own files only, and no connection but to its own machine."""

    name = "sandbox_exec"
    complaint = "sandbox-exec: "

    def _confined(self, argv: Sequence[str], cwd: Path, closed: Sequence[Path]) -> Sequence[str]:  # noqa: ARG002
        return ["sandbox-exec", "-p", profile(self._readable, self._writable, closed), *argv]

    @property
    def _readable(self) -> list[Path]:
        return [*map(Path, SYSTEM), *self._more]


def profile(readable: Sequence[Path], writable: Sequence[Path], closed: Sequence[Path] = ()) -> str:
    """The rules, in the language of the sandbox."""
    rules = [*OPENING, f"(allow file-read* {_paths([*readable, *writable])})"]
    rules += [f"(allow file-write* {_paths(writable)})", f"(allow file-write-data {_literals(DEVICES)})"]
    rules += [f"(deny file-write* {_paths(closed)})"] if closed else []
    return "\n".join(rules)


def _paths(paths: Sequence[Path]) -> str:
    return " ".join(f"(subpath {_quoted(str(path.resolve()))})" for path in paths)


def _literals(paths: Sequence[str]) -> str:
    return " ".join(f"(literal {_quoted(path)})" for path in paths)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
