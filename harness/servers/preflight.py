"""Preflight: the checks of a server before its runs."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from harness.config import RunConfig
from harness.llm.limits import LOADING_AT_MOST
from harness.servers import checks, sizes
from harness.servers.checks import CheckVerdict, Finding
from harness.servers.facts import ServerFacts, look
from harness.servers.probe import ProbeClient


def preflight(
    config: RunConfig,
    endpoint: str,
    *,
    light: bool = False,
    varied: Mapping[str, Sequence[float]] = MappingProxyType({}),
) -> tuple[ServerFacts, Iterator[Finding]]:
    """Return the facts of the server, and the findings of each check as it is made.

    `light` leaves out what says nothing about whether a sweep can run, and sends no prompt that takes long to read.
    `varied` holds the levels of the sampling fields that are factors.
    Raises ConfigError for an endpoint that is no URL.
    """
    facts = look(config.model, endpoint, patience=LOADING_AT_MOST)
    return facts, _findings(config, endpoint, facts, varied, light=light)


def _findings(
    config: RunConfig, endpoint: str, facts: ServerFacts, varied: Mapping[str, Sequence[float]], *, light: bool
) -> Iterator[Finding]:
    yield checks.reachable(facts)
    if facts.unreachable is not None:
        return
    yield (finding := checks.listed(facts, config.model))
    if finding.verdict is CheckVerdict.FAIL:
        return
    probe = ProbeClient(config.model, endpoint, stream=config.stream)
    finding, answer = checks.tools(probe, facts)
    yield finding
    if answer is None:
        return
    yield checks.reasoning(answer)
    yield checks.usage(answer)
    if varied:
        yield from checks.sampling(probe, answer, varied)
    yield from _size_findings(probe, facts, config, light=light)
    if not light:
        finding, answers = checks.seeds(probe)
        yield finding
        yield checks.speed(answers or [answer])


def _size_findings(probe: ProbeClient, facts: ServerFacts, config: RunConfig, *, light: bool) -> Iterator[Finding]:
    yield (finding := sizes.window(facts, config.ctx_limit, config.model.max_tokens))
    if finding.verdict is CheckVerdict.FAIL:
        return
    # A light check trusts a declared window, and measures an undeclared one.
    if not light or facts.window is None:
        most = config.ctx_limit or facts.window or sizes.LIGHT
        yield sizes.truncation(probe, min(most, sizes.LIGHT) if light else most)
    if not light and facts.window is not None:
        yield sizes.beyond(probe, facts.window)
