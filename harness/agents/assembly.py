"""A command agent put together for one run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.agent_config import KINDS, OnLimit
from harness.agents.command_agent import CommandAgent, PassConnection
from harness.agents.environment import AgentEnvironment, relayed
from harness.agents.installed import InstalledAgent, agent_limits, starts
from harness.agents.templates import PassValues, command_of, files_of, variables_of
from harness.config import RunConfig
from harness.gate.pins import Pins
from harness.limits import Deadline
from harness.llm.types import JSON
from harness.meter.pass_meter import PassLimits, PassMeter
from harness.meter.proxy import MeterProxy
from harness.meter.tool_kinds import ToolKinds
from harness.meter.upstream import Upstream
from harness.metrics import Metrics
from harness.sandbox.base import Sandbox
from harness.sandbox.select import PRIVATE_NETWORK, open_sandbox
from harness.servers.managed import requested_window
from harness.toolchains.select import environment_for
from harness.transcript import Transcript
from harness.trees import scratch_folder
from harness.workspace import Workspace

PORT = 8399
"""Port of the model inside a sandbox that has a network of its own."""
PRIVATE_ORIGIN = f"http://127.0.0.1:{PORT}"
SOCKET = "model.sock"
"""Name of the socket that leads out of such a sandbox, in a folder of its own."""


@dataclass(frozen=True)
class AgentPlace:
    """The place in which the passes of a command agent run, and the keepers of what they leave."""

    kind: str
    """The sandbox: bwrap, landlock, sandbox_exec or none."""
    scratch: Path
    """A folder of the agent's own outside the workspace, for its home."""
    workspace: Workspace
    transcript: Transcript
    totals: Metrics
    """Counters of the run."""
    deadline: Deadline
    pins: Pins | None
    report: Callable[[str], object]
    """Called with the name of each protected thing that the agent changed."""
    report_server: Callable[[JSON], object]
    """Called after each pass with the facts of the server that the calls of the agent showed."""
    window: int | None
    """The server's window in tokens, as it states it; None if it does not."""
    saved: Path | None = None
    """Folder that keeps what is removed from a folder of the user's own; None for a bundled task."""


@contextmanager
def metered_agent(
    config: RunConfig,
    installed: InstalledAgent,
    prompt: str,
    endpoint: str,
    next_seed: Callable[[], int | None],
    place: AgentPlace,
) -> Iterator[CommandAgent]:
    """Yield the agent of a config, ready for its first pass with a prompt. Raises SandboxError.

    `endpoint` is the base URL of the model's server.
    """
    agent, model = config.agent, config.model
    window = place.window or requested_window(config)
    limits = PassLimits(config.ctx_limit, config.max_steps, place.deadline, refuses=agent.on_limit is OnLimit.refuse)
    kinds = ToolKinds(*(agent.tools_of(kind) for kind in KINDS))
    private = place.kind in PRIVATE_NETWORK
    with (
        scratch_folder("harness-") as sockets,
        Upstream(model, endpoint, next_seed=next_seed, deadline=place.deadline, window=window) as upstream,
    ):
        socket = sockets / SOCKET if private else None

        @contextmanager
        def metered() -> Iterator[PassConnection]:
            meter = PassMeter(place.transcript, place.totals, limits, kinds=kinds)
            try:
                with MeterProxy(upstream, meter, socket_path=socket) as proxy:
                    origin = PRIVATE_ORIGIN if private else proxy.endpoint.removesuffix("/v1")
                    yield PassConnection(meter, origin)
            finally:
                place.report_server(upstream.facts)

        @cache
        def opened(origin: str) -> tuple[Sandbox, list[str]]:
            return _opened(config, installed, prompt, origin, socket, place)

        yield CommandAgent(
            opened,
            place.workspace.root,
            metered,
            place.transcript,
            restore=lambda: _restored(place),
            still_starts=lambda: starts(agent, place.kind),
            idle_timeout=agent.idle_timeout,
            deadline=place.deadline,
        )


def _opened(
    config: RunConfig, installed: InstalledAgent, prompt: str, origin: str, socket: Path | None, place: AgentPlace
) -> tuple[Sandbox, list[str]]:
    """Return the sandbox of the agent, and the command in it; the model is at a URL without a path (`origin`)."""
    values = PassValues(
        origin=origin,
        model=config.model.name,
        prompt=prompt,
        workspace=place.workspace.root,
        home=place.scratch.resolve() / "home",
        ctx_limit=config.ctx_limit,
        window=config.server.window,
        max_tokens=config.model.max_tokens,
    )
    environment = AgentEnvironment(
        environment_for(config),
        installed.program,
        variables_of(config.agent, values),
        files_of(config.agent, values),
        socket.parent if socket else None,
    )
    sandbox = open_sandbox(
        place.kind,
        environment,
        place.scratch,
        place.workspace.root,
        limits=agent_limits(config),
        report=place.report,
        saved=place.saved,
    )
    _, *words = command_of(config.agent, values)
    command = [str(installed.program.path), *words]
    return sandbox, relayed(PORT, socket, command) if socket else command


def _restored(place: AgentPlace) -> tuple[str, ...]:
    """Put protected files back, so that neither the gate nor the next pass sees what the agent made of them."""
    names = place.pins.restore(place.workspace.root) if place.pins else ()
    for name in names:
        place.report(name)
    return names
