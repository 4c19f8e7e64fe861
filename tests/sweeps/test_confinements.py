"""What the screen says of the sandbox, once a sweep."""

from dataclasses import replace

import pytest

from harness.config import AgentConfig, Confinement, ModelConfig, RunConfig, TaskConfig
from harness.sandbox import select
from sweeps.checks import confinements

PLAIN = RunConfig(model=ModelConfig(name="m"), task=TaskConfig(name="reverse"))


def test_each_kind_is_told_once() -> None:
    """Runs of one kind make one word; where none was asked for, nothing is explained."""
    assert f"sandbox: {select.settle('auto')}" == confinements([PLAIN, PLAIN])
    assert "sandbox: none" == confinements([replace(PLAIN, sandbox=Confinement.none)])


def test_a_command_agent_that_nothing_confines_is_warned_of() -> None:
    """By name, once; the built-in agent runs commands alone, whose limits hold all the same."""
    agent = AgentConfig(name="own", command="own {endpoint} {prompt}")
    config = replace(PLAIN, sandbox=Confinement.none, agent=agent, elide_passing=False)
    warning = "warning: own: not confined, so your files and the network are in reach (docs/agents.md)"
    assert f"sandbox: none\n{warning}" == confinements([config, config])
    assert "warning" not in confinements([PLAIN, replace(PLAIN, sandbox=Confinement.none)])


def test_where_nothing_works_the_reasons_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever hoped for a sandbox learns why there is none."""
    monkeypatch.setattr(select, "probe", lambda kind: f"no {kind} here")
    reasons = "; ".join(f"{kind}: no {kind} here" for kind in select.CONFINING)
    assert f"sandbox: none (nothing confines here: {reasons})" == confinements([PLAIN])
