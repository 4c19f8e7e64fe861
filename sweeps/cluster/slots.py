"""Slots: the endpoints that serve a sweep, and the runs that each may take."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.config import EMBEDDED, ConfigError, RunConfig
from harness.endpoint_lock import server_of
from harness.llm.connection import shown
from sweeps.plan.run import PlannedRun


@dataclass(frozen=True)
class Slot:
    """One endpoint with one run in flight."""

    name: str
    """Display name."""
    endpoint: str
    """The base URL, or `embedded` for a simulated subject of its own."""
    pool: str
    """Slots of one pool are interchangeable: each may take any run of the pool."""

    @property
    def shared(self) -> bool:
        """True if other slots may take the same runs."""
        return self.pool == ANY

    @property
    def recorded(self) -> str:
        """The endpoint as it appears in the records of its runs."""
        return _shown(self.endpoint)

    def assigned(self, planned: PlannedRun) -> PlannedRun:
        """Return the run with this slot's endpoint."""
        model = replace(planned.config.model, endpoint=self.endpoint) if self.shared else planned.config.model
        return replace(planned, config=replace(planned.config, model=model))


ANY = "any"
"""Pool of the endpoints configured for the launcher."""


def slots_of(runs: Sequence[PlannedRun], endpoints: Sequence[str]) -> list[Slot]:
    """Return the slots of a sweep: the given endpoints, which serve one model; without any, those in its configs.

    Raises ConfigError for endpoints that cannot serve these runs.
    """
    configs = [run.config for run in runs]
    if not endpoints:
        named = {pool_of(run, endpoints): run.config.model.endpoint for run in runs}
        return [Slot(_shown(endpoint), endpoint, pool) for pool, endpoint in named.items()]
    _refuse(configs, endpoints)
    times = {endpoint: endpoints.count(endpoint) for endpoint in endpoints}
    return [
        Slot(f"{_shown(endpoint)} {place}" if times[endpoint] > 1 else _shown(endpoint), endpoint, ANY)
        for place, endpoint in enumerate(endpoints, start=1)
    ]


def pool_of(run: PlannedRun, endpoints: Sequence[str]) -> str:
    """Return the pool of a run."""
    endpoint = run.config.model.endpoint
    if endpoints:
        return ANY
    return EMBEDDED if endpoint == EMBEDDED else server_of(endpoint)


def _refuse(configs: Sequence[RunConfig], endpoints: Sequence[str]) -> None:
    key = "hydra.launcher.endpoints"
    servers = [server_of(endpoint) for endpoint in endpoints if endpoint != EMBEDDED]
    for server in servers:
        if servers.count(server) > 1:
            raise ConfigError(f"{key}: {server} is named twice: must be different servers, one run at a time each")
    models = sorted({config.model.name for config in configs})
    if servers and len(models) > 1:
        raise ConfigError(
            f"{key}: must serve one model, and the sweep has {', '.join(models)}: give each its own endpoint"
        )
    for config in {config.model.name: config for config in configs}.values():
        for endpoint in endpoints:
            try:
                replace(config.model, endpoint=endpoint)
            except ConfigError as error:
                raise ConfigError(str(error).replace("model.endpoint", key)) from None


def _shown(endpoint: str) -> str:
    return endpoint if endpoint == EMBEDDED else shown(endpoint)
