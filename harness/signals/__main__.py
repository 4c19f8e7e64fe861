"""`harness signals FOLDER`: the signals of a folder, as one line of JSON."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.command_line import ArgumentReader
from harness.sandbox.base import SandboxError
from harness.sandbox.environment import require_cache
from harness.sandbox.select import KINDS
from harness.signals.collect import PATIENCE, signals
from harness.toolchains.go.installation import find_go


def main(words: Sequence[str] | None = None) -> int:
    """Exit status 0 even where all is unknown, for that is an answer; 2 for a wrong request, or without Go."""
    parser = ArgumentReader(prog="harness signals", description="What tools tell of Go code.")
    parser.add_argument("folder", type=Path, help="the module to look at; it is read, and nothing in it is run")
    parser.add_argument("--sandbox", choices=KINDS, default="auto", help="what confines the tools")
    parser.add_argument("--timeout", type=float, default=PATIENCE, help="seconds for each tool (%(default)g)")
    asked = parser.parse_args(words)
    try:
        if not asked.folder.is_dir():
            raise SandboxError(f"{asked.folder}: no such folder")
        if not asked.timeout > 0:
            raise SandboxError(f"--timeout {asked.timeout:g}: must be more than 0 seconds")
        require_cache()
        find_go()
        found = signals(asked.folder, asked.sandbox, asked.timeout)
    except SandboxError as error:
        print(f"harness signals: {error}", file=sys.stderr)
        return 2
    print(json.dumps(found, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
