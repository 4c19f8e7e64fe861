"""`python -m harness …`: hands over to the sweeps, which know how to read a command line."""

import sys

from harness.interrupts import INTERRUPTED


def main() -> None:
    """The command `harness`. What comes before the sweeps can handle an interrupt takes a second."""
    try:
        from sweeps.app import main as front_door  # noqa: PLC0415 - part of that second

        front_door()
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
