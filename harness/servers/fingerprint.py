"""Known facts about a server, and their changes."""

import shlex
from collections.abc import Iterator

from harness.config import RunConfig
from harness.llm.types import JSON
from harness.servers.weights import weights_sha256

SHOWN = 80
"""Characters shown of a value."""

WEIGHTS = "weights_sha256"


class FingerprintChanged(Exception):  # noqa: N818 - a state of the world
    """A server is no longer what it was when its runs began; the text is one line."""


def complete(config: RunConfig, reported: JSON | None) -> JSON | None:
    """Add to what a server reports of itself what is known from here: how it was started, and its weights.

    None where nobody answered.
    """
    if reported is None or not config.server.managed:
        return reported
    known: JSON = {"command": " ".join(shlex.split(config.server.command)[1:])}
    weights = weights_sha256(config.model.path)
    return reported | known | ({WEIGHTS: weights} if weights else {})


def require_same(was: JSON | None, now: JSON | None) -> None:
    """Raise FingerprintChanged unless a server is what it was."""
    if changed := list(differences(was, now)):
        raise FingerprintChanged(f"the server changed: {', '.join(changed)}")


def differences(was: JSON | None, now: JSON | None) -> Iterator[str]:
    """Yield what changed, from what to what. Unknown on one side is no change."""
    was, now = was or {}, now or {}
    for name in sorted(was.keys() & now.keys()):
        # Weights with one content are the same ones, wherever their file lies.
        moved = name == "file" and WEIGHTS in was and was[WEIGHTS] == now.get(WEIGHTS)
        if was[name] != now[name] and not moved:
            yield f"{name} from {_shown(was[name])} to {_shown(now[name])}"


def _shown(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
