"""What a model call costs: processor time and memory of the same conversation, by two kinds of agent.

A conversation of about nine thousand tokens, once by the built-in client and once by an agent in a process of its own
through the metering proxy, each whole and streamed, in fresh processes, over real HTTP with a simulated subject that
thinks for no time.

    python benchmarks/model_calls.py [--calls 200]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=200, help="calls by the built-in client, and by the proxy")
    parser.add_argument("--caller", nargs=2, metavar=("KIND", "STREAM"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.caller:
        call(options.caller[0], options.calls, stream=options.caller[1] == "streamed")
    else:
        report_calls(options.calls)


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


if __name__ == "__main__":
    main()
