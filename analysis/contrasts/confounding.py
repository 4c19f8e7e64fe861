"""Differences between the arms of a contrast beside its factor."""

from collections.abc import Collection, Iterable, Sequence

from analysis.records.cells import Level, PooledCell
from analysis.records.columns import FACTORS, HASHES, KIT, SERVED
from analysis.records.groups import deciders, natural
from analysis.records.server_facts import PREFIX, is_server_fact
from analysis.render import show

Differences = dict[str, tuple[list[Level], list[Level]]]
"""Fields with the levels that they have in A and in B."""

_SERVER = ("server_levels", "server.args", "server_command", "window")
_WEIGHTS = ("weights_sha256", "model_file", "model.path")
_AGENT = (
    *("agent_version", "agent.name", "agent.command", "agent.wire", "agent.env", "agent.files", "agent.tools"),
    *("agent.version_command", "agent.install", "agent.on_limit", "agent.idle_timeout"),
)
_LANGUAGE = ("toolchain", "toolchain_version", "proof", "system_sha256")

FOLLOWS: dict[str, tuple[str, ...]] = {
    "model": (*_WEIGHTS, "template_sha256", "model_owner", "model.profile"),
    "variant": (*_WEIGHTS, "template_sha256", "quant", *_SERVER),
    "quant": (*_WEIGHTS, "variant", *_SERVER),
    "weights_sha256": (*_WEIGHTS, "variant", "quant", "model_owner"),
    "server_levels": _SERVER,
    "ctx_limit": ("window",),
    "software": ("engine", "model_owner", "server_command"),
    "task": (*_LANGUAGE, "prompt_sha256", "seed_sha256", "task.verify", "task.skips", "toolchain.name"),
    **dict.fromkeys(KIT, ("prompt_sha256", "seed_sha256")),
    "toolchain": (*_LANGUAGE, "task.verify", "toolchain.name"),
    "toolchain.name": (*_LANGUAGE, "task.verify"),
    "task.verify": ("proof",),
    "proof": ("task.verify", "toolchain", "toolchain_version"),
    "tools_mode": ("tools", "model.tools", "system_sha256"),
    "tools": ("tools_mode", "model.tools", "system_sha256"),
    "model.tools": ("tools_mode", "tools", "system_sha256"),
    "memory": ("system_sha256",),
    "lever": ("system_sha256",),
    "toolset": ("system_sha256",),
    "agent": (*_AGENT, "system_sha256", "tools_mode"),
    "system": ("system_sha256",),
    "system_sha256": ("system",),
    "behaviour": ("harness_version", "git_commit", "system_sha256"),
    "harness_version": ("git_commit", "behaviour"),
    "git_commit": ("harness_version", "behaviour"),
}
"""Fields that a factor decides: a change of the factor changes them too, so they are no second difference."""


def followers(factor: str) -> tuple[str, ...]:
    """Return the factor and all that it decides."""
    if not is_server_fact(factor):
        return factor, *FOLLOWS.get(factor, ())
    fact = factor.removeprefix(PREFIX)
    same = [name for name, place in SERVED.items() if place == fact]
    return factor, fact, *_SERVER, *same, *(name for one in same for name in FOLLOWS.get(one, ()))


def is_exclusive(name: str, a: Collection[PooledCell], b: Collection[PooledCell]) -> bool:
    """Return whether two arms share no level of what a server, a config or the harness's version decides.

    Such a field can separate no strata: nothing would be left to compare.
    """
    separable = name in SERVED or name == "behaviour" or name not in FACTORS
    in_a, in_b = ({cell.levels[name] for cell in arm} for arm in (a, b))
    return separable and bool(in_a) and bool(in_b) and not in_a & in_b


def differences(factor: str, a: Sequence[PooledCell], b: Sequence[PooledCell]) -> Differences:
    """Return every field beside the factor in which two arms are known to differ."""
    apart = followers(factor)
    found: Differences = {}
    for name in dict.fromkeys(one for cell in (*a, *b) for one in (*cell.levels, *cell.environment)):
        in_a, in_b = _levels(a, name), _levels(b, name)
        if name not in apart and in_a and in_b and in_a != in_b:
            found[name] = sorted(in_a, key=natural), sorted(in_b, key=natural)
    return found


def unknown(cells: Iterable[PooledCell]) -> tuple[int, int]:
    """Return how many cells have no config left, and how many there are."""
    examples = {key: example for cell in cells for key, example in cell.examples.items()}
    return sum(one.configs.of(one.run_id) is None for one in examples.values()), len(examples)


def in_words(found: Differences) -> list[str]:
    """Return each difference as text."""
    return [f"{name}: A has {_listed(in_a)}, B has {_listed(in_b)}" for name, (in_a, in_b) in found.items()]


def merged(all_found: Iterable[Differences]) -> Differences:
    """Return the differences of several strata as one."""
    whole: dict[str, tuple[set[Level], set[Level]]] = {}
    for found in all_found:
        for name, (in_a, in_b) in found.items():
            of_a, of_b = whole.setdefault(name, (set(), set()))
            of_a.update(in_a)
            of_b.update(in_b)
    return {name: (sorted(a, key=natural), sorted(b, key=natural)) for name, (a, b) in whole.items()}


def _levels(cells: Sequence[PooledCell], name: str) -> set[Level]:
    """The levels of a field. Unknown is none, but for factors of which no value is a level too."""
    known = {cell.levels.get(name) for cell in cells} | {v for cell in cells for v in cell.environment.get(name, ())}
    keeps_none = name in FACTORS and name not in HASHES and deciders(name) is None
    return known if keeps_none else known - {None}


def _listed(levels: Sequence[Level]) -> str:
    shown = [show(level) for level in levels]
    return ", ".join(shown[:MOST]) + (f" and {len(shown) - MOST} more" if len(shown) > MOST else "")


MOST = 4
"""Levels that are named of an arm."""
