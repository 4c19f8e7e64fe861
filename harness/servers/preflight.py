"""Looking a server over before runs are made with it."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from harness.config import RunConfig
from harness.llm.limits import LOADING_AT_MOST
from harness.servers import checks, sizes
from harness.servers.asking import ProbeClient
from harness.servers.facts import ServerFacts, look
from harness.servers.finding import CheckVerdict, Finding


def preflight(
    config: RunConfig,
    endpoint: str,
    *,
    light: bool = False,
    varied: Mapping[str, Sequence[float]] = MappingProxyType({}),
) -> tuple[ServerFacts, Iterator[Finding]]:
    """Yield the facts of the server, then the findings of each check as it is made.

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
    yield (found := checks.listed(facts, config.model))
    if found.verdict is CheckVerdict.FAIL:
        return
    asker = ProbeClient(config.model, endpoint, stream=config.stream)
    found, answer = checks.tools(asker, facts)
    yield found
    if answer is None:
        return
    yield checks.reasoning(answer)
    yield checks.usage(answer)
    if varied:
        yield from checks.sampling(asker, answer, varied)
    yield from _of_size(asker, facts, config, light=light)
    if not light:
        found, answers = checks.seeds(asker)
        yield found
        yield checks.speed(answers or [answer])


def _of_size(asker: ProbeClient, facts: ServerFacts, config: RunConfig, *, light: bool) -> Iterator[Finding]:
    yield (found := sizes.window(facts, config.ctx_limit, config.model.max_tokens))
    if found.verdict is CheckVerdict.FAIL:
        return
    # A declared window is believed where time is short; no word at all is not.
    if not light or facts.window is None:
        most = config.ctx_limit or facts.window or sizes.LIGHT
        yield sizes.truncation(asker, min(most, sizes.LIGHT) if light else most)
    if not light and facts.window is not None:
        yield sizes.beyond(asker, facts.window)
