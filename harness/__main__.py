"""`python -m harness …`: hands over to the sweeps, which know how to read a command line."""

import sys

from harness.interrupts import INTERRUPTED


def main() -> None:
    """The command `harness`."""
    try:
        from sweeps.app import main as front_door  # noqa: PLC0415 - it takes a second, in which one may think better of it
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
    front_door()


if __name__ == "__main__":
    main()
