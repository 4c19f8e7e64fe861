"""One simulated subject: from the text of a request to a turn, the same for the same request."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from harness.simulator.knowledge import Knowledge
from harness.simulator.profiles import PROFILES, Profile, name_of
from harness.simulator.turn import Turn
from harness.simulator.view import View, view_of

JSON = Mapping[str, Any]


@dataclass(frozen=True)
class SubjectTurn:
    """A turn with the ids of its calls."""

    turn: Turn
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Subject:
    """A profile at work, with what it knows."""

    name: str
    profile: Profile
    knowledge: Knowledge

    def answer(self, messages: Sequence[JSON], tools: Sequence[JSON], seed: int | None) -> SubjectTurn:
        """The turn after these messages. Only they, the tools and the seed decide it."""
        view = view_of(messages, tools)
        random = _draws(seed, view)
        ids = [_id(random)]
        turn = self.profile.policy(view, self.knowledge, self.profile.parameters, random, view.first_call or ids[0])
        ids += [_id(random) for _ in turn.calls[1:]]
        return SubjectTurn(turn, tuple(ids[: len(turn.calls)]))


def subject(profile: str, knowledge: Knowledge) -> Subject:
    """The subject of a profile, named as it is served."""
    return Subject(name_of(profile), PROFILES[profile], knowledge)


def _draws(seed: int | None, view: View) -> Random:
    # Not of the messages' own text: times and paths in a test's output would make every repetition another run.
    told = json.dumps([seed, view.first_call, view.turns, view.prompt])
    return Random(hashlib.sha256(told.encode()).digest())


def _id(random: Random) -> str:
    return f"call_{random.getrandbits(64):016x}"
