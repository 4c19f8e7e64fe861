"""Verification in a clean room: nothing that the model's code says, writes or leaves behind decides.

What must run is read from the pristine spec. What does run is built from a private copy, in which every pinned
file is the task's. That it ran, and how it ended, is proven by tokens which code under test does not hold. What
this does not cover is listed in docs/gate.md.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from harness.gate.arguments import named, package_patterns, without_json
from harness.gate.binaries import Build, Tested, binaries, build, run
from harness.gate.events import MOST_LOG
from harness.gate.pins import Pins
from harness.gate.room import Room, RoomError
from harness.gate.screen import Objection, objections
from harness.gate.spec import read_spec
from harness.gate.verdict import Verdict, VerifierError
from harness.sandbox.base import Sandbox, SandboxError
from harness.sandbox.output import Clip

MOST_NAMED = 10


class CleanRoomVerifier:
    """Accepts only if every test function of every package of the pristine spec is proven to have passed."""

    def __init__(
        self,
        runner: Sandbox,
        builder: Sandbox,
        go: Path,
        root: Path,
        args: Sequence[str],
        timeout: float,
        pins: Pins,
        room: Path,
    ) -> None:
        self._runner = runner
        self._builder = builder
        self._go = go
        self._root = root
        self._args = without_json(args)
        self._timeout = timeout
        self._pins = pins
        self._room = room
        specs = read_spec(pins.files)
        self._specs = {folder: specs[folder] for folder in named(specs, package_patterns(args) or [])}

    def verify(self) -> Verdict:
        """Restore what is pinned, turn away what has no place, then build and run the tests in the room."""
        try:
            restored = self._pins.restore(self._root)
            against = objections(self._root, self._pins)
            if against:
                return self._turned_away(against, restored)
            with Room(self._room) as room:
                return self._in_room(room, restored)
        except RoomError as fault:
            return Verdict(accepted=False, feedback=f"Refused: {fault}.", total=len(self._specs))
        except (SandboxError, OSError) as fault:
            raise VerifierError(f"go test: {fault}") from fault

    def _turned_away(self, against: list[Objection], restored: tuple[str, ...]) -> Verdict:
        """Refuse before anything runs. What has no place in a seeded workspace is removed, so that the model,
        which cannot delete files, can go on."""
        removed = [one.path for one in against if one.foreign and self._pins.whole]
        for path in removed:
            (self._root / path).unlink(missing_ok=True)
        lines = [f"- {one}{' (removed)' if one.path in removed else ''}" for one in against]
        return Verdict(
            accepted=False,
            feedback="\n".join(["Refused before running the tests:", *lines, *_on_restored(restored)]),
            total=len(self._specs),
            tampering=tuple(dict.fromkeys((*restored, *(one.path for one in against)))),
        )

    def _in_room(self, room: Room, restored: tuple[str, ...]) -> Verdict:
        deadline = time.monotonic() + self._timeout
        room.lay_out(self._root, self._pins, self._specs.values())
        built = build(self._builder, self._go, room, self._args, self._timeout)
        room.unhook(self._specs.values(), self._pins)
        tested: dict[str, Tested] = {}
        for folder, binary in binaries(room).items():
            left = max(deadline - time.monotonic(), 0.1)
            tested[folder] = run(self._runner, room, binary, self._specs.get(folder), self._pins, left)
        return self._judged(room, built, tested, restored)

    def _judged(self, room: Room, built: Build, tested: dict[str, Tested], restored: tuple[str, ...]) -> Verdict:
        unknown = sorted({test for one in tested.values() for test in one.proof.unknown})
        if unknown:
            raise VerifierError(f"the gate did not find these tests in the spec: {', '.join(unknown)}")
        green = frozenset(folder for folder in self._specs if folder in tested and tested[folder].passed)
        others = [one for folder, one in tested.items() if folder not in self._specs]
        sound = built.succeeded and all(one.exit_code == 0 for one in others)
        accepted = sound and bool(green) and len(green) == len(self._specs)
        forged = [f"forged {one.import_path}.{test}" for one in tested.values() for test in one.forged]
        return Verdict(
            accepted=accepted,
            feedback="" if accepted else self._feedback(room, built, tested, restored),
            green=green,
            total=len(self._specs),
            tampering=(*restored, *forged),
        )

    def _feedback(self, room: Room, built: Build, tested: dict[str, Tested], restored: tuple[str, ...]) -> str:
        log = Clip(MOST_LOG)
        consoles = {one.import_path: one.console for one in tested.values()}
        for unit, told in built.logs.items():
            log.feed(consoles.get(unit, told.text()).encode())
        parts = [log.text(), built.finished.output or "[exit status 1]"]
        parts += [f"Refused: {reason}." for reason in self._reasons(built, tested)] + _on_restored(restored)
        text = "\n".join(part.strip() for part in parts if part.strip())
        return text.replace(str(room.copy), str(self._root))

    def _reasons(self, built: Build, tested: dict[str, Tested]) -> list[str]:
        """Why it is refused, wherever the output does not say so itself."""
        if not self._specs:
            return ["no test ran: the task has no test functions here, and nothing is proven without"]
        reasons = [reason for one in tested.values() if (reason := self._reason(one))]
        unbuilt = [folder for folder in self._specs if folder not in tested]
        if unbuilt and built.succeeded:
            reasons.append(f"the tests in {', '.join(unbuilt)} are part of the task, but were not built")
        return reasons

    def _reason(self, one: Tested) -> str:
        proof = one.proof
        if one.timed_out:
            return f"the tests of {one.import_path} did not finish within {self._timeout:g} seconds"
        if one.swapped:
            return f"the test binary of {one.import_path} was changed while other tests ran"
        if proof.altered:
            return f"flags of package testing were changed under {_listed(one, sorted(proof.altered))}"
        if one.exit_code != 0 or not proof.tests:
            return ""
        if proof.missing:
            times = f"{proof.runs} times" if proof.runs != 1 else "once"
            return (
                f"{_listed(one, proof.missing)} did not run to an end of its own {times}, whatever the output says: "
                "code must not end the process, choose the tests, or print in their place"
            )
        return "" if proof.passed else f"every test of {one.import_path} was skipped, which proves nothing"


def _listed(one: Tested, tests: list[str]) -> str:
    shown = ", ".join(f"{one.import_path}.{test}" for test in tests[:MOST_NAMED])
    return f"{shown} and {len(tests) - MOST_NAMED} more" if len(tests) > MOST_NAMED else shown


def _on_restored(restored: tuple[str, ...]) -> list[str]:
    if not restored:
        return []
    return [f"Put back as the task has it, for it is not yours to change: {', '.join(restored)}."]
