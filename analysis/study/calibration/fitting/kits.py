"""Rehearsed runs of the declared grid of kits: see rehearsal.py.

A package is not verified against the code that it imports but against right code, and fails while what it imports
fails. The data file is written anew after each round, which adds one run to every arm; the same command goes on.

    python -m analysis.study.calibration.fitting.kits [--runs 10] [--jobs 2]
"""

import argparse
import json
import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import cache
from pathlib import Path

from analysis.study.calibration.arms import MAX_ITERS
from analysis.study.calibration.fitting.rehearsal import Rehearsal
from analysis.study.kits.grid import SUBJECT, KitArm, KitCount, KitRehearsal, KitSize, declared_arms, rehearsed
from harness.config import KitConfig
from harness.outcome import Outcome
from harness.simulator import tokens
from harness.simulator.profiles import PROFILES
from harness.tasks.kit.generated import GO_KIT, generate

DATA = Path(__file__).resolve().parents[2] / "kits" / "data" / "floors.json"


def main() -> None:
    """Run rounds until every arm has so many runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    arms = list(declared_arms())
    known = _known(arms)
    with ProcessPoolExecutor(options.jobs) as pool:
        for replicate in range(min(one.runs for one in known.values()) + 1, options.runs + 1):
            completed = pool.map(_completes, arms, [replicate] * len(arms))
            known = {
                arm: KitCount(arm, known[arm].completed + done, replicate)
                for arm, done in zip(arms, completed, strict=True)
            }
            _keep(known)
            print(f"{replicate} runs an arm, {sum(one.completed for one in known.values())} completed", flush=True)


def _known(arms: list[KitArm]) -> dict[KitArm, KitCount]:
    """Return the counts of earlier rounds of this subject at this grid, or none."""
    fresh = {arm: KitCount(arm, 0, 0) for arm in arms}
    if not DATA.exists():
        return fresh
    earlier = rehearsed()
    counts = {one.arm: one for one in earlier.counts}
    return counts if earlier.fingerprint == _fingerprint() and list(counts) == arms else fresh


def _fingerprint() -> str:
    return PROFILES[SUBJECT].fingerprint


@cache
def _rehearsal() -> Rehearsal:
    return Rehearsal(SUBJECT, rough=True)


def _completes(arm: KitArm, replicate: int) -> bool:
    levels = {"max_iters": MAX_ITERS, "elide_passing": arm.elide_passing, "ctx_limit": arm.ctx_limit}
    outcome, _ = _rehearsal().run(GO_KIT, replicate, kit=arm.kit, **levels)
    return outcome is Outcome.COMPLETED


def _keep(counts: Mapping[KitArm, KitCount]) -> None:
    kits = dict.fromkeys((arm.packages, arm.composer) for arm in counts)
    whole = KitRehearsal(
        _fingerprint(),
        tokens.BYTES_PER_TOKEN,
        tuple(size_of(packages, composer) for packages, composer in kits),
        tuple(counts.values()),
    )
    DATA.parent.mkdir(exist_ok=True)
    fresh = DATA.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(whole), indent=None).replace('{"arm"', '\n{"arm"') + "\n", encoding="utf-8")
    fresh.replace(DATA)


@cache
def size_of(packages: int, composer: bool) -> KitSize:
    """Return the sizes of a kit."""
    arguments = KitConfig(packages, composer)
    made = generate(GO_KIT, arguments)
    code = {one.name: len(one.code.encode()) for one in made.contract.packages}
    spec = {name: len(text.encode()) for name, text in made.specs.items()}
    sets = {
        one.name: spec[one.name] + code[one.name] + sum(code[name] for name in one.imports)
        for one in made.contract.packages
    }
    costliest = max(sets, key=sets.__getitem__)
    _, tally = Rehearsal("nop").run(GO_KIT, 1, kit=arguments, max_iters=1, max_steps=1)
    return KitSize(
        packages=packages,
        composer=composer,
        opening=tally.metrics.prompt_tokens // tally.metrics.model_calls,
        specs=sum(spec.values()),
        solution=sum(code.values()),
        costliest=costliest,
        working_set=sets[costliest],
    )


if __name__ == "__main__":
    main()
