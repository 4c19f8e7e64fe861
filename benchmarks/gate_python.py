"""What split verification of Python costs: three runs apart from the code beside three runs of plain pytest.

Both sides verify the same generated kit of packages, in turn. Processor time counts, that of all processes included.

    python benchmarks/gate_python.py [--packages 6] [--tests 20] [--rounds 3] [--sandbox auto]
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness.gate.pins import Pins  # noqa: E402 - the checkout comes first on the path
from harness.sandbox.environment import PlainEnvironment  # noqa: E402
from harness.sandbox.select import KINDS, open_sandbox  # noqa: E402
from harness.toolchains.python.files import PYTHON_FILES  # noqa: E402
from harness.toolchains.python.interpreter import find_python  # noqa: E402
from harness.toolchains.python.spec import read_spec  # noqa: E402
from harness.toolchains.python.split import PythonSides  # noqa: E402
from harness.toolchains.split.verifier import RUNS, SplitVerifier  # noqa: E402

CODE = """
class Stack:
    def __init__(self, items=()): self.items = list(items)
    def push(self, item): self.items.append(item); return self
    def __len__(self): return len(self.items)
    def __eq__(self, other): return isinstance(other, Stack) and self.items == other.items

def total(numbers): return sum(numbers)

def checked(number):
    if number < 0: raise ValueError(f"negative: {number}")
    return number * 2
"""
SPEC = """
import pytest
from {name} import Stack, checked, total

@pytest.mark.parametrize("n", range({tests}))
def test_numbers(n):
    assert checked(n) == 2 * n
    assert total([n, n + 1, n + 2]) == 3 * n + 3
    with pytest.raises(ValueError, match="negative"):
        checked(-n - 1)

@pytest.mark.parametrize("n", range({tests}))
def test_stacks(n):
    stack = Stack(range(n)).push(n)
    assert len(stack) == n + 1 and stack == Stack(range(n + 1)) and stack.items[-1] == n
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=int, default=6)
    parser.add_argument("--tests", type=int, default=20, help="parameters of each of the two tests of a package")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sandbox", default="auto", choices=KINDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "workspace"
        for number in range(options.packages):
            package = root / f"kit{number}"
            package.mkdir(parents=True)
            (package / "__init__.py").write_text(CODE)
            (root / f"test_kit{number}.py").write_text(SPEC.format(name=package.name, tests=options.tests))
        python = find_python()
        environment = PlainEnvironment((python.python.parent,), python.readable)
        sandbox = open_sandbox(options.sandbox, environment, Path(folder) / "scratch", root)
        pins = Pins.take(root, PYTHON_FILES)
        spec = read_spec(python, pins, (), sandbox, Path(folder) / "listing")
        split = SplitVerifier(
            root, pins, spec, PythonSides(python, (), sandbox), base=Path(folder) / "rooms", timeout=300
        )

        def plain() -> bool:
            command = [str(python.python), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            return all(sandbox.run(command, cwd=root, timeout=300).exit_code == 0 for _ in range(RUNS))

        sides: dict[str, Callable[[], bool]] = {"pytest": plain, "split": lambda: split.verify().accepted}
        costs = dict.fromkeys(sides, 0.0)
        print(f"{'side':>8}{'CPU':>9}{'wall':>9}  accepted")
        for number in range(options.rounds + 1):
            for name, verify in sides.items():
                cpu, wall = spent(), time.monotonic()
                accepted = verify()
                cost = spent() - cpu
                if number:  # the first round fills caches
                    costs[name] += cost
                    print(f"{name:>8}{cost:>7.2f} s{time.monotonic() - wall:>7.2f} s  {'yes' if accepted else 'NO'}")
    print(f"of the processor time of {RUNS} runs of pytest, the split takes {costs['split'] / costs['pytest']:.2f}")
    return 0


def spent() -> float:
    """Seconds of processor time, that of all children included."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    sys.exit(main())
