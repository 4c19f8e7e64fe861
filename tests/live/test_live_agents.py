"""Real command agents from package registries, against a scripted server, in every sandbox that works here."""

import shlex
from pathlib import Path

import pytest
from install_agents import MINI_SWE_AGENT, PI, NotInstalledError, install

from harness.agents.files import command_agents
from harness.agents.first_request import check_agent
from harness.config import AgentConfig, Confinement
from harness.outcome import Outcome, PassReason
from harness.sandbox.select import PRIVATE_NETWORK, probe

from lab import REVERSE, STOP, Lab, turn, use

pytestmark = pytest.mark.live

SUBMISSION = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"
WRITE = f"mkdir -p stringutil && printf %s {shlex.quote(REVERSE)} > stringutil/stringutil.go"
LAST = {"mini_swe_agent": turn(use("bash", "call_9", command=SUBMISSION)), "pi": STOP}
VERSIONS = {"mini_swe_agent": MINI_SWE_AGENT.partition("==")[2], "pi": PI.rpartition("@")[2]}


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """Both agents; skipped by name where one cannot be installed."""
    try:
        install()
    except NotInstalledError as error:
        pytest.skip(str(error))


@pytest.fixture(params=sorted(LAST))
def agent(request: pytest.FixtureRequest) -> AgentConfig:
    """Each agent, as conf/agent has it."""
    return next(one for one in command_agents() if one.name == request.param)


@pytest.mark.parametrize("kind", [kind for kind in PRIVATE_NETWORK if not probe(kind)])
def test_a_real_agent_completes_a_task(agent: AgentConfig, kind: str, tmp_path: Path) -> None:
    """Its own loop carries out what the server says; calls, tokens and tools are counted, and the gate looks."""
    script = [
        turn(use("bash", "call_1", command="ls -R"), tokens=900),
        turn(use("bash", "call_2", command=WRITE), tokens=1000),
        LAST[agent.name],
    ]
    lab = Lab(tmp_path)
    record = lab.run(script, agent=agent, elide_passing=False, max_iters=1, sandbox=Confinement(kind))
    [done] = record.per_pass
    assert (Outcome.COMPLETED, PassReason.AGENT_EXIT, 0) == (record.outcome, done.reason, done.exit_code)
    assert (agent.name, VERSIONS[agent.name], kind) == (record.agent, record.agent_version, record.sandbox)
    assert (3, 1000, 2000) == (record.metrics.model_calls, done.peak_tokens, record.metrics.total_tokens)
    assert {"bash"} == set(record.metrics.tool_counts)
    assert (None, None) == (done.loads, done.acts)


def test_a_real_agent_is_ended_at_the_limit(agent: AgentConfig, tmp_path: Path) -> None:
    """The tool calls of the reply that reached it are still carried out, and then the gate looks."""
    script = [turn(use("bash", "call_1", command=WRITE), tokens=5000), *[STOP] * 3]
    record = Lab(tmp_path).run(script, agent=agent, elide_passing=False, max_iters=1, ctx_limit=5000)
    assert (Outcome.COMPLETED, [PassReason.CONTEXT]) == (record.outcome, record.pass_reasons)
    assert (1, None) == (record.metrics.model_calls, record.per_pass[0].exit_code)


def test_the_first_request_of_a_real_agent_is_measured(agent: AgentConfig) -> None:
    """Both can begin at 9000 tokens."""
    found = check_agent(agent)
    assert ("", VERSIONS[agent.name]) == (found.problem, found.version)
    assert 500 < (found.tokens or 0) < 4000
