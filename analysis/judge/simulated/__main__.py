"""`python -m analysis.judge.simulated --port 1235`: serve the simulated judges until told to end."""

import argparse
import os
import socket
import sys
import threading
from typing import NoReturn

import uvicorn

from analysis.judge.simulated.manners import MANNERS, ONCE, Settings
from analysis.judge.simulated.server import SIMULATED, Endpoint


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """A wrong request in one line, where the stock parser repeats how it is called."""
        self.exit(2, f"{self.prog}: {message}\n")


def main() -> int:
    """Returns the exit code: 2 for what cannot be served, with one line that says why."""
    options = _parser().parse_args()
    # With the protocol left open, asyncio would not switch Nagle's delay off: 40 ms a reply.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((options.host, options.port))
    except (OSError, OverflowError) as error:
        print(f"cannot listen on {options.host} port {options.port}: {error}", file=sys.stderr)
        return 2
    listener.listen(128)
    app = Endpoint(Settings(options.bias, options.noise), options.latency).app()
    config = uvicorn.Config(
        app, headers=[SIMULATED], http="h11", loop="asyncio", ws="none", lifespan="off", log_config=None
    )
    if options.exit_with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    host, port = listener.getsockname()[:2]
    print(f"listening on http://{host}:{port}/v1", flush=True)
    uvicorn.Server(config).run(sockets=[listener])
    return 0


def _parser() -> argparse.ArgumentParser:
    known = "; ".join(f"{name}: {what}" for name, what in MANNERS.items())
    parser = _Parser(
        prog="python -m analysis.judge.simulated",
        description=f"Serve simulated judges, by the name of the model asked for. {known}. "
        f"A failing one whose name ends in {ONCE} answers well from its second reply on.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    parser.add_argument("--port", type=int, default=1235, help="port to listen on; 0 picks a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each reply")
    parser.add_argument("--bias", type=float, default=Settings.bias, help="what sim-judge-biased adds to A")
    parser.add_argument("--noise", type=float, default=Settings.noise, help="most that sim-judge-noisy adds")
    parser.add_argument("--exit-with-parent", action="store_true", help="end when standard input is closed")
    return parser


def _end_with_parent() -> None:
    # The kernel closes the pipe however the parent ends, so this outlives none, even one that was killed.
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
