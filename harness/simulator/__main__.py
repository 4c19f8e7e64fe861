"""`harness simulator --profile resweep --port 1234`: serve a simulated subject until told to end."""

import argparse
import dataclasses
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.serving import ServerArguments, listen, serve
from harness.simulator.knowledge import Knowledge, KnowledgeError
from harness.simulator.parameters import ParametersError
from harness.simulator.profiles import PROFILES
from harness.simulator.server import SIMULATED, SubjectEndpoint
from harness.simulator.subject import Subject, subject
from harness.tasks.catalogue import EXAMPLES


def main(words: Sequence[str] | None = None) -> int:
    """Returns the exit code: 2 for what cannot be served, with one line that says why."""
    options = _parser().parse_args(words)
    try:
        served = _subject(options)
        listener = listen(options.host, options.port)
    except (ParametersError, KnowledgeError, OSError) as error:
        print(f"harness simulator: {error}", file=sys.stderr)
        return 2
    app = SubjectEndpoint(served, options.latency).app()
    serve(app, listener, SIMULATED, exit_with_parent=options.exit_with_parent)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = ServerArguments("harness simulator", "Serve a simulated subject over OpenAI's protocol.", port=1234)
    parser.add_argument("--profile", required=True, choices=sorted(PROFILES), help="which subject")
    parser.add_argument("--latency", type=_seconds, default=0.0, help="seconds of thinking before each reply")
    parser.add_argument("--parameters", type=Path, help="JSON file with parameters that replace the profile's own")
    parser.add_argument("--examples", type=Path, default=EXAMPLES, help="folder of tasks whose solutions to know")
    parser.add_argument("--own", type=Path, action="append", default=[], help="another such folder; repeatable")
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds")
    return seconds


def _subject(options: argparse.Namespace) -> Subject:
    served = subject(options.profile, Knowledge.load(options.examples, *options.own))
    if options.parameters is None:
        return served
    parameters = served.profile.parameters.with_file(options.parameters)
    return dataclasses.replace(served, profile=dataclasses.replace(served.profile, parameters=parameters))


if __name__ == "__main__":
    sys.exit(main())
