"""What verification costs: the gate beside the plain `go test -json -count=3 ./...`, over the same conversations.

A conversation builds a task package by package over many passes. Some packages come out wrong at first, some passes
change nothing, and in one kind every pass asks for a verification by `done` before it ends; the other leaves it to the
probe at the end of a pass. Both sides see the same files at the same moments and must come to the same verdicts.

    python benchmarks/gate.py [--task graphkit] [--sandbox auto]
"""

import argparse
import re
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness.gate.gate import Gate  # noqa: E402
from harness.gate.pins import Pins  # noqa: E402
from harness.gate.verdict import Verdict  # noqa: E402
from harness.sandbox.local import LocalSandbox  # noqa: E402
from harness.sandbox.select import KINDS, open_sandbox  # noqa: E402
from harness.tasks.catalogue import Task, load  # noqa: E402
from harness.toolchains.go.files import GO_FILES  # noqa: E402
from harness.toolchains.go.gotest import GoTestVerifier  # noqa: E402 - the checkout comes first on the path
from harness.toolchains.go.installation import find_go  # noqa: E402
from harness.toolchains.go.verifiers import verifier_for  # noqa: E402
from harness.transcript import Transcript  # noqa: E402
from harness.workspace import Workspace  # noqa: E402

TIMEOUT = 300.0
WRONG = re.compile(r"\breturn true\b|\breturn nil\b|\+ 1\b|<=|< ")
"""What a package that comes out wrong at first has got wrong: the first place where one of these stands."""

Verify = Callable[[], Verdict]


@dataclass(frozen=True)
class Pass:
    """One pass: the file that it writes, if it writes one, and whether it then calls `done`."""

    path: str = ""
    content: str = ""
    done: bool = False


@dataclass
class Cost:
    """What a side spent, and what it said at each moment."""

    cpu: float = 0.0
    wall: float = 0.0
    asked: int = 0
    said: list[tuple[bool, frozenset[str] | None]] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="graphkit")
    parser.add_argument("--sandbox", default="auto", choices=KINDS)
    options = parser.parse_args()
    task = load(options.task)
    sides = {"go test": plain, "gate": gate_in(options.sandbox)}
    print(f"{'on ' + task.name:32}{'side':>9}{'asked':>7}{'CPU':>9}{'wall':>9}{'of the CPU':>12}  same verdicts")
    same, total = True, dict.fromkeys(sides, 0.0)
    for title, done in (("done in every pass", True), ("the probe alone", False)):
        for verify_with in sides.values():
            replay(task, conversation(task, done=done, mark="warm-up"), verify_with)
        costs = {
            name: replay(task, conversation(task, done=done, mark=f"{title}, measured"), verify_with)
            for name, verify_with in sides.items()
        }
        first = costs["go test"]
        for name, cost in costs.items():
            total[name] += cost.cpu
            same &= first.said == cost.said
            row = (
                f"{title:32}{name:>9}{cost.asked:>7}{cost.cpu:>7.1f} s{cost.wall:>7.1f} s{cost.cpu / first.cpu:>12.2f}"
            )
            print(f"{row}  {'yes' if first.said == cost.said else 'NO'}")
    print(f"of the processor time of go test, the gate takes {total['gate'] / total['go test']:.2f} over both")
    return 0 if same else 1


def conversation(task: Task, *, done: bool, mark: str) -> list[Pass]:
    """The passes of a run that solves the task: every second package is wrong first, and looked at in vain once.

    The mark makes its files its own, so that nothing of them has been compiled before.
    """
    assert task.solution is not None, f"{task.name} has no solution"
    passes: list[Pass] = []
    for number, file in enumerate(in_order(task.solution)):
        path, code = file.relative_to(task.solution).as_posix(), f"{file.read_text()}\n// {mark}\n"
        if number % 2:
            passes += [Pass(path, spoilt(code), done), Pass(done=done)]
        passes += [Pass(path, code, done)]
    return passes


def in_order(solution: Path) -> list[Path]:
    """The files of a solution, those that others import first."""
    files = sorted(solution.rglob("*.go"))
    imported = "".join(file.read_text() for file in files)
    return sorted(files, key=lambda file: f'/{file.parent.name}"' not in imported)


def spoilt(code: str) -> str:
    """The code with one thing wrong in it, so that it still compiles, or nearly."""
    return WRONG.sub(lambda found: {"<=": "<", "< ": "<= ", "+ 1": "+ 2"}.get(found[0], "panic(0)"), code, count=1)


def replay(task: Task, passes: Sequence[Pass], verify_with: Callable[[Path, Path], Iterator[Verify]]) -> Cost:
    """Go through the conversation, asking as the loop does: at each done, and after each pass that changed files."""
    cost = Cost()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "workspace"
        shutil.copytree(task.seed, root)
        workspace = Workspace(root)
        probed = workspace.fingerprint()
        with contextmanager(verify_with)(root, Path(folder)) as verify:
            for one in passes:
                if one.path:
                    (root / one.path).parent.mkdir(parents=True, exist_ok=True)
                    (root / one.path).write_text(one.content)
                if one.done and ask(cost, verify):
                    continue
                if workspace.fingerprint() != probed:
                    ask(cost, verify)
                    probed = workspace.fingerprint()
    return cost


def ask(cost: Cost, verify: Verify) -> bool:
    """One verification, with its cost; whether it accepted."""
    cpu, wall = spent(), time.monotonic()
    verdict = verify()
    cost.cpu += spent() - cpu
    cost.wall += time.monotonic() - wall
    cost.asked += 1
    cost.said.append((verdict.accepted, verdict.green))
    return verdict.accepted


def spent() -> float:
    """Seconds of processor time, that of all children included."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def plain(root: Path, scratch: Path) -> Iterator[Verify]:
    """The command as it stands, believed by its events."""
    toolchain = find_go()
    yield GoTestVerifier(LocalSandbox(toolchain, scratch / "scratch"), toolchain.go, root, ["./..."], TIMEOUT).verify


def gate_in(kind: str) -> Callable[[Path, Path], Iterator[Verify]]:
    """The whole gate, with what it remembers, in a sandbox of this kind."""

    def gate(root: Path, scratch: Path) -> Iterator[Verify]:
        toolchain = find_go()
        verifier = verifier_for(
            ["go", "test", "./..."],
            sandbox=open_sandbox(kind, toolchain, scratch / "scratch", root),
            go=toolchain.go,
            root=root,
            timeout=TIMEOUT,
            pins=Pins.take(root, GO_FILES, everything=True),
        )
        with Transcript(scratch / "transcript.jsonl") as transcript:
            yield Gate(verifier, transcript, Workspace(root).state).verify

    return gate


if __name__ == "__main__":
    sys.exit(main())
