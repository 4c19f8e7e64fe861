"""What the harness costs beside the model and the toolchain: processor time of a run, its own and that of its children.

Sweeps of a simulated subject over real HTTP, each in a fresh process; it thinks for no time. Three tables:

- Runs whose Go toolchain is a stub that answers at once, so that what is left is the harness. Since a stub builds
  nothing that could prove anything, its specs are not pinned.
- The start of a command in each sandbox beside a bare start.
- The last run of a short sweep with the real toolchain and the whole gate, beside plain Go: each command of its tool
  `go`, and `go test -json -count=3 ./...` for each of its verifications, over the same files at one path, with the
  build cache of the runs before.

    python benchmarks/overhead.py [--runs 30] [--real-runs 3]
"""

import argparse
import json
import os
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

TASKS = ("reverse", "graphkit")
REAL_TASK = "graphkit"
SANDBOXES = ("bwrap", "landlock")
STARTS = 100
"""Commands started in each sandbox."""

STUB = """#!/bin/sh
case "$1" in
env) echo go1.26.0 ;;
test) cat "{events}" ;;
esac
"""


@dataclass
class Measured:
    """One run, seen from inside the process that ran it: seconds, and bytes resident after it."""

    own: float
    children: float
    wall: float
    calls: int
    resident: int

    @property
    def whole(self) -> float:
        return self.own + self.children


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--runs", type=int, default=30, help="runs with the stub, of which the first three do not count"
    )
    parser.add_argument(
        "--real-runs", type=int, default=3, help="runs with the real toolchain, of which the last counts"
    )
    parser.add_argument(
        "--worker", nargs=5, metavar=("KIND", "FOLDER", "TASK", "SANDBOX", "RUNS"), help=argparse.SUPPRESS
    )
    options = parser.parse_args()
    if options.worker:
        kind, folder, task, sandbox, runs = options.worker
        WORKERS[kind](Path(folder), task, sandbox, int(runs))
        return
    report_stub(options.runs)
    report_starts()
    report_real(options.real_runs)


def usable() -> list[str]:
    """The sandboxes that work on this machine."""
    from harness.sandbox.select import probe  # noqa: PLC0415 - a worker pays for what it measures alone

    return [name for name in SANDBOXES if not probe(name)]


def report_stub(runs: int) -> None:
    heads = "".join(f"{name:>11}" for name in ("own", "children", "whole", "wall"))
    print(f"{'a run in a steady sweep, stub':32}{'sandbox':>10}{'calls':>7}{heads}")
    for task in TASKS:
        for sandbox in usable():
            with tempfile.TemporaryDirectory() as folder:
                made = measure("runs", Path(folder), task, sandbox, runs, go=stub(Path(folder), task))
            steady = made[min(3, len(made) - 1) :]
            figures = [median(getattr(run, name) for run in steady) for name in ("own", "children", "whole", "wall")]
            row = "".join(f"{seconds * 1000:>8.1f} ms" for seconds in figures)
            print(f"{task:32}{sandbox:>10}{median(run.calls for run in steady):>7g}{row}")
            early, late = made[min(10, len(made)) - 1], made[-1]
            print(
                f"{'  resident':32}after run {min(10, len(made))}: {early.resident / 1e6:.1f} MB, "
                f"after run {len(made)}: {late.resident / 1e6:.1f} MB"
            )


def report_starts() -> None:
    print(f"\n{'start of a command':32}{'CPU':>11}")
    for sandbox in ("bare", *usable()):
        with tempfile.TemporaryDirectory() as folder:
            [seconds] = answers("starts", Path(folder), "reverse", sandbox, STARTS)
        print(f"{sandbox:32}{seconds * 1000:>8.2f} ms")


def report_real(runs: int) -> None:
    print(f"\n{f'{REAL_TASK}, run {runs} of a sweep, real':32}{'sandbox':>10}{'CPU':>11}{'plain Go':>11}{'share':>8}")
    for sandbox in usable():
        with tempfile.TemporaryDirectory() as folder:
            run = measure("runs", Path(folder) / "measured", REAL_TASK, sandbox, runs)[-1]
            commands = answers("commands", Path(folder) / "copied", REAL_TASK, sandbox, runs)
            plain = plain_go(Path(folder), commands, last=runs)
        made = f"{run.calls} calls, {sum(number == runs for number, _, _ in commands)} go commands"
        print(f"{made:32}{sandbox:>10}{run.whole:>9.2f} s{plain:>9.2f} s{run.whole / plain:>8.2f}")


def measure(kind: str, folder: Path, task: str, sandbox: str, runs: int, go: Path | None = None) -> list[Measured]:
    return [Measured(*line) for line in answers(kind, folder, task, sandbox, runs, go)]


def answers(kind: str, folder: Path, task: str, sandbox: str, runs: int, go: Path | None = None) -> list[Any]:
    """The lines of a worker, which is a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)} | ({"HARNESS_GO": str(go)} if go else {})
    command = [sys.executable, __file__, "--worker", kind, str(folder), task, sandbox, str(runs)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def cpu() -> tuple[float, float]:
    """Seconds of processor time of this process, and of its children that have ended."""
    return tuple(  # type: ignore[return-value]
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def sweep(folder: Path, task: str, sandbox: str, runs: int, listener: Callable[..., None] | None) -> Iterator[Any]:
    """Make runs one after another; yields before and after each, None and then its record."""
    from harness.config import Confinement, ModelConfig, RunConfig, TaskConfig  # noqa: PLC0415 - only a worker pays
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
                sandbox=Confinement(sandbox),
            )
            yield None
            record = run(config, endpoint=simulator.endpoint, on_event=listener)
            yield record
            if record.outcome.value != "completed":
                raise SystemExit(f"a run ended as {record.outcome.value}: {record.fault}")


def work(folder: Path, task: str, sandbox: str, runs: int) -> None:
    """In a process of its own: run, and print one line of figures a run."""
    for record in sweep(folder, task, sandbox, runs, None):
        if record is None:
            before, started = cpu(), time.monotonic()
            continue
        own, children = (after - earlier for after, earlier in zip(cpu(), before, strict=True))
        line = [own, children, time.monotonic() - started, record.metrics.model_calls, resident()]
        print(json.dumps(line), flush=True)


def copy_commands(folder: Path, task: str, sandbox: str, runs: int) -> None:
    """Make the same runs; print the run, the arguments and a copy of the files of each verification and go command."""
    written: dict[str, list[str]] = {}
    number = copies = 0

    def listen(event: str, fields: dict[str, Any]) -> None:
        nonlocal number, copies
        if event == "run_started":
            number += 1
        elif event == "reply":
            written.update({call["id"]: call["arguments"] for call in fields["tool_calls"]})
        elif event == "verdict" or (event == "tool" and fields["name"] == "go"):
            arguments = ["test", "-json", "-count=3", "./..."]
            if event == "tool":
                given = fields["understood"] or {"arguments": json.loads(written[fields["id"]])}
                arguments = given["arguments"]["args"]
            copies += 1
            copy = folder / "copies" / str(copies)
            shutil.copytree(folder / "work" / task, copy)
            print(json.dumps([number, arguments, str(copy)]), flush=True)

    for _ in sweep(folder, task, sandbox, runs, listen):
        pass


def start_commands(folder: Path, task: str, sandbox: str, runs: int) -> None:  # noqa: ARG001 - as every worker
    """Print the seconds of processor time, own and of children, of one start of `true`."""
    from harness.sandbox.environment import PlainEnvironment  # noqa: PLC0415
    from harness.sandbox.select import open_sandbox  # noqa: PLC0415

    root = folder / "root"
    root.mkdir()
    confined = (
        None if sandbox == "bare" else open_sandbox(sandbox, PlainEnvironment(), folder / "scratch", root, cache=False)
    )
    for count in (3, runs):
        before = sum(cpu())
        for _ in range(count):
            if confined is None:
                subprocess.run(["/bin/true"], check=True)
            else:
                confined.run(["/bin/true"], cwd=root, timeout=60)
    print((sum(cpu()) - before) / runs)


WORKERS = {"runs": work, "commands": copy_commands, "starts": start_commands}


def plain_go(folder: Path, commands: list[Any], last: int) -> float:
    """Seconds of processor time of the commands of the last run, after those of the runs before with the same cache."""
    from harness.toolchains.go.installation import find_go  # noqa: PLC0415

    go, root, spent = find_go().go, folder / "plain", 0.0
    environment = {**os.environ, "GOCACHE": str(folder / "cache"), "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    for number, arguments, copy in commands:
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(copy, root)
        before = cpu()[1]
        subprocess.run([go, *arguments], cwd=root, env=environment, capture_output=True, check=False)
        spent += cpu()[1] - before if number == last else 0.0
    return spent


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


if __name__ == "__main__":
    main()
