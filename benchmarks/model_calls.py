"""What the harness itself costs: processor time and wall time per run and per model call, and memory over many runs.

A sweep of a simulated subject on one task, over real HTTP, in a fresh process. It thinks for no time, and the Go
toolchain is a stub that answers at once, so that what is left is the harness; since a stub builds nothing that could
prove anything, its specs are not pinned. The same run with the real toolchain and the whole gate is beside it.

Then the same conversation of about nine thousand tokens, once by the built-in client and once by an agent in a process
of its own through the metering proxy, each whole and streamed, in fresh processes.

    python benchmarks/overhead.py [--runs 50] [--task reverse] [--calls 200]
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
    parser.add_argument("--calls", type=int, default=200, help="calls by the built-in client, and by the proxy")
    parser.add_argument("--caller", nargs=2, metavar=("KIND", "STREAM"), help=argparse.SUPPRESS)
    parser.add_argument("--worker", nargs=2, metavar=("FOLDER", "RUNS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(Path(options.worker[0]), int(options.worker[1]), options.task)
        return
    if options.caller:
        call(options.caller[0], options.calls, stream=options.caller[1] == "streamed")
        return
    with tempfile.TemporaryDirectory() as folder:
        stubbed = measure(Path(folder) / "stub", options.runs, options.task, stub(Path(folder), options.task))
        real = measure(Path(folder) / "real", options.real_runs, options.task, None)
    report(stubbed, real, options.task)
    report_calls(options.calls)


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


AGENT = """
import http.client, sys
port, calls, body = int(sys.argv[1]), int(sys.argv[2]), sys.stdin.buffer.read()
connection = http.client.HTTPConnection("127.0.0.1", port)
for _ in range(calls):
    connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    answer.read()
"""
"""A client as an agent has one, in a process of its own."""


def conversation() -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Messages and tools of a pass that has read much: about nine thousand tokens."""
    arguments = json.dumps({"path": "a.go"})
    messages: list[dict[str, object]] = [{"role": "system", "content": "s" * 2000}, {"role": "user", "content": "Go."}]
    for number in range(18):
        function = {"name": "read_file", "arguments": arguments}
        made = {"id": f"c{number}", "type": "function", "function": function}
        messages.append({"role": "assistant", "content": "", "tool_calls": [made]})
        messages.append({"role": "tool", "tool_call_id": f"c{number}", "content": "line of code\n" * 150})
    parameters = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
    return messages, [{"type": "function", "function": {"name": "read_file", "parameters": parameters}}]


def call(kind: str, calls: int, *, stream: bool) -> None:
    """In a process of its own: make calls, and print the milliseconds of processor time of one, and the bytes added."""
    from harness.config import ModelConfig  # noqa: PLC0415 - only the worker pays for it
    from harness.llm.client import OpenAIChat  # noqa: PLC0415
    from harness.meter.pass_meter import PassLimits, PassMeter  # noqa: PLC0415
    from harness.meter.proxy import MeterProxy  # noqa: PLC0415
    from harness.meter.upstream import Upstream  # noqa: PLC0415
    from harness.record import Metrics  # noqa: PLC0415
    from harness.simulator.embedded import EmbeddedSimulator  # noqa: PLC0415
    from harness.transcript import Transcript  # noqa: PLC0415

    model = ModelConfig(name="sim-nop", endpoint="embedded", profile="nop")
    messages, tools = conversation()
    body = json.dumps({"model": "sim-nop", "messages": messages, "tools": tools, "stream": stream}).encode()
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedSimulator("nop") as simulator,
        Transcript(Path(folder) / "transcript.jsonl") as transcript,
    ):
        meter, before, began = PassMeter(transcript, Metrics(), PassLimits()), resident(), time.process_time()
        if kind == "proxy":
            with Upstream(model, simulator.endpoint) as upstream, MeterProxy(upstream, meter) as proxy:
                agent = [sys.executable, "-c", AGENT, str(proxy.port), str(calls)]
                subprocess.run(agent, input=body, check=True)
        else:
            with OpenAIChat(model, simulator.endpoint, stream=stream) as client:
                while (step := meter.next_call()) is not None and step <= calls:
                    started = time.monotonic()
                    meter.reply(step, client.complete(messages, tools, seed=1), time.monotonic() - started)
        made = meter.result.metrics.model_calls
        assert made == calls, made
        print(json.dumps([(time.process_time() - began) * 1000 / calls, resident() - before]))


def report_calls(calls: int) -> None:
    """Print what a call costs by the built-in client, and by an agent through the proxy."""
    print(f"{calls} calls of about 9,000 tokens{'':3}{'own processor time':>22}{'memory':>12}")
    for stream in ("whole", "streamed"):
        for kind in ("built-in client", "proxy"):
            command = [sys.executable, __file__, "--calls", str(calls), "--caller", kind, stream]
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            milliseconds, added = json.loads(done.stdout)
            print(f"{f'{kind}, {stream}':32}{milliseconds:>13.2f} ms{added / 1e6:>+13.1f} MB")


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
