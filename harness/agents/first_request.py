"""Size of the first request of an agent: one pass against a stub, in the sandbox that its runs would have."""

import shutil
from dataclasses import dataclass, replace

from harness.agents.assembly import AgentPlace, metered_agent
from harness.agents.installed import installed_agent
from harness.agents.stub import stub_server
from harness.config import AgentConfig, ConfigError, Confinement, ModelConfig, RunConfig, TaskConfig
from harness.limits import Deadline
from harness.metrics import Metrics
from harness.sandbox.base import SandboxError
from harness.sandbox.select import settle
from harness.tasks.catalogue import load
from harness.transcript import Transcript
from harness.trees import scratch_folder
from harness.workspace import Workspace

TASK = "reverse"
"""The smallest bundled task: its prompt adds some 200 tokens to what the agent sends."""
CALLS = 3
"""Most calls of the pass."""
PATIENCE = 120.0
"""Seconds of the pass at most."""


@dataclass(frozen=True)
class AgentCheck:
    """Findings on a command agent on this machine."""

    agent: AgentConfig
    version: str | None
    """Version; None if it is unknown, or the agent is missing."""
    tokens: int | None
    """Tokens of the largest request with which it begins, estimated at four bytes each; None if it made none."""
    problem: str = ""
    """Reason why no run can be made with it, in one line; empty if runs can."""


def check_agent(agent: AgentConfig, sandbox: Confinement = Confinement.auto) -> AgentCheck:
    """Look for an agent, and let it make its first request to a stub."""
    with stub_server() as stub:
        config = RunConfig(
            model=ModelConfig(name="stub", endpoint=stub.endpoint, max_tokens=4096),
            task=TaskConfig(name=TASK),
            agent=agent,
            elide_passing=False,
            max_steps=CALLS,
            sandbox=sandbox,
        )
        try:
            installed = installed_agent(config)
            assert installed is not None
            failed = _first_pass(config, stub.endpoint)
        except (ConfigError, SandboxError) as error:
            return AgentCheck(agent, None, None, str(error))
        problem = "" if stub.first_request else f"agent={agent.name}: {failed or 'it made no request'}"
        return AgentCheck(agent, installed.version, stub.first_request, problem)


def _first_pass(config: RunConfig, endpoint: str) -> str:
    """Run one pass; return what went wrong, empty if nothing did."""
    task = load(TASK)
    installed = installed_agent(config)
    assert installed is not None
    with scratch_folder("harness-agent-") as folder, Transcript(folder / "transcript.jsonl") as transcript:
        root = folder / "workspace"
        shutil.copytree(task.seed, root)
        place = AgentPlace(
            kind=settle(config.sandbox.value),
            scratch=folder / "scratch",
            workspace=Workspace(root),
            transcript=transcript,
            totals=Metrics(),
            deadline=Deadline(PATIENCE),
            pins=None,
            report=lambda _: None,
            report_server=lambda _: None,
            window=None,
        )
        quick = replace(config, agent=replace(config.agent, idle_timeout=PATIENCE))
        with metered_agent(quick, installed, task.prompt.read_text(), endpoint, lambda: None, place) as agent:
            return agent.run("", "").error or ""
