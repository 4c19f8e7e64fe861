"""The subjects that can be served, by name."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from random import Random

from harness.simulator import cheater, coder, controls, terminal
from harness.simulator.knowledge import Knowledge
from harness.simulator.parameters import SubjectParameters
from harness.simulator.turn import Turn
from harness.simulator.view import View

Policy = Callable[[View, Knowledge, SubjectParameters, Random, str], Turn]
"""View, knowledge, parameters, the draws of this turn and the mood of this context: the whole of what decides."""

POLICY_VERSION = 2
"""Raised where a subject acts otherwise at the same parameters; 2 knows a notice by what it lacks."""


@dataclass(frozen=True)
class Profile:
    """A policy, and the parameters that it is served with unless told otherwise."""

    policy: Policy
    parameters: SubjectParameters

    @cached_property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that change with the parameters and with the version of the policies."""
        text = json.dumps([POLICY_VERSION, asdict(self.parameters)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


PROFILES = {
    "resweep": Profile(coder.reply, SubjectParameters()),
    "selective": Profile(
        coder.reply,
        SubjectParameters(
            recalls=0.8,
            tests_first=0.5,
            lists=0.1,
            sweeps_specs=0.5,
            sweeps_code=0.2,
            sweeps_satisfied=0.0,
            sweeps_rest=0.05,
            retests=0.1,
            writes_early=1.0,
            batches=0.0,
            tests_each=0.6,
            takes_notes=0.5,
            wordiness=1.5,
            slips=0.2,
            slips_composing=0.7,
            uncompilable=0.4,
            repairs=0.7,
            repairs_composing=0.1,
            overlooks=0.3,
            edits=0.2,
            thought_looking=0,
            thought_acting=0,
        ),
    ),
    "oracle": Profile(controls.oracle, SubjectParameters()),
    "nop": Profile(controls.nop, SubjectParameters()),
    "cheater": Profile(cheater.cheater, SubjectParameters()),
    "terminal": Profile(terminal.terminal, SubjectParameters()),
}


def name_of(profile: str) -> str:
    """The model name under which a profile is served."""
    return f"sim-{profile}"
