"""Verification in a clean room, where no output and no file of the model's code decides.

The pristine spec says which tests must run. They are built from a private copy in which every pinned file is the
task's. Tokens that code under test does not hold prove that each test ran, and how it ended. docs/gate.md lists the
limits of this method.

Package results are cached. A refusal may use cached results of unchanged packages; an acceptance is always one run of
all packages.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from harness.gate.verdict import ProofKind, SkippedTest, Verdict, VerifierError
from harness.sandbox.base import Sandbox, SandboxError
from harness.toolchains.go.arguments import has_race, named, package_patterns, with_packages, without_json
from harness.toolchains.go.binaries import Build, TestedPackage, binaries, build, run
from harness.toolchains.go.inputs import package_keys
from harness.toolchains.go.listing import list_tests
from harness.toolchains.go.module import read_module_path
from harness.toolchains.go.package_cache import PackageResult, explained, log, package_results, stray
from harness.toolchains.go.room import CleanRoom, RoomError
from harness.toolchains.go.screen import Objection, Screen
from harness.toolchains.go.spec import read_spec

MOST_NAMED = 10
"""Largest number of tests that a reason names."""


class CleanRoomVerifier:
    """Accepts only if every test function of the pristine spec is proven to have passed."""

    proof = ProofKind.TOKENS

    def __init__(
        self,
        runner: Sandbox,
        builder: Sandbox,
        go: Path,
        root: Path,
        args: Sequence[str],
        timeout: float,
        room: Path,
        screen: Screen,
    ) -> None:
        self._runner = runner
        self._builder = builder
        self._go = go
        self._root = root
        self._args = without_json(args)
        self._patterns = package_patterns(args) or []
        self._timeout = timeout
        self._pins = screen.pins
        self._room = room
        self._screen = screen
        self._listing = list_tests(builder, go, root, self._patterns, screen.pins, race=has_race(args))
        specs = read_spec(screen.pins.files, self._listing.tests if self._listing else None)
        self._specs = {folder: specs[folder] for folder in named(specs, self._patterns)}
        self._results: dict[str, PackageResult] = {}

    def verify(self) -> Verdict:
        """Restore the pinned files, refuse forbidden ones, then build and run the tests in the room."""
        try:
            restored = self._pins.restore(self._root)
            examined = self._screen.examine(self._root)
            if examined.objections:
                return self._refused(examined.objections, restored)
            verdict = self._refused_by_cache(restored) or self._by_everything(restored)
            if verdict.accepted and examined.doubts:
                return self._refused(examined.doubts, restored)
            return verdict
        except RoomError as fault:
            return Verdict(accepted=False, feedback=f"Refused: {fault}.", total=len(self._specs), ran=False)
        except (SandboxError, OSError) as fault:
            raise VerifierError(f"go test: {fault}") from fault

    def _refused(self, against: Sequence[Objection], restored: tuple[str, ...]) -> Verdict:
        """Refuse before anything runs. Foreign files are removed from a seeded workspace, since the model cannot
        delete files and could not go on otherwise."""
        removed = [one.path for one in against if one.foreign and self._pins.whole]
        for path in removed:
            (self._root / path).unlink(missing_ok=True)
        lines = [f"- {one}{' (removed)' if one.path in removed else ''}" for one in against]
        return Verdict(
            accepted=False,
            feedback="\n".join(["Refused before running the tests:", *lines, *_put_back(restored)]),
            total=len(self._specs),
            tampering=tuple(dict.fromkeys((*restored, *(one.path for one in against)))),
            ran=False,
        )

    def _refused_by_cache(self, restored: tuple[str, ...]) -> Verdict | None:
        """Return a refusal from cached results and a run of the changed packages; None if they give no refusal."""
        if not self._results:
            return None
        with CleanRoom(self._room) as room:
            keys = self._laid_out(room)
            known = {folder: one for folder, one in self._results.items() if one.key == keys.get(folder)}
            changed = [folder for folder in keys if folder not in known]
            if not known:
                return None
            built = None
            if changed:
                built, tested = self._tested(room, with_packages(self._args, changed), changed)
                new = package_results(
                    built, tested, {folder: keys[folder] for folder in changed}, read_module_path(room.copy)
                )
                if len(new) < len(changed) or not explained(built, new.values()):
                    return None
                known |= new
            self._results = {folder: one for folder, one in known.items() if one.lasting}
            verdict = self._judged(known, restored, built, sound=True)
        return None if verdict.accepted else verdict

    def _by_everything(self, restored: tuple[str, ...]) -> Verdict:
        """Return the verdict of one run of all packages."""
        with CleanRoom(self._room) as room:
            keys = self._laid_out(room)
            built, tested = self._tested(room, self._args, self._specs)
            results = package_results(built, tested, keys, read_module_path(room.copy))
            known = explained(built, results.values())
            self._results = {folder: one for folder, one in results.items() if known and one.lasting}
            return self._judged(results, restored, built, sound=built.succeeded)

    def _laid_out(self, room: CleanRoom) -> dict[str, str]:
        """Copy the workspace, and return the cache keys of the packages that the arguments name."""
        room.lay_out(self._root, self._pins)
        keys = package_keys(room.copy, read_module_path(room.copy))
        return {folder: keys[folder] for folder in named(keys, self._patterns) if not self._left_out(room, folder)}

    def _left_out(self, room: CleanRoom, folder: str) -> bool:
        """Return True if no Go file of the folder is part of the build, as at the start of the run."""
        if self._listing is None or folder in self._listing.tests:
            return False
        files = (path.relative_to(room.copy).as_posix() for path in (room.copy / folder).glob("*.go"))
        return all(self._pins.has(room.copy, path) for path in files)

    def _tested(
        self, room: CleanRoom, args: Sequence[str], folders: Iterable[str]
    ) -> tuple[Build, dict[str, TestedPackage]]:
        """Build the packages that the arguments name, then run the tests of each by itself."""
        deadline = time.monotonic() + self._timeout
        specs = [self._specs[folder] for folder in folders if folder in self._specs]
        room.hook(specs)
        built = build(self._builder, self._go, room, args, self._timeout)
        room.unhook(specs, self._pins)
        tested: dict[str, TestedPackage] = {}
        for folder, binary in binaries(room).items():
            left = max(deadline - time.monotonic(), 0.1)
            tested[folder] = run(self._runner, room, binary, self._specs.get(folder), self._pins, left)
        return built, tested

    def _judged(
        self, results: Mapping[str, PackageResult], restored: tuple[str, ...], built: Build | None, *, sound: bool
    ) -> Verdict:
        """Return the verdict on these packages. `built` is None if this verification built nothing."""
        tested = {folder: one.tested for folder, one in results.items() if one.tested}
        unknown = sorted({test for one in tested.values() for test in one.proof.unknown})
        if unknown:
            raise VerifierError(f"the gate did not find these tests in the spec: {', '.join(unknown)}")
        green = frozenset(folder for folder in self._specs if folder in tested and tested[folder].passed)
        others = all(one.exit_code == 0 for folder, one in tested.items() if folder not in self._specs)
        built_all = sound and not any(one.unfit for one in results.values())
        accepted = built_all and others and bool(green) and len(green) == len(self._specs)
        forged = [f"forged {one.import_path}.{test}" for one in tested.values() for test in one.forged]
        return Verdict(
            accepted=accepted,
            feedback="" if accepted else self._feedback(results, built, restored, built_all=built_all),
            green=green,
            total=len(self._specs),
            tampering=(*restored, *forged),
            lasting=all(one.lasting for one in results.values()) and not (built and built.finished.timed_out),
            skips=frozenset(SkippedTest(folder, test) for folder, one in tested.items() for test in one.proof.skips),
            ran=built is None or built.started,
        )

    def _feedback(
        self, results: Mapping[str, PackageResult], built: Build | None, restored: tuple[str, ...], *, built_all: bool
    ) -> str:
        loose = stray(built, results.values()) if built else ""
        output = built.finished.output if built else ""
        parts = [loose, log(results.values()), output or "[exit status 1]"]
        parts += [f"Refused: {reason}." for reason in self._reasons(results, built_all=built_all)] + _put_back(restored)
        text = "\n".join(part.strip() for part in parts if part.strip())
        return text.replace(str(self._room / "copy"), str(self._root))

    def _reasons(self, results: Mapping[str, PackageResult], *, built_all: bool) -> list[str]:
        """Return the reasons of a refusal that the output does not show."""
        if not self._specs:
            return ["no test ran: the task has no test functions here, and nothing is proven without"]
        tested = {folder: one.tested for folder, one in results.items() if one.tested}
        reasons = [why for _, one in sorted(tested.items()) if (why := _reason(one, self._timeout))]
        unbuilt = [folder for folder in self._specs if folder not in tested]
        if unbuilt and built_all:
            reasons.append(f"the tests in {', '.join(unbuilt)} are part of the task, but were not built")
        return reasons


def _reason(one: TestedPackage, timeout: float) -> str:
    """Return why the tests of a package do not count; empty if they do, or if their output says why not."""
    proof = one.proof
    if one.timed_out:
        return f"the tests of {one.import_path} did not finish within {timeout:g} seconds"
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


def _listed(one: TestedPackage, tests: list[str]) -> str:
    shown = ", ".join(f"{one.import_path}.{test}" for test in tests[:MOST_NAMED])
    return f"{shown} and {len(tests) - MOST_NAMED} more" if len(tests) > MOST_NAMED else shown


def _put_back(restored: tuple[str, ...]) -> list[str]:
    """Return the line about pinned files that were put back, as a list; empty if there were none."""
    if not restored:
        return []
    return [f"Put back as the task has it, for it is not yours to change: {', '.join(restored)}."]
