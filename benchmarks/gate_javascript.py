"""What split verification of JavaScript costs: three runs apart from the code beside three runs of `node --test`.

Both verify the solution of a bundled task, in turn. Processor time counts, that of all processes included.

    python benchmarks/gate_javascript.py [--task datakit_js] [--rounds 3]
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness.tasks.catalogue import load  # noqa: E402 - the checkout comes first on the path
from harness.tasks.check import TaskBench  # noqa: E402
from harness.toolchains.javascript.node import find_node  # noqa: E402
from harness.toolchains.split.verifier import RUNS  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="datakit_js")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    node = str(find_node().node)
    with tempfile.TemporaryDirectory() as folder:
        bench = TaskBench(load(options.task), Path(folder))
        bench.lay_solution()

        def plain() -> None:
            for _ in range(RUNS):
                subprocess.run([node, "--test"], cwd=bench.root, check=True, stdout=subprocess.DEVNULL)

        def split() -> None:
            verdict = bench.gate()
            if not verdict.accepted:
                raise SystemExit(verdict.feedback)

        split()  # which reads the spec
        rows = [(_seconds(plain), _seconds(split)) for _ in range(options.rounds)]
    for row in rows:
        print(f"node --test {row[0]:.2f} s, split {row[1]:.2f} s: {row[1] / row[0]:.2f} times")
    return 0


def _seconds(run: Callable[[], None]) -> float:
    before = _spent()
    run()
    return _spent() - before


def _spent() -> float:
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


if __name__ == "__main__":
    sys.exit(main())
