"""In a sandbox that confines, the gate accepts and refuses as ever, and is out of reach."""

from pathlib import Path

import pytest

from harness.gate.pins import Pins
from harness.sandbox.select import CONFINING, open_sandbox, probe
from harness.toolchains.go.files import GO_FILES
from harness.toolchains.go.installation import find_go
from harness.toolchains.go.verifiers import verifier_for
from tests.cheats.conftest import HARD, SEED, SOLVED, Arena

pytestmark = pytest.mark.go


@pytest.fixture(params=list(CONFINING))
def confined(request: pytest.FixtureRequest, arena: Arena, tmp_path: Path) -> Arena:
    """The same task and gate, its tests run by a confining sandbox."""
    if reason := probe(request.param):
        pytest.skip(f"{request.param}: {reason}")
    toolchain = find_go()
    pins = Pins.take(arena.root, GO_FILES, everything=True)
    arena.gate = verifier_for(
        ["go", "test", "./..."],
        sandbox=open_sandbox(request.param, toolchain, tmp_path / "scratch", arena.root),
        go=toolchain.go,
        root=arena.root,
        timeout=600,
        pins=Pins({path: pins.files[path] for path in SEED}, whole=True),
    )
    return arena


def test_honest_work_is_accepted(confined: Arena) -> None:
    """Confinement costs an honest solution nothing."""
    confined.write("hard/hard.go", SOLVED)
    verdict = confined.verify()
    assert (verdict.accepted, verdict.feedback) == (True, "")


def test_no_code_reaches_workspace_or_memory(confined: Arena) -> None:
    """From inside a test process the real workspace is not there, and neither is its own memory."""
    places = [confined.root / "go.mod", Path("/proc/self/mem"), Path("/proc/self/maps")]
    listed = ", ".join(f'"{place}"' for place in places)
    code = f"""func init() {{
	for _, place := range []string{{{listed}}} {{
		if file, err := os.OpenFile(place, os.O_RDONLY, 0); err == nil {{
			fmt.Println("reached", file.Name())
		}}
	}}
}}
"""
    confined.write("hard/hard.go", HARD.replace("hard\n", 'hard\n\nimport (\n"fmt"\n"os"\n)\n', 1) + code)
    verdict = confined.verify()
    assert (verdict.accepted, "Answer() = 0, want 42" in verdict.feedback) == (False, True)
    assert "reached" not in verdict.feedback
