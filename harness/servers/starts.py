"""Start times of managed servers, kept beside their logs: the cost of a restart."""

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from statistics import median

STARTS = Path("servers") / "starts.jsonl"
"""File of start times in a log folder: one line a start."""


def record_start(log_dir: Path, seconds: float) -> None:
    """Add one start, in seconds until the server was ready. What cannot be written is left out: it only informs."""
    with suppress(OSError), (log_dir / STARTS).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"seconds": round(seconds, 3)}) + "\n")


def median_start(log_dirs: Iterable[str]) -> float | None:
    """Return the median seconds of a start in some log folders; None where no server was ever started."""
    seconds = []
    for log_dir in log_dirs:
        with suppress(OSError):
            for line in (Path(log_dir) / STARTS).read_text(encoding="utf-8", errors="replace").splitlines():
                with suppress(ValueError, KeyError, TypeError):
                    seconds.append(float(json.loads(line)["seconds"]))
    return median(seconds) if seconds else None
