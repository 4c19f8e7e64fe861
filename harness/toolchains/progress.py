"""Display of a preparation that every run needs once."""

from typing import TextIO

from harness.toolchains.base import Show


def shown_on(stream: TextIO) -> Show:
    """Shows the progress in one line of a terminal, and elsewhere its beginning and its end."""
    began: list[str] = []

    def show(line: str, last: bool) -> None:
        if stream.isatty():
            print(f"\r\x1b[K{line}", end="\n" if last else "", file=stream, flush=True)
        elif last or not began:
            print(line, file=stream, flush=True)
        began.append(line)

    return show
