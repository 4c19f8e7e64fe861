"""`harness signals FOLDER`: the signals of a folder, as one line of JSON."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.command_line import ArgumentReader
from harness.sandbox.base import SandboxError
from harness.sandbox.environment import require_cache
from harness.sandbox.select import KINDS
from harness.signals.folder import TOOL_TIMEOUT, signals
from harness.toolchains.go.installation import find_go


def main(words: Sequence[str] | None = None) -> int:
    """Print the signals of a folder. Exit code 0 even if all are unknown; 2 for a wrong argument, or without Go."""
    parser = ArgumentReader(prog="harness signals", description="What tools tell of Go code.")
    parser.add_argument("folder", type=Path, help="the module to look at; it is read, and nothing in it is run")
    parser.add_argument("--sandbox", choices=KINDS, default="auto", help="what confines the tools")
    parser.add_argument("--timeout", type=float, default=TOOL_TIMEOUT, help="seconds for each tool (%(default)g)")
    options = parser.parse_args(words)
    try:
        if not options.folder.is_dir():
            raise SandboxError(f"{options.folder}: no such folder")
        if not options.timeout > 0:
            raise SandboxError(f"--timeout {options.timeout:g}: must be more than 0 seconds")
        require_cache()
        find_go()
        measured = signals(options.folder, options.sandbox, options.timeout)
    except SandboxError as error:
        print(f"harness signals: {error}", file=sys.stderr)
        return 2
    print(json.dumps(measured, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
