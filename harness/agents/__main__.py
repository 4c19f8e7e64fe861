"""`harness agents check [NAME...]`: the command agents on this machine, and the size of their first requests."""

import sys
from collections.abc import Sequence
from pathlib import Path

from harness.agents.files import command_agents
from harness.agents.first_request import AgentCheck, check_agent
from harness.command_line import ArgumentReader
from harness.config import ConfigError, Confinement

USUAL_LIMIT = 9000
"""The `ctx_limit` to which first requests are compared, in tokens."""
COLUMNS = ("agent", "version", "wire", "first request")


def main(words: Sequence[str] | None = None) -> int:
    """Exit with 0 if the agents named can be run (or some, where none is named), 1 if not, 2 for a wrong request."""
    parser = ArgumentReader(prog="harness agents", description="Command agents: programs that run a pass.")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="say which are installed, and how large their first requests are")
    check.add_argument("names", nargs="*", metavar="NAME", help="agents to check; all of them if none is named")
    compared = "tokens to compare first requests with (default: %(default)s)"
    check.add_argument("--ctx-limit", type=int, default=USUAL_LIMIT, metavar="TOKENS", help=compared)
    check.add_argument("--sandbox", default="auto", choices=[one.value for one in Confinement], help="as in a run")
    check.add_argument("--config-dir", metavar="DIR", help="folder of your own agents, in DIR/agent/NAME.yaml")
    arguments = parser.parse_args(words)
    try:
        agents = list(command_agents(Path(arguments.config_dir) if arguments.config_dir else None))
        known = [agent.name for agent in agents]
        for name in arguments.names:
            if name not in known:
                raise ConfigError(f"{name}: there is no such agent; must be one of {', '.join(known)}")
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    chosen = [agent for agent in agents if not arguments.names or agent.name in arguments.names]
    checks = [check_agent(agent, Confinement(arguments.sandbox)) for agent in chosen]
    print(table(checks, arguments.ctx_limit))
    wanted = all if arguments.names else any
    return 0 if wanted(not one.problem for one in checks) else 1


def table(checks: Sequence[AgentCheck], ctx_limit: int) -> str:
    """Return a line for each agent, and below the table what keeps some from being run."""
    rows = [(*COLUMNS, f"at ctx_limit={ctx_limit}"), *(_row(one, ctx_limit) for one in checks)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    problems = [one.problem for one in checks if one.problem]
    return "\n".join([*lines, *(["", *problems] if problems else [])])


def _row(one: AgentCheck, ctx_limit: int) -> tuple[str, ...]:
    name, wire = one.agent.name, one.agent.wire.value
    if one.tokens is None:
        return name, one.version or ("not usable" if one.problem else "unknown"), wire, "unknown", ""
    left = ctx_limit - one.tokens
    fits = f"begins, with {left} tokens left" if left > 0 else "cannot begin"
    return name, one.version or "unknown", wire, f"{one.tokens} tokens", fits


if __name__ == "__main__":
    sys.exit(main())
