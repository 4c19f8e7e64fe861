"""Preflight before a sweep: check each real server once, with its most demanding config."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from harness.config import ConfigError, Preflight, RunConfig, ToolsMode
from harness.llm.wire import SAMPLING
from harness.servers.checks import CheckVerdict
from harness.servers.preflight import preflight
from sweeps.endpoints import EndpointFor
from sweeps.plan.order import server_key

Subject = tuple[str, ...]
"""Settings that decide which model answers a run, and from which server."""

Seen = dict[Subject, ToolsMode]
"""Tools modes of the models, where they were seen."""


def subject_of(config: RunConfig) -> Subject:
    """Return what the runs share that one and the same model answers."""
    model = config.model
    return model.endpoint, model.name, model.variant, *(server_key(config) or ())


def check_servers(configs: Sequence[RunConfig], endpoint_for: EndpointFor) -> Seen:
    """Check each real server of a sweep once, with the largest ctx_limit of its runs.

    Returns how tools reach the models whose config leaves that to the server.

    Raises ConfigError, in one line, for what would spoil the runs, unless the config says to go on all the same, and
    ServerGone for a server that does not answer.
    """
    seen: Seen = {}
    compared = _compared(configs)
    for config in _hardest(configs):
        with endpoint_for(config) as endpoint:
            facts, made = preflight(config, endpoint, light=True, varied=_varied(config, configs))
            findings = list(made)
        for finding in findings:
            if finding.tools is not None and config.model.tools is ToolsMode.auto:
                seen[subject_of(config)] = ToolsMode(finding.tools)
            if finding.verdict is CheckVerdict.OK:
                continue
            line = f"{config.model.name} at {config.model.endpoint}: {finding}"
            # Each name would be answered by one and the same model: a comparison of it with itself.
            itself = finding.check == "model" and config.model.endpoint in compared and facts.models is not None
            if itself:
                line = f"{line}: model.name is a factor, and the server would answer each name with this one model"
            if (itself or finding.verdict is CheckVerdict.FAIL) and config.preflight is Preflight.on:
                raise ConfigError(f"{line} (preflight=warn goes on all the same)")
            print(f"warning: {line}", file=sys.stderr)
    return seen


def _varied(one: RunConfig, configs: Iterable[RunConfig]) -> dict[str, list[float]]:
    """Return the sampling fields in which the runs of one model differ, each with its levels."""
    models = [config.model for config in configs if config.model.name == one.model.name]
    levels = {name: sorted({getattr(model, name) for model in models}) for name in SAMPLING}
    return {name: values for name, values in levels.items() if len(values) > 1}


def _compared(configs: Iterable[RunConfig]) -> set[str]:
    """Return the endpoints of servers that run already and are to answer as several models."""
    pairs = {(config.model.endpoint, config.model.name) for config in configs if not config.server.managed}
    return {endpoint for endpoint, times in Counter(endpoint for endpoint, _ in pairs).items() if times > 1}


def _hardest(configs: Iterable[RunConfig]) -> Iterator[RunConfig]:
    """Yield the most demanding config of each real model at each endpoint; 0, no limit, demands no window."""
    hardest: dict[tuple[Subject, ToolsMode], RunConfig] = {}
    for config in configs:
        if config.preflight is not Preflight.off and not config.model.simulated:
            key = subject_of(config), config.model.tools
            known = hardest.setdefault(key, config)
            if config.ctx_limit > known.ctx_limit:
                hardest[key] = config
    yield from hardest.values()
