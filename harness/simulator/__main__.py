"""`python -m harness.simulator --profile resweep --port 1234`: serve a simulated subject until told to end."""

import argparse
import dataclasses
import math
import os
import socket
import sys
import threading
from pathlib import Path
from typing import NoReturn

import uvicorn

from harness.simulator.knowledge import Knowledge, KnowledgeError
from harness.simulator.parameters import ParametersError
from harness.simulator.profiles import PROFILES
from harness.simulator.server import SIMULATED, Endpoint
from harness.simulator.subject import Subject, subject
from harness.tasks.catalogue import EXAMPLES

IDLE_CONNECTION = 3600
"""Seconds that a connection without requests is kept: a gate may take that long between two of them."""


def main() -> int:
    """Returns the exit code: 2 for what cannot be served, with one line that says why."""
    options = _parser().parse_args()
    try:
        served = _subject(options)
        listener = _listen(options.host, options.port)
    except (ParametersError, KnowledgeError, OSError) as error:
        print(f"python -m harness.simulator: {error}", file=sys.stderr)
        return 2
    server = uvicorn.Server(
        uvicorn.Config(
            Endpoint(served, options.latency).app(),
            headers=[SIMULATED],
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=IDLE_CONNECTION,
        )
    )
    if options.exit_with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    host, port = listener.getsockname()[:2]
    print(f"listening on http://{f'[{host}]' if ':' in host else host}:{port}/v1", flush=True)
    server.run(sockets=[listener])
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """A wrong request in one line, where the stock parser repeats how it is called."""
        self.exit(2, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m harness.simulator", description="Serve a simulated subject over OpenAI's protocol."
    )
    parser.add_argument("--profile", required=True, choices=sorted(PROFILES), help="which subject")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    parser.add_argument("--port", type=int, default=1234, help="port to listen on; 0 picks a free one")
    parser.add_argument("--latency", type=_seconds, default=0.0, help="seconds of thinking before each reply")
    parser.add_argument("--parameters", type=Path, help="JSON file with parameters that replace the profile's own")
    parser.add_argument("--examples", type=Path, default=EXAMPLES, help="folder of tasks whose solutions to know")
    parser.add_argument("--exit-with-parent", action="store_true", help="end when standard input is closed")
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds")
    return seconds


def _subject(options: argparse.Namespace) -> Subject:
    served = subject(options.profile, Knowledge.load(options.examples))
    if options.parameters is None:
        return served
    parameters = served.profile.parameters.with_file(options.parameters)
    return dataclasses.replace(served, profile=dataclasses.replace(served.profile, parameters=parameters))


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket: whoever reads the printed line may connect at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol left open, asyncio would not switch Nagle's delay off: 40 ms a reply.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        raise OSError(f"cannot listen on {host} port {port}: {error}") from error
    listener.listen(128)
    return listener


def _end_with_parent() -> None:
    # The kernel closes the pipe however the parent ends, so this outlives none, even one that was killed.
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
