"""What the harness itself costs: processor time and wall time per run and per model call, and memory over many runs.

A sweep of a simulated subject on one task, over real HTTP, in a fresh process. It thinks for no time, and the Go
toolchain is a stub that answers at once, so that what is left is the harness; since a stub builds nothing that could
prove anything, its specs are not pinned. The same run with the real toolchain and the whole gate is beside it.

    python benchmarks/overhead.py [--runs 50] [--task reverse]
"""

import argparse
import json
import os
import resource
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

STUB = """#!/bin/sh
case "$1" in
env) echo go1.26.0 ;;
test) cat "{events}" ;;
esac
"""


@dataclass
class Measured:
    """One run, seen from inside the process that ran it: seconds, and bytes resident after it."""

    own_cpu: float
    wall: float
    calls: int
    resident: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--task", default="reverse")
    parser.add_argument("--real-runs", type=int, default=3, help="runs with the real toolchain, for the share")
    parser.add_argument("--worker", nargs=2, metavar=("FOLDER", "RUNS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(Path(options.worker[0]), int(options.worker[1]), options.task)
        return
    with tempfile.TemporaryDirectory() as folder:
        stubbed = measure(Path(folder) / "stub", options.runs, options.task, stub(Path(folder), options.task))
        real = measure(Path(folder) / "real", options.real_runs, options.task, None)
    report(stubbed, real, options.task)


def work(folder: Path, runs: int, task: str) -> None:
    """In a process of its own: run, and print one line of figures a run."""
    from harness.config import ModelConfig, RunConfig, TaskConfig  # noqa: PLC0415 - only the worker pays for it
    from harness.runner import run  # noqa: PLC0415
    from harness.simulator.embedded import EmbeddedSimulator  # noqa: PLC0415

    model = ModelConfig(name="sim-resweep", endpoint="embedded", profile="resweep")
    with EmbeddedSimulator("resweep") as simulator:
        for replicate in range(1, runs + 1):
            config = RunConfig(
                model=model,
                task=TaskConfig(name=task),
                log_dir=str(folder),
                replicate=replicate,
                protect_tests="HARNESS_GO" not in os.environ,
            )
            before, started = time.process_time(), time.monotonic()
            record = run(config, endpoint=simulator.endpoint)
            own, wall = time.process_time() - before, time.monotonic() - started
            if record.outcome.value != "completed":
                raise SystemExit(f"a run ended as {record.outcome.value}: {record.fault}")
            print(json.dumps([own, wall, record.metrics.model_calls, resident()]), flush=True)


def resident() -> int:
    """Bytes of this process that are in memory now."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:  # not Linux: the peak is the nearest there is
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def stub(folder: Path, task: str) -> Path:
    """A `go` that says at once that every package of the task passes."""
    from harness.tasks.catalogue import load  # noqa: PLC0415
    from harness.toolchains.go.module import read_module_path  # noqa: PLC0415

    seed = load(task).seed
    module = read_module_path(seed)
    events = folder / "events.jsonl"
    with events.open("w") as file:
        for spec in sorted(seed.rglob("*_test.go")):
            package = "/".join((module, *spec.parent.relative_to(seed).parts))
            lines = spec.read_text().splitlines()
            names = [line.split()[1].split("(")[0] for line in lines if line.startswith("func Test")]
            for name in names:
                for action in ("run", "pass") * 3:
                    file.write(json.dumps({"Action": action, "Package": package, "Test": name}) + "\n")
            file.write(json.dumps({"Action": "pass", "Package": package}) + "\n")
    path = folder / "go"
    path.write_text(STUB.format(events=events))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def measure(folder: Path, runs: int, task: str, go: Path | None) -> list[Measured]:
    """One worker process; the first run, which pays for imports and connections, is left in."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)} | ({"HARNESS_GO": str(go)} if go else {})
    command = [sys.executable, __file__, "--task", task, "--worker", str(folder), str(runs)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [Measured(*json.loads(line)) for line in done.stdout.splitlines()]


def report(stubbed: list[Measured], real: list[Measured], task: str) -> None:
    calls = stubbed[0].calls
    print(
        f"{len(stubbed)} runs of sim-resweep on {task}, {calls} model calls each, {len(real)} with the real toolchain"
    )
    print(f"{'medians':32}{'per run':>12}{'per call':>12}")
    rows = {
        "own processor time, stub": (stubbed, "own_cpu"),
        "own processor time, real": (real, "own_cpu"),
        "wall, stub": (stubbed, "wall"),
        "wall, real": (real, "wall"),
    }
    for name, (runs, field) in rows.items():
        seconds = median(getattr(run, field) for run in runs)
        print(f"{name:32}{seconds * 1000:>9.1f} ms{seconds * 1000 / runs[0].calls:>9.2f} ms")
    share = median(run.own_cpu for run in real) / median(run.wall for run in real)
    print(f"own processor time is {share:.1%} of a whole run with a subject that thinks for no time")
    tenth = min(10, len(stubbed))
    early, late = stubbed[tenth - 1].resident / 1e6, stubbed[-1].resident / 1e6
    print(f"resident after run {tenth}: {early:.1f} MB, after run {len(stubbed)}: {late:.1f} MB")


if __name__ == "__main__":
    main()
