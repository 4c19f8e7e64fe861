"""Import a real checkout of Exercism and count by track what is fit, what is not, and why.

HARNESS_EXERCISM is the checkout of a track or of the polyglot benchmark, HARNESS_ONLY the exercises (by default all).
Nothing of it is kept. A checkout of which nothing is fit is an error.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

LINE = re.compile(r"(ok|unfit) +exercism/([^/]+)/([^:( ]+)(?:: (.*)| \((.*)\))?")
KINDS = {
    "no program or package": r"not found|no program|Could not resolve|find crate|ModuleNotFound|no required",
    "refused by a rule of the gate": r"Refused before running",
    "its solution fails": r"its solution is refused",
    "passes without a solution": r"pass without a solution",
    "incomplete": r"missing|no test file|names no solution|cannot be read|is a link|leads out|must consist",
}


def main() -> int:
    """Return 0 if anything is fit, 1 if nothing is, 2 without a checkout."""
    checkout = os.environ.get("HARNESS_EXERCISM", "")
    if not Path(checkout, ".").is_dir() or not checkout:
        print(f"HARNESS_EXERCISM={checkout}: must be the checkout of a track or of the polyglot benchmark")
        return 2
    with tempfile.TemporaryDirectory(prefix="harness-sets-") as root:
        command = [sys.executable, "-m", "harness", "tasks", "import", "exercism", checkout, "--to", root]
        only = os.environ.get("HARNESS_ONLY", "")
        fit: Counter[str] = Counter()
        reasons: dict[str, Counter[str]] = defaultdict(Counter)
        remarks: dict[str, Counter[str]] = defaultdict(Counter)
        with subprocess.Popen(
            [*command, *(["--only", only] if only else [])], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as importing:
            assert importing.stdout is not None
            for line in importing.stdout:
                print(line[:200].rstrip(), flush=True)
                if not (found := LINE.match(line)):
                    continue
                said, track, _, reason, remark = found.groups()
                fit[track] += said == "ok"
                if reason:
                    reasons[track][kind_of(reason)] += 1
                for one in (remark or "").split("; "):
                    remarks[track][one.partition(":")[0].lstrip("0123456789 ")] += bool(one)
    for track in sorted(fit):
        unfit = sum(reasons[track].values())
        print(f"\n{track}: {fit[track]} of {fit[track] + unfit} fit")
        for counts, word in ((reasons[track], "unfit"), (remarks[track], "remark")):
            for kind, count in sorted((+counts).items(), key=lambda one: -one[1]):
                print(f"  {word}: {kind}: {count}")
    return 0 if sum(fit.values()) else importing.returncode or 1


def kind_of(reason: str) -> str:
    """Return the kind of a reason."""
    return next((kind for kind, words in KINDS.items() if re.search(words, reason)), "other")


if __name__ == "__main__":
    sys.exit(main())
