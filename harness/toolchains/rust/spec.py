"""Integration tests of a crate, and their text with a proof around each test."""

import json
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

CLOSING, AROUND, OPENING = range(3)
"""Order of insertions at one place: what closes a call, what begins or ends a test, what opens a call."""


class UnprovableError(Exception):
    """A spec that cannot be proven, with file and line."""


@dataclass
class IntegrationTest:
    """One integration test: a file in tests/."""

    file: str
    tests: list[str] = field(default_factory=list)
    """Names of the tests that must run, as the test program has them."""
    ignored: list[str] = field(default_factory=list)
    """Those of them that are marked #[ignore]."""
    edits: list[tuple[int, int, str]] = field(default_factory=list)
    """Insertions: place, order at that place, and text."""
    start: int = 0
    """Place after the inner attributes."""


def with_proofs(test: IntegrationTest, source: str, tokens: Path, proofs: Path) -> str:
    """Return the text with a proof around each test. Tokens are read from one file, and shown in another."""
    gate = resources.files("harness.toolchains.rust") / "gate"
    macros = (gate / "macros.rs").read_text(encoding="utf-8").replace("\n", " ")
    body = (gate / "gate.rs").read_text(encoding="utf-8")
    body = body.replace("GATE_TOKENS", _quoted(tokens)).replace("GATE_PROOFS", _quoted(proofs))
    parts, place = [], 0
    for start, _, text in sorted([(test.start, AROUND, macros), *test.edits], key=lambda edit: edit[:2]):
        parts += [source[place:start], text]
        place = start
    return "".join([*parts, source[place:], "\n", body])


def _quoted(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)
