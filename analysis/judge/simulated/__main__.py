"""`python -m analysis.judge.simulated --port 1235`: serve the simulated judges until told to end."""

import sys

from analysis.judge.simulated.behaviour import BEHAVIOURS, ONCE, BiasSettings
from analysis.judge.simulated.server import SIMULATED, JudgeEndpoint
from harness.serving import ServerArguments, listen, serve


def main() -> int:
    """Returns the exit code: 2 for what cannot be served, with one line that says why."""
    options = _parser().parse_args()
    try:
        listener = listen(options.host, options.port)
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    app = JudgeEndpoint(BiasSettings(options.bias, options.noise), options.latency).app()
    serve(app, listener, SIMULATED, exit_with_parent=options.exit_with_parent)
    return 0


def _parser() -> ServerArguments:
    known = "; ".join(f"{name}: {what}" for name, what in BEHAVIOURS.items())
    parser = ServerArguments(
        "python -m analysis.judge.simulated",
        f"Serve simulated judges, by the name of the model asked for. {known}. "
        f"A failing one whose name ends in {ONCE} answers well from its second reply on.",
        port=1235,
    )
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each reply")
    parser.add_argument("--bias", type=float, default=BiasSettings.bias, help="what sim-judge-biased adds to A")
    parser.add_argument("--noise", type=float, default=BiasSettings.noise, help="most that sim-judge-noisy adds")
    return parser


if __name__ == "__main__":
    sys.exit(main())
