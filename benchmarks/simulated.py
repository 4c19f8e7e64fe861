"""What a simulated run costs: wall time and processor time, and how much of it is the Go toolchain's.

Runs of sim-resweep on graphkit without elision, below its floor, over real HTTP and with the real gate. The subject
is a process of its own; what children that have ended used while a run lasted is the toolchain's.

    python benchmarks/simulated.py [--runs 3] [--ctx-limit 11000]
"""

import argparse
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PASSES, SECONDS = 8, 40
"""A run of so many passes is to take no longer than this on two cores."""


@dataclass(frozen=True)
class Measured:
    """One run; times in seconds."""

    passes: int
    wall: float
    own: float
    toolchain: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--ctx-limit", type=int, default=11000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs, subject = measure(Path(folder), options.runs, options.ctx_limit)
    report(runs, subject)


def measure(folder: Path, runs: int, ctx_limit: int) -> tuple[list[Measured], float]:
    """The runs, and the processor time that the subject took for all of them."""
    from harness.config import ModelConfig, RunConfig, TaskConfig  # noqa: PLC0415 - after the path is set
    from harness.runner import run  # noqa: PLC0415
    from harness.simulator import EmbeddedSimulator  # noqa: PLC0415

    model = ModelConfig(name="sim-resweep", endpoint="embedded", profile="resweep")
    found = []
    with EmbeddedSimulator("resweep") as simulator:
        for replicate in range(1, runs + 1):
            config = RunConfig(
                model=model,
                task=TaskConfig(name="graphkit"),
                ctx_limit=ctx_limit,
                elide_passing=False,
                max_steps=60,
                log_dir=str(folder),
                replicate=replicate,
            )
            own, children, started = time.process_time(), children_cpu(), time.monotonic()
            record = run(config, endpoint=simulator.endpoint)
            wall = time.monotonic() - started
            if record.fault:
                raise SystemExit(f"a run ended as {record.outcome.value}: {record.fault}")
            found.append(Measured(record.passes, wall, time.process_time() - own, children_cpu() - children))
        before = children_cpu()
    return found, children_cpu() - before


def children_cpu() -> float:
    """Seconds of processor time of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def report(runs: list[Measured], subject: float) -> None:
    print(f"{'run':>4}{'passes':>8}{'wall':>10}{'harness':>10}{'toolchain':>11}{'a pass':>9}")
    for number, run in enumerate(runs, start=1):
        seconds = f"{run.wall:>8.1f} s{run.own:>8.2f} s{run.toolchain:>9.1f} s{run.wall / run.passes:>7.2f} s"
        print(f"{number:>4}{run.passes:>8}{seconds}")
    own, toolchain = sum(run.own for run in runs), sum(run.toolchain for run in runs)
    share = toolchain / (own + toolchain + subject)
    print(f"processor time: harness {own:.1f} s, subject {subject:.1f} s, Go toolchain {toolchain:.1f} s ({share:.0%})")
    wall = median(run.wall / run.passes for run in runs) * PASSES
    verdict = "within" if wall <= SECONDS else "over"
    print(f"{PASSES} passes at the median wall time of a pass: {wall:.1f} s, {verdict} the {SECONDS} s allowed")


if __name__ == "__main__":
    main()
